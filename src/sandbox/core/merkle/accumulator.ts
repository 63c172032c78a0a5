/**
 * A list of hashes under one root that grows at the end: a Merkle mountain range, kept as its
 * peaks, in O(log n) space. The root binds what kind of list it is, its length and every hash at
 * its index. Lists that never grow have the same root (SPEC.md, rules SA1 to SA3). merkle-log.ts
 * keeps what proofs need, merkle-proof.ts checks them.
 */
import { assert, present } from "../assert.ts";
import { readHashes, writeHashes } from "../bcs/hash-list.ts";
import { decodeBcs } from "../bcs/reader.ts";
import { encodeBcs } from "../bcs/writer.ts";
import { domainHash, type Hash, ZERO_HASH } from "../hash.ts";
import { makePairHash } from "../pair-hash.ts";
import type { Result } from "../result.ts";
import { attempt, type MerkleError } from "./merkle-error.ts";
import { countPeaks } from "./merkle-shape.ts";

/**
 * The peaks of a list: roots of perfect trees whose sizes are the powers of two that make up
 * `count`.
 */
export interface Accumulator {
  readonly count: number;
  /** Of the largest tree first. */
  readonly peaks: readonly Hash[];
}

/** Longest list: its length and any index stay exact integers. */
export const MERKLE_COUNT_MAX = 2 ** 48;
/** Most hashes from a leaf to the top of the longest list. */
export const MERKLE_HEIGHT_MAX = 48;

export const EMPTY_ACCUMULATOR: Accumulator = { count: 0, peaks: [] };

/** (left, right) -> node above. */
export const hashMerkleNode = makePairHash("MerkleNode");

export function appendHash(list: Accumulator, hash: Hash): Accumulator {
  return appendPerfect(list, hash, 0);
}

/**
 * Appends a perfect tree of 2^height hashes by its root; `count` must be a multiple of its size.
 */
export function appendPerfect(list: Accumulator, root: Hash, height: number): Accumulator {
  const size = 2 ** height;
  assert(list.count % size === 0, "a perfect tree is aligned to its size");
  assert(list.count + size <= MERKLE_COUNT_MAX, "a list has a bounded length");
  const peaks = [...list.peaks];
  let hash = root;
  for (let rest = list.count / size; rest % 2 === 1; rest = (rest - 1) / 2) {
    hash = hashMerkleNode(present(peaks.pop(), "a peak per set bit of the count"), hash);
  }
  return { count: list.count + size, peaks: [...peaks, hash] };
}

/**
 * The commitment to the whole list.
 * @param tag what kind of list it is, as in `domainHash`: `HistoryRoot`, `StepsRoot`, `BundleRoot`,
 * …
 */
export function accumulatorRoot(tag: string, list: Accumulator): Hash {
  return hashMerkleRoot(tag, list.count, bagPeaks(list.peaks));
}

/** The root of a list at once: that of an accumulator after every hash was appended. */
export function merkleRoot(tag: string, hashes: readonly Hash[]): Hash {
  return accumulatorRoot(tag, hashes.reduce(appendHash, EMPTY_ACCUMULATOR));
}

/** SHA-256(tag ‖ length as u64 ‖ top): a list of another length or kind never has the same root. */
export function hashMerkleRoot(tag: string, count: number, top: Hash): Hash {
  return domainHash(
    tag,
    encodeBcs((writer) => writer.u64(BigInt(count))),
    top,
  );
}

/** Joins peaks from the smallest up; `ZERO_HASH` without any. */
export function bagPeaks(peaks: readonly Hash[]): Hash {
  const [last, ...larger] = [...peaks].reverse();
  if (last === undefined) return ZERO_HASH;
  return larger.reduce((bag, peak) => hashMerkleNode(peak, bag), last);
}

/** BCS {count: u64, peaks: vector<vector<u8>>}. */
export function encodeAccumulator(list: Accumulator): Uint8Array {
  return encodeBcs((writer) => {
    writer.u64(BigInt(list.count));
    writeHashes(writer, list.peaks);
  });
}

export function decodeAccumulator(bytes: Uint8Array): Result<Accumulator, MerkleError> {
  return attempt(() =>
    decodeBcs(bytes, (reader) => {
      const wide = reader.u64();
      if (wide > BigInt(MERKLE_COUNT_MAX)) reader.fail("BAD_VALUE", `a list of ${wide}`);
      const count = Number(wide);
      const peaks = readHashes(reader, MERKLE_HEIGHT_MAX + 1);
      if (peaks.length !== countPeaks(count))
        reader.fail("BAD_VALUE", "peaks do not fit the count");
      return { count, peaks };
    }),
  );
}
