/**
 * The path from a header's hash up to the history root of a later one, out of what is known of the
 * header's own history and the hashes from it on.
 */
import { present } from "#core/assert.ts";
import type { Hash } from "#core/hash.ts";
import { type Accumulator, hashMerkleNode } from "#core/merkle/accumulator.ts";

/**
 * @param before hashes of all headers before the one whose path it is.
 * @param hashes its own hash and those of all headers after it below the later one.
 * @returns siblings from the header's hash up, as `verifyMerklePath` takes them.
 */
export function historyPath(before: Accumulator, hashes: readonly Hash[]): readonly Hash[] {
  const peaks = [...before.peaks];
  const hashAt = (index: number) => present(hashes[index - before.count], "a later header's hash");
  const top = (from: number, count: number): Hash => {
    if (count === 1) return hashAt(from);
    const left = leftSize(count);
    return hashMerkleNode(top(from, left), top(from + left, count - left));
  };
  const climb = (index: number, from: number, count: number): Hash[] => {
    if (count === 1) return [];
    const left = leftSize(count);
    if (index < left) return [...climb(index, from, left), top(from + left, count - left)];
    // To the left of the header stand the peaks of its own history.
    const sibling = present(peaks.shift(), "a peak for every tree to the left");
    return [...climb(index - left, from + left, count - left), sibling];
  };
  return climb(before.count, 0, before.count + hashes.length);
}

/** The largest power of two below a count that is above one. */
function leftSize(count: number): number {
  let left = 1;
  while (2 * left < count) left *= 2;
  return left;
}
