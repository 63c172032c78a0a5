// Calls that a member signs together: who may be ordered on such a signature, when a node signs so,
// and how it hands them in.
import { describe, expect, it } from "vitest";
import { assert, present } from "#core/assert.ts";
import { ZERO_HASH } from "#core/hash.ts";
import {
  bundleMessage,
  callMessage,
  encodeMessage,
  hashCall,
  makeBundle,
} from "../../../src/channel/codec.ts";
import { step } from "../../../src/channel/core/machine.ts";
import { submit } from "../../../src/channel/core/pool.ts";
import type { Submission } from "../../../src/channel/core/submission.ts";
import { subjectOf } from "../../../src/channel/core/submission.ts";
import type { MessageOf } from "../../../src/channel/messages/wire.ts";
import type { Batch, BundledCall, Call, Entry, SignedCall } from "../../../src/channel/messages.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import { World } from "../../simulation/world.ts";
import { u64 } from "../toy-executor.ts";
import { benchOf, callOf, keysOf, proceed, run, seatNumber } from "./bench.ts";
import {
  calm,
  complaints,
  hand,
  handBatch,
  notices,
  orders,
  propose,
  sent,
  three,
  tickAfter,
  written,
} from "./handwork.ts";
import { standIn, worldOf } from "./stand-in.ts";

/** Calls of a seat from this nonce on, signed together by it unless another is named. */
function bundleOf(seat: bigint, first: bigint, count: number, signer = seat): BundledCall[] {
  const calls = Array.from({ length: count }, (_, at) => callOf(seat, first + BigInt(at)).call);
  return bundled(calls, signer);
}

function bundled(calls: readonly Call[], signer: bigint): BundledCall[] {
  return [...makeBundle(calls, (made) => keysOf(signer).signAsMember(bundleMessage(made)))];
}

function entryOf(call: BundledCall | undefined): Entry {
  return { type: "bundled", call: present(call, "a call of the bundle") };
}

/** The same entry in another bundle that its member signed, whatever that bundle says. */
function rebundled(call: BundledCall, change: Partial<BundledCall["bundle"]>): Entry {
  const bundle = { ...call.bundle, ...change };
  const signature = keysOf(call.call.seat).signAsMember(bundleMessage(bundle));
  return { type: "bundled", call: { ...call, bundle, signature } };
}

function faultOf(entries: readonly Entry[]): string | undefined {
  const result = run(benchOf([1n, 2n]), entries);
  return result.ok ? undefined : result.error.error.name;
}

