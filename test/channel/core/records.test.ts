import { describe, expect, it } from "vitest";
import { sha2_256 } from "#core/hash.ts";
import { refOfConfiguration } from "../../../src/channel/codec.ts";
import { readControl, readSeat } from "../../../src/channel/core/control.ts";
import { mayClose } from "../../../src/channel/core/entry.ts";
import type { Entry } from "../../../src/channel/messages.ts";
import { toyFunction } from "../../simulation/model-link.ts";
import { u64 } from "../toy-executor.ts";
import {
  ASSET,
  assetAt,
  type Bench,
  benchOf,
  CHANNEL,
  callEntry,
  configurationOf,
  departureEntry,
  parkedAt,
  proceed,
  run,
  seatNumber,
  TIME,
} from "./bench.ts";

const admit = (seat: bigint, asset?: Uint8Array): Entry => ({
  type: "admit",
  seat: seatNumber(seat),
  ...(asset === undefined ? {} : { asset }),
});
const suspend = (seat: bigint): Entry => ({ type: "suspend", seat });
const errorOf = (name: string) => ({ ok: false, error: { error: { name } } });

/** A channel of these seats in which something has been ordered. */
function begun(...seats: readonly bigint[]): Bench {
  const bench = benchOf(seats);
  proceed(bench, [callEntry(seats[0] ?? 1n, 0n)]);
  return bench;
}

describe("the record Control", () => {
  it("[EX3] is brought up to the header before the entries run", () => {
    const bench = begun(1n, 2n);
    const configuration = configurationOf(4n, 1n, 2n);
    const opens = sha2_256(u64(7n));
    const epoch = { term: 2n, view: 1n };
    const changes = { configuration, pending: configuration, opens, epoch, time: TIME + 5n };
    proceed(bench, [callEntry(1n, 1n)], changes);
    expect(readControl(bench.executor)).toEqual({
      configuration: refOfConfiguration(CHANNEL, configuration),
      seats: [1n, 2n],
      next: [1n, 2n],
      epoch,
      opening: opens,
      time: TIME + 5n,
      ticks: 0n,
      closing: false,
    });
  });

  it("[EX3] is brought up to the first header of an epoch even without entries", () => {
    const bench = begun(1n, 2n);
    const epoch = { term: 2n, view: 0n };
    proceed(bench, [], { opens: sha2_256(u64(7n)), epoch, time: TIME + 5n });
    expect(readControl(bench.executor)).toMatchObject({ epoch, time: TIME + 5n });
  });

  it("[EX3] stays as it is under any other empty header, as does all else", () => {
    const bench = begun(1n, 2n);
    const before = bench.executor.stateRoot();
    const configuration = configurationOf(4n, 1n);
    const empty = proceed(bench, [], { time: TIME + 5n, configuration, pending: configuration });
    expect(empty).toMatchObject({ stateRoot: before, changes: [], steps: [] });
    expect(bench.executor.stateRoot()).toEqual(before);
  });

  it("[EX5] and the first configuration's records are made by the first batch", () => {
    const bench = benchOf([1n, 2n]);
    expect(readControl(bench.executor)).toBeUndefined();
    proceed(bench, []);
    expect(readControl(bench.executor)?.seats).toEqual([1n, 2n]);
    for (const seat of [1n, 2n]) {
      const { address, revealTip } = seatNumber(seat);
      const record = { address, nonce: 0n, reveal: revealTip, standing: "active" };
      expect(readSeat(bench.executor, seat)).toEqual(record);
    }
  });
});

describe("the creator's asset", () => {
  /** The channel's first configuration, of which nothing has been ordered. */
  function unbegun(): Bench {
    const bench = benchOf([1n]);
    const configuration = configurationOf(0n, 1n);
    bench.frame = { ...bench.frame, configuration, pending: configuration };
    return bench;
  }

  it("[EX5] comes with the channel's first entry, which changes no configuration", () => {
    const bench = unbegun();
    const { next } = proceed(bench, [admit(1n, ASSET), callEntry(1n, 0n)]);
    expect(next).toEqual(configurationOf(0n, 1n));
    expect(assetAt(bench, 1n)).toEqual(ASSET);
    expect(readSeat(bench.executor, 1n)).toMatchObject({ nonce: 1n, standing: "active" });
  });

  it("[EX5] comes with no later entry, and under no other name", () => {
    const later = unbegun();
    proceed(later, [callEntry(1n, 0n)]);
    expect(run(later, [admit(1n, ASSET)])).toMatchObject(errorOf("BAD_BATCH"));
    expect(run(unbegun(), [callEntry(1n, 0n), admit(1n, ASSET)]).ok).toBe(false);
    expect(run(unbegun(), [admit(1n)])).toMatchObject(errorOf("BAD_BATCH"));
    const { address } = seatNumber(2n);
    const turned: Entry = { type: "admit", seat: { ...seatNumber(1n), address }, asset: ASSET };
    expect(run(unbegun(), [turned])).toMatchObject(errorOf("BAD_BATCH"));
  });
});

