/** Settlements as proposals on chain carry them. */
import { BcsError } from "#core/bcs/reader.ts";
import type { ChainProposal } from "../chain-view.ts";
import { decode, settlementEvidence } from "../codec.ts";
import type { SettlementEvidence } from "../evidence.ts";

/** Read once for each view of the chain that shows it: it may be large. */
const read = new WeakMap<Uint8Array, SettlementEvidence | "unreadable">();

/** Undefined when a proposal's data is no evidence. */
export function evidenceIn({ data }: ChainProposal): SettlementEvidence | undefined {
  const known = read.get(data) ?? decoded(data) ?? "unreadable";
  read.set(data, known);
  return known === "unreadable" ? undefined : known;
}

function decoded(data: Uint8Array): SettlementEvidence | undefined {
  try {
    return decode(settlementEvidence, data);
  } catch (error) {
    if (error instanceof BcsError) return undefined;
    throw error;
  }
}
