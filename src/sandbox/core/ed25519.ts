/**
 * Ed25519 with ONE acceptance rule wherever a signature decides anything: RFC 8032's cofactored
 * equation [8][S]B = [8]R + [8][k]A in noble's strict mode, with A and R canonical encodings of
 * points not of small order and S < L. Engines differ on what is outside of it, so an answer of
 * another verifier counts only where it cannot differ:
 *
 * - Its YES counts, once the bytes passed `mayHold`. An engine that says yes has decoded A; from
 *   canonical bytes that are no point with x = 0 there is one way to do that. It has found
 *   [S]B = R + [k]A, which times 8 is the equation above, or that equation itself; and it has
 *   decoded R, or met R's bytes as the encoding of a point it computed. All the rule asks for
 *   beyond that, `mayHold` has seen in the bytes.
 * - Its NO never counts: with a component of small order in A or R the equation can hold only
 *   times 8, which most engines do not try. Noble is asked.
 */

import { getPublicKey, hashes, sign, verify } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import { ENGINE } from "#ed25519-engine";
import type { Brand } from "./brand.ts";
import { mayHold, PUBLIC_KEY_SIZE, SIGNATURE_SIZE } from "./ed25519-encoding.ts";

export { PUBLIC_KEY_SIZE, SIGNATURE_SIZE };

hashes.sha512 = sha512;

export const SECRET_KEY_SIZE = 32;

export type PublicKey = Brand<Uint8Array, "PublicKey">;
export type SecretKey = Brand<Uint8Array, "SecretKey">;
export type Signature = Brand<Uint8Array, "Signature">;

/** Both halves of a key; the secret one stays inside. */
export interface KeyPair {
  readonly publicKey: PublicKey;
  readonly sign: (message: Uint8Array) => Signature;
}

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

/** For a key that signs more than once: the secret is read here and never again. */
export function keyPairOf(secret: SecretKey): KeyPair {
  if (ENGINE !== undefined) return ENGINE.openSecret(secret) as KeyPair;
  const own = secret.slice();
  return {
    publicKey: getPublicKey(own) as PublicKey,
    sign: (message) => sign(message, own) as Signature,
  };
}

export function publicKeyOf(secret: SecretKey): PublicKey {
  return keyPairOf(secret).publicKey;
}

/** The bytes that RFC 8032 prescribes, whoever computes them. */
export function signEd25519(message: Uint8Array, secret: SecretKey): Signature {
  return keyPairOf(secret).sign(message);
}

/** True only under the rule in this file's header. Never throws. */
export function verifyEd25519(
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  if (!mayHold(signature, publicKey)) return false;
  if (ENGINE?.verify(message, signature, publicKey) === true) return true;
  try {
    return verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
