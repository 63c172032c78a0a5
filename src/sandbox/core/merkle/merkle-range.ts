/**
 * Elements of a list that follow one another, with all that it takes to find the path of each
 * (SPEC.md, rule SA6): what lies beside them is written once. Knows no element.
 */
import { present } from "../assert.ts";
import type { Hash } from "../hash.ts";
import type { Result } from "../result.ts";
import { hashMerkleNode, hashMerkleRoot } from "./accumulator.ts";
import { attempt, MerkleError } from "./merkle-error.ts";
import { findTurns } from "./merkle-proof.ts";
import { leftSize } from "./merkle-shape.ts";

export interface MerkleRange {
  /** What kind of list it is; see `accumulatorRoot`. */
  readonly tag: string;
  /** Length of the whole list. */
  readonly count: number;
  /** Index of the first of the elements. */
  readonly from: number;
  readonly hashes: readonly Hash[];
  /** Tops of the trees beside them, left to right. */
  readonly beside: readonly Hash[];
}

export interface ExpandedRange {
  /** Of the list that has these elements there and these trees beside them. */
  readonly root: Hash;
  /** Of each element, as SA4 lists it. */
  readonly paths: readonly (readonly Hash[])[];
}

/**
 * The paths of all elements at once, for two hashes each. Whether they belong to a certain list is
 * told by the root alone.
 */
export function expandRange(range: MerkleRange): Result<ExpandedRange, MerkleError> {
  return attempt(() => {
    const { tag, count, from, hashes, beside } = range;
    const to = from + hashes.length;
    if (from < 0 || to > count || hashes.length === 0) {
      throw new MerkleError("MERKLE_INDEX_OUT_OF_RANGE", from, `${hashes.length} of ${count}`);
    }
    let used = 0;

    function expand(start: number, end: number): Expanded {
      if (end <= from || start >= to) {
        const top = beside[used++];
        if (top !== undefined) return { top, paths: [] };
        throw new MerkleError("MERKLE_PROOF_LENGTH", beside.length, "more hashes are needed");
      }
      if (end - start === 1) {
        return { top: present(hashes[start - from], "an element of the range"), paths: [[]] };
      }
      const middle = start + leftSize(end - start);
      const left = expand(start, middle);
      const right = expand(middle, end);
      for (const path of left.paths) path.push(right.top);
      for (const path of right.paths) path.push(left.top);
      return {
        top: hashMerkleNode(left.top, right.top),
        paths: [...left.paths, ...right.paths],
      };
    }

    const { top, paths } = expand(0, count);
    if (used !== beside.length) {
      throw new MerkleError("MERKLE_PROOF_LENGTH", beside.length, `${used} hashes are needed`);
    }
    return { root: hashMerkleRoot(tag, count, top), paths };
  });
}

interface Expanded {
  readonly top: Hash;
  readonly paths: Hash[][];
}

/** An element of a list of `count`, and its path. */
export interface PlacedElement {
  readonly index: number;
  readonly path: readonly Hash[];
}

/** What lies beside the elements from the first of these to the last. */
export function besideRange(count: number, first: PlacedElement, last: PlacedElement): Hash[] {
  return [...siblings(count, first, "left").reverse(), ...siblings(count, last, "right")];
}

/** The other sides of a path that lie on this side of the element, from it up. */
function siblings(count: number, { index, path }: PlacedElement, side: "left" | "right"): Hash[] {
  const turns = findTurns(index, count);
  return path.filter((_, level) => turns[turns.length - 1 - level] !== side);
}
