import { describe, expect, it } from "vitest";
import { isMajority, isQuorum, isSettled } from "../../../src/channel/core/quorum.ts";

/** The fewest of `size` that are enough. */
function fewest(isEnough: (count: number, size: number) => boolean, size: number): number {
  const counts = Array.from({ length: size + 1 }, (_, count) => count);
  return counts.find((count) => isEnough(count, size)) ?? Number.NaN;
}

function fewestOfAll(isEnough: (count: number, size: number) => boolean): readonly number[] {
  return [1, 2, 3, 4, 5, 6, 7].map((size) => fewest(isEnough, size));
}

describe("majorities", () => {
  it("[CF1] a quorum is more than two thirds", () => {
    expect(fewestOfAll(isQuorum)).toEqual([1, 2, 3, 3, 4, 5, 5]);
  });

  it("[CF1] two quorums of one configuration share more than a third of it", () => {
    for (let size = 1; size <= 100; size++) {
      const shared = 2 * fewest(isQuorum, size) - size;
      expect(3 * shared).toBeGreaterThan(size);
    }
  });

  it("[CF2] a settlement passes with two thirds", () => {
    expect(fewestOfAll(isSettled)).toEqual([1, 2, 2, 3, 4, 4, 5]);
  });

  it("[CF2] a removal at once takes more than half", () => {
    expect(fewestOfAll(isMajority)).toEqual([1, 2, 2, 3, 3, 4, 4]);
  });
});