describe("a bundled call", () => {
  it("[BU2] is ordered like one with a signature of its own, to the same results", () => {
    const [one, other] = [benchOf([1n, 2n]), benchOf([1n, 2n])];
    const calls = bundleOf(1n, 0n, 20);
    const together = proceed(one, calls.map(entryOf));
    const alone = proceed(
      other,
      calls.map(({ call }) => ({ type: "call", call: callOf(1n, call.nonce) })),
    );
    expect(together.stateRoot).toEqual(alone.stateRoot);
    expect(together.receipts).toEqual(alone.receipts);
    // What the leader signs of the entries holds what they stand on.
    expect(together.stepsRoot).not.toEqual(alone.stepsRoot);
  });

  it("[BU2] stands by itself: any of its bundle may be ordered alone, between and later", () => {
    const bench = benchOf([1n, 2n]);
    const [first, second, third] = bundleOf(1n, 0n, 3);
    const [other] = bundleOf(2n, 0n, 5);
    proceed(bench, [entryOf(first), entryOf(other)]);
    const lone: Entry = { type: "call", call: callOf(1n, 1n) };
    expect(hashCall(present(second, "it").call)).toEqual(hashCall(callOf(1n, 1n).call));
    expect(proceed(bench, [lone, entryOf(third)]).receipts).toHaveLength(2);
  });

  const [first, second] = bundleOf(1n, 0n, 3);
  const one = present(first, "a call");
  const two = present(second, "a call");
  it.each<[string, Entry]>([
    ["another path", entryOf({ ...one, path: one.path.map(() => ZERO_HASH) })],
    ["the path of another", entryOf({ ...one, path: two.path })],
    ["no path", entryOf({ ...one, path: [] })],
    ["another call in its place", entryOf({ ...one, call: callOf(1n, 0n, { maxGas: 2n }).call })],
    ["the signature of another", entryOf(bundleOf(1n, 0n, 3, 2n)[0])],
    [
      "the signature of another bundle",
      entryOf({ ...one, bundle: two.bundle, signature: callOf(1n, 0n).signature }),
    ],
    ["a bundle of another channel", rebundled(one, { channel: ZERO_HASH })],
    ["a bundle of another seat", rebundled(one, { seat: 2n })],
    ["a bundle that begins after it", rebundled(one, { first: 1n })],
    ["a bundle of fewer calls", rebundled(one, { count: 2 })],
    ["a bundle of no calls", rebundled(one, { count: 0 })],
    ["another root", rebundled(one, { root: ZERO_HASH })],
  ])("[BU2] with %s may not be ordered", (_what, entry) => {
    expect(faultOf([entryOf(one)])).toBeUndefined();
    expect(faultOf([entry])).toBe("BAD_SIGNATURE_OR_NONCE");
  });

  it("[BU2] out of turn may not be ordered", () => {
    expect(faultOf([entryOf(second)])).toBe("BAD_SIGNATURE_OR_NONCE");
  });

  it("[BU2] of a seat outside the configuration may not be ordered", () => {
    expect(seatNumber(3n).seat).toBe(3n);
    expect(faultOf([entryOf(bundleOf(3n, 0n, 2)[0])])).toBe("NOT_MEMBER");
  });

  it("[EX7] has, with a signature of its own, at most 16 KiB", () => {
    const sized = (size: number) => {
      const calls = [size, 8].map((args, nonce) => {
        return callOf(1n, BigInt(nonce), { args: [new Uint8Array(args)] }).call;
      });
      return bundled(calls, 1n)[0];
    };
    const lone = (size: number): Entry => {
      return { type: "call", call: callOf(1n, 0n, { args: [new Uint8Array(size)] }) };
    };
    let size = 16_000;
    while (faultOf([lone(size + 1)]) === undefined) size++;
    expect(faultOf([entryOf(sized(size))])).toBeUndefined();
    expect(faultOf([entryOf(sized(size + 1))])).toBe("MESSAGE_TOO_LARGE");
  });
});

function noncesIn(messages: readonly MessageOf<"bundle">[]): readonly bigint[] {
  return messages.flatMap(({ calls }) => calls.map(({ call }) => call.nonce));
}

