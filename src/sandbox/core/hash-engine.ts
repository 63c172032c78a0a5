/**
 * SHA-256 and SHA3-256 wherever JavaScript runs, by noble, whose hashes no other file knows. For
 * Node `#hash-engine` of package.json leads to `hash-engine-node.ts` instead.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { sha3_256 } from "@noble/hashes/sha3.js";

/** Each gives 32 bytes of its own. */
export interface HashEngine {
  readonly sha2_256: (bytes: Uint8Array) => Uint8Array;
  readonly sha3_256: (bytes: Uint8Array) => Uint8Array;
}

export const ENGINE: HashEngine = { sha2_256: sha256, sha3_256 };
