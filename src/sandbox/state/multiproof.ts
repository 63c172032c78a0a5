/**
 * A proof of several keys at once: the tree pruned to their paths, as a shape and a list of hashes
 * (SPEC.md, rules SM1 to SM3). A tree and a set of keys have exactly one multiproof, and it
 * suffices for every change of those keys, removals included. Knows how to make and encode one;
 * proven-subtree.ts checks it.
 */
import { assert } from "../core/assert.ts";
import { readHashes, writeHashes } from "../core/bcs/hash-list.ts";
import { decodeBcs } from "../core/bcs/reader.ts";
import { encodeBcs } from "../core/bcs/writer.ts";
import { compareBytes, equalBytes } from "../core/bytes.ts";
import type { Hash } from "../core/hash.ts";
import type { Result } from "../core/result.ts";
import { attempt, StateError } from "./state-error.ts";
import { findSplit, hashLeafValue, hashSubtree, type Leaf, type Subtree } from "./subtree.ts";

/** One byte of a shape. "Keys" are those being proven. */
export const SHAPE = {
  /** The empty subtree. */
  empty: 0,
  /** The leaf of the one key here that has a value; its hashes come with the keys. */
  entry: 1,
  /** A subtree without keys: one hash. */
  hash: 2,
  /** A leaf that is no key's: key hash, value hash. */
  leaf: 3,
  /**
   * An inner node without keys, beside a subtree whose every leaf is a key's: left hash, right
   * hash.
   */
  pair: 4,
  /** An inner node with keys below: its left subtree follows, then its right one. */
  inner: 5,
} as const;

/** The pruned tree in pre-order. */
export interface Multiproof {
  readonly shape: Uint8Array;
  readonly hashes: readonly Hash[];
}

/** Most keys of one proof. */
export const MULTIPROOF_KEYS_MAX = 16_384;
/**
 * Most bytes of an encoded proof: what 16,384 keys need in a tree of 2^40 leaves, with room to
 * spare.
 */
export const MULTIPROOF_SIZE_MAX = 32 * 1024 * 1024;

/**
 * Proves keys of a whole tree.
 * @param keyHashes in strict order, at most {@link MULTIPROOF_KEYS_MAX}.
 */
export function proveStateKeys(top: Subtree, keyHashes: readonly Hash[]): Multiproof {
  assert(keyHashes.length <= MULTIPROOF_KEYS_MAX, "a multiproof has a bounded number of keys");
  keyHashes.forEach((keyHash, index) => {
    const next = keyHashes[index + 1];
    assert(!next || compareBytes(keyHash, next) < 0, "keys are proven in order");
  });
  const keys = keyHashes.map((keyHash) => ({ keyHash }));
  const writer: ShapeWriter = { keys, shape: [], hashes: [] };
  writeSubtree(writer, top, { from: 0, to: keys.length, depth: 0 }, false);
  return { shape: Uint8Array.from(writer.shape), hashes: writer.hashes };
}

/** In strict order, each once: what {@link proveStateKeys} wants. */
export function sortKeyHashes(keyHashes: readonly Hash[]): Hash[] {
  const sorted = [...keyHashes].sort(compareBytes);
  return sorted.filter((keyHash, index) => {
    const previous = sorted[index - 1];
    return previous === undefined || !equalBytes(previous, keyHash);
  });
}

/** BCS of the Move struct {shape: vector<u8>, hashes: vector<vector<u8>>}. */
export function encodeMultiproof(proof: Multiproof): Uint8Array {
  return encodeBcs((writer) => {
    writer.bytes(proof.shape);
    writeHashes(writer, proof.hashes);
  });
}

/** Untrusted bytes: refuses what is not canonical. Says nothing of whether the proof holds. */
export function decodeMultiproof(bytes: Uint8Array): Result<Multiproof, StateError> {
  return attempt(() => {
    if (bytes.length > MULTIPROOF_SIZE_MAX) {
      throw new StateError("STATE_TOO_LARGE", bytes.length, `a proof over ${MULTIPROOF_SIZE_MAX}`);
    }
    return decodeBcs(bytes, (reader) => {
      const shape = reader.bytes().slice();
      return { shape, hashes: readHashes(reader, 2 * shape.length) };
    });
  });
}

interface ShapeWriter {
  readonly keys: readonly { readonly keyHash: Hash }[];
  readonly shape: number[];
  readonly hashes: Hash[];
}

/** The keys [from, to) are those below the node at `depth`. */
interface KeyRange {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

/** `lone`: all leaves beside this subtree may go, so a change must see whether it is a leaf. */
function writeSubtree(writer: ShapeWriter, node: Subtree, range: KeyRange, lone: boolean): void {
  const { shape, hashes } = writer;
  assert(node?.kind !== "stub", "only a whole tree proves");
  if (node === undefined) {
    shape.push(SHAPE.empty);
  } else if (range.from === range.to && !lone) {
    shape.push(SHAPE.hash);
    hashes.push(hashSubtree(node));
  } else if (node.kind === "leaf") {
    writeLeaf(writer, node, range);
  } else if (range.from === range.to) {
    shape.push(SHAPE.pair);
    hashes.push(hashSubtree(node.left), hashSubtree(node.right));
  } else {
    const [left, right] = splitRange(writer, range);
    const leftLone = left.from === left.to && isCovered(writer, node.right, right);
    const rightLone = right.from === right.to && isCovered(writer, node.left, left);
    shape.push(SHAPE.inner);
    writeSubtree(writer, node.left, left, leftLone);
    writeSubtree(writer, node.right, right, rightLone);
  }
}

function writeLeaf({ keys, shape, hashes }: ShapeWriter, leaf: Leaf, range: KeyRange): void {
  if (holdsKey(keys, leaf, range)) {
    shape.push(SHAPE.entry);
  } else {
    shape.push(SHAPE.leaf);
    hashes.push(leaf.keyHash, hashLeafValue(leaf));
  }
}

/** Not empty, and every leaf is a key's: removing keys may empty it. */
function isCovered(writer: ShapeWriter, node: Subtree, range: KeyRange): boolean {
  return node !== undefined && !hasOtherLeaf(writer, node, range);
}

function hasOtherLeaf(writer: ShapeWriter, node: Subtree, range: KeyRange): boolean {
  if (node === undefined) return false;
  if (range.from === range.to || node.kind === "stub") return true;
  if (node.kind === "leaf") return !holdsKey(writer.keys, node, range);
  const [left, right] = splitRange(writer, range);
  return hasOtherLeaf(writer, node.left, left) || hasOtherLeaf(writer, node.right, right);
}

function holdsKey(keys: ShapeWriter["keys"], leaf: Leaf, { from, to }: KeyRange): boolean {
  for (let index = from; index < to; index++) {
    const key = keys[index];
    if (key !== undefined && equalBytes(key.keyHash, leaf.keyHash)) return true;
  }
  return false;
}

function splitRange({ keys }: ShapeWriter, { from, to, depth }: KeyRange): [KeyRange, KeyRange] {
  const middle = findSplit(keys, from, to, depth);
  return [
    { from, to: middle, depth: depth + 1 },
    { from: middle, to, depth: depth + 1 },
  ];
}
