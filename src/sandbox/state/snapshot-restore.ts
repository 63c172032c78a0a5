/**
 * Takes a snapshot in, chunk by chunk, checking each against the root before keeping it: a bad
 * chunk leaves nothing behind, and another peer can continue where the last good one ended
 * (SPEC.md, rules SN4 to SN6). Holds the entries so far and one chunk. Knows no transport and does
 * not ask for chunks.
 */
import { assert } from "../core/assert.ts";
import { compareBytes, equalBytes } from "../core/bytes.ts";
import { type Hash, ZERO_HASH } from "../core/hash.ts";
import { err, ok, type Result } from "../core/result.ts";
import { countLeftTurns, decodeSnapshotChunk, type SnapshotChunk } from "./snapshot.ts";
import { attempt, StateError } from "./state-error.ts";
import { bitAt, hashStateInner } from "./state-hash.ts";
import { StateTree } from "./state-tree.ts";
import { hashSubtree, type Leaf, type Subtree, updateSubtree } from "./subtree.ts";

/** Starts restoring the state that `root` commits to. */
export function restoreSnapshot(root: Hash): SnapshotRestorer {
  return new SnapshotRestorer(root);
}

/** Made with the root that the snapshot has to have. */
export class SnapshotRestorer {
  readonly #root: Hash;
  #top: Subtree;
  #size = 0;
  #last: Hash = ZERO_HASH;
  #complete: boolean;

  constructor(root: Hash) {
    this.#root = root;
    this.#complete = equalBytes(root, ZERO_HASH);
  }

  /** All entries are here. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Number of entries so far. */
  get size(): number {
    return this.#size;
  }

  /** Ask for the entries after this key hash next. */
  get last(): Hash {
    return this.#last;
  }

  /** Takes the next chunk, whole or not at all. */
  add(bytes: Uint8Array): Result<void, StateError> {
    const chunk = decodeSnapshotChunk(bytes);
    return chunk.ok ? this.addChunk(chunk.value) : chunk;
  }

  /** {@link add} for a chunk that is already decoded. */
  addChunk(chunk: SnapshotChunk): Result<void, StateError> {
    const lastLeaf = chunk.leaves.at(-1);
    const problem = findProblem(chunk, this.#last, this.#complete);
    if (problem !== undefined) return err(problem);
    assert(lastLeaf !== undefined, "an empty chunk is a problem");
    const updates = chunk.leaves.map((leaf) => ({ keyHash: leaf.keyHash, leaf }));
    const top = updateSubtree(this.#top, updates);
    const root = attempt(() => hashWithRight(top, lastLeaf, chunk, 0, 0));
    if (!root.ok) return root;
    if (!equalBytes(root.value, this.#root)) {
      const detail = "the entries or the boundary are not those of the root";
      return err(new StateError("SNAPSHOT_ROOT_MISMATCH", this.#size, detail));
    }
    this.#top = top;
    this.#size += chunk.leaves.length;
    this.#last = lastLeaf.keyHash;
    this.#complete = chunk.right.every((hash) => equalBytes(hash, ZERO_HASH));
    return ok(undefined);
  }

  /** The restored state. Asserts that it is complete. */
  finish(): StateTree {
    assert(this.#complete, "a snapshot is used when it is complete");
    const tree = StateTree.over(this.#top, this.#size);
    assert(equalBytes(tree.root(), this.#root), "a complete snapshot has its root");
    return tree;
  }
}

/** What hashing alone would not tell, or not tell by name. */
function findProblem(chunk: SnapshotChunk, last: Hash, complete: boolean): StateError | undefined {
  if (complete) {
    return new StateError("SNAPSHOT_CHUNK_REPEATED", 0, "the snapshot is complete already");
  }
  const order = compareBytes(chunk.after, last);
  if (order < 0)
    return new StateError("SNAPSHOT_CHUNK_REPEATED", 0, "starts before the last entry");
  if (order > 0) return new StateError("SNAPSHOT_CHUNK_MISSING", 0, "starts behind a gap");
  let previous = last;
  for (const [index, { keyHash }] of chunk.leaves.entries()) {
    if (compareBytes(previous, keyHash) >= 0) {
      return new StateError("STATE_ENTRIES_UNORDERED", index, "entries are in order of key hash");
    }
    previous = keyHash;
  }
  if (chunk.leaves.length === 0) return new StateError("SNAPSHOT_CHUNK_EMPTY", 0, "no entries");
  if (countLeftTurns(previous, chunk.depth) !== chunk.right.length) {
    return new StateError(
      "SNAPSHOT_BOUNDARY",
      chunk.depth,
      "the depth needs other boundary hashes",
    );
  }
  return undefined;
}

/**
 * The root of the entries so far together with what the boundary says lies right of the last one.
 * What lies left of its path is complete and hashes as it stands; the path itself may run deeper
 * than the entries so far show.
 */
function hashWithRight(
  node: Subtree,
  last: Leaf,
  chunk: SnapshotChunk,
  level: number,
  turn: number,
): Hash {
  if (level === chunk.depth) {
    if (node?.kind === "leaf") return hashSubtree(node);
    throw new StateError("SNAPSHOT_BOUNDARY", level, "the last entry lies deeper than that");
  }
  const bit = bitAt(last.keyHash, level);
  const [left, right] = splitNode(node, level);
  if (bit === 1) {
    return hashStateInner(hashSubtree(left), hashWithRight(right, last, chunk, level + 1, turn));
  }
  const beyond = chunk.right[turn] ?? ZERO_HASH;
  return hashStateInner(hashWithRight(left, last, chunk, level + 1, turn + 1), beyond);
}

/** Both sides of a node, a lone leaf standing on the side of its next bit. */
function splitNode(node: Subtree, level: number): readonly [Subtree, Subtree] {
  if (node?.kind === "inner") return [node.left, node.right];
  assert(node?.kind === "leaf", "the last entry's path is in the tree");
  return bitAt(node.keyHash, level) === 0 ? [node, undefined] : [undefined, node];
}
