/**
 * Accusing a leader, and voting on what stands to vote (SPEC.md FR5, FR9): evidence goes to the
 * chain with the accuser's highest certificate, each member in its turn until one has brought it.
 */

import type { ChainProposal } from "../chain-view.ts";
import { refOfHeader } from "../codec.ts";
import type { SignedHeader } from "../messages.ts";
import { command, mayCommand } from "./commands.ts";
import { disproofOf } from "./disproof.ts";
import { evidenceThatFits } from "./exhibit.ts";
import { evidenceIn, isAccusation } from "./indictment.ts";
import { judgePunishment } from "./judgement.ts";
import { sameHeader } from "./log.ts";
import { inForce, isValidOnChain, memberOf, ownMember, ownSeats } from "./members.ts";
import { judgeSettlement, VOTE_YES } from "./settlement.ts";
import type { Distrust, Machine } from "./state.ts";
import { ownCandidacy } from "./steps.ts";

/**
 * Brings the evidence against a leader to the chain, each member in its turn until one has. An
 * offence outlives the term of who committed it, until nobody can judge it any more.
 */
export function punish(machine: Machine): void {
  const { distrust, now, tools } = machine;
  if (distrust === undefined) return;
  if (hasAnswered(machine, distrust) || isPruned(machine, distrust)) {
    machine.distrust = undefined;
    return;
  }
  if (ownMember(machine)?.standing !== "joined") return;
  const turn = BigInt(accuserTurn(machine, distrust.accused) * tools.parameters.turnMs);
  if (now - distrust.since < turn) return;
  if (showHighest(machine)) return;
  const { evidence: found } = distrust;
  if (found.type === "equivocation") {
    const { evidence } = found;
    command(machine, `equivocation/${distrust.term}`, { type: "proveEquivocation", evidence });
    return;
  }
  if (!isJudged(machine, distrust, found, turn)) accuseOnce(machine, distrust, found);
}

/**
 * Gives the chain this node's highest certificate and steps, which an accusation relies on: the
 * chain reads the steps of a candidacy, not those of an accusation. False when it has them.
 */
export function showHighest(machine: Machine): boolean {
  const candidacy = ownCandidacy(machine);
  const certified = candidacy.certificate?.ack.header.number;
  if (certified === undefined && candidacy.steps.length === 0) return false;
  command(machine, `postCertificate/${certified}`, { type: "postCertificate", candidacy });
  return true;
}

/** How long a chain that judges has for its verdict before members vote after all. */
const VERDICT_MS = 30_000n;

/**
 * Where the chain judges, evidence decides and nobody has to agree. True while its verdict is
 * waited for.
 * @param turn how long after the offence this node's turn came.
 */
function isJudged(
  machine: Machine,
  distrust: Distrust,
  { batch }: Execution,
  turn: bigint,
): boolean {
  const isReported = disproofOf(machine, refOfHeader(batch.header.header)) !== undefined;
  // Proof takes nobody out who is out already, nor what it left here: only votes do.
  const isIn = memberOf(machine, distrust.accused)?.standing === "joined";
  return isReported && isIn && machine.now - distrust.since < turn + VERDICT_MS;
}

type Execution = Extract<Distrust["evidence"], { readonly type: "execution" }>;

/** Unless it has been done, or another accusation will do. */
function accuseOnce(
  machine: Machine,
  distrust: Distrust,
  { batch: { header, entries, steps: batchSteps }, previous }: Execution,
): void {
  const { chain } = machine;
  const own = ownSeats(machine);
  const isOwn = ({ proposer }: ChainProposal) => own.includes(proposer);
  const same = chain.proposals.filter((proposal) => accuses(proposal, header));
  distrust.isPosted ||= same.some(isOwn);
  const isServed = chain.proposals.some(
    (proposal) =>
      isUnderWay(proposal) &&
      (same.includes(proposal) ||
        (isAgainst(proposal, distrust.accused) && approved(proposal, own))),
  );
  if (distrust.isPosted || isServed) return;
  const evidence = evidenceThatFits({
    accused: distrust.accused,
    header,
    ...(previous === undefined ? {} : { previous }),
    entries,
    batchSteps,
    // What the chain lacked of these has just been posted.
    steps: [],
  });
  command(machine, `punish/${distrust.term}`, { type: "punish", evidence });
}

/**
 * Who is out for its silence has not answered while the chain holds its stake: otherwise a cheat
 * would only have to close its tab.
 */
function hasAnswered(machine: Machine, distrust: Distrust): boolean {
  const member = memberOf(machine, distrust.accused);
  if (member === undefined) return true;
  if (member.standing !== "removed") return false;
  const { isPosted, evidence } = distrust;
  if (member.stake === 0n) return true;
  // Of two, who is voted out keeps its stake.
  return isPosted && !machine.chain.proposals.some((proposal) => isOf(proposal, evidence));
}

/** An accusation under way of what this node has found. */
function isOf(proposal: ChainProposal, evidence: Distrust["evidence"]): boolean {
  if (evidence.type !== "execution") return false;
  return isUnderWay(proposal) && accuses(proposal, evidence.batch.header);
}

/** What the header stands on is settled and forgotten: everyone would abstain. */
function isPruned({ log }: Machine, { evidence }: Distrust): boolean {
  const isExecution = evidence.type === "execution";
  return isExecution && evidence.batch.header.header.number <= log.base.ref.number;
}

function isUnderWay({ status }: ChainProposal): boolean {
  return status === "open" || status === "passed";
}

function accuses(proposal: ChainProposal, { header }: SignedHeader): boolean {
  const accused = isAccusation(proposal) ? evidenceIn(proposal)?.header.header : undefined;
  return accused !== undefined && sameHeader(refOfHeader(accused), refOfHeader(header));
}

function isAgainst(proposal: ChainProposal, accused: bigint): boolean {
  return isAccusation(proposal) && evidenceIn(proposal)?.accused === accused;
}

function approved({ votes }: ChainProposal, seats: readonly bigint[]): boolean {
  return votes.some(({ seat, option }) => option === VOTE_YES && seats.includes(seat));
}

/** This node's place among the valid members that are not accused. */
export function accuserTurn(machine: Machine, accused: bigint): number {
  const own = ownMember(machine)?.seat;
  const accusers = inForce(machine).seats.filter(
    ({ seat }) => seat !== accused && isValidOnChain(machine, seat),
  );
  const index = accusers.findIndex(({ seat }) => seat === own);
  return index < 0 ? accusers.length : index;
}

/** Votes on every open proposal that this node has not voted on and can judge. */
export function vote(machine: Machine): void {
  const own = ownMember(machine);
  if (own === undefined || own.standing === "removed") return;
  const seats = ownSeats(machine);
  for (const proposal of machine.chain.proposals) {
    if (proposal.status !== "open") continue;
    const key = `vote/${proposal.id}`;
    if (!mayVote(proposal, seats) || !mayCommand(machine, key)) continue;
    const option =
      proposal.type === 1
        ? judgeSettlement(machine, proposal)
        : judgePunishment(machine, proposal, own.seat);
    if (option === undefined) continue;
    command(machine, key, { type: "vote", proposal: proposal.id, option });
  }
}

/** One of these seats has a vote, and none has used it. */
function mayVote({ voters, votes }: ChainProposal, seats: readonly bigint[]): boolean {
  return (
    voters.some((seat) => seats.includes(seat)) && !votes.some(({ seat }) => seats.includes(seat))
  );
}
