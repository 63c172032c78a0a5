/** The two hash functions of the product, and domain separation. */
import { ENGINE } from "#hash-engine";
import type { Brand } from "./brand.ts";
import { concatBytes, utf8 } from "./bytes.ts";

/** 32 bytes out of SHA-256 or SHA3-256. */
export type Hash = Brand<Uint8Array, "Hash">;

export const HASH_SIZE = 32;

/** 32 zero bytes: the hash of nothing, where a chain of hashes starts. */
export const ZERO_HASH: Hash = new Uint8Array(HASH_SIZE) as Hash;

export function sha2_256(bytes: Uint8Array): Hash {
  return ENGINE.sha2_256(bytes) as Hash;
}

export function sha3(bytes: Uint8Array): Hash {
  return ENGINE.sha3_256(bytes) as Hash;
}

/** Brands 32 bytes as a hash; undefined for any other length. */
export function parseHash(bytes: Uint8Array): Hash | undefined {
  return bytes.length === HASH_SIZE ? (bytes as Hash) : undefined;
}

/**
 * SHA-256 under a domain tag: `SHA-256(SHA-256("HOLDFAST::" ‖ tag) ‖ parts…)`. Hashing the tag
 * first gives every kind of object a prefix of the same length, so no two kinds can share a
 * preimage.
 */
export function domainHash(tag: string, ...parts: readonly Uint8Array[]): Hash {
  return sha2_256(concatBytes(domainPrefix(tag), ...parts));
}

const prefixes = new Map<string, Hash>();

/** The 32-byte prefix of a domain tag. */
export function domainPrefix(tag: string): Hash {
  const known = prefixes.get(tag);
  if (known !== undefined) return known;
  const prefix = sha2_256(utf8(`HOLDFAST::${tag}`));
  prefixes.set(tag, prefix);
  return prefix;
}
