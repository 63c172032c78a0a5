import { describe, expect, it } from "vitest";
import { concatBytes, utf8 } from "#core/bytes.ts";
import { domainPrefix, sha2_256, ZERO_HASH } from "#core/hash.ts";
import { merkleRoot } from "#core/merkle/accumulator.ts";
import { hashEntries, hashReceipts, hashStep } from "../../../src/channel/codec.ts";
import { readControl, readSeat } from "../../../src/channel/core/control.ts";
import { frameOf } from "../../../src/channel/core/inspect.ts";
import { type Point, tipOf } from "../../../src/channel/core/log.ts";
import type { BatchFrame } from "../../../src/channel/core/run.ts";
import { stepSizesFor } from "../../../src/channel/core/step-limits.ts";
import { dueTick } from "../../../src/channel/core/ticks.ts";
import type { Call, Entry } from "../../../src/channel/messages.ts";
import type { EntryContext } from "../../../src/channel/ports.ts";
import { toyFunction } from "../../simulation/model-link.ts";
import { World } from "../../simulation/world.ts";
import { ToyExecutor, u64 } from "../toy-executor.ts";
import {
  benchOf,
  CHANNEL,
  callEntry,
  configurationOf,
  keysOf,
  proceed,
  run,
  TIME,
} from "./bench.ts";

const CALLS = Array.from({ length: 20 }, (_, nonce) => callEntry(1n, BigInt(nonce)));

describe("a batch", () => {
  it("[EX1] gives the same from the same state, frame and entries", () => {
    const [one, other] = [benchOf([1n, 2n]), benchOf([1n, 2n])];
    expect(proceed(one, CALLS)).toEqual(proceed(other, CALLS));
  });

  it.each<[string, Partial<BatchFrame>]>([
    ["configuration", { configuration: configurationOf(4n, 1n, 2n) }],
    ["epoch", { epoch: { term: 2n, view: 0n } }],
    ["first height", { firstHeight: 2n }],
    ["time", { time: TIME + 1n }],
  ])("[EX1] depends on the frame's %s", (_what, changes) => {
    const [one, other] = [benchOf([1n, 2n]), benchOf([1n, 2n])];
    const changed = proceed(other, CALLS, changes);
    expect(changed.stateRoot).not.toEqual(proceed(one, CALLS).stateRoot);
  });

  it("[EX1] members run what the leader sent by the same function, to the same roots", async () => {
    const world = await World.begin({ seed: 31 });
    await world.gather(2);
    world.bank(world.node("n2"), "note", utf8("hello"));
    await world.run(1_000);
    const [leader, member] = world.nodes.map(({ running }) => running.log);
    expect(leader?.items.length).toBeGreaterThan(3);
    expect(leader?.items.map((item) => [item.stateRoot, item.receipts, item.changes])).toEqual(
      member?.items.map((item) => [item.stateRoot, item.receipts, item.changes]),
    );
  });

  it.each([
    [0, []],
    [1, [1]],
    [16, [16]],
    [17, [16, 1]],
    [40, [16, 16, 8]],
  ])("[EX2] of %i entries is cut into steps of %j", (count, sizes) => {
    const entries = Array.from({ length: count }, () => ({ type: "tick", tick: 1n }) as const);
    expect(stepSizesFor(entries)).toEqual(sizes);
  });

  it("[EX2] has a leaf for each step, of what it starts at, holds and leads to", () => {
    const { steps, stepsRoot, receipts, stateRoot } = proceed(benchOf([1n, 2n]), CALLS);
    // The state after a step is that after a batch which ends there.
    const half = proceed(benchOf([1n, 2n]), CALLS.slice(0, 16));
    const leaves = [
      {
        firstHeight: 1n,
        count: 16,
        entriesHash: hashEntries(CALLS.slice(0, 16)),
        stateRoot: half.stateRoot,
        receiptsHash: hashReceipts(receipts.slice(0, 16)),
      },
      {
        firstHeight: 17n,
        count: 4,
        entriesHash: hashEntries(CALLS.slice(16)),
        stateRoot,
        receiptsHash: hashReceipts(receipts.slice(16)),
      },
    ];
    expect(steps).toEqual(leaves);
    expect(stepsRoot).toEqual(merkleRoot("StepsRoot", leaves.map(hashStep)));
  });

  it("[EX6] with entries reveals what the leader's last value is the hash of", () => {
    const bench = benchOf([1n, 2n]);
    proceed(bench, CALLS.slice(0, 1));
    const first = readSeat(bench.executor, 1n)?.reveal ?? ZERO_HASH;
    expect(sha2_256(first)).toEqual(keysOf(1n).revealTip);
    proceed(bench, CALLS.slice(1, 2));
    const second = readSeat(bench.executor, 1n)?.reveal ?? ZERO_HASH;
    expect(sha2_256(second)).toEqual(first);
    const again = run(bench, CALLS.slice(2, 3), { reveal: second });
    expect(again).toMatchObject({ ok: false, error: { error: { name: "BAD_BATCH" } } });
    const none = run(bench, CALLS.slice(2, 3), { reveal: ZERO_HASH });
    expect(none).toMatchObject({ ok: false, error: { error: { name: "BAD_BATCH" } } });
  });

  it("[EX6] without entries reveals nothing, and leaves the leader's value as it was", async () => {
    const world = await World.begin({ seed: 32 });
    await world.gather(1);
    world.bank(world.node("n1"), "note", utf8("hello"));
    await world.run(1_000);
    const { items } = world.node("n1").running.log;
    const isZero = (hash: Uint8Array) => hash.every((byte) => byte === 0);
    const [empty, full] = [true, false].map((isEmpty) =>
      items.filter(({ batch }) => (batch.entries.length === 0) === isEmpty),
    );
    expect(empty?.length).toBeGreaterThan(0);
    expect(empty?.every(({ header }) => isZero(header.header.reveal))).toBe(true);
    expect(full?.length).toBeGreaterThan(0);
    expect(full?.some(({ header }) => isZero(header.header.reveal))).toBe(false);
  });
});

