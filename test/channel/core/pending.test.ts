import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { assert, present } from "#core/assert.ts";
import { makeChangeSet, opBetween } from "#core/effects.ts";
import { makeStructTag } from "#core/type-tag.ts";
import { PENDING_SIZE_MAX, SETTLEMENT_SIZE_MAX } from "../../../src/channel/codec/limits.ts";
import { encode, NO_HEADER, refOfHeader, settlementEvidence } from "../../../src/channel/codec.ts";
import { learnCertificate } from "../../../src/channel/core/certificates.ts";
import { tipOf } from "../../../src/channel/core/log.ts";
import { ownMember } from "../../../src/channel/core/members.ts";
import { order } from "../../../src/channel/core/ordering.ts";
import { countFitting, type Pending, pendingToTip } from "../../../src/channel/core/pending.ts";
import { SETTLE_SIZE } from "../../../src/channel/core/settlement.ts";
import { statusOf } from "../../../src/channel/core/status.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import { u64 } from "../toy-executor.ts";
import {
  calm,
  certified,
  commands,
  handBatch,
  orders,
  ordersCertified,
  pageOf,
  sent,
  show,
  tickAfter,
} from "./handwork.ts";

const PAGE_SIZE = 8 * 1024;

function page(node: SimNode, number: bigint, ahead = 0, size = PAGE_SIZE) {
  return pageOf(node, number, new Uint8Array(size).fill(Number(number) + 1), ahead);
}

