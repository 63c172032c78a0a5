/**
 * A growing list of hashes that can prove what it holds, at its present length and at every earlier
 * one. Keeps all nodes of the perfect trees: two hashes per element. Rules SA3 to SA5 of SPEC.md.
 */
import { assert, present } from "../assert.ts";
import type { Hash } from "../hash.ts";
import { type Accumulator, bagPeaks, hashMerkleNode, hashMerkleRoot } from "./accumulator.ts";
import type { ConsistencyProof } from "./merkle-proof.ts";
import { coverRange, leftSize } from "./merkle-shape.ts";

/** Appends in constant time on average; a proof takes time by the logarithm of the length. */
export class MerkleLog {
  readonly #tag: string;
  /** `levels[h][i]` is the root of the perfect tree over the hashes [i × 2^h, (i + 1) × 2^h). */
  readonly #levels: Hash[][] = [[]];

  /** @param tag what kind of list it is; see `accumulatorRoot`. */
  constructor(tag: string, hashes: readonly Hash[] = []) {
    this.#tag = tag;
    for (const hash of hashes) this.append(hash);
  }

  get count(): number {
    return this.#levels[0]?.length ?? 0;
  }

  append(hash: Hash): void {
    let node = hash;
    for (let height = 0; ; height++) {
      const level = (this.#levels[height] ??= []);
      level.push(node);
      if (level.length % 2 === 1) return;
      node = hashMerkleNode(present(level.at(-2), "a right node has a left one"), node);
    }
  }

  /** The root when the list had `count` hashes. */
  root(count = this.count): Hash {
    return hashMerkleRoot(this.#tag, count, bagPeaks(this.accumulator(count).peaks));
  }

  /** The compact form of the first `count` hashes, which can go on elsewhere. */
  accumulator(count = this.count): Accumulator {
    return { count, peaks: this.#cover(0, count) };
  }

  /** The path from hash `index` up to the top of the list of the first `count`. */
  prove(index: number, count = this.count): Hash[] {
    assert(index >= 0 && index < count && count <= this.count, "the index is in the list");
    const path: Hash[] = [];
    let [from, to] = [0, count];
    while (to - from > 1) {
      const middle = from + leftSize(to - from);
      const left = index < middle;
      path.push(left ? this.#top(middle, to) : this.#top(from, middle));
      if (left) to = middle;
      else from = middle;
    }
    return path.reverse();
  }

  /** Shows that the list of `count` hashes begins with that of `earlier`. */
  proveConsistency(earlier: number, count = this.count): ConsistencyProof {
    assert(earlier >= 0 && earlier <= count && count <= this.count, "both lengths are in the list");
    return { peaks: this.#cover(0, earlier), added: this.#cover(earlier, count) };
  }

  #top(from: number, to: number): Hash {
    return bagPeaks(this.#cover(from, to));
  }

  /** The fewest perfect aligned trees over the hashes [from, to), from left to right. */
  #cover(from: number, to: number): Hash[] {
    assert(to <= this.count, "the list is that long");
    return coverRange(from, to).map(({ start, height }) =>
      present(this.#levels[height]?.[start / 2 ** height], "a perfect tree has been hashed"),
    );
  }
}