describe("a call", () => {
  it.each<[string, string, Entry]>([
    ["of another channel", "NO_CHANNEL", callEntry(1n, 0n, { channel: ZERO_HASH })],
    ["of no seat", "NOT_MEMBER", callEntry(9n, 0n)],
    ["with a nonce too high", "BAD_SIGNATURE_OR_NONCE", callEntry(1n, 1n)],
    ["signed by another", "BAD_SIGNATURE_OR_NONCE", callEntry(1n, 0n, {}, 2n)],
    ["that has expired", "EXPIRED", callEntry(1n, 0n, { expiry: 0n })],
    ["for too much gas", "GAS_LIMIT", callEntry(1n, 0n, { maxGas: 1_000_001n })],
    ["too large", "MESSAGE_TOO_LARGE", callEntry(1n, 0n, { args: [new Uint8Array(16_384)] })],
  ])("[EX7] %s is inadmissible", (_what, name, entry) => {
    const result = run(benchOf([1n, 2n]), [entry]);
    expect(result).toMatchObject({ ok: false, error: { index: 0, error: { name } } });
  });

  it.each<[string, Partial<Call>]>([
    ["at its last height", { expiry: 1n }],
    ["for as much gas as there is", { maxGas: 1_000_000n }],
  ])("[EX7] %s is admissible", (_what, changes) => {
    expect(run(benchOf([1n, 2n]), [callEntry(1n, 0n, changes)]).ok).toBe(true);
  });

  it("[EX7] of a used nonce, or of a seat that has left, is inadmissible", () => {
    const bench = benchOf([1n, 2n]);
    proceed(bench, CALLS.slice(0, 1));
    const used = { ok: false, error: { error: { name: "BAD_SIGNATURE_OR_NONCE" } } };
    expect(run(bench, CALLS.slice(0, 1))).toMatchObject(used);
    const gone = run(bench, [callEntry(2n, 0n)], { configuration: configurationOf(4n, 1n) });
    expect(gone).toMatchObject({ ok: false, error: { error: { name: "NOT_MEMBER" } } });
  });

  it("[EX7] that fails uses its nonce and changes nothing else", () => {
    const bench = benchOf([1n, 2n]);
    proceed(bench, CALLS.slice(0, 1));
    const entry = callEntry(2n, 0n, { function: toyFunction("fail") });
    const { receipts } = proceed(bench, [entry]);
    expect(receipts[0]?.status.type).toBe("failed");
    expect(receipts[0]?.changes.length).toBe(1);
    expect(readSeat(bench.executor, 2n)?.nonce).toBe(1n);
  });
});

