/**
 * A proof of one key: its value's hash, or that it has none (SPEC.md, rules SP1 to SP4). For
 * several keys, or to compute what the root becomes, see multiproof.ts. Knows no state key's
 * meaning.
 */
import { present } from "../core/assert.ts";
import { readHashes, writeHashes } from "../core/bcs/hash-list.ts";
import { decodeBcs } from "../core/bcs/reader.ts";
import { encodeBcs } from "../core/bcs/writer.ts";
import { equalBytes } from "../core/bytes.ts";
import { type Hash, ZERO_HASH } from "../core/hash.ts";
import type { Result } from "../core/result.ts";
import { attempt, StateError } from "./state-error.ts";
import {
  bitAt,
  hashStateInner,
  hashStateLeaf,
  STATE_DEPTH_MAX,
  sharesPrefix,
} from "./state-hash.ts";
import { hashLeafValue, hashSubtree, type Subtree } from "./subtree.ts";

/** Where the key's path ends. Its BCS is the list of its hashes: none, one or two. */
export type PathEnd =
  | { readonly kind: "empty" }
  | { readonly kind: "value"; readonly valueHash: Hash }
  | { readonly kind: "otherLeaf"; readonly keyHash: Hash; readonly valueHash: Hash };

export interface StateProof {
  readonly end: PathEnd;
  /** The other side at each node of the path, from the end up to the root. */
  readonly siblings: readonly Hash[];
}

/**
 * Proves the value of `keyHash` or its absence; every key of every whole tree has exactly one
 * proof.
 */
export function proveStateKey(top: Subtree, keyHash: Hash): StateProof {
  const siblings: Hash[] = [];
  let node = top;
  while (node?.kind === "inner") {
    const right = bitAt(keyHash, siblings.length) === 1;
    siblings.push(hashSubtree(right ? node.left : node.right));
    node = right ? node.right : node.left;
  }
  siblings.reverse();
  if (node === undefined) return { end: { kind: "empty" }, siblings };
  const leaf = present(node.kind === "leaf" ? node : undefined, "only a whole tree proves");
  const valueHash = hashLeafValue(leaf);
  const own = equalBytes(leaf.keyHash, keyHash);
  const end: PathEnd = own
    ? { kind: "value", valueHash }
    : { kind: "otherLeaf", keyHash: leaf.keyHash, valueHash };
  return { end, siblings };
}

/**
 * The hash of the value that `root` commits to under `keyHash`; undefined when it commits to none.
 */
export function verifyStateProof(
  root: Hash,
  keyHash: Hash,
  proof: StateProof,
): Result<Hash | undefined, StateError> {
  return attempt(() => {
    const { end, siblings } = proof;
    const depth = siblings.length;
    checkPath(keyHash, proof);
    let hash = hashEnd(keyHash, end);
    siblings.forEach((sibling, index) => {
      const left = bitAt(keyHash, depth - 1 - index) === 0;
      hash = left ? hashStateInner(hash, sibling) : hashStateInner(sibling, hash);
    });
    if (!equalBytes(hash, root)) {
      throw new StateError("STATE_PROOF_ROOT_MISMATCH", 0, "the proof belongs to another root");
    }
    return end.kind === "value" ? end.valueHash : undefined;
  });
}

/** BCS of {end: vector<vector<u8>>, siblings: vector<vector<u8>>}. */
export function encodeStateProof(proof: StateProof): Uint8Array {
  return encodeBcs((writer) => {
    writeHashes(writer, listEnd(proof.end));
    writeHashes(writer, proof.siblings);
  });
}

/** Untrusted bytes: refuses what is not canonical. Says nothing of whether the proof holds. */
export function decodeStateProof(bytes: Uint8Array): Result<StateProof, StateError> {
  return attempt(() =>
    decodeBcs(bytes, (reader) => {
      const [first, second] = readHashes(reader, 2);
      const siblings = readHashes(reader, STATE_DEPTH_MAX);
      if (first === undefined) return { end: { kind: "empty" }, siblings };
      if (second === undefined) return { end: { kind: "value", valueHash: first }, siblings };
      return { end: { kind: "otherLeaf", keyHash: first, valueHash: second }, siblings };
    }),
  );
}

/** What hashing alone would not refuse, or would refuse with a less telling code. */
function checkPath(keyHash: Hash, { end, siblings }: StateProof): void {
  const depth = siblings.length;
  if (depth > STATE_DEPTH_MAX) {
    throw new StateError("STATE_PROOF_TOO_DEEP", depth, `more than ${STATE_DEPTH_MAX} siblings`);
  }
  const [lowest] = siblings;
  if (lowest !== undefined && equalBytes(lowest, ZERO_HASH)) {
    throw new StateError("STATE_PROOF_SHAPE", 0, "the lowest sibling is empty");
  }
  if (end.kind !== "otherLeaf") return;
  if (equalBytes(end.keyHash, keyHash)) {
    throw new StateError("STATE_PROOF_SHAPE", 0, "the key's own leaf as another's");
  }
  if (!sharesPrefix(end.keyHash, keyHash, depth)) {
    throw new StateError("STATE_PROOF_OFF_PATH", 0, "the other leaf is not on the key's path");
  }
}

function hashEnd(keyHash: Hash, end: PathEnd): Hash {
  switch (end.kind) {
    case "empty":
      return ZERO_HASH;
    case "value":
      return hashStateLeaf(keyHash, end.valueHash);
    case "otherLeaf":
      return hashStateLeaf(end.keyHash, end.valueHash);
  }
}

function listEnd(end: PathEnd): readonly Hash[] {
  switch (end.kind) {
    case "empty":
      return [];
    case "value":
      return [end.valueHash];
    case "otherLeaf":
      return [end.keyHash, end.valueHash];
  }
}
