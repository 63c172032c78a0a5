/**
 * State as a persistent sparse Merkle tree: values stay resident, a change costs the path to it, a
 * copy costs nothing, and hashing waits until somebody asks for the root. Going back is keeping an
 * earlier copy. Knows no proof, snapshot or executor.
 */
import { assert, present } from "../core/assert.ts";
import { compareBytes, equalBytes } from "../core/bytes.ts";
import { type ChangeSet, newValue, oldValue, type StateKey } from "../core/effects.ts";
import type { Hash } from "../core/hash.ts";
import type { StateStore } from "../execution.ts";
import { hashStateKey } from "./state-hash.ts";
import {
  findLeaf,
  hashSubtree,
  type LeafUpdate,
  makeLeaf,
  type StateEntry,
  type Subtree,
  updateSubtree,
  walkLeaves,
} from "./subtree.ts";

/**
 * A handle on one version of state. It keeps the byte arrays it is given: nobody may write into
 * them.
 */
export class StateTree implements StateStore {
  #top: Subtree;
  #size: number;

  private constructor(top: Subtree, size: number) {
    this.#top = top;
    this.#size = size;
  }

  /** A tree over existing nodes that hold `size` leaves. */
  static over(top: Subtree, size: number): StateTree {
    return new StateTree(top, size);
  }

  /** Number of values. */
  get size(): number {
    return this.#size;
  }

  /** The nodes of this version, for proofs and snapshots. */
  get top(): Subtree {
    return this.#top;
  }

  get(key: StateKey): Uint8Array | undefined {
    return findLeaf(this.#top, hashStateKey(key))?.entry?.value;
  }

  /** Applies all of `changes` or, asserting, none: every `old` must be what is stored. */
  apply(changes: ChangeSet): void {
    let size = this.#size;
    const updates: LeafUpdate[] = changes.map(({ key, op }) => {
      const keyHash = hashStateKey(key);
      const stored = findLeaf(this.#top, keyHash)?.entry?.value;
      assert(sameValue(stored, oldValue(op)), "a change starts from what is stored");
      const value = newValue(op);
      size += Number(value !== undefined) - Number(stored !== undefined);
      return { keyHash, leaf: value && makeLeaf(keyHash, { key, value }) };
    });
    this.#top = updateSubtree(this.#top, sortUpdates(updates));
    this.#size = size;
  }

  /**
   * The commitment to every key and value; `ZERO_HASH` for nothing. Hashes only what changed since
   * the last call.
   */
  root(): Hash {
    return hashSubtree(this.#top);
  }

  /** An independent copy in constant time. */
  fork(): StateTree {
    return new StateTree(this.#top, this.#size);
  }

  /** All entries of the version at the time of the call, in order of key hash. */
  entries(): Generator<StateEntry, void> {
    return walkEntries(this.#top);
  }
}

function* walkEntries(top: Subtree): Generator<StateEntry, void> {
  for (const { leaf } of walkLeaves(top)) {
    yield present(leaf.entry, "a whole tree holds its values");
  }
}

/** State with nothing in it. */
export function createStateTree(): StateTree {
  return StateTree.over(undefined, 0);
}

/** Absent equals absent only. */
export function sameValue(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b);
}

/** In strict order of key hash. Asserts that no key stands twice. */
export function sortUpdates(updates: LeafUpdate[]): LeafUpdate[] {
  updates.sort((a, b) => compareBytes(a.keyHash, b.keyHash));
  for (let index = 1; index < updates.length; index++) {
    const [a, b] = [updates[index - 1], updates[index]];
    assert(a && b && compareBytes(a.keyHash, b.keyHash) < 0, "a change set names each key once");
  }
  return updates;
}
