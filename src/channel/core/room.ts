/**
 * What entries one header has room for (SPEC.md EX13): so many, of so many bytes, that use so much
 * gas. The leader stops before the first entry that finds none, and so does everyone who runs the
 * batch again.
 */
import { assert, assertNever } from "#core/assert.ts";
import {
  BATCH_ENTRIES_MAX,
  BATCH_ENTRIES_SIZE_MAX,
  BATCH_GAS_MAX,
  TICK_GAS,
} from "../codec/limits.ts";
import { encode, entry as entryCodec } from "../codec/objects.ts";
import type { Entry } from "../messages.ts";

export interface Room {
  count: number;
  /** Bytes. */
  size: number;
  /** Gas units. */
  gas: bigint;
}

/** Bytes that the number of entries takes in front of them. */
const COUNT_SIZE = 2;

/** Of a batch without entries. */
export function wholeRoom(): Room {
  return {
    count: BATCH_ENTRIES_MAX,
    size: BATCH_ENTRIES_SIZE_MAX - COUNT_SIZE,
    gas: BATCH_GAS_MAX,
  };
}

/** What is left beside these entries, whatever gas they use. */
export function roomBeside(entries: readonly Entry[]): Room {
  const room = wholeRoom();
  for (const entry of entries) assert(takeRoom(room, entry), "a few entries find room");
  return room;
}

/**
 * Takes the place of an entry, with the gas that it may use; false, and nothing taken, where there
 * is none. What an entry leaves of its gas is given back by {@link leaveGas}.
 */
export function takeRoom(room: Room, entry: Entry): boolean {
  const size = encode(entryCodec, entry).length;
  const gas = gasAsked(entry);
  if (room.count === 0 || size > room.size || gas > room.gas) return false;
  room.count -= 1;
  room.size -= size;
  room.gas -= gas;
  return true;
}

export function leaveGas(room: Room, entry: Entry, gasUsed: bigint): void {
  room.gas += gasAsked(entry) - gasUsed;
}

/** The most gas units that an entry can use. */
function gasAsked(entry: Entry): bigint {
  switch (entry.type) {
    case "call":
    case "bundled":
      return entry.call.call.maxGas;
    case "tick":
      return TICK_GAS;
    case "admit":
    case "leave":
    case "suspend":
    case "exit":
    case "close":
      return 0n;
    default:
      return assertNever(entry);
  }
}
