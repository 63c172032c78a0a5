/** Whether a report of fraud still changes anything on chain; not whether it is true. */
import { decode, type FraudEvidence, refOfHeader, settlementEvidence, voidedBy } from "#channel";
import { BcsError } from "#core/bcs/reader.ts";
import { equalBytes } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";
import type { ChannelReader } from "./contract/channel-view.ts";
import { type ChannelRecord, KIND_SETTLEMENT, STANDING_ADMITTED } from "./contract/records.ts";

/**
 * Whether all that the evidence names are out, and no open settlement ends with the header or with
 * one that is shown to build on it: a second report of a header may still void a settlement.
 */
export async function isDrawn(
  reader: ChannelReader,
  record: ChannelRecord,
  evidence: FraudEvidence,
): Promise<boolean> {
  const { accused, acks } = evidence;
  const named = [accused, ...(acks?.signatures.map(({ seat }) => seat) ?? [])];
  const isIn = record.members.some(
    ({ seat, standing }) => standing <= STANDING_ADMITTED && named.includes(seat.seat),
  );
  if (isIn) return false;
  const voided = voidedBy(evidence) ?? [];
  for (const number of record.openProposals) {
    const { kind, data } = await reader.proposal(record.id, number);
    const target = kind === KIND_SETTLEMENT ? targetOf(data) : undefined;
    if (target !== undefined && voided.some((hash) => equalBytes(hash, target))) return false;
  }
  return true;
}

function targetOf(data: Uint8Array): Hash | undefined {
  try {
    return refOfHeader(decode(settlementEvidence, data).header.header).hash;
  } catch (error) {
    if (error instanceof BcsError) return undefined;
    throw error;
  }
}
