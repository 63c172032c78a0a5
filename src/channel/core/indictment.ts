/** Accusations as proposals on chain carry them: whom they are against, and for which header. */
import { BcsError } from "#core/bcs/reader.ts";
import type { ChainProposal } from "../chain-view.ts";
import { decode, punishmentEvidence } from "../codec.ts";
import type { PunishmentEvidence } from "../evidence.ts";

export function isAccusation({ type }: ChainProposal): boolean {
  return type === 2;
}

/** Read once for each view of the chain that shows it: it may be large. */
const read = new WeakMap<Uint8Array, PunishmentEvidence | "unreadable">();

/** Undefined when a proposal's data is no evidence, or is gone because the proposal is over. */
export function evidenceIn({ data }: ChainProposal): PunishmentEvidence | undefined {
  const known = read.get(data) ?? decoded(data) ?? "unreadable";
  read.set(data, known);
  return known === "unreadable" ? undefined : known;
}

function decoded(data: Uint8Array): PunishmentEvidence | undefined {
  try {
    return decode(punishmentEvidence, data);
  } catch (error) {
    if (error instanceof BcsError) return undefined;
    throw error;
  }
}
