/** Accusations as proposals on chain carry them: whom they are against, and for which header. */
import { BcsError } from "#core/bcs/reader.ts";
import { decode, punishmentEvidence } from "../codec.ts";
import type { ChainProposal, PunishmentEvidence } from "../ports.ts";

export function isAccusation({ type }: ChainProposal): boolean {
  return type === 2;
}

/** Undefined when a proposal's data is no evidence, or is gone because the proposal is over. */
export function evidenceIn(proposal: ChainProposal): PunishmentEvidence | undefined {
  try {
    return decode(punishmentEvidence, proposal.data);
  } catch (error) {
    if (error instanceof BcsError) return undefined;
    throw error;
  }
}
