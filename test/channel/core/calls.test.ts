import { describe, expect, it } from "vitest";
import { addressToBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { callMessage, encodeMessage } from "../../../src/channel/codec.ts";
import { tipOf } from "../../../src/channel/core/log.ts";
import type { Call } from "../../../src/channel/messages.ts";
import { toyAddress, toyFunction } from "../../simulation/model-link.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import { World } from "../../simulation/world.ts";
import { u64 } from "../toy-executor.ts";

const ALL_STAGES = ["sent", "sequenced", "verified", "confirmed"];

function errorsOf(world: World, node: SimNode): readonly string[] {
  return world.notices.flatMap(({ node: name, notice }) =>
    name === node.name && notice.type === "error" ? [notice.error.name] : [],
  );
}

/** A call signed by one node, sent to another by hand. */
function sendCall(world: World, from: SimNode, to: SimNode, changes: Partial<Call>): void {
  const member = present(
    world.chain.view().members.find(({ nodeKey }) => nodeKey === from.keys.nodeKey),
    "a member",
  );
  const call: Call = {
    channel: world.chain.view().channel,
    seat: member.seat,
    nonce: 0n,
    function: toyFunction("note"),
    typeArgs: [],
    args: [utf8("by hand")],
    maxGas: 1_000n,
    expiry: 1_000n,
    ...changes,
  };
  const signature = from.keys.signAsMember(callMessage(call));
  const bytes = encodeMessage({ type: "call", call: { call, signature } });
  world.give(to, { type: "message", from: from.peer, bytes });
}

describe("a channel at peace", () => {
  it("[LE1] one member orders, certifies and confirms by itself", async () => {
    const world = await World.begin({ seed: 1 });
    await world.gather(1);
    const request = world.bank(world.node("n1"), "note", utf8("hello"));
    await world.run(1_000);
    expect(world.stages(request)).toEqual(ALL_STAGES);
  });

  it.each([2, 3, 4, 5])("[PR4] %i members agree on every call of each", async (count) => {
    const world = await World.begin({ seed: count });
    await world.gather(count);
    const requests = world.nodes.map((node) => world.bank(node, "note", utf8(node.name)));
    await world.run(3_000);
    for (const request of requests) expect(world.stages(request)).toEqual(ALL_STAGES);
    const roots = world.nodes.map((node) => node.running.tools.executor.stateRoot().join());
    expect(new Set(roots).size).toBe(1);
  });

  it("[CE2] a call is confirmed by an empty header when no other call follows", async () => {
    const world = await World.begin({ seed: 6 });
    await world.gather(3);
    await world.run(1_000);
    const before = tipOf(world.node("n2").running.log).ref.number;
    const request = world.bank(world.node("n2"), "note", utf8("the last word"));
    await world.run(2_000);
    expect(world.stages(request)).toEqual(ALL_STAGES);
    const { log } = world.node("n2").running;
    const above = log.items.filter(({ ref }) => ref.number > before);
    expect(above.map(({ receipts }) => receipts.length)).toEqual([1, 0]);
    await world.run(5_000);
    expect(tipOf(log).ref.number).toBe(before + 2n);
  });

  it("[EX7] a failing call is ordered, uses its nonce and changes nothing else", async () => {
    const world = await World.begin({ seed: 7 });
    await world.gather(2);
    const node = world.node("n2");
    const to = addressToBytes(toyAddress(world.node("n1").keys));
    const failing = world.bank(node, "pay", to, u64(1_000_000n));
    const next = world.bank(node, "note", utf8("goes on"));
    await world.run(2_000);
    expect(world.stages(failing)).toEqual(ALL_STAGES);
    expect(world.stages(next)).toEqual(ALL_STAGES);
    const receipts = world.notices.flatMap(({ notice }) =>
      notice.type === "call" && notice.stage === "confirmed" ? [notice.receipt?.status.type] : [],
    );
    expect(receipts).toEqual(["failed", "executed"]);
  });

  it("[PR12] calls of one seat are ordered in the order in which they were made", async () => {
    const world = await World.begin({ seed: 8 });
    world.network.quality = { delayMin: 1, delayMax: 80, lost: 100, doubled: 300 };
    await world.gather(3);
    const node = world.node("n3");
    const requests = Array.from({ length: 20 }, (_, at) =>
      world.bank(node, "note", u64(BigInt(at))),
    );
    await world.until("all confirmed", () =>
      requests.every((request) => world.stages(request).includes("confirmed")),
    );
    const heights = requests.map((request) =>
      world.notices.flatMap(({ notice }) =>
        notice.type === "call" && notice.request === request ? (notice.height ?? []) : [],
      ),
    );
    const ordered = heights.map((of) => Number(present(of.at(-1), "it has a height")));
    expect(ordered).toEqual(ordered.toSorted((a, b) => a - b));
  });
});

describe("calls that cannot be ordered", () => {
  it("[PR11] another call with a used nonce is refused, the same one again is not", async () => {
    const world = await World.begin({ seed: 9 });
    await world.gather(2);
    const [leader, other] = [world.node("n1"), world.node("n2")];
    sendCall(world, other, leader, {});
    await world.run(1_000);
    expect(world.status(leader).heights.confirmed).toBeGreaterThan(0n);
    const { verified } = world.status(leader).heights;
    sendCall(world, other, leader, {});
    await world.run(1_000);
    expect(errorsOf(world, leader)).toEqual([]);
    sendCall(world, other, leader, { args: [utf8("another")] });
    expect(errorsOf(world, leader)).toEqual(["BAD_SIGNATURE_OR_NONCE"]);
    await world.run(1_000);
    expect(world.status(leader).heights.verified).toBe(verified);
  });

  it.each<[string, Partial<Call>]>([
    ["NO_CHANNEL", { channel: toHash(1) }],
    ["NOT_MEMBER", { seat: 9n }],
    ["BAD_SIGNATURE_OR_NONCE", { seat: 1n }],
    ["EXPIRED", { expiry: 0n }],
    ["GAS_LIMIT", { maxGas: 10_000_000n }],
    ["MESSAGE_TOO_LARGE", { args: [new Uint8Array(16_384), new Uint8Array(16_384)] }],
    ["TOO_MANY_PENDING", { nonce: 1_000_000n }],
  ])("[PR10] %s changes nothing, and the channel goes on", async (name, changes) => {
    const world = await World.begin({ seed: 10 });
    await world.gather(2);
    const [leader, other] = [world.node("n1"), world.node("n2")];
    await world.run(1_000);
    const { verified } = world.status(leader).heights;
    sendCall(world, other, leader, changes);
    expect(errorsOf(world, leader)).toEqual([name]);
    await world.run(1_000);
    expect(world.status(leader).heights.verified).toBe(verified);
    const request = world.bank(other, "note", utf8("still here"));
    await world.run(1_000);
    expect(world.stages(request)).toEqual(ALL_STAGES);
  });

  it("[PR10] a node without a seat refuses its own client", async () => {
    const world = await World.begin({ seed: 11 });
    await world.gather(1);
    const joiner = await world.enter("n2");
    joiner.start();
    const request = world.bank(joiner, "note", utf8("too early"));
    await world.run(100);
    expect(world.stages(request)).toEqual(["NOT_MEMBER"]);
  });

  it("[PR10] a client that does not wait is held back", async () => {
    const world = await World.begin({ seed: 12, parameters: { pendingCallsMax: 3 } });
    await world.gather(2);
    const node = world.node("n2");
    const requests = Array.from({ length: 4 }, () => world.bank(node, "note", utf8("more")));
    await world.run(50);
    expect(world.stages(present(requests[3], "four"))).toEqual(["TOO_MANY_PENDING"]);
    await world.run(2_000);
    expect(world.stages(present(requests[2], "four"))).toEqual(ALL_STAGES);
  });
});

function toHash(byte: number): Call["channel"] {
  return new Uint8Array(32).fill(byte) as Call["channel"];
}
