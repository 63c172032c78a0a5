/**
 * Settling (SPEC.md SE1 to SE8): evidence from the confirmed log, votes on what others propose,
 * execution of what has passed, and the new base once the chain has settled.
 */
import { BcsError } from "#core/bcs/reader.ts";
import { equalBytes } from "#core/bytes.ts";
import { type ChangeSet, encodeChangeSet } from "#core/effects.ts";
import { decode, settlementEvidence } from "../codec.ts";
import {
  type ChainProposal,
  compareEpochs,
  type SettlementEvidence,
  type StateProof,
} from "../ports.ts";
import { command, mayCommand } from "./commands.ts";
import { changesTo } from "./composition.ts";
import { findPoint, type Item, itemAt, type Point, sameHeader, tipOf } from "./log.ts";
import { inForce, ownMember, turnOf } from "./members.ts";
import { isSettled } from "./quorum.ts";
import type { Machine } from "./state.ts";
import { carriedSteps } from "./steps.ts";

/** The votes of the contract. */
export const VOTE_NO = 0;
export const VOTE_YES = 1;
export const VOTE_ABSTAIN = 2;
export type Vote = typeof VOTE_NO | typeof VOTE_YES | typeof VOTE_ABSTAIN;

/** Headers above the base at which a leader settles by itself. */
export const SETTLE_HEADERS = 4_096;

/** After this a proposal that lacks votes is not waited for. */
const VOTING_MS = 30_000n;

/** The highest header that can be shown to be confirmed, above the settled height. */
export function settleable(machine: Machine): { item: Item; confirming: Item } | undefined {
  const { log, chain } = machine;
  if (!sameHeader(log.base.ref, chain.settled.header)) return undefined;
  for (let index = log.items.length - 1; index >= 0; index--) {
    const confirming = log.items[index];
    if (confirming?.certificate === undefined) continue;
    const { epoch, justify } = confirming.header.header;
    const item = itemAt(log, justify.number);
    if (item?.certificate === undefined || compareEpochs(item.ref.epoch, epoch) !== 0) continue;
    return item.height > chain.settled.height ? { item, confirming } : undefined;
  }
  return undefined;
}

function evidenceOf(machine: Machine): SettlementEvidence | undefined {
  const found = settleable(machine);
  if (found === undefined) return undefined;
  const { item, confirming } = found;
  if (item.certificate === undefined || confirming.certificate === undefined) return undefined;
  // Beyond the header's own configuration too: the chain learns who has left.
  const steps = carriedSteps(machine, inForce(machine));
  if (steps === undefined) return undefined;
  const changes = changesTo(machine, item.ref.number);
  return {
    fromHeight: machine.chain.settled.height,
    toHeight: item.height,
    changes,
    header: item.header,
    certificate: item.certificate,
    confirming: confirming.header,
    confirmingCertificate: confirming.certificate,
    steps,
    proof: proveAtBase(machine, changes),
  };
}

/** Of the state that the chain has settled, which is the base's. */
function proveAtBase({ log, tools }: Machine, changes: ChangeSet): StateProof {
  tools.executor.rollback(log.base.mark);
  const proof = tools.executor.prove(changes.map(({ key }) => key));
  tools.executor.rollback(tipOf(log).mark);
  return proof;
}

/** Proposals to settle that still count. */
function openSettlements({ chain }: Machine): readonly ChainProposal[] {
  return chain.proposals.filter(
    ({ type, status }) => type === 1 && (status === "open" || status === "passed"),
  );
}

/**
 * Proposes what is confirmed, unless a proposal that reaches as far is open already.
 * @param atLeast the height that the settlement has to contain.
 */
export function propose(machine: Machine, atLeast: bigint): boolean {
  if (!mayCommand(machine, "propose")) return false;
  const reached = openSettlements(machine).some((proposal) => {
    const known = evidenceIn(proposal);
    if (known === undefined || known.toHeight < atLeast || !isSameBase(machine, known))
      return false;
    return !isHopeless(machine, proposal, known);
  });
  if (reached) return false;
  const evidence = evidenceOf(machine);
  if (evidence === undefined || evidence.toHeight < atLeast) return false;
  return command(machine, "propose", { type: "propose", evidence });
}

