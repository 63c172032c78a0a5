/**
 * Ed25519 with ONE acceptance rule wherever a signature decides anything: RFC 8032's cofactored
 * equation in noble's strict mode, and before it a check that refuses non-canonical or small-order
 * A and R and any S >= L. Engines differ on exactly those inputs (web verifiers accept some), so no
 * other verifier may stand in for this one.
 */
import { getPublicKey, hashes, Point, sign, verify } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import type { Brand } from "./brand.ts";

hashes.sha512 = sha512;

export const PUBLIC_KEY_SIZE = 32;
export const SECRET_KEY_SIZE = 32;
export const SIGNATURE_SIZE = 64;

export type PublicKey = Brand<Uint8Array, "PublicKey">;
export type SecretKey = Brand<Uint8Array, "SecretKey">;
export type Signature = Brand<Uint8Array, "Signature">;

/** Brands 32 bytes; the point itself is checked at every verification. */
export function parsePublicKey(bytes: Uint8Array): PublicKey | undefined {
  return bytes.length === PUBLIC_KEY_SIZE ? (bytes as PublicKey) : undefined;
}

export function parseSecretKey(bytes: Uint8Array): SecretKey | undefined {
  return bytes.length === SECRET_KEY_SIZE ? (bytes as SecretKey) : undefined;
}

export function parseSignature(bytes: Uint8Array): Signature | undefined {
  return bytes.length === SIGNATURE_SIZE ? (bytes as Signature) : undefined;
}

export function publicKeyOf(secret: SecretKey): PublicKey {
  return getPublicKey(secret) as PublicKey;
}

export function signEd25519(message: Uint8Array, secret: SecretKey): Signature {
  return sign(message, secret) as Signature;
}

/** True only under the rule in this file's header. Never throws. */
export function verifyEd25519(
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  if (signature.length !== SIGNATURE_SIZE || publicKey.length !== PUBLIC_KEY_SIZE) return false;
  if (!isCanonicalPoint(publicKey) || !isCanonicalPoint(signature.subarray(0, 32))) return false;
  if (!isCanonicalScalar(signature.subarray(32))) return false;
  try {
    return verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}

/** Canonical encoding of a point of large order. */
function isCanonicalPoint(bytes: Uint8Array): boolean {
  try {
    return !Point.fromBytes(bytes, false).isSmallOrder();
  } catch {
    return false;
  }
}

/** S < L, the order of the prime subgroup. */
function isCanonicalScalar(bytes: Uint8Array): boolean {
  let value = 0n;
  for (let index = bytes.length - 1; index >= 0; index--) {
    value = (value << 8n) | BigInt(bytes[index] ?? 0);
  }
  return value < Point.CURVE().n;
}