describe("ticks", () => {
  const tick = { start: TIME, interval: 1_000n };

  it.each([
    ["none is due at the start", 0n, 0n, undefined],
    ["none before the interval is over", 0n, 999n, undefined],
    ["the first is due after one interval", 0n, 1_000n, 1n],
    ["and is not due twice", 1n, 1_999n, undefined],
    ["the next follows", 1n, 2_000n, 2n],
    ["of ten overdue the oldest is first", 0n, 10_000n, 1n],
    ["of eleven overdue the oldest is skipped", 0n, 11_000n, 2n],
    ["of a hundred, ninety are skipped", 3n, 100_000n, 91n],
  ])("[EX8] %s", (_what, ticks, after, expected) => {
    expect(dueTick(tick, ticks, TIME + after)).toBe(expected);
    expect(dueTick(undefined, ticks, TIME + after)).toBeUndefined();
  });

  it("[EX8] tick k is ordered once, by the header's time", () => {
    const bench = benchOf([1n], { tick });
    const early = run(bench, [{ type: "tick", tick: 1n }], { time: TIME + 999n });
    expect(early).toMatchObject({ ok: false, error: { error: { name: "BAD_BATCH" } } });
    const due = benchOf([1n], { tick });
    proceed(due, []);
    proceed(due, [{ type: "tick", tick: 1n }], { time: TIME + 1_000n });
    expect(readControl(due.executor)?.ticks).toBe(1n);
    const again = run(due, [{ type: "tick", tick: 1n }], { time: TIME + 1_500n });
    expect(again).toMatchObject({ ok: false, error: { error: { name: "BAD_BATCH" } } });
  });

  it("[EX8] those due before the channel's first header are none of its own", () => {
    const bench = benchOf([1n], { tick: { start: 0n, interval: 1_000n } });
    proceed(bench, [], { time: TIME + 400n });
    const before = TIME / 1_000n;
    expect(readControl(bench.executor)?.ticks).toBe(before);
    const old = run(bench, [{ type: "tick", tick: before }], { time: TIME + 999n });
    expect(old).toMatchObject({ ok: false, error: { error: { name: "BAD_BATCH" } } });
    proceed(bench, [{ type: "tick", tick: before + 1n }], { time: TIME + 1_000n });
    expect(readControl(bench.executor)?.ticks).toBe(before + 1n);
  });
});

/** An executor that remembers what each entry was told. */
class Listener extends ToyExecutor {
  readonly contexts: EntryContext[] = [];

  override execute(...call: Parameters<ToyExecutor["execute"]>) {
    this.contexts.push(call[2]);
    return super.execute(...call);
  }
}

describe("chance", () => {
  it("[EX12] is the hash of channel, height, reveal and the epoch's opening", () => {
    const executor = new Listener();
    const opening = sha2_256(utf8("the header below"));
    const bench = { ...benchOf([1n]), executor };
    proceed(bench, CALLS.slice(0, 2), { opens: opening });
    proceed(bench, CALLS.slice(2, 3));
    const reveals = [keysOf(1n).revealTip];
    for (let count = 0; count < 2; count++) {
      reveals.push(keysOf(1n).reveal(reveals.at(-1) ?? ZERO_HASH) ?? ZERO_HASH);
    }
    const seeds = [
      [1n, reveals[1]],
      [2n, reveals[1]],
      [3n, reveals[2]],
    ] as const;
    expect(executor.contexts.map(({ seed }) => seed)).toEqual(
      seeds.map(([height, reveal = ZERO_HASH]) =>
        sha2_256(concatBytes(domainPrefix("Random"), CHANNEL, u64(height), reveal, opening)),
      ),
    );
    expect(executor.contexts.map(({ height }) => height)).toEqual([1n, 2n, 3n]);
  });

  it("[EX12] opens with the hash of the header that the epoch's first one stands on", async () => {
    const world = await World.begin({ seed: 33 });
    await world.gather(1);
    const parent: Point = tipOf(world.node("n1").running.log);
    const { configuration } = parent;
    const draft = { justify: parent.ref, leader: 1n, firstHeight: 1n, time: 1n, reveal: ZERO_HASH };
    const opening = frameOf(parent, { ...draft, epoch: { term: 9n, view: 0n } }, configuration);
    expect(opening.opens).toEqual(parent.ref.hash);
    expect(frameOf(parent, { ...draft, epoch: parent.ref.epoch }, configuration).opens).toBe(
      undefined,
    );
  });
});
