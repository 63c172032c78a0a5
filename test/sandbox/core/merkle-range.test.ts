import { describe, expect, it } from "vitest";
import { assert, present } from "#core/assert.ts";
import type { Hash } from "#core/hash.ts";
import { MerkleLog } from "#core/merkle/merkle-log.ts";
import { besideRange, expandRange, type MerkleRange } from "#core/merkle/merkle-range.ts";
import { hashOf } from "../state/arbitraries.ts";

const TAG = "BundleRoot";
const COUNT_MAX = 21;
const hashes: readonly Hash[] = Array.from({ length: COUNT_MAX }, (_, index) => hashOf(index));
const log = new MerkleLog(TAG, hashes);

/** The elements from one index up to another, which is not among them. */
function rangeOf(count: number, from: number, to: number): MerkleRange {
  const placed = (index: number) => ({ index, path: log.prove(index, count) });
  const beside = besideRange(count, placed(from), placed(to - 1));
  return { tag: TAG, count, from, hashes: hashes.slice(from, to), beside };
}

function codeOf(range: MerkleRange): string {
  const expanded = expandRange(range);
  return expanded.ok ? "ok" : expanded.error.code;
}

describe("a range of a list", () => {
  it("[SA6] gives the root and the path of each element, at every length and place", () => {
    for (let count = 1; count <= COUNT_MAX; count++) {
      for (let from = 0; from < count; from++) {
        for (let to = from + 1; to <= count; to++) {
          const expanded = expandRange(rangeOf(count, from, to));
          assert(expanded.ok, "an honest range");
          expect(expanded.value.root).toEqual(log.root(count));
          const indices = Array.from({ length: to - from }, (_, at) => from + at);
          expect(expanded.value.paths).toEqual(indices.map((index) => log.prove(index, count)));
        }
      }
    }
  });

  it("[SA6] has nothing beside it where it is the whole list", () => {
    expect(rangeOf(13, 0, 13).beside).toEqual([]);
  });

  it("[SA6] gives another root where anything in it or beside it is another", () => {
    const range = rangeOf(13, 3, 7);
    const other = hashOf(COUNT_MAX);
    const swapped = (list: readonly Hash[], at: number) =>
      list.map((hash, index) => (index === at ? other : hash));
    const changed: readonly MerkleRange[] = [
      ...range.hashes.map((_, at) => ({ ...range, hashes: swapped(range.hashes, at) })),
      ...range.beside.map((_, at) => ({ ...range, beside: swapped(range.beside, at) })),
      { ...range, tag: "StepsRoot" },
    ];
    for (const one of changed) {
      const expanded = expandRange(one);
      assert(expanded.ok, "as many hashes as it takes");
      expect(expanded.value.root).not.toEqual(log.root(13));
    }
  });

  it("[SA6] takes neither more nor fewer hashes beside it than there are", () => {
    const range = rangeOf(13, 3, 7);
    const { beside } = range;
    expect(codeOf({ ...range, beside: beside.slice(1) })).toBe("MERKLE_PROOF_LENGTH");
    const more = [...beside, present(beside[0], "one beside it")];
    expect(codeOf({ ...range, beside: more })).toBe("MERKLE_PROOF_LENGTH");
  });

  it.each([
    ["without elements", { from: 3, hashes: [] }],
    ["that begins before the list", { from: -1 }],
    ["that ends after it", { from: 10 }],
  ])("[SA6] a range %s is refused", (_what, change) => {
    expect(codeOf({ ...rangeOf(13, 3, 7), ...change })).toBe("MERKLE_INDEX_OUT_OF_RANGE");
  });
});