describe("a change that the chain forces", () => {
  it("[EX4] marks who is out as departed and parks its asset", () => {
    const bench = begun(1n, 2n, 3n);
    const forced = configurationOf(4n, 1n, 3n);
    proceed(bench, [callEntry(1n, 1n)], { configuration: forced, pending: forced });
    expect(readSeat(bench.executor, 2n)?.standing).toBe("departed");
    expect([assetAt(bench, 2n), parkedAt(bench, 2n)]).toEqual([undefined, ASSET]);
    expect(readSeat(bench.executor, 3n)?.standing).toBe("active");
    expect(assetAt(bench, 3n)).toEqual(ASSET);
  });

  it("[EX4] undoes the records of an admission that never came into force", () => {
    const bench = begun(1n, 2n);
    proceed(bench, [admit(3n, ASSET)]);
    expect(assetAt(bench, 3n)).toEqual(ASSET);
    const forced = configurationOf(4n, 1n);
    proceed(bench, [callEntry(1n, 1n)], { configuration: forced, pending: forced });
    expect(readSeat(bench.executor, 3n)).toBeUndefined();
    expect([assetAt(bench, 3n), parkedAt(bench, 3n)]).toEqual([undefined, undefined]);
  });

  it("[EX4] leaves a seat what it has whose return never came into force", () => {
    // Seed 7 of "absences": its nonces began anew, and it could order nothing any more.
    const bench = begun(1n, 2n, 3n);
    const { next } = proceed(bench, [callEntry(3n, 0n), suspend(3n)]);
    const back = proceed(bench, [admit(3n)], { configuration: next, pending: next });
    expect(back.next.seats).toHaveLength(3);
    const record = readSeat(bench.executor, 3n);
    expect(record).toMatchObject({ nonce: 1n, standing: "active" });
    const forced = configurationOf(6n, 1n);
    proceed(bench, [callEntry(1n, 1n)], { configuration: forced, pending: forced });
    expect(readSeat(bench.executor, 2n)?.standing).toBe("departed");
    expect(readSeat(bench.executor, 3n)).toEqual(record);
    expect([assetAt(bench, 3n), parkedAt(bench, 3n)]).toEqual([ASSET, undefined]);
  });

  it("[EX4] undoes the records of a leave that never came into force", () => {
    const bench = begun(1n, 2n, 3n);
    proceed(bench, [departureEntry("leave", 2n, 0n)]);
    expect(readSeat(bench.executor, 2n)?.standing).toBe("departed");
    const forced = configurationOf(4n, 1n, 2n);
    proceed(bench, [callEntry(1n, 1n)], { configuration: forced, pending: forced });
    expect(readSeat(bench.executor, 2n)?.standing).toBe("active");
    expect([assetAt(bench, 2n), parkedAt(bench, 2n)]).toEqual([ASSET, undefined]);
  });
});

