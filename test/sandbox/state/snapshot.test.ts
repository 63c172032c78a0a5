import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalBytes, toHex } from "#core/bytes.ts";
import { ZERO_HASH } from "#core/hash.ts";
import {
  decodeSnapshotChunk,
  encodeSnapshotChunk,
  SNAPSHOT_CHUNK_SIZE_MAX,
  SNAPSHOT_CHUNK_SIZE_MIN,
  type SnapshotChunk,
  snapshotChunks,
} from "../../../src/sandbox/state/snapshot.ts";
import {
  restoreSnapshot,
  type SnapshotRestorer,
} from "../../../src/sandbox/state/snapshot-restore.ts";
import { createStateTree, StateTree } from "../../../src/sandbox/state/state-tree.ts";
import { buildSubtree } from "../../../src/sandbox/state/subtree.ts";
import {
  changesTo,
  hashOf,
  hashWithBits,
  leafAt,
  mutations,
  numberBytes,
  resourceKey,
  writes,
} from "./arbitraries.ts";

function treeOf(count: number): StateTree {
  const tree = createStateTree();
  const values = Array.from({ length: count }, (_, i) => [resourceKey(i), numberBytes(i)] as const);
  tree.apply(changesTo(tree, values));
  return tree;
}

function codeOf(restorer: SnapshotRestorer, chunk: Uint8Array): string {
  const result = restorer.add(chunk);
  return result.ok ? "ok" : result.error.code;
}

function decode(bytes: Uint8Array): SnapshotChunk {
  const chunk = decodeSnapshotChunk(bytes);
  if (!chunk.ok) throw chunk.error;
  return chunk.value;
}

const tree = treeOf(200);
const chunks = [...snapshotChunks(tree, SNAPSHOT_CHUNK_SIZE_MIN)];
const [first, second, third] = chunks as [Uint8Array, Uint8Array, Uint8Array];

