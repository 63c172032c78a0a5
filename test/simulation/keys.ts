// Keys of simulated nodes. Node's own Ed25519 signs (the same bytes, faster), and every signature
// made here is remembered as good, so that a simulation verifies only what somebody made up.
import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { present } from "#core/assert.ts";
import { concatBytes, fromHex, toHex, utf8 } from "#core/bytes.ts";
import {
  type PublicKey,
  parseSecretKey,
  parseSignature,
  publicKeyOf,
  type SecretKey,
  type Signature,
  verifyEd25519,
} from "#core/ed25519.ts";
import { type Hash, sha2_256 } from "#core/hash.ts";
import type { Signer, Verify } from "../../src/channel/ports.ts";

/** RFC 8410's wrapping of a raw Ed25519 seed. */
const PKCS8_PREFIX = present(fromHex("302e020100300506032b657004220420"), "hex");
const REVEALS = 2_048;

export interface NodeKeys extends Signer {
  readonly memberSecret: SecretKey;
  readonly revealTip: Hash;
}

/** Signatures that are known to be good. */
export interface KeyRing {
  readonly verify: Verify;
  /** The same keys for the same name. */
  keysFor(name: string): NodeKeys;
}

export function createKeyRing(seed: number): KeyRing {
  const good = new Set<string>();
  const nameOf = (message: Uint8Array, signature: Uint8Array, key: Uint8Array) =>
    toHex(sha2_256(concatBytes(key, signature, message)));
  const made = new Map<string, NodeKeys>();
  const signing = (secret: SecretKey, key: PublicKey) => {
    const privateKey = importKey(secret);
    return (message: Uint8Array): Signature => {
      const bytes = new Uint8Array(sign(null, message, privateKey));
      good.add(nameOf(message, bytes, key));
      return present(parseSignature(bytes), "a signature has its size");
    };
  };
  return {
    verify: (message, signature, key) =>
      good.has(nameOf(message, signature, key)) || verifyEd25519(message, signature, key),
    keysFor(name) {
      const known = made.get(name) ?? makeKeys(`${seed}/${name}`, signing);
      made.set(name, known);
      return known;
    },
  };
}

function makeKeys(
  name: string,
  signing: (secret: SecretKey, key: PublicKey) => (message: Uint8Array) => Signature,
): NodeKeys {
  const memberSecret = secretOf(`${name} member`);
  const nodeSecret = secretOf(`${name} node`);
  const [memberKey, nodeKey] = [publicKeyOf(memberSecret), publicKeyOf(nodeSecret)];
  const reveals = revealChain(sha2_256(utf8(`${name} reveal`)));
  return {
    memberSecret,
    memberKey,
    nodeKey,
    revealTip: present(reveals.at(-1), "a chain has a tip"),
    signAsMember: signing(memberSecret, memberKey),
    signAsNode: signing(nodeSecret, nodeKey),
    reveal: revealer(reveals),
  };
}

function revealChain(start: Hash): readonly Hash[] {
  const chain = [start];
  for (let count = 0; count < REVEALS; count++) {
    chain.push(sha2_256(present(chain.at(-1), "a chain has a start")));
  }
  return chain;
}

function revealer(chain: readonly Hash[]): (last: Hash) => Hash | undefined {
  const before = new Map(chain.slice(1).map((hash, index) => [toHex(hash), chain[index]]));
  return (last) => before.get(toHex(last));
}

function secretOf(name: string): SecretKey {
  return present(parseSecretKey(sha2_256(utf8(name))), "32 bytes are a key");
}

function importKey(secret: SecretKey): KeyObject {
  const der = Buffer.from(concatBytes(PKCS8_PREFIX, secret));
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}
