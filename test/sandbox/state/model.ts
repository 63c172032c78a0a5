/**
 * The state root and list roots computed whole, straight from SPEC.md and with Node's own SHA-256:
 * the independent side of the comparisons in this folder. Shares no code with the product but
 * types.
 */
import { createHash } from "node:crypto";

const ZERO = new Uint8Array(32);

export interface ModelLeaf {
  readonly keyHash: Uint8Array;
  readonly value: Uint8Array;
}

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

export function taggedHash(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return sha256(sha256(new TextEncoder().encode(`HOLDFAST::${tag}`)), ...parts);
}

/** Rules SR2 to SR5 for leaves in any order. */
export function modelRoot(leaves: readonly ModelLeaf[]): Uint8Array {
  return modelSubtree(
    leaves.map((leaf) => ({ leaf, bits: bitsOf(leaf.keyHash) })),
    0,
  );
}

/** Rules SA1 and SA2. */
export function modelListRoot(tag: string, hashes: readonly Uint8Array[]): Uint8Array {
  const count = new Uint8Array(8);
  new DataView(count.buffer).setBigUint64(0, BigInt(hashes.length), true);
  return taggedHash(tag, count, hashes.length === 0 ? ZERO : modelListTop(hashes));
}

function modelSubtree(
  leaves: readonly { readonly leaf: ModelLeaf; readonly bits: string }[],
  depth: number,
): Uint8Array {
  const [first, second] = leaves;
  if (first === undefined) return ZERO;
  if (second === undefined) {
    return taggedHash("StateLeaf", first.leaf.keyHash, sha256(first.leaf.value));
  }
  const left = leaves.filter(({ bits }) => bits[depth] === "0");
  const right = leaves.filter(({ bits }) => bits[depth] === "1");
  return taggedHash("StateInner", modelSubtree(left, depth + 1), modelSubtree(right, depth + 1));
}

function modelListTop(hashes: readonly Uint8Array[]): Uint8Array {
  const [first] = hashes;
  if (hashes.length === 1 && first !== undefined) return first;
  let left = 1;
  while (left * 2 < hashes.length) left *= 2;
  return taggedHash(
    "MerkleNode",
    modelListTop(hashes.slice(0, left)),
    modelListTop(hashes.slice(left)),
  );
}

function bitsOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
}
