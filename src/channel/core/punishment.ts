/**
 * Accusing a leader, and voting on what stands to vote (SPEC.md FR5, FR9): evidence goes to the
 * chain with the accuser's highest certificate, each member in its turn until one has brought it.
 */
import type { ChainProposal, PunishmentEvidence } from "../ports.ts";
import { command, mayCommand } from "./commands.ts";
import { evidenceThatFits } from "./exhibit.ts";
import { evidenceIn } from "./indictment.ts";
import { judgePunishment } from "./judgement.ts";
import { inForce, isValidOnChain, memberOf, ownMember } from "./members.ts";
import { judgeSettlement } from "./settlement.ts";
import type { Machine } from "./state.ts";
import { ownCandidacy } from "./steps.ts";

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
  const { batch, previous } = found;
  const { header } = batch;
  const evidence: PunishmentEvidence = evidenceThatFits({
    accused: distrust.accused,
    header,
    ...(previous === undefined ? {} : { previous }),
    entries: batch.entries,
    batchSteps: batch.steps,
    // What the chain lacked of these has just been posted.
    steps: [],
  });
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
