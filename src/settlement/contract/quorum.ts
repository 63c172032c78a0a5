/** When the contract counts a proposal as passed, as `rooch::quorum` and `rooch::proposal` say. */
import { KIND_SETTLEMENT, type ProposalRecord, STATUS_OPEN } from "./records.ts";

const VOTE_YES = 1;

/** @param activeMs the chain's active time. */
export function hasPassed(
  proposal: ProposalRecord,
  disputeWindowMs: bigint,
  activeMs: bigint,
): boolean {
  if (proposal.status !== STATUS_OPEN) return false;
  const yes = new Set(
    proposal.votes.filter(({ option }) => option === VOTE_YES).map(({ seat }) => seat),
  );
  const approvals = proposal.voters.filter((seat) => yes.has(seat)).length;
  if (proposal.kind !== KIND_SETTLEMENT) {
    return punishes(approvals, proposal.voters.length + 1);
  }
  if (!settles(approvals, proposal.voters.length)) return false;
  const isUnanimous = proposal.holders.every((seat) => yes.has(seat));
  return isUnanimous || activeMs - proposal.createdMs >= disputeWindowMs;
}

/** Two thirds of the seats. */
function settles(yes: number, seats: number): boolean {
  return seats > 0 && 3 * yes >= 2 * seats;
}

/** Two approvals, or the one of whoever is left in a channel of two. */
function punishes(approvals: number, seats: number): boolean {
  return seats === 2 ? approvals >= 1 : approvals >= 2;
}