describe("snapshot", () => {
  it("[SN1] restores any state, each chunk checked as it arrives", () => {
    fc.assert(
      fc.property(writes, fc.integer({ min: 1024, max: 1500 }), (start, size) => {
        const source = createStateTree();
        source.apply(changesTo(source, start));
        const restorer = restoreSnapshot(source.root());
        for (const chunk of snapshotChunks(source, size)) {
          expect(restorer.complete).toBe(false);
          expect(chunk.length).toBeLessThanOrEqual(size);
          expect(codeOf(restorer, chunk)).toBe("ok");
        }
        expect(restorer.complete).toBe(true);
        const restored = restorer.finish();
        expect([...restored.entries()]).toEqual([...source.entries()]);
        expect(restored.size).toBe(source.size);
        expect(toHex(restored.root())).toBe(toHex(source.root()));
      }),
      { numRuns: 100 },
    );
  });

  it("[SN1] fills its chunks and never exceeds their size", () => {
    for (const size of [1024, 1100, 4096, 1 << 20]) {
      const sizes = [...snapshotChunks(tree, size)].map(({ length }) => length);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(size);
      expect(Math.min(size, ...sizes.slice(0, -1))).toBeGreaterThan(size / 2);
    }
    expect(chunks.length).toBeGreaterThan(10);
  });

  it("[SN1] a value larger than a chunk travels alone", () => {
    const source = treeOf(20);
    const large = new Uint8Array(5000).fill(7);
    source.apply(changesTo(source, [[resourceKey(500), large]]));
    const restorer = restoreSnapshot(source.root());
    const cut = [...snapshotChunks(source, 1024)];
    for (const chunk of cut) expect(codeOf(restorer, chunk)).toBe("ok");
    const oversized = cut.filter(({ length }) => length > 1024);
    expect(oversized.map((chunk) => decode(chunk).leaves.length)).toEqual([1]);
    expect(restorer.finish().get(resourceKey(500))).toEqual(large);
  });

  it("[SN4] an empty state is complete without a chunk", () => {
    expect([...snapshotChunks(createStateTree(), 1024)]).toEqual([]);
    const restorer = restoreSnapshot(ZERO_HASH);
    expect(restorer.complete).toBe(true);
    expect(restorer.finish().size).toBe(0);
    expect(codeOf(restorer, first)).toBe("SNAPSHOT_CHUNK_REPEATED");
  });

  it("[SN2] streams the version it began with while the state goes on", () => {
    const source = treeOf(100);
    const restorer = restoreSnapshot(source.root());
    for (const chunk of snapshotChunks(source, 1024)) {
      expect(codeOf(restorer, chunk)).toBe("ok");
      source.apply(changesTo(source, [[resourceKey(restorer.size), Uint8Array.of(restorer.size)]]));
    }
    expect([...restorer.finish().entries()]).toEqual([...treeOf(100).entries()]);
  });

  it("[SN5] another peer continues with chunks of another size", () => {
    const restorer = restoreSnapshot(tree.root());
    expect(codeOf(restorer, first)).toBe("ok");
    expect(codeOf(restorer, second)).toBe("ok");
    for (const chunk of snapshotChunks(treeOf(200), 3000, restorer.last)) {
      expect(codeOf(restorer, chunk)).toBe("ok");
    }
    expect([...restorer.finish().entries()]).toEqual([...tree.entries()]);
  });

  it("[SN5] repeated, skipped and late chunks are named and change nothing", () => {
    const restorer = restoreSnapshot(tree.root());
    expect(codeOf(restorer, second)).toBe("SNAPSHOT_CHUNK_MISSING");
    expect(codeOf(restorer, first)).toBe("ok");
    expect(codeOf(restorer, first)).toBe("SNAPSHOT_CHUNK_REPEATED");
    expect(codeOf(restorer, third)).toBe("SNAPSHOT_CHUNK_MISSING");
    for (const chunk of chunks.slice(1)) expect(codeOf(restorer, chunk)).toBe("ok");
    expect(codeOf(restorer, first)).toBe("SNAPSHOT_CHUNK_REPEATED");
    expect(restorer.finish().size).toBe(200);
  });

  it("[SN4] every damaged chunk is refused and the sound one still fits", () => {
    const source = treeOf(60);
    const [head, ...tail] = [...snapshotChunks(source, 1024)];
    const restorer = restoreSnapshot(source.root());
    if (head === undefined || tail[0] === undefined) throw new Error("several chunks");
    for (const bytes of mutations(head)) expect(codeOf(restorer, bytes)).not.toBe("ok");
    expect(restorer.size).toBe(0);
    expect(codeOf(restorer, head)).toBe("ok");
    for (const bytes of mutations(tail[0])) expect(codeOf(restorer, bytes)).not.toBe("ok");
    for (const chunk of tail) expect(codeOf(restorer, chunk)).toBe("ok");
    expect(restorer.finish().size).toBe(60);
  });

  it("[SN4] entries left out, put in or exchanged are refused", () => {
    const chunk = decode(second);
    const leaf = leafAt(hashOf(5), Uint8Array.of(1));
    const { leaves } = chunk;
    const forged: readonly (readonly [SnapshotChunk, string])[] = [
      [{ ...chunk, leaves: [...leaves.slice(0, 2), ...leaves.slice(3)] }, "SNAPSHOT_ROOT_MISMATCH"],
      [{ ...chunk, leaves: [...leaves].reverse() }, "STATE_ENTRIES_UNORDERED"],
      [{ ...chunk, leaves: [] }, "SNAPSHOT_CHUNK_EMPTY"],
      [{ ...chunk, right: chunk.right.slice(1) }, "SNAPSHOT_BOUNDARY"],
      [{ ...chunk, right: chunk.right.map(() => ZERO_HASH) }, "SNAPSHOT_ROOT_MISMATCH"],
      [{ ...chunk, right: [leaf.keyHash, ...chunk.right.slice(1)] }, "SNAPSHOT_ROOT_MISMATCH"],
      [{ ...chunk, after: hashOf(1) }, "SNAPSHOT_CHUNK_(MISSING|REPEATED)"],
    ];
    for (const [bad, code] of forged) {
      const restorer = restoreSnapshot(tree.root());
      restorer.add(first);
      const result = restorer.addChunk(bad);
      expect(result.ok || result.error.code).toMatch(new RegExp(`^${code}$`));
      for (const good of chunks.slice(1)) expect(codeOf(restorer, good)).toBe("ok");
    }
  });

  it("[SN3] a boundary has one depth only, even where a shallower one would hash alike", () => {
    // The first two leaves fill a subtree, so its node could stand for the second leaf.
    const places = [[255], [254], [1], [0]].map(hashWithBits);
    const deep = StateTree.over(
      buildSubtree(places.map((keyHash, index) => leafAt(keyHash, Uint8Array.of(index)))),
      4,
    );
    const leaves = places.slice(0, 2).map((keyHash, i) => leafAt(keyHash, Uint8Array.of(i)));
    const rightOf = (bit: number) =>
      deep.top?.kind === "inner" ? [deep.top.left, deep.top.right][bit] : undefined;
    const [left, right] = [rightOf(0), rightOf(1)];
    if (left?.kind !== "inner") throw new Error("the left half has two subtrees");
    const hashes = [right, left.right].map((node) => {
      if (node === undefined || node.hash === undefined) deep.root();
      return node?.hash ?? ZERO_HASH;
    });
    const shallow = { after: ZERO_HASH, leaves, depth: 2, right: hashes };
    const refused = restoreSnapshot(deep.root()).addChunk(shallow);
    expect(refused).toMatchObject({ ok: false, error: { code: "SNAPSHOT_BOUNDARY" } });
    // Bits 2 to 253 are zero with nothing to their right; at 254 the path of the second leaf turns
    // right.
    const padding = Array.from({ length: 252 }, () => ZERO_HASH);
    const exact = { ...shallow, depth: 255, right: [...hashes, ...padding] };
    expect(restoreSnapshot(deep.root()).addChunk(exact).ok).toBe(true);
  });

  it("[SN3] decodes what it encodes and refuses other bytes", () => {
    for (const bytes of chunks)
      expect(equalBytes(encodeSnapshotChunk(decode(bytes)), bytes)).toBe(true);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const decoded = decodeSnapshotChunk(bytes);
        expect(decoded.ok || decoded.error.code).toBe("STATE_BYTES_MALFORMED");
      }),
    );
    const huge = new Uint8Array(SNAPSHOT_CHUNK_SIZE_MAX + 1);
    expect(codeOf(restoreSnapshot(hashOf(1)), huge)).toBe("STATE_TOO_LARGE");
  });

  it("[SN6] an unfinished snapshot is not a state, nor one of another root", () => {
    const restorer = restoreSnapshot(tree.root());
    restorer.add(first);
    expect(() => restorer.finish()).toThrow("used when it is complete");
    expect(codeOf(restoreSnapshot(hashOf(1)), first)).toBe("SNAPSHOT_ROOT_MISMATCH");
  });
});
