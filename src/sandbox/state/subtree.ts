/**
 * The nodes of the state tree: immutable, shared between versions, hashed when a root is asked for.
 * One algebra serves whole trees and the pruned trees of multiproofs, where a `stub` stands for a
 * subtree known by its hash. Knows key hashes and leaves; knows no state key's meaning, proof or
 * codec. Rules SR4 to SR6 of SPEC.md.
 */
import { assert, present } from "../core/assert.ts";
import { compareBytes } from "../core/bytes.ts";
import type { StateKey } from "../core/effects.ts";
import { type Hash, ZERO_HASH } from "../core/hash.ts";
import {
  bitAt,
  hashStateInner,
  hashStateLeaf,
  hashStateValue,
  STATE_DEPTH_MAX,
} from "./state-hash.ts";

/** A key and its value as they are stored. Nobody writes into the bytes. */
export interface StateEntry {
  readonly key: StateKey;
  readonly value: Uint8Array;
}

/** One value. A pruned tree knows some leaves by their hashes only. */
export interface Leaf {
  readonly kind: "leaf";
  readonly keyHash: Hash;
  readonly entry: StateEntry | undefined;
  /** Filled in on first use. */
  valueHash: Hash | undefined;
  /** Filled in on first use. */
  hash: Hash | undefined;
}

/** A node above at least two leaves. */
export interface Inner {
  readonly kind: "inner";
  readonly left: Subtree;
  readonly right: Subtree;
  /** Filled in on first use. */
  hash: Hash | undefined;
}

/** A subtree of which only the hash is known: not empty, and where it matters not a leaf. */
export interface Stub {
  readonly kind: "stub";
  readonly hash: Hash;
}

/** `undefined` is the empty subtree; a subtree with exactly one leaf is that leaf. */
export type Subtree = Inner | Leaf | Stub | undefined;

/** What one key becomes: its new leaf, or nothing. */
export interface LeafUpdate {
  readonly keyHash: Hash;
  readonly leaf: Leaf | undefined;
}

export function makeLeaf(keyHash: Hash, entry: StateEntry): Leaf {
  return { kind: "leaf", keyHash, entry, valueHash: undefined, hash: undefined };
}

export function makeBareLeaf(keyHash: Hash, valueHash: Hash): Leaf {
  return { kind: "leaf", keyHash, entry: undefined, valueHash, hash: undefined };
}

export function makeInner(left: Subtree, right: Subtree): Inner {
  return { kind: "inner", left, right, hash: undefined };
}

/** Hashes what has not been hashed before: after a change, the nodes on the changed paths. */
export function hashSubtree(subtree: Subtree): Hash {
  if (subtree === undefined) return ZERO_HASH;
  if (subtree.kind === "stub") return subtree.hash;
  if (subtree.hash !== undefined) return subtree.hash;
  const hash =
    subtree.kind === "leaf"
      ? hashStateLeaf(subtree.keyHash, hashLeafValue(subtree))
      : hashStateInner(hashSubtree(subtree.left), hashSubtree(subtree.right));
  subtree.hash = hash;
  return hash;
}

export function hashLeafValue(leaf: Leaf): Hash {
  leaf.valueHash ??= hashStateValue(
    present(leaf.entry, "a leaf has its value or its value's hash").value,
  );
  return leaf.valueHash;
}

/** The leaf of a key. Asserts that the path does not end in a stub. */
export function findLeaf(top: Subtree, keyHash: Hash): Leaf | undefined {
  let node = top;
  for (let depth = 0; node?.kind === "inner"; depth++) {
    node = bitAt(keyHash, depth) === 0 ? node.left : node.right;
  }
  assert(node?.kind !== "stub", "a lookup stays inside what is known");
  return node !== undefined && compareBytes(node.keyHash, keyHash) === 0 ? node : undefined;
}

/**
 * The tree after `updates`, which are in strict order of key hash. Untouched subtrees are shared.
 * Removing what is not there changes nothing. Time is O(updates × depth); the recursion is at most
 * 256 deep.
 */
