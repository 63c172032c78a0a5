/**
 * Checks a multiproof and turns it into the pruned tree that it shows, whose nodes the tree's own
 * update rule then changes: so the root after a change comes from one algorithm, wherever it is
 * computed (SPEC.md, rules SM2 to SM5). Knows hashes of keys and values only; proven-state.ts gives
 * them meaning.
 */
import { assert } from "../core/assert.ts";
import { compareBytes, equalBytes } from "../core/bytes.ts";
import { HASH_SIZE, type Hash, ZERO_HASH } from "../core/hash.ts";
import type { Result } from "../core/result.ts";
import { MULTIPROOF_KEYS_MAX, type Multiproof, SHAPE } from "./multiproof.ts";
import { attempt, StateError } from "./state-error.ts";
import { hashStateInner, STATE_DEPTH_MAX, sharesPrefix } from "./state-hash.ts";
import {
  findSplit,
  hashSubtree,
  type LeafUpdate,
  makeBareLeaf,
  makeInner,
  type Subtree,
  updateSubtree,
} from "./subtree.ts";

/** What is claimed of one key: its value's hash, or that it has none. */
export interface ProofEntry {
  readonly keyHash: Hash;
  readonly valueHash: Hash | undefined;
}

/** A pruned tree that hashes to the root it was checked against. */
export interface ProvenSubtree {
  readonly top: Subtree;
  /** In strict order of key hash. */
  readonly entries: readonly ProofEntry[];
}

/**
 * Checks that `root` commits to exactly `entries` for their keys.
 * @param entries in strict order of key hash, at most {@link MULTIPROOF_KEYS_MAX}.
 */
export function verifyMultiproof(
  root: Hash,
  proof: Multiproof,
  entries: readonly ProofEntry[],
): Result<ProvenSubtree, StateError> {
  return attempt(() => {
    checkOrder(entries);
    const reading: Reading = { proof, entries, node: 0, hash: 0, path: new Uint8Array(HASH_SIZE) };
    const { subtree, opaque } = readSubtree(reading, 0, entries.length, 0);
    if (entries.length === 0 && subtree !== undefined && !opaque) {
      fail(reading, "STATE_PROOF_SHAPE", "more is shown than the keys need");
    }
    if (reading.node !== proof.shape.length || reading.hash !== proof.hashes.length) {
      fail(reading, "STATE_PROOF_SHAPE", "nodes or hashes are left over");
    }
    if (!equalBytes(hashSubtree(subtree), root)) {
      throw new StateError("STATE_PROOF_ROOT_MISMATCH", 0, "the proof belongs to another root");
    }
    return { top: subtree, entries };
  });
}

/**
 * The pruned tree after `updates`, which name proven keys only: the proof shows all that their
 * removal can move.
 * @param updates in strict order of key hash.
 */
export function updateProven(proven: ProvenSubtree, updates: readonly LeafUpdate[]): Subtree {
  let index = 0;
  for (const { keyHash } of updates) {
    while (index < proven.entries.length && precedes(proven.entries[index], keyHash)) index++;
    const entry = proven.entries[index];
    assert(entry && equalBytes(entry.keyHash, keyHash), "only proven keys change");
  }
  return updateSubtree(proven.top, updates);
}

/**
 * The root after every entry of `after` took its value, from hashes alone. This is what a contract
 * computes.
 * @param after proven keys with their new value hashes, in strict order.
 */
export function computeRootAfter(proven: ProvenSubtree, after: readonly ProofEntry[]): Hash {
  const updates = after.map(({ keyHash, valueHash }) => ({
    keyHash,
    leaf: valueHash && makeBareLeaf(keyHash, valueHash),
  }));
  return hashSubtree(updateProven(proven, updates));
}

interface Reading {
  readonly proof: Multiproof;
  readonly entries: readonly ProofEntry[];
  /** Nodes and hashes read so far. */
  node: number;
  hash: number;
  /** The bits from the root to the current node, zero beyond. */
  readonly path: Uint8Array;
}

interface Read {
  readonly subtree: Subtree;
  /** Holds a leaf that is no entry's, or may: entries' removal cannot empty it. */
  readonly other: boolean;
  /** Shown as a stub of unknown kind. */
  readonly opaque: boolean;
}

const EMPTY_READ: Read = { subtree: undefined, other: false, opaque: false };

/** Reads one subtree; the entries [from, to) are those below it. */
function readSubtree(reading: Reading, from: number, to: number, depth: number): Read {
  const tag = reading.proof.shape[reading.node];
  const bare = from === to;
  reading.node++;
  switch (tag) {
    case SHAPE.empty:
      refuseValues(reading, from, to);
      return EMPTY_READ;
    case SHAPE.entry:
      if (bare) fail(reading, "STATE_PROOF_SHAPE", "a key's leaf where no key lies");
      return { subtree: readOwnLeaf(reading, from, to), other: false, opaque: false };
    case SHAPE.hash: {
      if (!bare) fail(reading, "STATE_PROOF_SHAPE", "a key lies in a subtree that is not shown");
      const hash = nextHash(reading);
      if (equalBytes(hash, ZERO_HASH)) fail(reading, "STATE_PROOF_SHAPE", "an empty stub");
      return { subtree: { kind: "stub", hash }, other: true, opaque: true };
    }
    case SHAPE.leaf:
      return { subtree: readOtherLeaf(reading, from, to, depth), other: true, opaque: false };
    case SHAPE.pair: {
      if (!bare) fail(reading, "STATE_PROOF_SHAPE", "a key lies in a subtree that is not shown");
      const hash = hashStateInner(nextHash(reading), nextHash(reading));
      return { subtree: { kind: "stub", hash }, other: true, opaque: false };
    }
    case SHAPE.inner:
      if (bare) fail(reading, "STATE_PROOF_SHAPE", "more is shown than the keys need");
      return readInner(reading, from, to, depth);
    default:
      return fail(reading, "STATE_PROOF_SHAPE", tag === undefined ? "too few nodes" : `tag ${tag}`);
  }
}

