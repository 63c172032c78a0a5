/**
 * Takes in what members say: keeps what may still matter, within bounds that no member can exceed,
 * and notices when one says two things. Every message that comes here is authentic.
 */
import { assertNever } from "#core/assert.ts";
import { proposerAt } from "./committee.ts";
import { type Evidence, evidenceName, evidenceOfProposals, evidenceOfVotes } from "./evidence.ts";
import {
  type ConsensusMessage,
  heightOfMessage,
  isSameChoice,
  PREVOTE,
  type Proposal,
  showsPolka,
  type Vote,
} from "./messages.ts";
import { type ConsensusMachine, type Effect, roundOf, valueName } from "./state.ts";

/** Messages of the next height that are kept until it begins, for each member. */
const EARLY_PER_MEMBER = 4;

export function receive(
  machine: ConsensusMachine,
  message: ConsensusMessage,
  effects: Effect[],
): void {
  const height = heightOfMessage(message);
  if (height === machine.height + 1n) {
    const room = EARLY_PER_MEMBER * machine.committee.keys.length;
    if (machine.early.length < room) machine.early.push(message);
    return;
  }
  if (height !== machine.height) return;
  switch (message.type) {
    case "vote":
      return takeVote(machine, message.vote, effects);
    case "proposal":
      return takeProposal(machine, message.proposal, effects);
    default:
      assertNever(message);
  }
}

function takeVote(machine: ConsensusMachine, vote: Vote, effects: Effect[]): void {
  if (!mayMatter(machine, vote.voter, vote.round)) return;
  const round = roundOf(machine, vote.round);
  const votes = vote.phase === PREVOTE ? round.prevotes : round.precommits;
  const standing = votes.get(vote.voter);
  if (standing === undefined) votes.set(vote.voter, vote);
  else if (!isSameChoice(standing.choice, vote.choice)) {
    report(machine, evidenceOfVotes(machine.committee, standing, vote), effects);
  }
}

function takeProposal(machine: ConsensusMachine, proposal: Proposal, effects: Effect[]): void {
  // Whoever is locked is free only by a quorum for this very block.
  if (!showsPolka(machine.committee, proposal)) return;
  const proposer = proposerAt(machine.committee, proposal.height, proposal.round);
  if (!mayMatter(machine, proposer, proposal.round)) return;
  const round = roundOf(machine, proposal.round);
  const standing = round.proposal;
  if (standing === undefined) {
    round.proposal = proposal;
    askAbout(machine, proposal, effects);
  } else if (!isSameChoice(standing.value.choice, proposal.value.choice)) {
    report(machine, evidenceOfProposals(machine.committee, standing, proposal), effects);
  }
}

function askAbout(
  { verdicts, height }: ConsensusMachine,
  { value }: Proposal,
  effects: Effect[],
): void {
  const name = valueName(value);
  if (verdicts.has(name)) return;
  verdicts.set(name, "asked");
  effects.push({ type: "check", height, value });
}

function report(machine: ConsensusMachine, evidence: Evidence, effects: Effect[]): void {
  const name = evidenceName(evidence);
  if (machine.reported.has(name)) return;
  machine.reported.add(name);
  effects.push({ type: "evidence", evidence });
}

/**
 * Whether what a member says in a round is kept. Of rounds behind ours the last one counts, for
 * those who are still in it; of rounds ahead of ours each member has one, the newest.
 */
function mayMatter(machine: ConsensusMachine, member: number, round: number): boolean {
  if (round <= machine.round) return round >= machine.round - 1;
  const standing = machine.ahead.get(member);
  if (standing !== undefined && standing > round) return false;
  if (standing !== undefined && standing < round) forget(machine, member, standing);
  machine.ahead.set(member, round);
  return true;
}

function forget(machine: ConsensusMachine, member: number, number: number): void {
  const round = machine.rounds.get(number);
  if (round === undefined) return;
  round.prevotes.delete(member);
  round.precommits.delete(member);
  if (proposerAt(machine.committee, machine.height, number) === member) round.proposal = undefined;
  const isEmpty = round.prevotes.size + round.precommits.size === 0;
  if (isEmpty && round.proposal === undefined) machine.rounds.delete(number);
}
