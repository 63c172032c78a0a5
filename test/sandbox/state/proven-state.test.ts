import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "#core/bytes.ts";
import { EMPTY_CHANGE_SET, type StateKey, stateKeyText } from "#core/effects.ts";
import { ZERO_HASH } from "#core/hash.ts";
import {
  computeRootAfterChanges,
  openProvenState,
  type ProvenState,
  proveKeys,
} from "../../../src/sandbox/state/proven-state.ts";
import { StateError } from "../../../src/sandbox/state/state-error.ts";
import { createStateTree, type StateTree } from "../../../src/sandbox/state/state-tree.ts";
import { changesTo, numberBytes, resourceKey, stateKey, writes } from "./arbitraries.ts";

function touch(tree: StateTree, keys: readonly StateKey[]) {
  return keys.map((key) => ({ key, value: tree.get(key) }));
}

function open(tree: StateTree, keys: readonly StateKey[]): ProvenState {
  const opened = openProvenState(tree.root(), proveKeys(tree, keys), touch(tree, keys));
  if (!opened.ok) throw opened.error;
  return opened.value;
}

function treeOf(count: number): StateTree {
  const tree = createStateTree();
  const values = Array.from({ length: count }, (_, i) => [resourceKey(i), numberBytes(i)] as const);
  tree.apply(changesTo(tree, values));
  return tree;
}

const someKeys = fc.uniqueArray(stateKey, { maxLength: 12, selector: stateKeyText });

describe("proven state", () => {
  it("[SM6] a step over proven values ends in the root of the whole state", () => {
    fc.assert(
      fc.property(writes, someKeys, fc.array(writes, { maxLength: 4 }), (start, keys, steps) => {
        const tree = createStateTree();
        tree.apply(changesTo(tree, start));
        const part = open(tree, keys);
        const touched = new Set(keys.map(stateKeyText));
        for (const step of steps) {
          const wanted = step.filter(([key]) => touched.has(stateKeyText(key)));
          const changes = changesTo(tree, wanted);
          tree.apply(changes);
          part.apply(changes);
          expect(toHex(part.root())).toBe(toHex(tree.root()));
          for (const key of keys) expect(part.get(key)).toEqual(tree.get(key));
        }
      }),
      { numRuns: 200 },
    );
  });

  it("[SM6] what the evidence does not open can be neither read nor changed", () => {
    const tree = treeOf(30);
    const part = open(tree, [resourceKey(1)]);
    const changes = changesTo(tree, [[resourceKey(2), Uint8Array.of(1)]]);
    for (const use of [() => part.get(resourceKey(2)), () => part.apply(changes)]) {
      expect(use).toThrow(StateError);
      expect(use).toThrow(/^STATE_NOT_PROVEN/);
    }
    expect(toHex(part.root())).toBe(toHex(tree.root()));
  });

  it("[SM4] false values, false absences and repeated keys are refused", () => {
    const tree = treeOf(30);
    const keys = [resourceKey(1), resourceKey(40)];
    const proof = proveKeys(tree, keys);
    const [one, none] = touch(tree, keys);
    if (one === undefined || none === undefined) throw new Error("two keys were touched");
    const lies = [
      [{ ...one, value: Uint8Array.of(1) }, none],
      [{ ...one, value: undefined }, none],
      [one, { ...none, value: Uint8Array.of(1) }],
      [one],
    ];
    for (const lie of lies) {
      const opened = openProvenState(tree.root(), proof, lie);
      expect(opened.ok || opened.error.code).toMatch(/^STATE_PROOF_/);
    }
    const twice = openProvenState(tree.root(), proof, [one, one]);
    expect(twice).toMatchObject({ ok: false, error: { code: "STATE_ENTRIES_UNORDERED" } });
    expect(openProvenState(tree.root(), proof, [none, one]).ok).toBe(true);
  });

  it("asserts the old value and keeps what it had", () => {
    const tree = treeOf(30);
    const part = open(tree, [resourceKey(1)]);
    const op = { type: "modify", old: Uint8Array.of(9), value: Uint8Array.of(1) } as const;
    expect(() => part.apply([{ key: resourceKey(1), op }])).toThrow("starts from what is stored");
    expect(toHex(part.root())).toBe(toHex(tree.root()));
  });
});

describe("a change set checked by proof", () => {
  it("[SM5] takes the old root to the new root", () => {
    fc.assert(
      fc.property(writes, writes, (start, next) => {
        const tree = createStateTree();
        tree.apply(changesTo(tree, start));
        const before = tree.root();
        const changes = changesTo(tree, next);
        const proof = proveKeys(
          tree,
          changes.map(({ key }) => key),
        );
        tree.apply(changes);
        const after = computeRootAfterChanges(before, proof, changes);
        expect(after.ok && toHex(after.value)).toBe(toHex(tree.root()));
      }),
      { numRuns: 200 },
    );
  });

  it("[SM5] a change set with another old value is refused", () => {
    const tree = treeOf(20);
    const changes = changesTo(tree, [[resourceKey(1), Uint8Array.of(1)]]);
    const proof = proveKeys(tree, [resourceKey(1)]);
    tree.apply(changesTo(tree, [[resourceKey(1), Uint8Array.of(2)]]));
    const stale = computeRootAfterChanges(tree.root(), proof, changes);
    expect(stale).toMatchObject({ ok: false, error: { code: "STATE_PROOF_ROOT_MISMATCH" } });
  });

  it("[SM5] no changes keep the root", () => {
    const tree = treeOf(20);
    const after = computeRootAfterChanges(tree.root(), proveKeys(tree, []), EMPTY_CHANGE_SET);
    expect(after).toEqual({ ok: true, value: tree.root() });
    const empty = createStateTree();
    const first = changesTo(empty, [[resourceKey(1), Uint8Array.of(1)]]);
    const proof = proveKeys(empty, [resourceKey(1)]);
    const root = computeRootAfterChanges(ZERO_HASH, proof, first);
    empty.apply(first);
    expect(root).toEqual({ ok: true, value: empty.root() });
  });
});
