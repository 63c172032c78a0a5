/**
 * A node's chain of random reveals: a secret seed hashed again and again, revealed from its end
 * towards the seed, so that each value is checked by hashing it once and none can be chosen
 * (protocol.md section 4). Knows no store.
 */
import { toHex } from "#core/bytes.ts";
import { HASH_SIZE, type Hash, parseHash, sha2_256 } from "#core/hash.ts";
import { StoreError } from "./store-error.ts";

/** Values from the tip down to the seed: hours of leading at a header every few milliseconds. */
export const REVEALS_COUNT = 2 ** 19;
/** Values kept at hand: this many hashes are made again when they are used up. */
const SEGMENT_COUNT = 1_024;

/** A chain as it is kept: the rest is hashed from it when needed. */
export interface RevealRecord {
  readonly count: number;
  /** Every SEGMENT_COUNT-th value from the seed on, 32 bytes each: as secret as the seed. */
  readonly marks: Uint8Array;
  /** The end of the chain, which a member registers before it joins. */
  readonly tip: Uint8Array;
}

export interface RevealChain {
  readonly tip: Hash;
  /** The value before `last`; undefined where `last` is the seed or no value of this chain. */
  before(last: Hash): Hash | undefined;
}

/** Makes a chain from 32 random bytes. Takes a good part of a second at full length. */
export function makeReveals(seed: Uint8Array, count: number = REVEALS_COUNT): RevealRecord {
  const marks = new Uint8Array(Math.ceil(count / SEGMENT_COUNT) * HASH_SIZE);
  let value = storedHash(seed);
  for (let index = 0; index < count; index++) {
    if (index % SEGMENT_COUNT === 0) marks.set(value, (index / SEGMENT_COUNT) * HASH_SIZE);
    value = sha2_256(value);
  }
  return { count, marks, tip: value };
}

/** Throws StoreError STORE_CORRUPT unless the record has its sizes. */
export function createRevealChain({ count, marks, tip }: RevealRecord): RevealChain {
  const segmentsCount = Math.ceil(count / SEGMENT_COUNT);
  if (marks.length !== segmentsCount * HASH_SIZE) throw corrupt();
  /** The values of one segment by what follows them. */
  let segment = new Map<string, Hash>();
  let segmentIndex = segmentsCount;

  function load(index: number): void {
    segment = new Map();
    segmentIndex = index;
    let value = storedHash(marks.subarray(index * HASH_SIZE, (index + 1) * HASH_SIZE));
    const size = Math.min(SEGMENT_COUNT, count - index * SEGMENT_COUNT);
    for (let step = 0; step < size; step++) {
      const next = sha2_256(value);
      segment.set(toHex(next), value);
      value = next;
    }
  }

  /**
   * Loads the segment that holds what is before `last`: mostly the one below, else whichever it is.
   */
  function find(last: Hash): Hash | undefined {
    const text = toHex(last);
    if (segmentIndex > 0) load(segmentIndex - 1);
    for (let index = segmentsCount - 1; index >= 0 && !segment.has(text); index--) load(index);
    return segment.get(text);
  }

  return { tip: storedHash(tip), before: (last) => segment.get(toHex(last)) ?? find(last) };
}

function storedHash(bytes: Uint8Array): Hash {
  const hash = parseHash(bytes.slice());
  if (hash === undefined) throw corrupt();
  return hash;
}

function corrupt(): StoreError {
  return new StoreError("STORE_CORRUPT", "The stored chain of reveals has a wrong size.");
}