describe("what a settlement has room for", () => {
  it("[LE11] ends a batch before the entry that would be too much for it", async () => {
    const world = await calm(1);
    const n1 = world.node("n1");
    const batch = orders(
      n1,
      [0n, 1n, 2n, 3n, 4n, 5n].map((number) => page(n1, number, Number(number))),
    );
    expect(batch.entries).toHaveLength(4);
    expect(batch.header.header.count).toBe(4);
    expect(pendingToTip(n1.running).size).toBeLessThanOrEqual(PENDING_SIZE_MAX);
    const more = order(n1.running, [page(n1, 4n)], []);
    assert(!more.ok, "nothing fits any more");
    expect(more.error).toEqual({ type: "room" });
    expect(n1.running.tools.executor.stateRoot()).toEqual(tipOf(n1.running.log).stateRoot);
    expect(orders(n1).entries).toEqual([]);
  });

  it("[LE11] is measured by what any two headers have between them", async () => {
    const world = await calm(1);
    const n1 = world.node("n1");
    const before = pendingToTip(n1.running).size;
    orders(n1, [page(n1, 0n)]);
    const written = pendingToTip(n1.running).size;
    expect(written - before).toBeGreaterThan(PAGE_SIZE);
    expect(written - before).toBeLessThan(PAGE_SIZE + 2_048);
    orders(n1, [page(n1, 0n, 0, 1)]);
    const shrunk = pendingToTip(n1.running).size;
    expect(shrunk).toBe(written + 1);
    orders(n1, [page(n1, 0n)]);
    expect(pendingToTip(n1.running).size).toBe(written + PAGE_SIZE);
  });

  it("[LE11] is for one entry in any case, where nothing else is pending", () => {
    const key = (name: string) => ({
      kind: "resource" as const,
      address: makeAddress("0x99"),
      type: makeStructTag(`0x99::bank::${name}`),
    });
    const change = (name: string, size: number) => {
      const op = present(opBetween(undefined, new Uint8Array(size)), "a change");
      return makeChangeSet([{ key: key(name), op }]);
    };
    const receipt = (name: string, size: number) => ({
      status: { type: "executed" } as const,
      gasUsed: 1n,
      events: [],
      changes: change(name, size),
    });
    const none: Pending = { base: NO_HEADER, upTo: NO_HEADER, keys: new Map(), size: 0 };
    const large = receipt("Large", PENDING_SIZE_MAX + 1);
    const small = receipt("Small", 8);
    expect(countFitting(none, [large], large.changes)).toBe(1);
    const both = makeChangeSet([...large.changes, ...small.changes]);
    expect(countFitting(none, [large, small], both)).toBe(1);
    expect(countFitting(none, [small, large], both)).toBe(1);
    const some = { ...none, size: PENDING_SIZE_MAX / 2 };
    expect(countFitting(some, [large], large.changes)).toBe(0);
    expect(countFitting(some, [small], small.changes)).toBe(1);
  });

  it("[SE7] is settled by the leader before it is used up", async () => {
    const world = await calm(1);
    const n1 = world.node("n1");
    ordersCertified({ world, n1 }, [page(n1, 0n), page(n1, 1n, 1), page(n1, 2n, 2)]);
    ordersCertified({ world, n1 });
    expect(pendingToTip(n1.running).size).toBeLessThan(SETTLE_SIZE);
    expect(commands(tickAfter(n1, 0), "propose")).toEqual([]);
    ordersCertified({ world, n1 }, [page(n1, 3n)]);
    const [proposed] = commands(tickAfter(n1, 0), "propose");
    const { evidence } = present(proposed, "a proposal");
    expect(encode(settlementEvidence, evidence).length).toBeLessThanOrEqual(SETTLEMENT_SIZE_MAX);
  });

  it("[LE11] goes to a change of the members before calls", async () => {
    const world = await calm(3);
    const [n1, n3] = [world.node("n1"), world.node("n3")];
    const { executor } = n1.running.tools;
    const before = orders(
      n1,
      [0n, 1n, 2n].map((number) => page(n1, number, Number(number))),
    );
    expect(before.entries).toHaveLength(3);
    const { seat } = present(ownMember(n3.running), "a member");
    const calls = [3n, 4n, 5n].map((number) => page(n1, number, Number(number) - 3));
    const { entries } = orders(n1, [...calls, { type: "suspend", seat }]);
    expect(entries).toEqual([{ type: "suspend", seat }]);
    expect(executor.stateRoot()).toEqual(tipOf(n1.running.log).stateRoot);
  });

  it("[SE10] is split where it is too much for the chain all the same", async () => {
    const world = await calm(1);
    const n1 = world.node("n1");
    const { log } = n1.running;
    const pages = (first: bigint) =>
      [0n, 1n, 2n].map((ahead) => page(n1, first + ahead, Number(ahead), 12 * 1024));
    const first = ordersCertified({ world, n1 }, pages(0n));
    const upTo = tipOf(log).ref;
    // As if nothing were pending: what no honest leader does.
    n1.running.pending = { base: log.base.ref, upTo, keys: new Map(), size: 0 };
    const second = ordersCertified({ world, n1 }, pages(3n));
    expect(second.entries).toHaveLength(3);
    ordersCertified({ world, n1 });
    n1.running.pending = undefined;
    const [proposed] = commands(tickAfter(n1, 0), "propose");
    const { evidence } = present(proposed, "a proposal");
    expect(evidence.header).toEqual(first.header);
    expect(encode(settlementEvidence, evidence).length).toBeLessThanOrEqual(SETTLEMENT_SIZE_MAX);
  });

  it("[PR15] is not acked by who has not seen what was settled, and then is", async () => {
    const world = await calm(3);
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    const first = orders(
      n1,
      [0n, 1n, 2n].map((number) => page(n1, number, Number(number))),
    );
    expect(sent(handBatch(world, n2, first), "ack")).toHaveLength(1);
    n1.running.pending = { ...pendingToTip(n1.running), keys: new Map(), size: 0 };
    const second = orders(
      n1,
      [3n, 4n, 5n].map((number) => page(n1, number, Number(number) - 3)),
    );
    const third = orders(n1);
    expect(sent(handBatch(world, n2, second), "ack")).toEqual([]);
    expect(sent(handBatch(world, n2, third), "ack")).toEqual([]);
    expect(tipOf(n2.running.log).ref).toEqual(refOfHeader(third.header.header));
    for (const batch of [first, second]) learnCertificate(n2.running, certified(world, batch));
    const { header } = first.header;
    const { chain } = n2.running;
    const height = header.firstHeight + BigInt(header.count) - 1n;
    const settled = { ...chain.settled, header: refOfHeader(header), height };
    const acks = sent(show(world, n2, { settled }), "ack").map(({ ack }) => ack.header.number);
    expect(acks).toEqual([header.number + 1n, header.number + 2n]);
  });

  it("[ST9] is waited for in the open, and gone on with once the chain has settled", async () => {
    const world = await calm(1);
    const n1 = world.node("n1");
    world.chain.isHalted = true;
    for (let number = 0n; number < 6n; number++) {
      world.bank(n1, "page", u64(number), new Uint8Array(PAGE_SIZE).fill(1));
    }
    await world.run(20_000);
    const { awaited, heights, pendingCalls } = statusOf(n1.running);
    expect(awaited.map(({ what }) => what)).toEqual(["settlement", "order"]);
    expect(heights.confirmed).toBe(4n);
    expect(pendingCalls).toBe(2);
    world.chain.isHalted = false;
    await world.until("all confirmed", () => statusOf(n1.running).pendingCalls === 0);
    await world.run(2_000);
    expect(statusOf(n1.running).awaited).toEqual([]);
  });
});

describe("a channel whose calls change more than one settlement holds", () => {
  it("[LE11] settles, and goes on", async () => {
    const world = await calm(3);
    const n2 = world.node("n2");
    const { index } = world.chain.view().settled;
    for (let number = 0n; number < 24n; number++) {
      const text = new Uint8Array(PAGE_SIZE).fill(Number(number) + 1);
      world.bank(n2, "page", u64(number), text);
    }
    await world.until("all confirmed", () => statusOf(n2.running).pendingCalls === 0);
    await world.run(5_000);
    expect(world.chain.view().settled.index - index).toBeGreaterThanOrEqual(5n);
    for (const node of world.nodes) {
      expect(node.running.own).toEqual([]);
      expect(pendingToTip(node.running).size).toBeLessThanOrEqual(PENDING_SIZE_MAX);
    }
  });
});