export function updateSubtree(top: Subtree, updates: readonly LeafUpdate[]): Subtree {
  return updateRange(top, updates, 0, updates.length, 0);
}

/**
 * The one tree that holds exactly these leaves, which are in strict order of key hash (rule SR5).
 */
export function buildSubtree(leaves: readonly Leaf[], depth = 0): Subtree {
  return buildRange(leaves, 0, leaves.length, depth);
}

/**
 * The first index in [from, to) whose key hash has bit `depth` set, by bisection; `to` when there
 * is none.
 */
export function findSplit(
  sorted: readonly { readonly keyHash: Hash }[],
  from: number,
  to: number,
  depth: number,
): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bitAt(present(sorted[middle], "a middle is inside").keyHash, depth) === 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Leaves with their depths in order of key hash: all, or those above `after`. The tree may change
 * meanwhile.
 */
export function* walkLeaves(
  top: Subtree,
  after?: Hash,
): Generator<{ readonly leaf: Leaf; readonly depth: number }, void> {
  // A subtree wholly above `after` has no bound.
  const pending: { node: Subtree; depth: number; bound: Hash | undefined }[] = [];
  pending.push({ node: top, depth: 0, bound: after });
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, depth, bound } = next;
    if (node === undefined) continue;
    assert(node.kind !== "stub", "only a whole tree is walked");
    if (node.kind === "leaf") {
      if (bound === undefined || compareBytes(node.keyHash, bound) > 0) yield { leaf: node, depth };
      continue;
    }
    const goesRight = bound !== undefined && bitAt(bound, depth) === 1;
    pending.push({ node: node.right, depth: depth + 1, bound: goesRight ? bound : undefined });
    if (!goesRight) pending.push({ node: node.left, depth: depth + 1, bound });
  }
}

function updateRange(
  node: Subtree,
  updates: readonly LeafUpdate[],
  from: number,
  to: number,
  depth: number,
): Subtree {
  if (from === to) return node;
  assert(node?.kind !== "stub", "an update stays inside what is known");
  if (node?.kind !== "inner") return replaceLeaf(node, updates.slice(from, to), depth);
  const middle = findSplit(updates, from, to, depth);
  const left = updateRange(node.left, updates, from, middle, depth + 1);
  const right = updateRange(node.right, updates, middle, to, depth + 1);
  if (left === node.left && right === node.right) return node;
  return joinSubtrees(left, right);
}

/** A subtree of at most one leaf after the updates that fall into it. */
function replaceLeaf(
  old: Leaf | undefined,
  updates: readonly LeafUpdate[],
  depth: number,
): Subtree {
  const leaves: Leaf[] = [];
  let kept = old;
  for (const { keyHash, leaf } of updates) {
    const order = kept === undefined ? 1 : compareBytes(kept.keyHash, keyHash);
    if (kept !== undefined && order < 0) leaves.push(kept);
    if (order <= 0) kept = undefined;
    if (leaf !== undefined) leaves.push(leaf);
  }
  if (kept !== undefined) leaves.push(kept);
  return buildSubtree(leaves, depth);
}

function buildRange(leaves: readonly Leaf[], from: number, to: number, depth: number): Subtree {
  if (to - from <= 1) return from === to ? undefined : leaves[from];
  assert(depth < STATE_DEPTH_MAX, "no two leaves have the same key hash");
  const middle = findSplit(leaves, from, to, depth);
  return makeInner(
    buildRange(leaves, from, middle, depth + 1),
    buildRange(leaves, middle, to, depth + 1),
  );
}

/**
 * A lone leaf moves up. A stub beside an empty side is an inner node: whoever made the stub saw to
 * that.
 */
function joinSubtrees(left: Subtree, right: Subtree): Subtree {
  if (left === undefined && (right === undefined || right.kind === "leaf")) return right;
  if (right === undefined && left?.kind === "leaf") return left;
  return makeInner(left, right);
}
