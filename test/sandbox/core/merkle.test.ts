import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";
import {
  type Accumulator,
  accumulatorRoot,
  appendHash,
  appendPerfect,
  decodeAccumulator,
  EMPTY_ACCUMULATOR,
  encodeAccumulator,
  hashMerkleNode,
  MERKLE_COUNT_MAX,
  merkleRoot,
} from "#core/merkle/accumulator.ts";
import { MerkleLog } from "#core/merkle/merkle-log.ts";
import {
  decodeConsistencyProof,
  decodeMerklePath,
  encodeConsistencyProof,
  encodeMerklePath,
  verifyConsistency,
  verifyMerklePath,
} from "#core/merkle/merkle-proof.ts";
import { hashOf, mutations } from "../state/arbitraries.ts";
import { modelListRoot } from "../state/model.ts";

const TAG = "HistoryRoot";
const COUNT_MAX = 40;
const hashes: readonly Hash[] = Array.from({ length: COUNT_MAX }, (_, index) => hashOf(index));
const log = new MerkleLog(TAG, hashes);

function listOf(count: number, tag = TAG) {
  return { tag, count, root: merkleRoot(tag, hashes.slice(0, count)) };
}

function pathCode(count: number, index: number, hash: Hash, path: readonly Hash[]): string {
  const result = verifyMerklePath(listOf(count), index, hash, path);
  return result.ok ? "ok" : result.error.code;
}

