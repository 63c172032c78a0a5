/**
 * When the contract counts a proposal as passed, and when it never can, as `rooch::quorum` and
 * `rooch::proposal` say.
 */
import { KIND_SETTLEMENT, type ProposalRecord, STATUS_OPEN } from "./records.ts";

const VOTE_NO = 0;
const VOTE_YES = 1;

/** What the contract compares a proposal with. */
export interface Moment {
  readonly disputeWindowMs: bigint;
  /** The chain's active time. */
  readonly activeMs: bigint;
  /** Seats of the latest configuration. */
  readonly seatCount: number;
}

export function hasPassed(proposal: ProposalRecord, moment: Moment): boolean {
  if (proposal.status !== STATUS_OPEN) return false;
  const approvals = count(proposal, VOTE_YES);
  if (proposal.kind !== KIND_SETTLEMENT) return punishes(approvals, seatsOf(proposal, moment));
  if (!settles(approvals, proposal.voters.length)) return false;
  const yes = seatsThatSaid(proposal, VOTE_YES);
  const isUnanimous = proposal.holders.every((seat) => yes.has(seat));
  return isUnanimous || moment.activeMs - proposal.createdMs >= moment.disputeWindowMs;
}

/** Whether so few can still say yes that it will never pass; votes are for good. */
export function isDefeated(proposal: ProposalRecord, moment: Moment): boolean {
  if (proposal.status !== STATUS_OPEN) return false;
  const { voters, kind } = proposal;
  if (kind === KIND_SETTLEMENT) {
    return !settles(voters.length - count(proposal, VOTE_NO), voters.length);
  }
  const voted = new Set(proposal.votes.map(({ seat }) => seat));
  const open = voters.filter((seat) => !voted.has(seat)).length;
  return !punishes(count(proposal, VOTE_YES) + open, seatsOf(proposal, moment));
}

/** The accused counts too; where more play now than at the time of the offence, they count. */
function seatsOf({ voters }: ProposalRecord, { seatCount }: Moment): number {
  return Math.max(voters.length + 1, seatCount);
}

function count(proposal: ProposalRecord, option: number): number {
  const said = seatsThatSaid(proposal, option);
  return proposal.voters.filter((seat) => said.has(seat)).length;
}

function seatsThatSaid({ votes }: ProposalRecord, option: number): ReadonlySet<bigint> {
  return new Set(votes.filter((vote) => vote.option === option).map(({ seat }) => seat));
}

/** Two thirds of the seats. */
function settles(yes: number, seats: number): boolean {
  return seats > 0 && 3 * yes >= 2 * seats;
}

/** Two approvals, or the one of whoever is left in a channel of two. */
function punishes(approvals: number, seats: number): boolean {
  return seats === 2 ? approvals >= 1 : approvals >= 2;
}
