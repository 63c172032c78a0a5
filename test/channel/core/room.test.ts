import { describe, expect, it } from "vitest";
import { assert, present } from "#core/assert.ts";
import {
  BATCH_ENTRIES_MAX,
  BATCH_ENTRIES_SIZE_MAX,
  BATCH_GAS_MAX,
  CALL_GAS_MAX,
  TICK_GAS,
} from "../../../src/channel/codec/limits.ts";
import { entries as entriesCodec } from "../../../src/channel/codec/objects.ts";
import { callMessage, decode, encode, hashEntries } from "../../../src/channel/codec.ts";
import { rootOfSteps } from "../../../src/channel/core/execution.ts";
import { inspect } from "../../../src/channel/core/inspect.ts";
import { pointAt, tipOf } from "../../../src/channel/core/log.ts";
import { order } from "../../../src/channel/core/ordering.ts";
import { chooseEntries, nextNonce, submit } from "../../../src/channel/core/pool.ts";
import { roomBeside, takeRoom, wholeRoom } from "../../../src/channel/core/room.ts";
import { stepSizesFor } from "../../../src/channel/core/step-limits.ts";
import type { Batch, Call, Entry } from "../../../src/channel/messages.ts";
import type { ChannelExecutor } from "../../../src/channel/ports.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import type { World } from "../../simulation/world.ts";
import { ToyExecutor } from "../toy-executor.ts";
import { type Bench, benchOf, callEntry, run } from "./bench.ts";
import { altered, calm, handBatch, noteOf, notices, orders, tickAfter } from "./handwork.ts";

const KIB = 1024;

/** Uses all the gas that a call asks for. */
class Spender extends ToyExecutor {
  override execute(...call: Parameters<ToyExecutor["execute"]>) {
    return { ...super.execute(...call), gasUsed: call[0].maxGas };
  }
}

function spending(): Bench {
  return { ...benchOf([1n]), executor: new Spender() };
}

function calls(count: number, changes: Partial<Call> = {}): readonly Entry[] {
  return Array.from({ length: count }, (_, nonce) => callEntry(1n, BigInt(nonce), changes));
}

/** How many of the entries were run. */
function ranOf(result: ReturnType<typeof run>): number {
  assert(result.ok, "all entries are admissible");
  return result.value.receipts.length;
}

describe("the room under one header", () => {
  it("[EX13] is for so many entries", () => {
    const many = calls(BATCH_ENTRIES_MAX + 1);
    expect(ranOf(run(benchOf([1n]), many.slice(0, -1)))).toBe(BATCH_ENTRIES_MAX);
    expect(ranOf(run(benchOf([1n]), many))).toBe(BATCH_ENTRIES_MAX);
  });

  it("[EX13] is for so many bytes", () => {
    const large = calls(70, { args: [new Uint8Array(15 * KIB)] });
    const ran = ranOf(run(benchOf([1n]), large));
    const sizeOf = (count: number) => encode(entriesCodec, large.slice(0, count)).length;
    expect(sizeOf(ran)).toBeLessThanOrEqual(BATCH_ENTRIES_SIZE_MAX);
    expect(sizeOf(ran + 1)).toBeGreaterThan(BATCH_ENTRIES_SIZE_MAX);
  });

  it("[EX13] is for so much gas that is used, not asked for", () => {
    const maxGas = 300_000n;
    expect(ranOf(run(benchOf([1n]), calls(20, { maxGas })))).toBe(20);
    expect(ranOf(run(spending(), calls(20, { maxGas })))).toBe(3);
    expect(3n * maxGas <= BATCH_GAS_MAX && 4n * maxGas > BATCH_GAS_MAX).toBe(true);
  });

  it("[EX13] is enough for a tick and any call", () => {
    const room = wholeRoom();
    expect(takeRoom(room, { type: "tick", tick: 1n })).toBe(true);
    expect(takeRoom(room, callEntry(1n, 0n, { maxGas: CALL_GAS_MAX }))).toBe(true);
    expect(room.gas).toBe(BATCH_GAS_MAX - TICK_GAS - CALL_GAS_MAX);
    expect(takeRoom(room, { type: "tick", tick: 2n })).toBe(false);
    expect(room.gas).toBe(0n);
  });

  it("[EX13] cuts a step short, whose leaf and root are those of fewer entries", () => {
    const maxGas = 100_000n;
    const cut = run(spending(), calls(30, { maxGas }));
    const whole = run(spending(), calls(11, { maxGas }));
    expect(ranOf(cut)).toBe(11);
    expect(cut).toEqual(whole);
  });

  it("is not asked of the first entry, which is judged by itself", () => {
    const result = run(benchOf([1n]), calls(1, { maxGas: BATCH_GAS_MAX + 1n }));
    expect(result).toMatchObject({ ok: false, error: { error: { name: "GAS_LIMIT" } } });
  });
});

