/**
 * Batches that accusations on chain name by their header alone, because they fit no transaction
 * (SPEC.md FR9). Who has one shows it to the members that have not voted; who is shown one keeps it
 * and judges by its own re-execution.
 */

import type { ChainProposal } from "../chain-view.ts";
import { EVIDENCE_SIZE_MAX } from "../codec/limits.ts";
import { encode, punishmentEvidence, refOfHeader } from "../codec.ts";
import type { PunishmentEvidence } from "../evidence.ts";
import type { Batch } from "../messages.ts";
import type { PeerId } from "../ports.ts";
import { evidenceIn, isAccusation } from "./indictment.ts";
import { bindingFault } from "./inspect.ts";
import { sameHeader } from "./log.ts";
import { ownSeats, peerOfSeat } from "./members.ts";
import { send } from "./routing.ts";
import type { Machine } from "./state.ts";

/** Between two times that a batch is shown to the same members. */
const SHOW_MS = 5_000n;

/** The evidence as a transaction can hold it: whole, or without the batch. */
export function evidenceThatFits(evidence: PunishmentEvidence): PunishmentEvidence {
  if (encode(punishmentEvidence, evidence).length <= EVIDENCE_SIZE_MAX) return evidence;
  return { ...evidence, entries: [], batchSteps: [] };
}

/** The batch that an accusation is about; undefined while only its header is known here. */
export function accusedBatch(
  { exhibits }: Machine,
  { id }: ChainProposal,
  evidence: PunishmentEvidence,
): Batch | undefined {
  if (isHeaderOnly(evidence)) return exhibits.get(id)?.batch;
  const { header, entries, batchSteps } = evidence;
  return { header, entries, steps: batchSteps, viewChanges: [] };
}

function isHeaderOnly({ header, entries, batchSteps }: PunishmentEvidence): boolean {
  return header.header.count > 0 && entries.length === 0 && batchSteps.length === 0;
}

/** Keeps a batch that an open accusation names by its header. */
export function noteExhibit(machine: Machine, batch: Batch): void {
  for (const { id, evidence } of openHeaderOnly(machine)) {
    if (machine.exhibits.has(id) || !isOf(evidence, batch)) continue;
    // Anybody may have changed what the header does not cover.
    if (bindingFault(batch) === undefined) machine.exhibits.set(id, { batch, shownAt: undefined });
  }
}

/** Shows the batches that are known here to the members that have not voted on them. */
export function showExhibits(machine: Machine): void {
  const { exhibits, distrust, now } = machine;
  const open = openHeaderOnly(machine);
  for (const id of exhibits.keys()) {
    if (!open.some((accusation) => accusation.id === id)) exhibits.delete(id);
  }
  if (open.length === 0) return;
  if (distrust?.evidence.type === "execution") noteExhibit(machine, distrust.evidence.batch);
  for (const accusation of open) {
    const exhibit = exhibits.get(accusation.id);
    const shownAt = exhibit?.shownAt;
    if (exhibit === undefined || (shownAt !== undefined && now - shownAt < SHOW_MS)) continue;
    exhibit.shownAt = now;
    const { batch } = exhibit;
    send(machine, undecided(machine, accusation), { type: "batch", batch });
  }
}

interface HeaderOnly {
  readonly id: bigint;
  readonly voters: ChainProposal["voters"];
  readonly votes: ChainProposal["votes"];
  readonly evidence: PunishmentEvidence;
}

function openHeaderOnly({ chain }: Machine): readonly HeaderOnly[] {
  return chain.proposals.flatMap((proposal) => {
    if (!isAccusation(proposal) || proposal.status !== "open") return [];
    const evidence = evidenceIn(proposal);
    if (evidence === undefined || !isHeaderOnly(evidence)) return [];
    const { id, voters, votes } = proposal;
    return [{ id, voters, votes, evidence }];
  });
}

function isOf(evidence: PunishmentEvidence, batch: Batch): boolean {
  const [named, shown] = [evidence.header.header, batch.header.header];
  return named.number === shown.number && sameHeader(refOfHeader(named), refOfHeader(shown));
}

/** Nodes of the seats that may still vote, other than this one. */
function undecided(machine: Machine, { voters, votes }: HeaderOnly): readonly PeerId[] {
  const own = ownSeats(machine);
  return voters.flatMap((seat) => {
    const isOver = votes.some((cast) => cast.seat === seat);
    return isOver || own.includes(seat) ? [] : (peerOfSeat(machine, seat) ?? []);
  });
}
