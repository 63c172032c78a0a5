// Keys of simulated nodes. Every signature made here is remembered as good, so that a simulation
// verifies only what somebody made up.
import { present } from "#core/assert.ts";
import { concatBytes, toHex, utf8 } from "#core/bytes.ts";
import {
  type KeyPair,
  keyPairOf,
  parseSecretKey,
  type SecretKey,
  type Signature,
  verifyEd25519,
} from "#core/ed25519.ts";
import { type Hash, sha2_256 } from "#core/hash.ts";
import type { Signer, Verify } from "../../src/channel/ports.ts";

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
  const signing = ({ publicKey, sign }: KeyPair) => {
    return (message: Uint8Array): Signature => {
      const signature = sign(message);
      good.add(nameOf(message, signature, publicKey));
      return signature;
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
  signing: (pair: KeyPair) => (message: Uint8Array) => Signature,
): NodeKeys {
  const memberSecret = secretOf(`${name} member`);
  const [member, node] = [keyPairOf(memberSecret), keyPairOf(secretOf(`${name} node`))];
  const reveals = revealChain(sha2_256(utf8(`${name} reveal`)));
  return {
    memberSecret,
    memberKey: member.publicKey,
    nodeKey: node.publicKey,
    revealTip: present(reveals.at(-1), "a chain has a tip"),
    signAsMember: signing(member),
    signAsNode: signing(node),
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