/** Voters had time enough, and are too few: one that reaches further may take its place. */
function isHopeless(
  machine: Machine,
  proposal: ChainProposal,
  { header: { header } }: SettlementEvidence,
): boolean {
  const since = machine.openSince.get(proposal.id);
  if (since === undefined || machine.now - since < VOTING_MS) return false;
  const configuration = itemAt(machine.log, header.number)?.configuration ?? inForce(machine);
  const yes = proposal.votes.filter(({ option }) => option === VOTE_YES).length;
  return !isSettled(yes, configuration.seats.length);
}

/** Remembers since when proposals have been open. */
export function noteProposals({ chain, openSince, now }: Machine): void {
  const open = chain.proposals.filter(({ status }) => status === "open").map(({ id }) => id);
  for (const id of open) openSince.set(id, openSince.get(id) ?? now);
  for (const id of openSince.keys()) if (!open.includes(id)) openSince.delete(id);
}

function isSameBase({ chain }: Machine, evidence: SettlementEvidence): boolean {
  return evidence.fromHeight === chain.settled.height;
}

/** Undefined when a proposal's data is no evidence. */
export function evidenceIn(proposal: ChainProposal): SettlementEvidence | undefined {
  try {
    return decode(settlementEvidence, proposal.data);
  } catch (error) {
    if (error instanceof BcsError) return undefined;
    throw error;
  }
}

/** This node's vote on a settlement; undefined while it cannot tell. */
export function judgeSettlement(machine: Machine, proposal: ChainProposal): Vote | undefined {
  const { log, chain } = machine;
  const evidence = evidenceIn(proposal);
  if (evidence === undefined) return VOTE_NO;
  if (!isSameBase(machine, evidence)) return undefined;
  if (!sameHeader(log.base.ref, chain.settled.header)) return undefined;
  const { header } = evidence.header;
  if (header.number > log.confirmed) return undefined;
  const point: Point | undefined = itemAt(log, header.number);
  const named = { number: header.number, hash: evidence.certificate.ack.header.hash };
  if (point === undefined || !sameHeader(point.ref, named)) return VOTE_NO;
  const ours = encodeChangeSet(changesTo(machine, header.number));
  const isEqual =
    point.height === evidence.toHeight && equalBytes(ours, encodeChangeSet(evidence.changes));
  return isEqual ? VOTE_YES : VOTE_NO;
}

/** Has a passed proposal carried out: the proposer first, then the others in turn. */
export function executePassed(machine: Machine): void {
  const own = ownMember(machine);
  const { chain, passedSince, now, tools } = machine;
  // The chain lets only those carry it out that are in.
  if (own?.standing !== "joined") return;
  for (const proposal of chain.proposals) {
    if (proposal.status !== "passed") continue;
    const since = passedSince.get(proposal.id) ?? now;
    passedSince.set(proposal.id, since);
    const place = proposal.proposer === own.seat ? 0 : 1 + turnOf(machine, inForce(machine));
    if (now - since < BigInt(place * tools.parameters.turnMs)) continue;
    command(machine, `execute/${proposal.id}`, { type: "execute", proposal });
  }
  const known = new Set(chain.proposals.map(({ id }) => id));
  for (const id of passedSince.keys()) if (!known.has(id)) passedSince.delete(id);
}

/** A leader settles before its unsettled log grows without bound. */
export function settleLongLog(machine: Machine): void {
  if (machine.leadership === undefined || machine.log.items.length < SETTLE_HEADERS) return;
  propose(machine, machine.chain.settled.height + 1n);
}

/** Whether the header that the chain settled is in the log. */
export function settledPoint({ log, chain }: Machine): Point | undefined {
  const { header } = chain.settled;
  return header.number > tipOf(log).ref.number ? undefined : findPoint(log, header);
}
