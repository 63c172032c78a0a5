/**
 * Settling (SPEC.md SE1 to SE8): evidence from the confirmed log, votes on what others propose,
 * execution of what has passed, and the new base once the chain has settled.
 */
import { equalBytes } from "#core/bytes.ts";
import { type ChangeSet, encodeChangeSet } from "#core/effects.ts";
import type { ChainProposal } from "../chain-view.ts";
import { PENDING_SIZE_MAX, SETTLEMENT_SIZE_MAX } from "../codec/limits.ts";
import { encode, settlementEvidence } from "../codec.ts";
import type { SettlementEvidence, StateProof } from "../evidence.ts";
import { compareEpochs } from "../messages.ts";
import { command, mayCommand } from "./commands.ts";
import { changesTo } from "./composition.ts";
import { isDisproved } from "./disproof.ts";
import { findPoint, type Item, itemAt, type Point, sameHeader, tipOf } from "./log.ts";
import { inForce, ownMember, turnOf } from "./members.ts";
import { pendingToTip } from "./pending.ts";
import { evidenceIn } from "./proposed.ts";
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

/** Bytes of pending changes at which a leader does: three quarters of what it may order. */
export const SETTLE_SIZE: number = (PENDING_SIZE_MAX / 4) * 3;

/** After this a proposal that lacks votes is not waited for. */
const VOTING_MS = 30_000n;

interface Settleable {
  readonly item: Item;
  readonly confirming: Item;
}

/** The highest header that can be shown to be confirmed, above the settled height. */
export function settleable(machine: Machine): Settleable | undefined {
  return settleableBelow(machine, machine.log.items.length);
}

/** Of the log's first `count` headers. */
function settleableBelow({ log, chain }: Machine, count: number): Settleable | undefined {
  if (!sameHeader(log.base.ref, chain.settled.header)) return undefined;
  for (let index = count - 1; index >= 0; index--) {
    const confirming = log.items[index];
    if (confirming?.certificate === undefined) continue;
    const { epoch, justify } = confirming.header.header;
    const item = itemAt(log, justify.number);
    if (item?.certificate === undefined || compareEpochs(item.ref.epoch, epoch) !== 0) continue;
    return item.height > chain.settled.height ? { item, confirming } : undefined;
  }
  return undefined;
}

/**
 * Evidence for the highest header that can be settled at once. Where it is too large for the chain,
 * as what came of a forced change may be, for the highest for which it is not: the rest comes after
 * it. Where there is none, the chain may say so.
 */
function evidenceOf(machine: Machine): SettlementEvidence | undefined {
  const whole = evidenceBelow(machine, machine.log.items.length);
  if (whole === undefined || isWithinLimit(whole)) return whole;
  let best = whole;
  let [none, tooMany] = [0, machine.log.items.length];
  while (tooMany - none > 1) {
    const count = (none + tooMany) >> 1;
    const evidence = evidenceBelow(machine, count);
    const fits = evidence === undefined || isWithinLimit(evidence);
    if (fits) none = count;
    else tooMany = count;
    if (evidence !== undefined && (fits || !isWithinLimit(best))) best = evidence;
  }
  return best;
}

function isWithinLimit(evidence: SettlementEvidence): boolean {
  return encode(settlementEvidence, evidence).length <= SETTLEMENT_SIZE_MAX;
}

/** Of the log's first `count` headers. */
function evidenceBelow(machine: Machine, count: number): SettlementEvidence | undefined {
  const found = settleableBelow(machine, count);
  return found && evidenceFor(machine, found);
}

function evidenceFor(
  machine: Machine,
  { item, confirming }: Settleable,
): SettlementEvidence | undefined {
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
  if (isProposed(machine, atLeast)) return false;
  const found = settleable(machine);
  if (found === undefined || found.item.height < atLeast) return false;
  const evidence = evidenceOf(machine);
  if (evidence === undefined) return false;
  // One that had to stop short of it has been proposed already.
  if (evidence.toHeight < atLeast && isProposed(machine, evidence.toHeight)) return false;
  return command(machine, "propose", { type: "propose", evidence });
}

/** An open proposal that still may pass reaches as far. */
function isProposed(machine: Machine, atLeast: bigint): boolean {
  return openSettlements(machine).some((proposal) => {
    const known = evidenceIn(proposal);
    if (known === undefined || known.toHeight < atLeast || !isSameBase(machine, known))
      return false;
    return !isHopeless(machine, proposal, known);
  });
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

/** This node's vote on a settlement; undefined while it cannot tell. */
export function judgeSettlement(machine: Machine, proposal: ChainProposal): Vote | undefined {
  const { log, chain } = machine;
  const evidence = evidenceIn(proposal);
  if (evidence === undefined) return VOTE_NO;
  if (!isSameBase(machine, evidence)) return undefined;
  if (!sameHeader(log.base.ref, chain.settled.header)) return undefined;
  const { header } = evidence.header;
  if (isDisproved(machine, header)) return VOTE_NO;
  if (header.number > log.confirmed) {
    // Run again from what was answered on chain, all that it stands on is as good as in the log.
    return machine.inquiries.get(proposal.id)?.outcome === "sound" ? VOTE_YES : undefined;
  }
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

/** A leader settles before its log grows without bound, or nears one settlement's limit. */
export function settleLongLog(machine: Machine): void {
  const { leadership, log, chain } = machine;
  if (leadership === undefined) return;
  const isLong = log.items.length >= SETTLE_HEADERS;
  machine.pending = pendingToTip(machine);
  if (!isLong && machine.pending.size < SETTLE_SIZE && leadership.held === undefined) return;
  propose(machine, chain.settled.height + 1n);
}

/** Whether the header that the chain settled is in the log. */
export function settledPoint({ log, chain }: Machine): Point | undefined {
  const { header } = chain.settled;
  return header.number > tipOf(log).ref.number ? undefined : findPoint(log, header);
}
