/**
 * The port of a node's store: its secrets and its journals, in one place on purpose. The key that
 * signs headers and acks counts only together with the journal of what it signed: whoever loses one
 * has lost the other, and neither is ever exported (protocol.md section 7).
 */
import { SECRET_KEY_SIZE } from "#core/ed25519.ts";
import { type Hash, parseHash } from "#core/hash.ts";
import type { Entropy, Journal, JournalRecord, Signer } from "../ports.ts";
import { makeReveals } from "./reveal-chain.ts";
import { createSigner, type Secrets } from "./signer.ts";
import { StoreError } from "./store-error.ts";

/** Seats that a node may hold at once with reveals left; older chains are forgotten. */
const CHAINS_MAX = 32;

/** What a node is. */
export interface NodeIdentity {
  readonly signer: Signer;
  /** Tip of its newest chain of reveals. */
  readonly revealTip: Hash;
}

export interface NodeStore {
  /** Made at the first call; its keys are the same ever after. */
  identity(): Promise<NodeIdentity>;
  /**
   * The identity with a chain of reveals that no seat has, for a join: a chain that was shown in
   * one seat would tell what comes in another.
   */
  identityForJoin(): Promise<NodeIdentity>;
  /** The newest chain of reveals belongs to a seat from now on. */
  takeReveals(): Promise<void>;
  /** The journal of a channel, by a name of the caller's choice. */
  journal(name: string): Journal;
  /** Forgets a journal whose channel is closed. */
  removeJournal(name: string): Promise<void>;
  close(): Promise<void>;
}

/** @param revealsCount length of the chain of reveals; the full one where absent */
export function makeSecrets(entropy: Entropy, revealsCount?: number): Secrets {
  return {
    memberSecret: entropy(SECRET_KEY_SIZE),
    nodeSecret: entropy(SECRET_KEY_SIZE),
    reveals: [makeReveals(entropy(SECRET_KEY_SIZE), revealsCount)],
    isTaken: false,
  };
}

/** The same secrets with a newest chain that is nobody's. */
export function withFreeReveals(
  secrets: Secrets,
  entropy: Entropy,
  revealsCount?: number,
): Secrets {
  if (!secrets.isTaken) return secrets;
  const made = makeReveals(entropy(SECRET_KEY_SIZE), revealsCount);
  const reveals = [made, ...secrets.reveals].slice(0, CHAINS_MAX);
  return { ...secrets, reveals, isTaken: false };
}

/** Throws [STORE_CORRUPT] unless the secrets have their sizes. */
export function identityOf(secrets: Secrets): NodeIdentity {
  const tip = parseHash(secrets.reveals[0]?.tip ?? new Uint8Array());
  if (tip === undefined) throw new StoreError("STORE_CORRUPT", "A stored tip has a wrong size.");
  return { signer: createSigner(secrets), revealTip: tip };
}

/** Throws [STORE_CORRUPT] unless the records follow one another. */
export function checkContinuous(records: readonly JournalRecord[]): void {
  records.forEach((record, index) => {
    const before = records[index - 1];
    if (before !== undefined && record.sequence !== before.sequence + 1) {
      const gap = `${before.sequence} is followed by ${record.sequence}`;
      throw new StoreError("STORE_CORRUPT", `The journal has a gap: ${gap}.`);
    }
  });
}
