/**
 * Fresh table handles: SHA-256(domain ‖ the transaction's unique seed ‖ counter as u64 little
 * endian).
 */
import { type Address, addressFromBytes } from "../core/address.ts";
import { assert } from "../core/assert.ts";
import { BcsWriter } from "../core/bcs/writer.ts";
import { domainHash, HASH_SIZE } from "../core/hash.ts";

/** @param counter handles made before in this transaction. */
export function tableHandle(uniqueSeed: Uint8Array, counter: number): Address {
  assert(uniqueSeed.length === HASH_SIZE, "a transaction's seed has 32 bytes");
  const suffix = new BcsWriter().u64(BigInt(counter)).finish();
  return addressFromBytes(domainHash("TableHandle", uniqueSeed, suffix));
}