describe("a client's calls", () => {
  it("[CL7] are signed together while one of them waits to be ordered", async () => {
    const { world, n2 } = await three();
    expect(sent(propose(world, n2, 1), "call")).toHaveLength(1);
    const gathering = [2, 3, 4].flatMap((request) => propose(world, n2, request));
    expect([sent(gathering, "call"), sent(gathering, "bundle")]).toEqual([[], []]);
    expect(notices(gathering, "call")).toEqual([]);
    expect(sent(tickAfter(n2, 4), "bundle")).toEqual([]);
    const effects = tickAfter(n2, 1);
    expect(sent(effects, "call")).toEqual([]);
    const [bundle] = sent(effects, "bundle");
    expect(noncesIn(sent(effects, "bundle"))).toEqual([1n, 2n, 3n]);
    expect(bundle?.calls[0]?.bundle).toMatchObject({ seat: 2n, first: 1n, count: 3 });
    expect(notices(effects, "call").map(({ request, stage }) => [request, stage])).toEqual([
      [2, "sent"],
      [3, "sent"],
      [4, "sent"],
    ]);
  });

  it("[CL7] are on disk before they are sent", async () => {
    const { world, n2 } = await three();
    for (const request of [1, 2, 3]) propose(world, n2, request);
    const effects = tickAfter(n2, 5);
    const record = present(
      written(effects).find(({ entry }) => entry.type === "bundle"),
      "a record",
    );
    assert(record.entry.type === "bundle", "of a bundle");
    expect(record.entry.calls).toEqual(sent(effects, "bundle")[0]?.calls);
    const sends = effects.filter(({ type }) => type === "send");
    for (const send of sends) {
      assert(send.type === "send", "filtered");
      expect(send.after).toBeGreaterThanOrEqual(record.sequence);
    }
  });

  it("[CL7] are signed at once when there are 64", async () => {
    const { world, n2 } = await three();
    propose(world, n2, 1);
    const effects = Array.from({ length: 64 }, (_, at) => propose(world, n2, 2 + at));
    expect(sent(effects.slice(0, -1).flat(), "bundle")).toEqual([]);
    const [bundle] = sent(present(effects.at(-1), "the last"), "bundle");
    expect(bundle?.calls).toHaveLength(64);
  });

  it("[CL7] are signed at once when nothing waits any more, and one alone by itself", async () => {
    const { world, n1, n2 } = await three();
    const [first] = sent(propose(world, n2, 1), "call");
    propose(world, n2, 2);
    const batch = orders(n1, [{ type: "call", call: present(first, "a call").call }]);
    const effects = handBatch(world, n2, batch);
    expect(sent(effects, "call").map(({ call }) => call.call.nonce)).toEqual([1n]);
    expect(sent(effects, "bundle")).toEqual([]);
  });

  it("[CL7] go before a departure that is asked for after them", async () => {
    const { world, n2 } = await three();
    for (const request of [1, 2, 3]) propose(world, n2, request);
    step(n2.running, { type: "leave", request: 4, now: world.clock.now });
    const effects = tickAfter(n2, 1);
    expect(noncesIn(sent(effects, "bundle"))).toEqual([1n, 2n]);
    expect(sent(effects, "departure")[0]?.departure.departure.nonce).toBe(3n);
  });

  it("[CL5] end in a refusal when the node is out before they are signed", async () => {
    const { world, n3 } = await three();
    for (const request of [1, 2]) propose(world, n3, request);
    const members = n3.running.chain.members.map((member) =>
      member.seat === 3n ? { ...member, standing: "removed" as const } : member,
    );
    const channel = { ...n3.running.chain, members };
    const effects = step(n3.running, { type: "chain", channel, now: world.clock.now });
    const refused = notices(effects, "refused").map(({ request, error }) => [request, error.name]);
    expect(refused.toSorted()).toEqual([
      [1, "BANNED"],
      [2, "BANNED"],
    ]);
  });

  it("[CL2] of a bundle go from sent to confirmed, each once", async () => {
    const world = await calm(3);
    const n2 = world.node("n2");
    const requests = Array.from({ length: 150 }, (_, at) =>
      world.bank(n2, "note", u64(BigInt(at))),
    );
    await world.run(3_000);
    const stages = ["sent", "sequenced", "verified", "confirmed"];
    for (const request of requests) expect(world.stages(request)).toEqual(stages);
    const { items } = world.node("n3").running.log;
    const types = items.flatMap(({ batch }) => batch.entries.map(({ type }) => type));
    expect(types.filter((type) => type === "bundled").length).toBeGreaterThan(100);
  });

  it("[CL8] of a bundle are sent again without those that are ordered", async () => {
    const { world, n1, n2 } = await three();
    for (const request of [1, 2, 3, 4]) propose(world, n2, request);
    const first = present(n2.running.own[0]?.submission, "a call");
    const [bundle] = sent(tickAfter(n2, 5), "bundle");
    assert(first.type === "call" && bundle !== undefined, "one alone, and a bundle");
    handBatch(world, n2, orders(n1, [first, entryOf(bundle.calls[0])]));
    const again = sent(tickAfter(n2, 1_000), "bundle");
    expect(again).toEqual([{ type: "bundle", calls: bundle.calls.slice(1) }]);
  });

  it("[CL4] of a bundle are sent again by a node that was restarted, the same bytes", async () => {
    const { world, n1, n2 } = await three();
    world.network.cut(n1.peer, n2.peer);
    world.network.cut(n2.peer, world.node("n3").peer);
    for (let at = 0n; at < 4n; at++) world.bank(n2, "note", u64(at));
    await world.run(50);
    const before = n2.running.own.map(({ submission }) => submission);
    expect(before.map(({ type }) => type)).toEqual(["call", "bundled", "bundled", "bundled"]);
    n2.crash();
    n2.start();
    expect(n2.running.own.map(({ submission }) => submission)).toEqual(before);
  });

  it("[FC1] is posted with a signature of its own", async () => {
    const { world, n2 } = await three();
    for (const request of [1, 2, 3]) propose(world, n2, request);
    tickAfter(n2, 5);
    n2.running.own = n2.running.own.slice(1);
    const [own] = n2.running.own;
    assert(own?.submission.type === "bundled", "the first of a bundle");
    n2.running.own = [{ ...own, nonce: 0n, firstSentAt: n2.running.now - 30_000n }];
    const effects = tickAfter(n2, 0);
    const posted = effects.flatMap((effect): readonly SignedCall[] =>
      effect.type === "submit" && effect.command.type === "forceCall" ? [effect.command.call] : [],
    );
    const [signed] = posted;
    expect(posted).toHaveLength(1);
    expect(signed?.call).toEqual(own.submission.call.call);
    const message = callMessage(own.submission.call.call);
    const { ring } = world;
    expect(ring.verify(message, present(signed, "it").signature, n2.keys.memberKey)).toBe(true);
  });
});

