/**
 * Checks proofs about lists of hashes: that one stands at an index, and that a list is the
 * beginning of another. The length is part of the root, so the length of a path is fixed and an
 * inner node cannot pass for an element. Rules SA4 and SA5 of SPEC.md.
 */
import { assert } from "../assert.ts";
import { readHashes, writeHashes } from "../bcs/hash-list.ts";
import { decodeBcs } from "../bcs/reader.ts";
import { encodeBcs } from "../bcs/writer.ts";
import { equalBytes } from "../bytes.ts";
import type { Hash } from "../hash.ts";
import type { Result } from "../result.ts";
import {
  type Accumulator,
  accumulatorRoot,
  appendPerfect,
  EMPTY_ACCUMULATOR,
  hashMerkleNode,
  hashMerkleRoot,
  MERKLE_COUNT_MAX,
  MERKLE_HEIGHT_MAX,
} from "./accumulator.ts";
import { attempt, MerkleError } from "./merkle-error.ts";
import { countPeaks, coverRange, leftSize } from "./merkle-shape.ts";

/** A list as a signed object names it. */
export interface MerkleCommitment {
  /** What kind of list it is; see `accumulatorRoot`. */
  readonly tag: string;
  readonly count: number;
  readonly root: Hash;
}

export interface ConsistencyProof {
  /** The peaks of the earlier list. */
  readonly peaks: readonly Hash[];
  /** The perfect trees between the two lengths, left to right. */
  readonly added: readonly Hash[];
}

/** Does `hash` stand at `index` of the list? `path` runs from its sibling up. */
export function verifyMerklePath(
  list: MerkleCommitment,
  index: number,
  hash: Hash,
  path: readonly Hash[],
): Result<void, MerkleError> {
  return attempt(() => {
    const turns = findTurns(index, list.count);
    if (turns.length !== path.length) {
      throw new MerkleError(
        "MERKLE_PROOF_LENGTH",
        path.length,
        `${turns.length} hashes are needed`,
      );
    }
    let node = hash;
    path.forEach((sibling, level) => {
      const left = turns[turns.length - 1 - level] === "left";
      node = left ? hashMerkleNode(node, sibling) : hashMerkleNode(sibling, node);
    });
    checkRoot(list, hashMerkleRoot(list.tag, list.count, node));
  });
}

/** Is `earlier` the beginning of `later`? Returns the later list's compact form. */
export function verifyConsistency(
  earlier: MerkleCommitment,
  later: MerkleCommitment,
  proof: ConsistencyProof,
): Result<Accumulator, MerkleError> {
  assert(earlier.tag === later.tag, "lists of one kind are compared");
  return attempt(() => {
    if (!isCount(later.count) || !isCount(earlier.count) || earlier.count > later.count) {
      throw new MerkleError("MERKLE_INDEX_OUT_OF_RANGE", earlier.count, `of ${later.count}`);
    }
    const trees = coverRange(earlier.count, later.count);
    if (proof.peaks.length !== countPeaks(earlier.count) || proof.added.length !== trees.length) {
      throw new MerkleError("MERKLE_PROOF_LENGTH", proof.added.length, "peaks or trees do not fit");
    }
    const start = { count: earlier.count, peaks: proof.peaks };
    checkRoot(earlier, accumulatorRoot(earlier.tag, start));
    let list: Accumulator = earlier.count === 0 ? EMPTY_ACCUMULATOR : start;
    proof.added.forEach((root, index) => {
      list = appendPerfect(list, root, trees[index]?.height ?? 0);
    });
    checkRoot(later, accumulatorRoot(later.tag, list));
    return list;
  });
}

/** BCS vector<vector<u8>>. */
export function encodeMerklePath(path: readonly Hash[]): Uint8Array {
  return encodeBcs((writer) => writeHashes(writer, path));
}

/** Untrusted bytes: refuses what is not canonical. */
export function decodeMerklePath(bytes: Uint8Array): Result<Hash[], MerkleError> {
  return attempt(() => decodeBcs(bytes, (reader) => readHashes(reader, MERKLE_HEIGHT_MAX)));
}

/** BCS {peaks: vector<vector<u8>>, added: vector<vector<u8>>}. */
export function encodeConsistencyProof(proof: ConsistencyProof): Uint8Array {
  return encodeBcs((writer) => {
    writeHashes(writer, proof.peaks);
    writeHashes(writer, proof.added);
  });
}

/** Untrusted bytes: refuses what is not canonical. */
export function decodeConsistencyProof(bytes: Uint8Array): Result<ConsistencyProof, MerkleError> {
  return attempt(() =>
    decodeBcs(bytes, (reader) => ({
      peaks: readHashes(reader, MERKLE_HEIGHT_MAX + 1),
      added: readHashes(reader, 2 * MERKLE_HEIGHT_MAX),
    })),
  );
}

/**
 * On which side of each node from the top the index lies. Throws MERKLE_INDEX_OUT_OF_RANGE for one
 * that is not in a list of `count`.
 */
export function findTurns(index: number, count: number): ("left" | "right")[] {
  if (!isCount(count) || !Number.isSafeInteger(index) || index < 0 || index >= count) {
    throw new MerkleError("MERKLE_INDEX_OUT_OF_RANGE", index, `in a list of ${count}`);
  }
  const turns: ("left" | "right")[] = [];
  let [offset, size] = [index, count];
  while (size > 1) {
    const left = leftSize(size);
    const goesLeft = offset < left;
    turns.push(goesLeft ? "left" : "right");
    offset = goesLeft ? offset : offset - left;
    size = goesLeft ? left : size - left;
  }
  return turns;
}

function isCount(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 0 && count <= MERKLE_COUNT_MAX;
}

function checkRoot(list: MerkleCommitment, root: Hash): void {
  if (!equalBytes(root, list.root)) {
    throw new MerkleError("MERKLE_ROOT_MISMATCH", list.count, "the proof belongs to another list");
  }
}
