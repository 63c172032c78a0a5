/**
 * ECDSA over secp256k1 as the Aptos lineage uses it: over SHA3-256 of the message, 64 bytes r ‖ s,
 * low s only, keys uncompressed. The only file that knows noble's curves.
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha3 } from "#core/hash.ts";

/** 0x04 ‖ x ‖ y. */
export const SECP256K1_KEY_SIZE = 65;
export const SECP256K1_SIGNATURE_SIZE = 64;

/** False for anything that is not a signature of `message` by `publicKey`, garbage included. */
export function verifySecp256k1(
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  if (publicKey.length !== SECP256K1_KEY_SIZE) return false;
  if (signature.length !== SECP256K1_SIGNATURE_SIZE) return false;
  try {
    return secp256k1.verify(signature, sha3(message), publicKey, { prehash: false, lowS: true });
  } catch {
    // A point that is not on the curve.
    return false;
  }
}
