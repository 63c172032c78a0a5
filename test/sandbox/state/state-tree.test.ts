import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalBytes, toHex } from "#core/bytes.ts";
import {
  encodeStateKey,
  invertChangeSet,
  makeChangeSet,
  type StateKey,
  stateKeyText,
} from "#core/effects.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { createStateTree, type StateTree } from "../../../src/sandbox/state/state-tree.ts";
import type { Subtree } from "../../../src/sandbox/state/subtree.ts";
import { changesTo, numberBytes, resourceKey, writes } from "./arbitraries.ts";
import { modelRoot, taggedHash } from "./model.ts";

function treeOf(count: number): StateTree {
  const tree = createStateTree();
  tree.apply(
    changesTo(
      tree,
      Array.from(
        { length: count },
        (_, index) => [resourceKey(index), numberBytes(index)] as const,
      ),
    ),
  );
  return tree;
}

function collectNodes(node: Subtree, into = new Set<Subtree>()): Set<Subtree> {
  if (node === undefined) return into;
  into.add(node);
  if (node.kind === "inner") {
    collectNodes(node.left, into);
    collectNodes(node.right, into);
  }
  return into;
}

describe("state tree", () => {
  it("starts empty with the zero root", () => {
    const tree = createStateTree();
    expect(tree.root()).toEqual(ZERO_HASH);
    expect(tree.size).toBe(0);
    expect([...tree.entries()]).toEqual([]);
    expect(tree.get(resourceKey(1))).toBeUndefined();
  });

  it("[SR6] holds what was written, under the root computed from scratch, in any order", () => {
    fc.assert(
      fc.property(fc.array(writes, { maxLength: 6 }), (batches) => {
        const tree = createStateTree();
        const model = new Map<string, { key: StateKey; value: Uint8Array }>();
        for (const batch of batches) {
          tree.apply(changesTo(tree, batch));
          for (const [key, value] of batch) {
            if (value === undefined) model.delete(stateKeyText(key));
            else model.set(stateKeyText(key), { key, value });
          }
          const leaves = [...model.values()].map(({ key, value }) => ({
            keyHash: taggedHash("StateKey", encodeStateKey(key)),
            value,
          }));
          expect(toHex(tree.root())).toBe(toHex(modelRoot(leaves)));
          expect(tree.size).toBe(model.size);
          for (const [key] of batch)
            expect(tree.get(key)).toEqual(model.get(stateKeyText(key))?.value);
          const sorted = leaves.sort((a, b) => (toHex(a.keyHash) < toHex(b.keyHash) ? -1 : 1));
          expect([...tree.entries()].map(({ value }) => value)).toEqual(
            sorted.map(({ value }) => value),
          );
        }
      }),
      { numRuns: 120 },
    );
  });

  it("a change set undone restores the root", () => {
    fc.assert(
      fc.property(writes, writes, (first, second) => {
        const tree = createStateTree();
        tree.apply(changesTo(tree, first));
        const before = toHex(tree.root());
        const changes = changesTo(tree, second);
        tree.apply(changes);
        tree.apply(invertChangeSet(changes));
        expect(toHex(tree.root())).toBe(before);
      }),
    );
  });

  it("a fork and its origin go separate ways", () => {
    const tree = treeOf(100);
    const before = toHex(tree.root());
    const fork = tree.fork();
    fork.apply(changesTo(fork, [[resourceKey(3), Uint8Array.of(9)]]));
    expect(toHex(fork.root())).not.toBe(before);
    expect(toHex(tree.root())).toBe(before);
    expect(tree.get(resourceKey(3))).toEqual(numberBytes(3));
    expect(fork.get(resourceKey(3))).toEqual(Uint8Array.of(9));
  });

  it("[SR6] a change makes new nodes on its path only, however large the state", () => {
    const tree = treeOf(4096);
    const old = collectNodes(tree.top);
    const fork = tree.fork();
    fork.apply(changesTo(fork, [[resourceKey(77), Uint8Array.of(1)]]));
    const fresh = [...collectNodes(fork.top)].filter((node) => !old.has(node));
    expect(fresh.length).toBeGreaterThan(10);
    expect(fresh.length).toBeLessThan(40);
  });

  it("[SR6] hashing visits only what changed since the last root", () => {
    const tree = treeOf(1000);
    tree.root();
    tree.apply(changesTo(tree, [[resourceKey(5), Uint8Array.of(1)]]));
    const unhashed = () => [...collectNodes(tree.top)].filter((node) => !node?.hash).length;
    expect(unhashed()).toBeGreaterThan(0);
    expect(unhashed()).toBeLessThan(40);
    tree.root();
    expect(unhashed()).toBe(0);
  });

  it("asserts the old value and leaves the tree as it was when it differs", () => {
    const tree = treeOf(10);
    const before = toHex(tree.root());
    const value = Uint8Array.of(1);
    const wrong = [
      { key: resourceKey(20), op: { type: "new", value } as const },
      { key: resourceKey(3), op: { type: "modify", old: numberBytes(4), value } as const },
    ];
    expect(() => tree.apply(makeChangeSet(wrong))).toThrow("starts from what is stored");
    expect(() => tree.apply([{ key: resourceKey(3), op: { type: "new", value } }])).toThrow(
      "starts from",
    );
    expect(() =>
      tree.apply([{ key: resourceKey(30), op: { type: "delete", old: value } }]),
    ).toThrow("starts from");
    expect(toHex(tree.root())).toBe(before);
    expect(tree.size).toBe(10);
  });

  it("asserts that a change set names each key once", () => {
    const tree = createStateTree();
    const change = { key: resourceKey(1), op: { type: "new", value: Uint8Array.of(1) } } as const;
    expect(() => tree.apply([change, change])).toThrow("names each key once");
  });

  it("entries are those of the moment of the call", () => {
    const tree = treeOf(50);
    const entries = tree.entries();
    tree.apply(changesTo(tree, [[resourceKey(60), Uint8Array.of(1)]]));
    expect([...entries].length).toBe(50);
    expect(tree.size).toBe(51);
  });

  it("an empty value is a value", () => {
    const tree = createStateTree();
    tree.apply(changesTo(tree, [[resourceKey(1), new Uint8Array()]]));
    expect(tree.size).toBe(1);
    expect(equalBytes(tree.root(), ZERO_HASH)).toBe(false);
    expect(tree.get(resourceKey(1))).toEqual(new Uint8Array());
  });
});
