/**
 * State known by proof: the values that a multiproof opens, as a store that a step can be
 * re-executed over, ending in the root the whole state would have. Also the settlement's question:
 * where does a change set take a root? Knows nothing of evidence, channels or chains. Rules SM5 and
 * SM6 of SPEC.md.
 */
import { assert } from "../core/assert.ts";
import { compareBytes } from "../core/bytes.ts";
import {
  type ChangeSet,
  newValue,
  oldValue,
  type StateKey,
  stateKeyText,
} from "../core/effects.ts";
import type { Hash } from "../core/hash.ts";
import type { Result } from "../core/result.ts";
import type { StateStore } from "../execution.ts";
import { type Multiproof, proveStateKeys, sortKeyHashes } from "./multiproof.ts";
import {
  computeRootAfter,
  type ProofEntry,
  type ProvenSubtree,
  updateProven,
  verifyMultiproof,
} from "./proven-subtree.ts";
import { StateError } from "./state-error.ts";
import { hashStateKey, hashStateValue } from "./state-hash.ts";
import { type StateTree, sameValue, sortUpdates } from "./state-tree.ts";
import { hashSubtree, type LeafUpdate, makeLeaf } from "./subtree.ts";

/** A key that was touched, with its value before, absences included. */
export interface TouchedValue {
  readonly key: StateKey;
  readonly value: Uint8Array | undefined;
}

/** The multiproof of keys in any order; one that stands twice is proven once. */
export function proveKeys(tree: StateTree, keys: readonly StateKey[]): Multiproof {
  return proveStateKeys(tree.top, sortKeyHashes(keys.map(hashStateKey)));
}

/**
 * State that holds what `touched` says and knows nothing else, once the proof shows that `root`
 * commits to it.
 * @param touched any order, each key once.
 */
export function openProvenState(
  root: Hash,
  proof: Multiproof,
  touched: readonly TouchedValue[],
): Result<ProvenState, StateError> {
  const entries = touched.map(({ key, value }) => makeProofEntry(key, value));
  const proven = verifyMultiproof(root, proof, sortEntries(entries));
  return proven.ok ? { ok: true, value: new ProvenState(proven.value, touched) } : proven;
}

/**
 * The root that `changes` lead to from `root`, if the proof shows that every `old` is what is
 * stored there.
 */
export function computeRootAfterChanges(
  root: Hash,
  proof: Multiproof,
  changes: ChangeSet,
): Result<Hash, StateError> {
  const before = changes.map(({ key, op }) => makeProofEntry(key, oldValue(op)));
  const proven = verifyMultiproof(root, proof, sortEntries(before));
  if (!proven.ok) return proven;
  const after = changes.map(({ key, op }) => makeProofEntry(key, newValue(op)));
  return { ok: true, value: computeRootAfter(proven.value, sortEntries(after)) };
}

/**
 * Part of a state. Reading or changing a key outside it throws {@link StateError}
 * `STATE_NOT_PROVEN`.
 */
export class ProvenState implements StateStore {
  #proven: ProvenSubtree;
  readonly #values: Map<string, Uint8Array | undefined>;

  constructor(proven: ProvenSubtree, touched: readonly TouchedValue[]) {
    assert(proven.entries.length === touched.length, "every touched value was proven");
    this.#proven = proven;
    this.#values = new Map(touched.map(({ key, value }) => [stateKeyText(key), value]));
  }

  get(key: StateKey): Uint8Array | undefined {
    const text = stateKeyText(key);
    if (!this.#values.has(text)) {
      throw new StateError("STATE_NOT_PROVEN", 0, `the evidence does not open state key ${text}`);
    }
    return this.#values.get(text);
  }

  apply(changes: ChangeSet): void {
    const updates: LeafUpdate[] = changes.map(({ key, op }) => {
      assert(sameValue(this.get(key), oldValue(op)), "a change starts from what is stored");
      const [keyHash, value] = [hashStateKey(key), newValue(op)];
      return { keyHash, leaf: value && makeLeaf(keyHash, { key, value }) };
    });
    const top = updateProven(this.#proven, sortUpdates(updates));
    this.#proven = { ...this.#proven, top };
    for (const { key, op } of changes) this.#values.set(stateKeyText(key), newValue(op));
  }

  root(): Hash {
    return hashSubtree(this.#proven.top);
  }
}

function makeProofEntry(key: StateKey, value: Uint8Array | undefined): ProofEntry {
  return { keyHash: hashStateKey(key), valueHash: value && hashStateValue(value) };
}

function sortEntries(entries: readonly ProofEntry[]): ProofEntry[] {
  return [...entries].sort((a, b) => compareBytes(a.keyHash, b.keyHash));
}
