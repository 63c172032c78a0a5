/** Node's own hashes, which are OpenSSL's: several times as fast as JavaScript. */
import { hash } from "node:crypto";
import type { HashEngine } from "./hash-engine.ts";

export const ENGINE: HashEngine = {
  // Copied, since a Buffer of Node's is more than bytes and may lie in a pool.
  sha2_256: (bytes) => new Uint8Array(hash("sha256", bytes, "buffer")),
  sha3_256: (bytes) => new Uint8Array(hash("sha3-256", bytes, "buffer")),
};