describe("lists of hashes under one root", () => {
  it("[SA1] appending, hashing at once and hashing from scratch agree at every length", () => {
    let list: Accumulator = EMPTY_ACCUMULATOR;
    for (let count = 0; count <= COUNT_MAX; count++) {
      const wanted = toHex(modelListRoot(TAG, hashes.slice(0, count)));
      expect(toHex(accumulatorRoot(TAG, list))).toBe(wanted);
      expect(toHex(merkleRoot(TAG, hashes.slice(0, count)))).toBe(wanted);
      expect(toHex(log.root(count))).toBe(wanted);
      expect(log.accumulator(count)).toEqual(list);
      list = appendHash(list, hashes[count] ?? hashOf(count));
    }
  });

  it("[SA1] the root tells lists of different kinds and lengths apart", () => {
    const all = hashes.slice(0, 4);
    const [a, b, c, d] = all as [Hash, Hash, Hash, Hash];
    expect(merkleRoot("StepsRoot", all)).not.toEqual(merkleRoot(TAG, all));
    const folded = [hashMerkleNode(a, b), hashMerkleNode(c, d)];
    expect(merkleRoot(TAG, folded)).not.toEqual(merkleRoot(TAG, all));
    expect(merkleRoot(TAG, [a])).not.toEqual(a);
  });

  it("[SA3] a list is kept by one peak per set bit of its length", () => {
    expect(log.accumulator(0b100110).peaks.length).toBe(3);
    expect(log.accumulator(32).peaks.length).toBe(1);
  });

  it("[SA4] proves every element at every length", () => {
    for (let count = 1; count <= COUNT_MAX; count++) {
      for (let index = 0; index < count; index++) {
        const hash = hashes[index] ?? hashOf(-1);
        expect(pathCode(count, index, hash, log.prove(index, count))).toBe("ok");
      }
    }
  });

  it("[SA4] a path holds for its element, index, list and bytes only", () => {
    const [count, index] = [23, 9];
    const hash = hashes[index] ?? hashOf(-1);
    const path = log.prove(index, count);
    const accepted = [...mutations(encodeMerklePath(path))].filter((bytes) => {
      const decoded = decodeMerklePath(bytes);
      return decoded.ok && pathCode(count, index, hash, decoded.value) === "ok";
    });
    expect(accepted).toEqual([]);
    const all = hashes.map((_, at) => at);
    const holds = (code: string) => code === "ok";
    expect(all.filter((at) => holds(pathCode(count, at, hash, path)))).toEqual([index]);
    expect(all.filter((at) => holds(pathCode(at, index, hash, path)))).toEqual([count]);
    expect(all.filter((at) => holds(pathCode(count, index, hashOf(at), path)))).toEqual([index]);
    const otherKind = verifyMerklePath({ ...listOf(count), tag: "StepsRoot" }, index, hash, path);
    expect(otherKind).toMatchObject({ ok: false, error: { code: "MERKLE_ROOT_MISMATCH" } });
  });

  it("[SA4] an inner node does not pass for an element", () => {
    const path = log.prove(0, 8);
    const node = hashMerkleNode(hashes[0] ?? hashOf(0), path[0] ?? hashOf(0));
    for (let index = 0; index < 8; index++) {
      expect(pathCode(8, index, node, path.slice(1))).toBe("MERKLE_PROOF_LENGTH");
    }
  });

  it.each([-1, 8, 1.5, Number.NaN, 2 ** 60])("[SA4] index %s is outside a list of 8", (index) => {
    expect(pathCode(8, index, hashOf(0), [])).toBe("MERKLE_INDEX_OUT_OF_RANGE");
  });

  it("[SA5] proves that every list begins with every shorter one", () => {
    for (let later = 0; later <= COUNT_MAX; later++) {
      for (let earlier = 0; earlier <= later; earlier++) {
        const proof = log.proveConsistency(earlier, later);
        const decoded = decodeConsistencyProof(encodeConsistencyProof(proof));
        expect(decoded).toEqual({ ok: true, value: proof });
        const result = verifyConsistency(listOf(earlier), listOf(later), proof);
        expect(result).toEqual({ ok: true, value: log.accumulator(later) });
      }
    }
  });

  it("[SA5] a list with another beginning is refused, and so is every damaged proof", () => {
    const proof = log.proveConsistency(11, 29);
    const [earlier, later] = [listOf(11), listOf(29)];
    const accepted = [...mutations(encodeConsistencyProof(proof))].filter((bytes) => {
      const decoded = decodeConsistencyProof(bytes);
      return decoded.ok && verifyConsistency(earlier, later, decoded.value).ok;
    });
    expect(accepted).toEqual([]);
    const changed = hashes.map((hash, index) => (index === 4 ? hashOf(1000) : hash));
    const fork = new MerkleLog(TAG, changed);
    const forked = { tag: TAG, count: 29, root: fork.root(29) };
    for (const source of [log, fork]) {
      const refused = verifyConsistency(earlier, forked, source.proveConsistency(11, 29));
      expect(refused).toMatchObject({ ok: false, error: { code: "MERKLE_ROOT_MISMATCH" } });
    }
    const { peaks, added } = proof;
    for (const bad of [
      { peaks, added: [...added, hashOf(1)] },
      { peaks, added: added.slice(1) },
      { peaks: [hashOf(1), ...peaks], added },
      { peaks: peaks.slice(1), added },
    ]) {
      const refused = verifyConsistency(earlier, later, bad);
      expect(refused).toMatchObject({ ok: false, error: { code: "MERKLE_PROOF_LENGTH" } });
    }
    const reversed = verifyConsistency(later, earlier, proof);
    expect(reversed).toMatchObject({ ok: false, error: { code: "MERKLE_INDEX_OUT_OF_RANGE" } });
  });

  it("[SA3] a compact list goes on after decoding, and no other bytes decode", () => {
    fc.assert(
      fc.property(fc.nat({ max: COUNT_MAX - 1 }), (count) => {
        const bytes = encodeAccumulator(log.accumulator(count));
        const list = decodeAccumulator(bytes);
        if (!list.ok) throw list.error;
        const next = appendHash(list.value, hashes[count] ?? hashOf(-1));
        expect(next).toEqual(log.accumulator(count + 1));
      }),
    );
    const bytes = encodeAccumulator(log.accumulator(5));
    for (let size = 0; size < bytes.length; size++) {
      expect(decodeAccumulator(bytes.subarray(0, size)).ok).toBe(false);
    }
    const tooMany = bytes.slice();
    tooMany[0] = 7;
    expect(decodeAccumulator(tooMany).ok).toBe(false);
    // 2^48 + 1 has two peaks as well, but is over the limit.
    const tooLong = bytes.slice();
    tooLong[0] = 1;
    tooLong[6] = 1;
    expect(decodeAccumulator(tooLong).ok).toBe(false);
  });

  it("[SA3] lengths beyond 32 bits stay exact, and the longest list ends", () => {
    let list = appendPerfect(EMPTY_ACCUMULATOR, hashOf(1), 40);
    list = appendHash(appendHash(appendHash(list, hashOf(2)), hashOf(3)), hashOf(4));
    expect(list.count).toBe(2 ** 40 + 3);
    expect(list.peaks.length).toBe(3);
    const full = appendPerfect(EMPTY_ACCUMULATOR, hashOf(1), 48);
    expect(full.count).toBe(MERKLE_COUNT_MAX);
    expect(() => appendHash(full, hashOf(2))).toThrow("bounded length");
    expect(() => appendPerfect(list, hashOf(1), 1)).toThrow("aligned");
  });
});
