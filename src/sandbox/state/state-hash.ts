/**
 * The bytes of the state root: how keys, values, leaves and inner nodes hash (SPEC.md, rules SR1 to
 * SR5). Knows no tree; the final bytes of the product's state commitments stand here and nowhere
 * else.
 */
import { encodeStateKey, type StateKey } from "../core/effects.ts";
import { domainHash, HASH_SIZE, type Hash, sha2_256 } from "../core/hash.ts";
import { makePairHash } from "../core/pair-hash.ts";

/** Bits of a key hash: no leaf lies deeper. */
export const STATE_DEPTH_MAX = 8 * HASH_SIZE;

const keyHashes = new WeakMap<StateKey, Hash>();

/**
 * Where a key stands in the tree: SHA-256 of its BCS under the tag `StateKey`. Remembered for the
 * key object: what a call reads it mostly writes too, by the same one.
 */
export function hashStateKey(key: StateKey): Hash {
  const known = keyHashes.get(key);
  if (known !== undefined) return known;
  const hash = hashEncodedStateKey(encodeStateKey(key));
  keyHashes.set(key, hash);
  return hash;
}

/** {@link hashStateKey} for a key that is already encoded. */
export function hashEncodedStateKey(encodedKey: Uint8Array): Hash {
  return domainHash("StateKey", encodedKey);
}

/**
 * Plain SHA-256: a value's hash stands only inside a leaf, so it needs no tag, and Move's native
 * computes it.
 */
export function hashStateValue(value: Uint8Array): Hash {
  return sha2_256(value);
}

/** (key hash, value hash) -> leaf. */
export const hashStateLeaf = makePairHash("StateLeaf");

/** (left, right) -> inner node; an empty side is `ZERO_HASH`. */
export const hashStateInner = makePairHash("StateInner");

/** Bit `depth` of a key hash, the most significant bit of its first byte being bit 0. */
export function bitAt(keyHash: Hash, depth: number): 0 | 1 {
  return ((keyHash[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1 ? 1 : 0;
}

/** Do the first `bits` bits agree? */
export function sharesPrefix(a: Uint8Array, b: Uint8Array, bits: number): boolean {
  const whole = bits >> 3;
  for (let index = 0; index < whole; index++) if (a[index] !== b[index]) return false;
  const rest = bits & 7;
  return rest === 0 || ((a[whole] ?? 0) ^ (b[whole] ?? 0)) >> (8 - rest) === 0;
}