describe("a leader", () => {
  /** Where every call uses what it asks for. */
  async function spenders(count: number): Promise<World> {
    const wrapExecutor = (_name: string, executor: ChannelExecutor): ChannelExecutor => {
      assert(executor instanceof ToyExecutor, "the model's worlds run on the toy");
      return new Spender();
    };
    return calm(count, { wrapExecutor });
  }

  function put(world: World, node: SimNode, count: number, maxGas: bigint): void {
    const leader = world.node("n1");
    for (let ahead = 0; ahead < count; ahead++) {
      const entry = noteOf(node, new Uint8Array(8), ahead);
      assert(entry.type === "call", "a call");
      const call = { ...entry.call.call, maxGas };
      const signature = node.keys.signAsMember(callMessage(call));
      const submission = { type: "call", call: { call, signature } } as const;
      expect(submit(leader.running, submission, node.peer)).toBeUndefined();
    }
  }

  it("[EX13] orders what has room, and the rest under the next headers", async () => {
    const world = await spenders(1);
    const n1 = world.node("n1");
    const before = tipOf(n1.running.log).height;
    put(world, n1, 25, 100_000n);
    tickAfter(n1, 5);
    for (let round = 0; round < 10; round++) tickAfter(n1, 5);
    const counts = n1.running.log.items
      .filter(({ ref, receipts }) => receipts.length > 0 && ref.number > 1n)
      .map(({ receipts }) => receipts.length);
    expect(counts).toEqual([11, 11, 3]);
    expect(tipOf(n1.running.log).height).toBe(before + 25n);
  });

  it("[PR12] begins after the seat it served last, so that none is crowded out", async () => {
    const world = await spenders(3);
    const [n1, n2, n3] = [world.node("n1"), world.node("n2"), world.node("n3")];
    put(world, n1, 5, CALL_GAS_MAX);
    put(world, n2, 1, CALL_GAS_MAX);
    put(world, n3, 1, CALL_GAS_MAX);
    const served: bigint[] = [];
    for (let round = 0; round < 4; round++) {
      const { entries } = chooseEntries(n1.running, 63);
      const placed = order(n1.running, entries, []);
      assert(placed.ok, "the leader may order");
      for (const entry of placed.value.batch.entries) {
        if (entry.type === "call") served.push(entry.call.call.seat);
      }
    }
    expect(served).toEqual([1n, 2n, 3n, 1n]);
  });

  it("[EX13] leaves room for a change of configuration", async () => {
    const world = await spenders(2);
    const n1 = world.node("n1");
    put(world, n1, 5, CALL_GAS_MAX);
    const change: Entry = { type: "suspend", seat: 2n };
    const room = roomBeside([change]);
    const { entries, isFull } = chooseEntries(n1.running, 63, room);
    expect([entries.length, isFull]).toEqual([1, true]);
    const batch = orders(n1, [...entries, change]);
    expect(batch.entries.map(({ type }) => type)).toEqual(["call", "suspend"]);
  });
});

describe("more than one header has room for", () => {
  /** What a leader that keeps no limit makes of entries. */
  function crammed(leader: SimNode, sound: Batch, entries: readonly Entry[]): Batch {
    const [step] = sound.steps;
    const { firstHeight, ...sample } = present(step, "a step");
    let first = 0;
    const steps = stepSizesFor(entries).map((count) => {
      const own = entries.slice(first, first + count);
      const height = firstHeight + BigInt(first);
      first += count;
      return { ...sample, firstHeight: height, count, entriesHash: hashEntries(own) };
    });
    const { stateRoot } = sample;
    const change = { count: entries.length, stepsRoot: rootOfSteps(steps), stateRoot };
    return altered({ ...sound, entries, steps }, leader, change);
  }

  it("[FR3] is fraud", async () => {
    const world = await calm(2);
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    const many = Array.from({ length: 70 }, (_, ahead) =>
      noteOf(n2, new Uint8Array(15 * KIB), ahead),
    );
    const { facts, tools, log } = n2.running;
    const sound = orders(n1, many.slice(0, 16));
    const wrong = crammed(n1, sound, many);
    const parent = present(pointAt(log, wrong.header.header.number - 1n), "the parent");
    const finding = inspect(facts, tools, parent, wrong, parent.configuration);
    assert(finding.type === "fraud", "it is fraud");
    expect(finding.detail).toContain("no room under one header");
  });

  it("[BY2] is no message, so it is dropped with a complaint and nobody is harmed", async () => {
    const world = await calm(2);
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    const many = Array.from({ length: 70 }, (_, ahead) =>
      noteOf(n2, new Uint8Array(15 * KIB), ahead),
    );
    const sound = orders(n1, many.slice(0, 16));
    const wrong = crammed(n1, sound, many);
    const effects = handBatch(world, n2, wrong);
    const [complaint] = notices(effects, "error");
    expect(complaint?.error.name).toBe("MALFORMED_MESSAGE");
    expect(complaint?.error.detail).toContain(`at most ${BATCH_ENTRIES_SIZE_MAX}`);
    expect(n2.running.distrust).toBeUndefined();
    handBatch(world, n2, sound);
    expect(nextNonce(n2.running, 2n)).toBe(16n);
  });

  it("[BY2] entries are read up to their limit of bytes", () => {
    const large = calls(70, { args: [new Uint8Array(15 * KIB)] });
    const bytes = encode(entriesCodec, large);
    expect(() => decode(entriesCodec, bytes)).toThrow("SEQUENCE_TOO_LONG");
    expect(decode(entriesCodec, encode(entriesCodec, large.slice(0, 60)))).toHaveLength(60);
  });
});
