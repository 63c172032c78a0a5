/**
 * Lists of hashes in the bytes that a Move contract takes as an argument: `vector<vector<u8>>`,
 * each of 32 bytes. Knows no proof.
 */
import { present } from "../assert.ts";
import { HASH_SIZE, type Hash, parseHash } from "../hash.ts";
import type { BcsReader } from "./reader.ts";
import type { BcsWriter } from "./writer.ts";

/** Bytes of one listed hash: its length and itself. */
export const LISTED_HASH_SIZE = 1 + HASH_SIZE;

export function writeHashes(writer: BcsWriter, hashes: readonly Hash[]): void {
  writer.vector(hashes, (out, hash) => out.bytes(hash));
}

/**
 * Copies of the hashes. Throws `BcsError` when there are more than `countMax` or one is not 32
 * bytes long.
 */
export function readHashes(reader: BcsReader, countMax: number): Hash[] {
  const count = reader.length(LISTED_HASH_SIZE);
  if (count > countMax) reader.fail("SEQUENCE_TOO_LONG", `${count} hashes, at most ${countMax}`);
  const hashes: Hash[] = [];
  for (let index = 0; index < count; index++) {
    hashes.push(parseHash(reader.bytes().slice()) ?? reader.fail("BAD_VALUE", "not 32 bytes"));
  }
  return hashes;
}

/** A copy of 32 bytes without a length. */
export function readHash(reader: BcsReader): Hash {
  return present(parseHash(reader.fixed(HASH_SIZE).slice()), "32 bytes were asked for");
}
