/**
 * Accusing a leader and judging accusations (SPEC.md FR5 to FR9): evidence goes to the chain with
 * the accuser's highest certificate; a member says yes exactly when its own re-execution
 * contradicts the header.
 */
import { BcsError } from "#core/bcs/reader.ts";
import { decode, headerMessage, punishmentEvidence, refOfHeader } from "../codec.ts";
import type { Batch } from "../messages.ts";
import type { ChainProposal, PunishmentEvidence } from "../ports.ts";
import { command, mayCommand } from "./commands.ts";
import { configurationNamed } from "./configuration.ts";
import { inspect } from "./inspect.ts";
import { findPoint, itemAt, type Point, sameHeader, tipOf } from "./log.ts";
import { inForce, isValidOnChain, memberOf, ownMember } from "./members.ts";
import { judgeSettlement, VOTE_ABSTAIN, VOTE_NO, VOTE_YES, type Vote } from "./settlement.ts";
import type { Machine } from "./state.ts";
import { ownCandidacy, stepsTo } from "./steps.ts";

/**
 * Brings the evidence against the leader of this term to the chain, each member in its turn until
 * one has.
 */
export function punish(machine: Machine): void {
  const { distrust, chain, now, tools } = machine;
  if (distrust === undefined) return;
  if (distrust.term !== chain.term || isGone(machine, distrust.accused)) {
    machine.distrust = undefined;
    return;
  }
  const turn = BigInt(accuserTurn(machine, distrust.accused) * tools.parameters.turnMs);
  if (now - distrust.since < turn) return;
  const candidacy = ownCandidacy(machine);
  const certified = candidacy.certificate?.ack.header.number;
  // The chain reads the steps of a candidacy, not those of an accusation.
  if (certified !== undefined || candidacy.steps.length > 0) {
    command(machine, `postCertificate/${certified}`, { type: "postCertificate", candidacy });
    return;
  }
  const { evidence: found } = distrust;
  if (found.type === "equivocation") {
    const { evidence } = found;
    command(machine, `equivocation/${distrust.term}`, { type: "proveEquivocation", evidence });
    return;
  }
  if (chain.proposals.some((proposal) => isAgainst(proposal, distrust.accused))) return;
  const steps = stepsTo(machine, { number: found.evidence.header.header.configuration.number });
  const evidence = { ...found.evidence, steps };
  command(machine, `punish/${distrust.term}`, { type: "punish", evidence });
}

function isGone(machine: Machine, seat: bigint): boolean {
  const member = memberOf(machine, seat);
  return member === undefined || member.standing === "removed";
}

/** This node's place among the valid members that are not accused. */
function accuserTurn(machine: Machine, accused: bigint): number {
  const own = ownMember(machine)?.seat;
  const accusers = inForce(machine).seats.filter(
    ({ seat }) => seat !== accused && isValidOnChain(machine, seat),
  );
  const index = accusers.findIndex(({ seat }) => seat === own);
  return index < 0 ? accusers.length : index;
}

function isAgainst(proposal: ChainProposal, accused: bigint): boolean {
  const isOpen = proposal.status === "open" || proposal.status === "passed";
  return proposal.type === 2 && isOpen && evidenceIn(proposal)?.accused === accused;
}

function evidenceIn(proposal: ChainProposal): PunishmentEvidence | undefined {
  try {
    return decode(punishmentEvidence, proposal.data);
  } catch (error) {
    if (error instanceof BcsError) return undefined;
    throw error;
  }
}

/** Votes on every open proposal that this node has not voted on and can judge. */
export function vote(machine: Machine): void {
  const own = ownMember(machine);
  if (own === undefined || own.standing === "removed") return;
  for (const proposal of machine.chain.proposals) {
    if (proposal.status !== "open") continue;
    const key = `vote/${proposal.id}`;
    if (proposal.votes.some(({ seat }) => seat === own.seat) || !mayCommand(machine, key)) continue;
    const option =
      proposal.type === 1
        ? judgeSettlement(machine, proposal)
        : judgePunishment(machine, proposal, own.seat);
    if (option === undefined) continue;
    command(machine, key, { type: "vote", proposal: proposal.id, option });
  }
}

/**
 * Yes when re-execution contradicts the accused's header; undefined where this node has no vote or
 * cannot tell yet.
 */
function judgePunishment(machine: Machine, proposal: ChainProposal, own: bigint): Vote | undefined {
  const evidence = evidenceIn(proposal);
  if (evidence === undefined) return VOTE_NO;
  if (evidence.accused === own) return undefined;
  const { header, signature } = evidence.header;
  const key = memberOf(machine, evidence.accused)?.nodeKey;
  // The chain knew it as a member: this view is behind, or it has left since.
  if (key === undefined) return undefined;
  const isSigned =
    header.leader === evidence.accused &&
    machine.tools.verify(headerMessage(header), signature, key);
  if (!isSigned) return VOTE_NO;
  const held = itemAt(machine.log, header.number);
  if (held !== undefined && sameHeader(held.ref, refOfHeader(header))) return VOTE_NO;
  if (header.number <= machine.log.base.ref.number) return VOTE_ABSTAIN;
  const parent = findPoint(machine.log, { number: header.number - 1n, hash: header.previous });
  if (parent === undefined) {
    machine.sync.isBehind = true;
    return undefined;
  }
  return judgeBatch(machine, parent, evidence);
}

/**
 * Runs the accused's batch where it stands and returns to the tip. Where this node cannot tell
 * under which configuration it stands, it waits for its view of the chain, and has no opinion once
 * that view is as new as the header.
 */
function judgeBatch(
  machine: Machine,
  parent: Point,
  evidence: PunishmentEvidence,
): Vote | undefined {
  const { log, facts, tools, chain } = machine;
  const { header } = evidence;
  const configuration = configurationNamed(log, facts.channel, chain.forced, parent, header.header);
  if (configuration === undefined) {
    const isBehind = header.header.configuration.number > chain.configuration.number;
    return isBehind ? undefined : VOTE_ABSTAIN;
  }
  const batch: Batch = {
    header,
    entries: evidence.entries,
    steps: evidence.batchSteps,
    viewChanges: [],
  };
  tools.executor.rollback(parent.mark);
  const finding = inspect(facts, tools, parent, batch, configuration);
  tools.executor.rollback(tipOf(log).mark);
  return finding.type === "fraud" ? VOTE_YES : VOTE_NO;
}
