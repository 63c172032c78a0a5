// A bench on which batches run by themselves: an executor in the channel's first state, seats with
// keys, and a frame as a header would give it. No log, no network, no chain.
import { present } from "#core/assert.ts";
import { domainHash, ZERO_HASH } from "#core/hash.ts";
import { makeStructTag } from "#core/type-tag.ts";
import type { ChannelSettings } from "../../../src/channel/chain-view.ts";
import { callMessage, departureMessage } from "../../../src/channel/codec.ts";
import { readSeat } from "../../../src/channel/core/control.ts";
import { executeBatch } from "../../../src/channel/core/execution.ts";
import type { BatchFrame, ChannelFacts } from "../../../src/channel/core/run.ts";
import { stepSizesFor } from "../../../src/channel/core/step-limits.ts";
import type {
  Call,
  Configuration,
  Departure,
  Entry,
  Seat,
  SignedCall,
} from "../../../src/channel/messages.ts";
import { createKeyRing, type NodeKeys } from "../../simulation/keys.ts";
import { toyAddress, toyFunction } from "../../simulation/model-link.ts";
import { COINS, ToyExecutor, u64 } from "../toy-executor.ts";

export const CHANNEL = domainHash("BenchChannel");
export const TIME = 1_700_000_000_000n;
export const ASSET = u64(1_000n);
const ring = createKeyRing(1);

export function keysOf(seat: bigint): NodeKeys {
  return ring.keysFor(`seat ${seat}`);
}

export function seatNumber(seat: bigint): Seat {
  const { memberKey, nodeKey, revealTip } = keysOf(seat);
  return { seat, address: toyAddress(keysOf(seat)), memberKey, nodeKey, revealTip };
}

export function configurationOf(number: bigint, ...seats: readonly bigint[]): Configuration {
  return { number, seats: seats.map(seatNumber) };
}

export interface Bench {
  readonly facts: ChannelFacts;
  readonly executor: ToyExecutor;
  frame: BatchFrame;
}

/**
 * In a configuration of these seats, of whom the first leads and made the channel; the others have
 * their assets.
 */
export function benchOf(seats: readonly bigint[], settings: Partial<ChannelSettings> = {}): Bench {
  const [leader = 1n] = seats;
  const configuration = configurationOf(3n, ...seats);
  const facts: ChannelFacts = {
    channel: CHANNEL,
    creator: seatNumber(leader).address,
    assetType: COINS,
    settings: { disputeWindow: 1n, removalWindow: 1n, tick: undefined, ...settings },
  };
  const frame: BatchFrame = {
    configuration,
    pending: configuration,
    epoch: { term: 1n, view: 0n },
    opens: ZERO_HASH,
    leader,
    firstHeight: 1n,
    time: TIME,
    reveal: ZERO_HASH,
  };
  const executor = new ToyExecutor();
  for (const { address } of configuration.seats.slice(1)) {
    const key = { kind: "resource", address, type: COINS } as const;
    executor.apply([{ key, op: { type: "new", value: ASSET } }]);
  }
  return { facts, executor, frame };
}

/** Runs entries as the bench's leader would, with its next reveal. */
export function run(
  { facts, executor, frame }: Bench,
  entries: readonly Entry[],
  changes: Partial<BatchFrame> = {},
): ReturnType<typeof executeBatch> {
  const { leader } = { ...frame, ...changes };
  const last = readSeat(executor, leader)?.reveal ?? keysOf(leader).revealTip;
  const reveal = entries.length === 0 ? ZERO_HASH : present(keysOf(leader).reveal(last), "left");
  const tools = { executor, verify: ring.verify };
  const sizes = stepSizesFor(entries);
  return executeBatch(facts, tools, { ...frame, reveal, ...changes }, entries, sizes);
}

/** {@link run} of a batch that must be admissible; the frame moves on to the next. */
export function proceed(
  bench: Bench,
  entries: readonly Entry[],
  changes: Partial<BatchFrame> = {},
): Extract<ReturnType<typeof executeBatch>, { readonly ok: true }>["value"] {
  const result = run(bench, entries, changes);
  if (!result.ok) throw new Error(`entry ${result.error.index}: ${result.error.error.detail}`);
  const firstHeight = bench.frame.firstHeight + BigInt(entries.length);
  bench.frame = { ...bench.frame, ...changes, opens: undefined, firstHeight };
  return result.value;
}

export function callOf(
  seat: bigint,
  nonce: bigint,
  changes: Partial<Call> = {},
  signer = seat,
): SignedCall {
  const call: Call = {
    channel: CHANNEL,
    seat,
    nonce,
    function: toyFunction("note"),
    typeArgs: [],
    args: [u64(nonce)],
    maxGas: 1_000n,
    expiry: 1_000_000n,
    ...changes,
  };
  return { call, signature: keysOf(signer).signAsMember(callMessage(call)) };
}

export function callEntry(...of: Parameters<typeof callOf>): Entry {
  return { type: "call", call: callOf(...of) };
}

export function departureEntry(kind: Departure["kind"], seat: bigint, nonce: bigint): Entry {
  const departure: Departure = { channel: CHANNEL, seat, nonce, kind };
  const signature = keysOf(seat).signAsMember(departureMessage(departure));
  return { type: kind, departure: { departure, signature } };
}

/** What a seat holds within the reach of calls. */
export function assetAt({ executor }: Bench, seat: bigint): Uint8Array | undefined {
  return executor.read({ kind: "resource", address: seatNumber(seat).address, type: COINS });
}

/** What a seat holds beyond it. */
export function parkedAt({ executor }: Bench, seat: bigint): Uint8Array | undefined {
  const typeArgs = [{ kind: "struct", struct: COINS }] as const;
  const type = { ...makeStructTag("0x0::channel::Parked"), typeArgs };
  return executor.read({ kind: "resource", address: seatNumber(seat).address, type });
}
