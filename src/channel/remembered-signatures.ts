/**
 * The one acceptance rule for signatures, with a memory: what held once is not computed again. A
 * leader meets every call twice, when it is handed in and when it is run, every certificate comes
 * by several ways, and what this node has signed itself comes back to it. Only what holds is
 * remembered, by all of its bytes, so that the answers are those of the rule.
 */
import { equalBytes } from "#core/bytes.ts";
import { type PublicKey, type Signature, verifyEd25519 } from "#core/ed25519.ts";
import type { Signer, Verify } from "./ports.ts";

/** More than members' calls that may wait at a leader, with all that is certified meanwhile. */
const REMEMBERED_MAX = 4_096;

interface Held {
  readonly message: Uint8Array;
  readonly key: Uint8Array;
}

export interface RememberedSignatures {
  /** The same signer; what it signs need not be checked here. */
  readonly signer: Signer;
  readonly verify: Verify;
  /** It is remembered, so that `verify` computes nothing. */
  readonly knows: Verify;
  /** Remembers what somebody else has found to hold by the rule. */
  readonly learn: (message: Uint8Array, signature: Signature, key: PublicKey) => void;
}

/** @param check the acceptance rule, asked about everything that is not remembered */
export function rememberSignatures(
  signer: Signer,
  check: Verify = verifyEd25519,
): RememberedSignatures {
  /** By signature, the oldest first. */
  const held = new Map<string, Held>();

  function remember(message: Uint8Array, signature: Signature, key: PublicKey): void {
    const [oldest] = held.size < REMEMBERED_MAX ? [] : held.keys();
    if (oldest !== undefined) held.delete(oldest);
    held.set(nameOfSignature(signature), { message: message.slice(), key: key.slice() });
  }

  function knows(message: Uint8Array, signature: Signature, key: PublicKey): boolean {
    const known = held.get(nameOfSignature(signature));
    return known !== undefined && equalBytes(known.message, message) && equalBytes(known.key, key);
  }

  function signed(message: Uint8Array, signature: Signature, key: PublicKey): Signature {
    remember(message, signature, key);
    return signature;
  }

  const { memberKey, nodeKey } = signer;
  return {
    signer: {
      memberKey,
      nodeKey,
      signAsMember: (message) => signed(message, signer.signAsMember(message), memberKey),
      signAsNode: (message) => signed(message, signer.signAsNode(message), nodeKey),
      reveal: (last) => signer.reveal(last),
    },
    verify(message, signature, key) {
      if (knows(message, signature, key)) return true;
      if (!check(message, signature, key)) return false;
      remember(message, signature, key);
      return true;
    },
    knows,
    learn: remember,
  };
}

/** A text of its bytes, as fast as it can be had. */
export function nameOfSignature(signature: Signature): string {
  return String.fromCharCode(...signature);
}