describe("coming", () => {
  it("[EX9] makes the seat's record and puts its asset at its address", () => {
    const bench = begun(1n, 2n);
    const { next } = proceed(bench, [admit(3n, ASSET)]);
    expect(next).toEqual(configurationOf(4n, 1n, 2n, 3n));
    const { address, revealTip } = seatNumber(3n);
    const record = { address, nonce: 0n, reveal: revealTip, standing: "admitted" };
    expect(readSeat(bench.executor, 3n)).toEqual(record);
    expect(assetAt(bench, 3n)).toEqual(ASSET);
    proceed(bench, [callEntry(3n, 0n)], { configuration: next, pending: next });
    expect(readSeat(bench.executor, 3n)).toMatchObject({ nonce: 1n, standing: "active" });
  });

  it("[EX9] back from a suspension leaves the seat what it has", () => {
    const bench = begun(1n, 2n);
    const claim = callEntry(2n, 0n, { function: toyFunction("claim"), args: [u64(5n)] });
    const { next } = proceed(bench, [claim, suspend(2n)]);
    expect(next.seats.map(({ seat }) => seat)).toEqual([1n]);
    const record = readSeat(bench.executor, 2n);
    expect(record).toMatchObject({ nonce: 1n, standing: "active" });
    proceed(bench, [admit(2n)], { configuration: next, pending: next });
    expect(readSeat(bench.executor, 2n)).toEqual(record);
    expect(assetAt(bench, 2n)).toEqual(u64(1_005n));
  });

  it("[EX9] back from a suspension brings no asset again", () => {
    const bench = begun(1n, 2n);
    const { next } = proceed(bench, [suspend(2n)]);
    const back = run(bench, [admit(2n, ASSET)], { configuration: next, pending: next });
    expect(back).toMatchObject(errorOf("BAD_BATCH"));
  });

  it("[EX9] brings what the entry says, and nothing where it says nothing", () => {
    const bench = begun(1n, 2n);
    const without = proceed(bench, [admit(3n)]);
    expect(assetAt(bench, 3n)).toBeUndefined();
    const other = begun(1n, 2n);
    expect(proceed(other, [admit(3n, u64(7n))]).stateRoot).not.toEqual(without.stateRoot);
    expect(assetAt(other, 3n)).toEqual(u64(7n));
  });

  it("[EX9] is refused to a seat that has departed, or is there", () => {
    const bench = begun(1n, 2n);
    const { next } = proceed(bench, [departureEntry("leave", 2n, 0n)]);
    const without = { configuration: next, pending: next };
    expect(run(bench, [admit(2n)], without)).toMatchObject(errorOf("BAD_BATCH"));
    expect(run(begun(1n, 2n), [admit(2n)])).toMatchObject(errorOf("BAD_BATCH"));
  });

  it("[EX9] is refused to a sixth", () => {
    const bench = begun(1n, 2n, 3n, 4n, 5n);
    expect(run(bench, [admit(6n)])).toMatchObject(errorOf("CHANNEL_FULL"));
  });
});

describe("going", () => {
  it("[EX10] by a leave marks the seat as departed and parks its asset", () => {
    const bench = begun(1n, 2n);
    const { next } = proceed(bench, [departureEntry("leave", 2n, 0n)]);
    expect(next).toEqual(configurationOf(4n, 1n));
    expect(readSeat(bench.executor, 2n)).toMatchObject({ standing: "departed", nonce: 1n });
    expect([assetAt(bench, 2n), parkedAt(bench, 2n)]).toEqual([undefined, ASSET]);
  });

  it("[EX10] is refused to the last seat", () => {
    const left = run(begun(1n), [departureEntry("leave", 1n, 1n)]);
    expect(left).toMatchObject(errorOf("LAST_MEMBER"));
  });

  it("[EX11] by a close ends the ordering", () => {
    const bench = begun(1n, 2n);
    proceed(bench, [departureEntry("close", 1n, 1n)]);
    expect(readControl(bench.executor)?.closing).toBe(true);
    expect(run(bench, [callEntry(2n, 0n)])).toMatchObject(errorOf("CHANNEL_CLOSED"));
    const leave = departureEntry("leave", 2n, 0n);
    expect(run(bench, [leave])).toMatchObject(errorOf("CHANNEL_CLOSED"));
  });

  it("[EX11] by a close is for the creator, or for who is left alone", () => {
    const others = run(begun(1n, 2n), [departureEntry("close", 2n, 0n)]);
    expect(others).toMatchObject(errorOf("NOT_ALLOWED"));
    const { address: creator } = seatNumber(1n);
    expect(mayClose(creator, seatNumber(2n), 1)).toBe(true);
    expect(mayClose(creator, seatNumber(2n), 2)).toBe(false);
    expect(mayClose(creator, seatNumber(1n), 2)).toBe(true);
  });

  it.each([
    ["leave", "close"],
    ["close", "leave"],
  ] as const)("[EX11] a %s is not ordered as a %s", (kind, as) => {
    const bench = begun(1n, 2n);
    const entry = departureEntry(kind, 1n, 1n);
    if (entry.type !== "leave" && entry.type !== "close") throw new Error("no departure");
    const turned: Entry = { type: as, departure: entry.departure };
    expect(run(bench, [turned])).toMatchObject(errorOf("BAD_BATCH"));
  });
});

describe("a change of configuration", () => {
  it.each<[string, Entry]>([
    ["an admission", admit(3n)],
    ["a suspension", suspend(2n)],
    ["a leave", departureEntry("leave", 2n, 0n)],
    ["a close", departureEntry("close", 1n, 1n)],
  ])("[CF4] %s ends its batch", (_what, entry) => {
    const result = run(begun(1n, 2n), [entry, callEntry(1n, 1n)]);
    expect(result).toMatchObject({ ok: false, error: { index: 0, error: { name: "BAD_BATCH" } } });
    expect(run(begun(1n, 2n), [entry]).ok).toBe(true);
  });
});
