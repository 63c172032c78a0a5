/** The signer of a node's two keys. The secrets are closed over and never leave. Knows no store. */
import { type KeyPair, keyPairOf, parseSecretKey } from "#core/ed25519.ts";
import type { Signer } from "../ports.ts";
import { createRevealChain, type RevealRecord } from "./reveal-chain.ts";
import { StoreError } from "./store-error.ts";

/** What a node must keep to itself. */
export interface Secrets {
  /** Ed25519 secrets of 32 bytes. */
  readonly memberSecret: Uint8Array;
  readonly nodeSecret: Uint8Array;
  /** Chains of reveals, the newest first: every seat has one of its own. */
  readonly reveals: readonly RevealRecord[];
  /** The newest chain belongs to a seat. */
  readonly isTaken: boolean;
}

/** Throws StoreError STORE_CORRUPT unless the secrets have their sizes. */
export function createSigner(secrets: Secrets): Signer {
  const [member, node] = [pairOf(secrets.memberSecret), pairOf(secrets.nodeSecret)];
  const chains = secrets.reveals.map(createRevealChain);
  return {
    memberKey: member.publicKey,
    nodeKey: node.publicKey,
    signAsMember: member.sign,
    signAsNode: node.sign,
    reveal(last) {
      for (const chain of chains) {
        const value = chain.before(last);
        if (value !== undefined) return value;
      }
      return undefined;
    },
  };
}

function pairOf(bytes: Uint8Array): KeyPair {
  const secret = parseSecretKey(bytes);
  if (secret === undefined) throw new StoreError("STORE_CORRUPT", "A stored key has a wrong size.");
  return keyPairOf(secret);
}