describe("a leader", () => {
  /** Calls of n2 with its next nonces, signed together. */
  async function handed(count: number): Promise<{ world: World; calls: readonly BundledCall[] }> {
    const world = await worldOf(3, 82);
    const { channel } = world.node("n1").running.facts;
    const calls = Array.from({ length: count }, (_, at) => ({
      ...callOf(2n, BigInt(at)).call,
      channel,
    }));
    const sign = world.node("n2").keys;
    return { world, calls: makeBundle(calls, (made) => sign.signAsMember(bundleMessage(made))) };
  }

  it("[PR10] takes in all calls of a bundle by one message", async () => {
    const { world, calls } = await handed(5);
    hand(world, world.node("n1"), world.node("n2"), { type: "bundle", calls });
    const waiting = world.node("n1").running.pool.get(2n);
    expect([...(waiting?.keys() ?? [])]).toEqual([0n, 1n, 2n, 3n, 4n]);
  });

  it("[PR11] takes a call that is signed alone and in a bundle as one", async () => {
    const { world, calls } = await handed(2);
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    const [bundledOne] = calls;
    const { call } = present(bundledOne, "a call");
    const alone: Submission = {
      type: "call",
      call: { call, signature: n2.keys.signAsMember(callMessage(call)) },
    };
    expect(subjectOf({ type: "bundled", call: present(bundledOne, "it") })).toEqual(
      subjectOf(alone),
    );
    const machine = standIn(n1);
    expect(submit(machine, alone, n2.peer)).toBeUndefined();
    for (const one of calls) {
      expect(submit(machine, { type: "bundled", call: one }, n2.peer)).toBeUndefined();
    }
    expect(machine.pool.get(2n)?.size).toBe(2);
    expect(machine.pool.get(2n)?.get(0n)?.submission).toBe(alone);
  });

  it("[PR13] refuses a bundle once, by its first call", async () => {
    const { world, calls } = await handed(20);
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    const forged = makeBundle(
      calls.map(({ call }) => call),
      (made) => world.node("n3").keys.signAsMember(bundleMessage(made)),
    );
    const effects = hand(world, n1, n2, { type: "bundle", calls: forged });
    expect(complaints(effects)).toEqual([expect.stringContaining("BAD_SIGNATURE_OR_NONCE")]);
    const refusals = sent(effects, "refusal");
    expect(refusals).toHaveLength(1);
    expect(refusals[0]?.refusal.subject).toEqual(hashCall(present(forged[0], "a call").call));
    expect(n1.running.pool.get(2n)?.size ?? 0).toBe(0);
  });

  it("[BU3] hears nothing of a part that is none, and tells where it is wrong", async () => {
    const { world, calls } = await handed(3);
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    const bytes = encodeMessage({ type: "bundle", calls: calls.slice(0, 2) });
    // The number of hashes beside them, which stands before the only one.
    bytes[bytes.length - 33] = 0;
    const cut = bytes.slice(0, -32);
    const now = world.clock.now;
    const effects = step(n1.running, { type: "message", from: n2.peer, bytes: cut, now });
    expect(complaints(effects)).toEqual([expect.stringMatching(/^MALFORMED_MESSAGE: at byte \d+/)]);
    expect(n1.running.pool.get(2n)?.size ?? 0).toBe(0);
  });

  it("[BU3] gives members each bundle once, and they come to the same roots", async () => {
    const world = await World.begin({ seed: 83 });
    await world.gather(3);
    await world.run(2_000);
    const [n1, n2, n3] = [world.node("n1"), world.node("n2"), world.node("n3")];
    const isMixed = ({ entries }: Batch) => {
      const seats = entries.flatMap((entry) =>
        entry.type === "bundled" ? entry.call.call.seat : [],
      );
      return new Set(seats).size === 2;
    };
    const batches = ({ running }: SimNode) => running.log.items.map(({ batch }) => batch);
    // Whose bundles come in within one moment is for the network to say.
    await world.until("a batch of two members' bundles", () => {
      for (let at = 0n; at < 40n; at++)
        for (const node of [n2, n3]) world.bank(node, "note", u64(at));
      return batches(n1).some(isMixed);
    });
    await world.run(2_000);
    for (const other of [n2, n3]) expect(batches(other)).toEqual(batches(n1));
  });
});
