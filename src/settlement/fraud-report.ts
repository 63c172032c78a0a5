/** Whether a report of fraud still changes anything on chain; not whether it is true. */
import {
  type ChainChannel,
  decode,
  type FraudEvidence,
  refOfHeader,
  settlementEvidence,
  voidedBy,
} from "#channel";
import { BcsError } from "#core/bcs/reader.ts";
import { equalBytes } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";

/**
 * Whether all that the evidence names are out, and the chain relies on nothing that the evidence
 * shows to be void: a second report of a header may still void a settlement.
 */
export function isDrawn(channel: ChainChannel, evidence: FraudEvidence): boolean {
  const { accused, acks } = evidence;
  const named = [accused, ...(acks?.signatures.map(({ seat }) => seat) ?? [])];
  const { members, fence, exits, proposals } = channel;
  if (members.some(({ seat, standing }) => standing === "joined" && named.includes(seat))) {
    return false;
  }
  const targets = proposals
    .filter(({ type, status }) => type === 1 && (status === "open" || status === "passed"))
    .flatMap(({ data }) => targetOf(data) ?? []);
  const relied = [fence.hash, exits.highest.hash, ...targets];
  const voided = voidedBy(evidence) ?? [];
  return !voided.some((hash) => relied.some((other) => equalBytes(hash, other)));
}

function targetOf(data: Uint8Array): Hash | undefined {
  try {
    return refOfHeader(decode(settlementEvidence, data).header.header).hash;
  } catch (error) {
    if (error instanceof BcsError) return undefined;
    throw error;
  }
}
