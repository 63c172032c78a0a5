/**
 * How one account signs: the account authenticators of the REST profile (section 4). Ed25519,
 * SingleKey with Ed25519 or Secp256k1, and the absence of any, which only a simulation accepts. A
 * kind that is not accepted is read as far as its tag and refused by name.
 */
import { assertNever } from "#core/assert.ts";
import type { BcsReader } from "#core/bcs/reader.ts";
import { type BcsWriter, encodeBcs } from "#core/bcs/writer.ts";
import type { Signature } from "#core/ed25519.ts";
import { type PublicKey, parsePublicKey, parseSignature, verifyEd25519 } from "#core/ed25519.ts";
import type { Hash } from "#core/hash.ts";
import { SECP256K1_KEY_SIZE, SECP256K1_SIGNATURE_SIZE, verifySecp256k1 } from "./secp256k1.ts";
import { authenticationKey, singleKeyAuthenticationKey } from "./transaction-hash.ts";

export interface Ed25519Proof {
  readonly type: "ed25519";
  readonly publicKey: PublicKey;
  readonly signature: Signature;
}

export interface Secp256k1Proof {
  readonly type: "secp256k1";
  /** 65 bytes, uncompressed; not known to be a point. */
  readonly publicKey: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

export type AccountAuthenticator =
  | Ed25519Proof
  | { readonly type: "singleKey"; readonly proof: Ed25519Proof | Secp256k1Proof }
  | { readonly type: "none" };

const ED25519 = 0;
const SINGLE_KEY = 2;
const NONE = 4;
const REFUSED: Readonly<Record<number, string>> = {
  1: "MultiEd25519",
  3: "MultiKey",
  5: "Abstraction",
};

/** Variants of AnyPublicKey and of AnySignature. */
const ANY_ED25519 = 0;
const ANY_SECP256K1 = 1;
const REFUSED_KEYS: Readonly<Record<number, string>> = {
  2: "Secp256r1 or WebAuthn",
  3: "Keyless",
  4: "FederatedKeyless",
};

export function writeAccountAuthenticator(writer: BcsWriter, written: AccountAuthenticator): void {
  switch (written.type) {
    case "ed25519":
      writer.uleb128(ED25519).bytes(written.publicKey).bytes(written.signature);
      return;
    case "singleKey":
      writer.uleb128(SINGLE_KEY);
      writeAnyPublicKey(writer, written.proof);
      writer.uleb128(anyVariant(written.proof)).bytes(written.proof.signature);
      return;
    case "none":
      writer.uleb128(NONE);
      return;
    default:
      assertNever(written);
  }
}

/** Throws `BcsError`, also for a kind that is not accepted. */
export function readAccountAuthenticator(reader: BcsReader): AccountAuthenticator {
  const variant = reader.uleb128();
  switch (variant) {
    case ED25519:
      return readEd25519Proof(reader);
    case SINGLE_KEY:
      return { type: "singleKey", proof: readSingleKeyProof(reader) };
    case NONE:
      return { type: "none" };
    default: {
      const name = REFUSED[variant] ?? "unknown";
      const accepted = "use Ed25519 or SingleKey";
      return reader.fail(
        "BAD_VARIANT",
        `account authenticator ${variant} (${name}) is not supported, ${accepted}`,
      );
    }
  }
}

/** Reads {public key, signature}, both with their lengths. */
export function readEd25519Proof(reader: BcsReader): Ed25519Proof {
  const publicKey = parsePublicKey(reader.bytes().slice());
  if (publicKey === undefined) return reader.fail("BAD_VALUE", "a public key has 32 bytes");
  const signature = parseSignature(reader.bytes().slice());
  if (signature === undefined) return reader.fail("BAD_VALUE", "a signature has 64 bytes");
  return { type: "ed25519", publicKey, signature };
}

function readSingleKeyProof(reader: BcsReader): Ed25519Proof | Secp256k1Proof {
  const variant = reader.uleb128();
  if (variant !== ANY_ED25519 && variant !== ANY_SECP256K1) {
    const name = REFUSED_KEYS[variant] ?? "unknown";
    return reader.fail("BAD_VARIANT", `public key ${variant} (${name}) is not supported`);
  }
  const key = reader.bytes().slice();
  const signatureVariant = reader.uleb128();
  if (signatureVariant !== variant) {
    return reader.fail("BAD_VARIANT", "the signature is not of the public key's kind");
  }
  const signed = reader.bytes().slice();
  if (variant === ANY_SECP256K1) {
    if (key.length !== SECP256K1_KEY_SIZE || signed.length !== SECP256K1_SIGNATURE_SIZE) {
      return reader.fail("BAD_VALUE", "a Secp256k1 key has 65 bytes and a signature 64");
    }
    return { type: "secp256k1", publicKey: key, signature: signed };
  }
  const publicKey = parsePublicKey(key);
  const signature = parseSignature(signed);
  if (publicKey === undefined || signature === undefined) {
    return reader.fail("BAD_VALUE", "an Ed25519 key has 32 bytes and a signature 64");
  }
  return { type: "ed25519", publicKey, signature };
}

/** Whether the signature holds for any of `messages`; one that is not there never does. */
export function holdsForAny(
  authenticator: AccountAuthenticator,
  messages: readonly Uint8Array[],
): boolean {
  const proof = proofOf(authenticator);
  if (proof === undefined) return false;
  return messages.some((message) => holds(proof, message));
}

/** The authentication key that the signing key stands for; undefined where there is none. */
export function authenticationKeyOf(authenticator: AccountAuthenticator): Hash | undefined {
  switch (authenticator.type) {
    case "ed25519":
      return authenticationKey(authenticator.publicKey);
    case "singleKey": {
      const { proof } = authenticator;
      return singleKeyAuthenticationKey(encodeBcs((writer) => writeAnyPublicKey(writer, proof)));
    }
    case "none":
      return undefined;
    default:
      return assertNever(authenticator);
  }
}

function proofOf(authenticator: AccountAuthenticator): Ed25519Proof | Secp256k1Proof | undefined {
  if (authenticator.type === "none") return undefined;
  return authenticator.type === "singleKey" ? authenticator.proof : authenticator;
}

function holds(proof: Ed25519Proof | Secp256k1Proof, message: Uint8Array): boolean {
  return proof.type === "ed25519"
    ? verifyEd25519(message, proof.signature, proof.publicKey)
    : verifySecp256k1(message, proof.signature, proof.publicKey);
}

function anyVariant(proof: Ed25519Proof | Secp256k1Proof): number {
  return proof.type === "ed25519" ? ANY_ED25519 : ANY_SECP256K1;
}

function writeAnyPublicKey(writer: BcsWriter, proof: Ed25519Proof | Secp256k1Proof): void {
  writer.uleb128(anyVariant(proof)).bytes(proof.publicKey);
}
