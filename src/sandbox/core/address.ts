/** Account addresses: 32 bytes, held as canonical text so that they can key a map. */

import { assert } from "./assert.ts";
import type { Brand } from "./brand.ts";
import { fromHex, toHex } from "./bytes.ts";

/** `0x` and 64 lower-case hex digits. */
export type Address = Brand<string, "Address">;

export const ADDRESS_SIZE = 32;
const DIGITS = 2 * ADDRESS_SIZE;

/** Reads 1 to 64 hex digits, `0x` optional (AIP-40's relaxed form); undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  const digits = text.startsWith("0x") ? text.slice(2) : text;
  if (digits.length === 0 || digits.length > DIGITS || !/^[0-9a-fA-F]+$/.test(digits)) {
    return undefined;
  }
  return `0x${digits.toLowerCase().padStart(DIGITS, "0")}` as Address;
}

/** {@link parseAddress} for literals in our own code. */
export function makeAddress(text: string): Address {
  const address = parseAddress(text);
  assert(address !== undefined, `not an address: ${text}`);
  return address;
}

/** @param bytes exactly 32 bytes. */
export function addressFromBytes(bytes: Uint8Array): Address {
  assert(bytes.length === ADDRESS_SIZE, "an address has 32 bytes");
  return `0x${toHex(bytes)}` as Address;
}

export function addressToBytes(address: Address): Uint8Array {
  const bytes = fromHex(address);
  assert(bytes !== undefined && bytes.length === ADDRESS_SIZE, "a branded address is canonical");
  return bytes;
}

/** AIP-40's print form: special addresses `0x0`…`0xf` short, all others with 64 digits. */
export function formatAddress(address: Address): string {
  const short = shortAddress(address);
  return short.length === 3 ? short : address;
}

/** Without leading zeros, for people. */
export function shortAddress(address: Address): string {
  return `0x${address.slice(2).replace(/^0+(?=.)/, "")}`;
}
