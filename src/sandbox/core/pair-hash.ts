/** Hashes of two hashes: the inner nodes of trees. Knows no tree. */
import { domainPrefix, HASH_SIZE, type Hash, sha2_256 } from "./hash.ts";

/**
 * `domainHash(tag, first, second)` without its allocations, since a tree hashes millions of pairs:
 * the function made here writes into one input buffer of its own.
 */
export function makePairHash(tag: string): (first: Hash, second: Hash) => Hash {
  const input = new Uint8Array(3 * HASH_SIZE);
  input.set(domainPrefix(tag));
  return (first, second) => {
    input.set(first, HASH_SIZE);
    input.set(second, 2 * HASH_SIZE);
    return sha2_256(input);
  };
}
