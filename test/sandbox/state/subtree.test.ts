import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalBytes, toHex } from "#core/bytes.ts";
import { type Hash, ZERO_HASH } from "#core/hash.ts";
import { bitAt } from "../../../src/sandbox/state/state-hash.ts";
import {
  buildSubtree,
  findLeaf,
  hashSubtree,
  type Leaf,
  type Subtree,
  updateSubtree,
  walkLeaves,
} from "../../../src/sandbox/state/subtree.ts";
import {
  crowdedKeyHash,
  crowdedLeaves,
  hashWithBits,
  leafAt,
  smallValue,
  sortedLeaves,
} from "./arbitraries.ts";
import { modelRoot, sha256, taggedHash } from "./model.ts";

function modelOf(leaves: readonly Leaf[]): string {
  return toHex(
    modelRoot(
      leaves.map(({ keyHash, entry }) => ({ keyHash, value: entry?.value ?? new Uint8Array() })),
    ),
  );
}

function walked(top: Subtree, after?: Hash): Leaf[] {
  return [...walkLeaves(top, after)].map(({ leaf }) => leaf);
}

describe("nodes of the state tree", () => {
  it("[SR5] the empty tree hashes to zero and a lone leaf is the root", () => {
    const leaf = leafAt(hashWithBits([7]), Uint8Array.of(1));
    expect(hashSubtree(undefined)).toEqual(ZERO_HASH);
    expect(buildSubtree([leaf])).toBe(leaf);
    const wanted = taggedHash("StateLeaf", leaf.keyHash, sha256(Uint8Array.of(1)));
    expect(toHex(hashSubtree(leaf))).toBe(toHex(wanted));
  });

  it("[SR3] two keys that differ in their first bit lie below one inner node", () => {
    const [left, right] = [hashWithBits([1]), hashWithBits([0])].map((keyHash) =>
      leafAt(keyHash, Uint8Array.of(1)),
    ) as [Leaf, Leaf];
    const wanted = taggedHash("StateInner", hashSubtree(left), hashSubtree(right));
    expect(toHex(hashSubtree(buildSubtree([left, right])))).toBe(toHex(wanted));
  });

  it("[SR4] bits count from the most significant one of the first byte", () => {
    const keyHash = hashWithBits([0, 9, 255]);
    expect([keyHash[0], keyHash[1], keyHash[31]]).toEqual([0x80, 0x40, 0x01]);
    const ones = Array.from({ length: 256 }, (_, bit) => bit).filter((bit) => bitAt(keyHash, bit));
    expect(ones).toEqual([0, 9, 255]);
  });

  it("[SR5] two keys that agree in 255 bits lie below 256 inner nodes", () => {
    const [even, odd] = [
      leafAt(hashWithBits([]), Uint8Array.of(1)),
      leafAt(hashWithBits([255]), Uint8Array.of(2)),
    ];
    const top = buildSubtree([even, odd]);
    expect([...walkLeaves(top)].map(({ depth }) => depth)).toEqual([256, 256]);
    expect(toHex(hashSubtree(top))).toBe(modelOf([even, odd]));
    const removed = updateSubtree(top, [{ keyHash: odd.keyHash, leaf: undefined }]);
    expect(removed).toBe(even);
  });

  it("[SR6] any sequence of updates ends in the tree built from scratch", () => {
    const batch = fc.uniqueArray(
      fc.tuple(crowdedKeyHash, fc.option(smallValue, { nil: undefined })),
      {
        maxLength: 12,
        comparator: ([a], [b]) => equalBytes(a, b),
      },
    );
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 8 }), (batches) => {
        let top: Subtree;
        const values = new Map<string, readonly [Hash, Uint8Array]>();
        for (const pairs of batches) {
          const sorted = [...pairs].sort(([a], [b]) => (toHex(a) < toHex(b) ? -1 : 1));
          top = updateSubtree(
            top,
            sorted.map(([keyHash, value]) => ({ keyHash, leaf: value && leafAt(keyHash, value) })),
          );
          for (const [keyHash, value] of pairs) {
            if (value === undefined) values.delete(toHex(keyHash));
            else values.set(toHex(keyHash), [keyHash, value]);
          }
          const leaves = sortedLeaves(new Map(values.values()));
          expect(toHex(hashSubtree(top))).toBe(modelOf(leaves));
          expect(walked(top).map(({ keyHash }) => toHex(keyHash))).toEqual(
            leaves.map(({ keyHash }) => toHex(keyHash)),
          );
        }
      }),
      { numRuns: 150 },
    );
  });

  it("finds exactly what it holds, and walks on from any key hash", () => {
    fc.assert(
      fc.property(crowdedLeaves, crowdedKeyHash, (leaves, keyHash) => {
        const top = buildSubtree(leaves);
        const held = leaves.find((leaf) => equalBytes(leaf.keyHash, keyHash));
        expect(findLeaf(top, keyHash)).toBe(held);
        const beyond = leaves.filter((leaf) => toHex(leaf.keyHash) > toHex(keyHash));
        expect(walked(top, keyHash)).toEqual(beyond);
      }),
      { numRuns: 150 },
    );
  });

  it("[SR6] an update that removes nothing returns the same nodes", () => {
    const top = buildSubtree([
      leafAt(hashWithBits([0]), Uint8Array.of(1)),
      leafAt(hashWithBits([1]), Uint8Array.of(2)),
    ]);
    expect(updateSubtree(top, [])).toBe(top);
    expect(updateSubtree(top, [{ keyHash: hashWithBits([0, 1]), leaf: undefined }])).toBe(top);
  });
});