function readInner(reading: Reading, from: number, to: number, depth: number): Read {
  if (depth >= STATE_DEPTH_MAX) fail(reading, "STATE_PROOF_TOO_DEEP", `below ${STATE_DEPTH_MAX}`);
  const middle = findSplit(reading.entries, from, to, depth);
  const left = readSubtree(reading, from, middle, depth + 1);
  const bit = 0x80 >> (depth & 7);
  reading.path[depth >> 3] = (reading.path[depth >> 3] ?? 0) | bit;
  const right = readSubtree(reading, middle, to, depth + 1);
  reading.path[depth >> 3] = (reading.path[depth >> 3] ?? 0) & ~bit;
  if (from === middle) checkBareSide(reading, left, right);
  if (middle === to) checkBareSide(reading, right, left);
  if (holdsOneLeaf(left.subtree, right.subtree)) {
    fail(reading, "STATE_PROOF_SHAPE", "an inner node above fewer than two leaves");
  }
  return {
    subtree: makeInner(left.subtree, right.subtree),
    other: left.other || right.other,
    opaque: false,
  };
}

/**
 * The side of an inner node that holds no key. When the keys' removal can empty the other side,
 * whether this one is a leaf decides where it moves, so its kind must be shown; otherwise its hash
 * must suffice.
 */
function checkBareSide(reading: Reading, bare: Read, keyed: Read): void {
  if (bare.subtree === undefined) return;
  const lone = keyed.subtree !== undefined && !keyed.other;
  if (lone === bare.opaque) {
    const detail = lone ? "a subtree whose kind matters is not shown" : "more is shown than needed";
    fail(reading, "STATE_PROOF_SHAPE", detail);
  }
}

function holdsOneLeaf(left: Subtree, right: Subtree): boolean {
  if (left !== undefined && right !== undefined) return false;
  const only = left ?? right;
  return only === undefined || only.kind === "leaf";
}

/** The leaf of the one entry here that has a value. */
function readOwnLeaf(reading: Reading, from: number, to: number): Subtree {
  let found: Subtree;
  for (let index = from; index < to; index++) {
    const entry = reading.entries[index];
    if (entry?.valueHash === undefined) continue;
    if (found !== undefined) refuseValue(index, "two keys with a value end in one leaf");
    found = makeBareLeaf(entry.keyHash, entry.valueHash);
  }
  if (found === undefined) {
    throw new StateError("STATE_PROOF_ENTRY_MISMATCH", from, "a value is said to be absent");
  }
  return found;
}

function readOtherLeaf(reading: Reading, from: number, to: number, depth: number): Subtree {
  const keyHash = nextHash(reading);
  refuseValues(reading, from, to);
  for (let index = from; index < to; index++) {
    const entry = reading.entries[index];
    if (entry !== undefined && equalBytes(entry.keyHash, keyHash)) {
      refuseValue(index, "a value is said to be absent");
    }
  }
  if (!sharesPrefix(keyHash, reading.path, depth)) {
    fail(reading, "STATE_PROOF_OFF_PATH", "a leaf is not on the path to it");
  }
  return makeBareLeaf(keyHash, nextHash(reading));
}

/** Where the proof shows no value for the entries [from, to), none of them may claim one. */
function refuseValues(reading: Reading, from: number, to: number): void {
  for (let index = from; index < to; index++) {
    if (reading.entries[index]?.valueHash !== undefined) {
      refuseValue(index, "a key that has no value is said to have one");
    }
  }
}

function refuseValue(index: number, detail: string): never {
  throw new StateError("STATE_PROOF_ENTRY_MISMATCH", index, detail);
}

function nextHash(reading: Reading): Hash {
  const hash = reading.proof.hashes[reading.hash];
  reading.hash++;
  return hash ?? fail(reading, "STATE_PROOF_SHAPE", "too few hashes");
}

function fail(reading: Reading, code: StateError["code"], detail: string): never {
  throw new StateError(code, Math.max(0, reading.node - 1), detail);
}

function checkOrder(entries: readonly ProofEntry[]): void {
  if (entries.length > MULTIPROOF_KEYS_MAX) {
    throw new StateError("STATE_TOO_LARGE", entries.length, `over ${MULTIPROOF_KEYS_MAX} keys`);
  }
  for (let index = 1; index < entries.length; index++) {
    const entry = entries[index];
    if (entry !== undefined && !precedes(entries[index - 1], entry.keyHash)) {
      throw new StateError("STATE_ENTRIES_UNORDERED", index, "keys are proven in order, each once");
    }
  }
}

function precedes(entry: ProofEntry | undefined, keyHash: Hash): boolean {
  return entry !== undefined && compareBytes(entry.keyHash, keyHash) < 0;
}
