/**
 * A whole state in chunks, each a run of entries in order of key hash with the hashes of what lies
 * to the right of its last one, so that whoever holds all earlier entries checks it against the
 * root at once (SPEC.md, rules SN1 to SN3). Makes and encodes chunks; snapshot-restore.ts takes
 * them in. Knows no transport.
 */
import { assert, present } from "../core/assert.ts";
import { readHash } from "../core/bcs/hash-list.ts";
import { type BcsReader, decodeBcs } from "../core/bcs/reader.ts";
import { BcsWriter } from "../core/bcs/writer.ts";
import { readStateKey, writeStateKey } from "../core/effects.ts";
import { HASH_SIZE, type Hash, ZERO_HASH } from "../core/hash.ts";
import type { Result } from "../core/result.ts";
import { attempt, StateError } from "./state-error.ts";
import { bitAt, hashEncodedStateKey, STATE_DEPTH_MAX } from "./state-hash.ts";
import type { StateTree } from "./state-tree.ts";
import { hashSubtree, type Leaf, makeLeaf, type Subtree, walkLeaves } from "./subtree.ts";

export interface SnapshotChunk {
  /** The entries come next after this key hash; `ZERO_HASH` in the first chunk. */
  readonly after: Hash;
  /** At least one, in strict order of key hash. */
  readonly leaves: readonly Leaf[];
  /** How deep the last leaf lies in the whole tree, 0 to 256. */
  readonly depth: number;
  /** From the root down to the last leaf: the right side of each node where the path goes left. */
  readonly right: readonly Hash[];
}

/** Most bytes of an encoded chunk. */
export const SNAPSHOT_CHUNK_SIZE_MAX = 8 * 1024 * 1024;
/** Fewest bytes that one may ask a chunk to have: room for a boundary and some entries. */
export const SNAPSHOT_CHUNK_SIZE_MIN = 1024;

/**
 * Bytes of the fields around entries and boundary hashes: `after`, depth, and two lengths of at
 * most 5 bytes.
 */
const FIXED_SIZE_MAX = HASH_SIZE + 2 + 5 + 5;

/**
 * The encoded chunks of the tree's present version; none for an empty tree. The tree may change
 * meanwhile.
 * @param chunkSizeMax bytes that a chunk does not exceed, unless a single entry does.
 * @param after continues behind this key hash, whoever sent the chunks before and however they were
 * cut.
 */
export function snapshotChunks(
  tree: StateTree,
  chunkSizeMax: number,
  after: Hash = ZERO_HASH,
): Generator<Uint8Array, void> {
  const inRange =
    chunkSizeMax >= SNAPSHOT_CHUNK_SIZE_MIN && chunkSizeMax <= SNAPSHOT_CHUNK_SIZE_MAX;
  assert(inRange, "a chunk's size is within its limits");
  return cutChunks(tree.top, chunkSizeMax, after);
}

export function encodeSnapshotChunk(chunk: SnapshotChunk): Uint8Array {
  const writer = new BcsWriter();
  for (const leaf of chunk.leaves) writeEntry(writer, leaf);
  return encodeChunk(chunk, writer.finish());
}

/** Decodes and orders; whether the chunk belongs to a root only a restorer can say. */
export function decodeSnapshotChunk(bytes: Uint8Array): Result<SnapshotChunk, StateError> {
  return attempt(() => {
    if (bytes.length > SNAPSHOT_CHUNK_SIZE_MAX) {
      throw new StateError(
        "STATE_TOO_LARGE",
        bytes.length,
        `over ${SNAPSHOT_CHUNK_SIZE_MAX} bytes`,
      );
    }
    return decodeBcs(bytes, (reader) => {
      const after = readHash(reader);
      const leaves = reader.vector((item) => readEntry(item, bytes), ENTRY_SIZE_MIN);
      const depth = reader.u16();
      if (depth > STATE_DEPTH_MAX) reader.fail("BAD_VALUE", `depth ${depth}`);
      const right = reader.vector(readHash, HASH_SIZE);
      return { after, leaves, depth, right };
    });
  });
}

/** How many levels of the first `depth` go left: the number of hashes of a boundary. */
export function countLeftTurns(keyHash: Hash, depth: number): number {
  let count = 0;
  for (let level = 0; level < depth; level++) count += 1 - bitAt(keyHash, level);
  return count;
}

/** Variant, handle and an empty key, the shortest of all keys, with an empty value. */
const ENTRY_SIZE_MIN = 1 + HASH_SIZE + 1 + 1;

function* cutChunks(top: Subtree, sizeMax: number, start: Hash): Generator<Uint8Array, void> {
  let after = start;
  let leaves: Leaf[] = [];
  let lastDepth = 0;
  let entries = new BcsWriter();
  const cut = () => {
    const last = present(leaves.at(-1), "a chunk has an entry");
    const right = findRight(top, last.keyHash, lastDepth);
    return encodeChunk({ after, leaves, depth: lastDepth, right }, entries.finish());
  };
  for (const { leaf, depth } of walkLeaves(top, start)) {
    const entry = new BcsWriter();
    writeEntry(entry, leaf);
    const boundarySize = HASH_SIZE * countLeftTurns(leaf.keyHash, depth);
    const size = FIXED_SIZE_MAX + entries.size + entry.size + boundarySize;
    const last = leaves.at(-1);
    if (last !== undefined && size > sizeMax) {
      yield cut();
      after = last.keyHash;
      leaves = [];
      entries = new BcsWriter();
    }
    entries.fixed(entry.finish());
    leaves.push(leaf);
    lastDepth = depth;
  }
  if (leaves.length > 0) yield cut();
}

/** The right sides along the path to a leaf at `depth`. */
function findRight(top: Subtree, keyHash: Hash, depth: number): Hash[] {
  const right: Hash[] = [];
  let node = top;
  for (let level = 0; level < depth; level++) {
    assert(node?.kind === "inner", "a leaf's path leads through inner nodes");
    if (bitAt(keyHash, level) === 0) {
      right.push(hashSubtree(node.right));
      node = node.left;
    } else {
      node = node.right;
    }
  }
  return right;
}

/**
 * BCS {after: 32 bytes, entries: vector<{state key, vector<u8>}>, depth: u16, right: vector<32
 * bytes>}.
 */
function encodeChunk(chunk: SnapshotChunk, entries: Uint8Array): Uint8Array {
  const writer = new BcsWriter().fixed(chunk.after).uleb128(chunk.leaves.length).fixed(entries);
  writer.u16(chunk.depth).vector(chunk.right, (out, hash) => out.fixed(hash));
  const bytes = writer.finish();
  assert(bytes.length <= SNAPSHOT_CHUNK_SIZE_MAX, "a single value fits a chunk");
  return bytes;
}

function writeEntry(writer: BcsWriter, leaf: Leaf): void {
  const { key, value } = present(leaf.entry, "a whole tree holds its values");
  writeStateKey(writer, key);
  writer.bytes(value);
}

/**
 * Decoding is strict, so the bytes read are the key's one encoding and can be hashed as they stand.
 */
function readEntry(reader: BcsReader, input: Uint8Array): Leaf {
  const start = reader.offset;
  const key = readStateKey(reader);
  const keyHash = hashEncodedStateKey(input.subarray(start, reader.offset));
  return makeLeaf(keyHash, { key, value: reader.bytes().slice() });
}
