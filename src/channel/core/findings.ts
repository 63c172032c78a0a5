/**
 * Puts on disk what this node has found against others (SPEC.md FR5, FP8): whoever is reloaded
 * between finding a cheat and showing it to the chain must not let it off. What the chain itself
 * shows is not written: it shows it again.
 */
import { assertNever } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import { refOfHeader } from "../codec.ts";
import { addDisproof, disproofOf } from "./disproof.ts";
import { persist } from "./emit.ts";
import type { JournalEntry } from "./records.ts";
import type { Disproof, Distrust, Machine } from "./state.ts";

/** How findings stand in the journal. */
export type FindingEntry = Extract<
  JournalEntry,
  { readonly type: "distrust" | "accused" | "disproof" | "aftermath" }
>;

/** Writes whatever of the findings is not on disk yet. */
export function recordFindings(machine: Machine): void {
  if (machine.distrust !== undefined) recordDistrust(machine, machine.distrust);
  for (const disproof of machine.disproofs) {
    recordDisproof(machine, disproof);
    recordAftermath(machine, disproof);
  }
}

/** Writes all of them anew, for a journal that forgets what came before. */
export function recordFindingsAgain(machine: Machine): void {
  if (machine.distrust !== undefined) machine.distrust.recorded = undefined;
  for (const disproof of machine.disproofs) disproof.recorded = undefined;
  recordFindings(machine);
}

function recordDistrust(machine: Machine, distrust: Distrust): void {
  const { term, evidence, isPosted, recorded } = distrust;
  if (recorded === undefined) persist(machine, { type: "distrust", evidence });
  if (isPosted && recorded?.isPosted !== true) persist(machine, { type: "accused", term });
  distrust.recorded = { isPosted };
}

function recordDisproof(machine: Machine, disproof: Disproof): void {
  if (disproof.recorded !== undefined) return;
  const { configuration, history, evidence } = disproof;
  persist(machine, { type: "disproof", configuration, history, evidence });
  disproof.recorded = { ackCount: 0, laterCount: 0 };
}

/** What became known of a disproved header since the last time. */
function recordAftermath(machine: Machine, disproof: Disproof): void {
  const { ref, acks, later, recorded } = disproof;
  const { ackCount, laterCount } = recorded ?? { ackCount: 0, laterCount: 0 };
  if (acks.size === ackCount && later.size === laterCount) return;
  // Neither forgets anything, and both keep the order of learning.
  const signatures = [...acks].slice(ackCount).map(([seat, signature]) => ({ seat, signature }));
  const headers = [...later.values()].slice(laterCount);
  persist(machine, { type: "aftermath", ref, acks: signatures, later: headers });
  disproof.recorded = { ackCount: acks.size, laterCount: later.size };
}

/** Takes a finding back into a machine that is made from its journal. */
export function restoreFinding(machine: Machine, entry: FindingEntry): void {
  switch (entry.type) {
    case "distrust":
      machine.distrust = restoredDistrust(machine, entry.evidence);
      return;
    case "accused": {
      const { distrust } = machine;
      if (distrust?.term !== entry.term) return;
      distrust.isPosted = true;
      distrust.recorded = { isPosted: true };
      return;
    }
    case "disproof": {
      const { configuration, history, evidence } = entry;
      const ref = refOfHeader(evidence.header.header);
      // With a new base all of them were written again.
      if (disproofOf(machine, ref) !== undefined) return;
      addDisproof(machine, configuration, history, evidence);
      noteRecorded(disproofOf(machine, ref));
      return;
    }
    case "aftermath": {
      const disproof = disproofOf(machine, entry.ref);
      for (const { seat, signature } of entry.acks) disproof?.acks.set(seat, signature);
      for (const header of entry.later) {
        disproof?.later.set(toHex(refOfHeader(header).hash), header);
      }
      noteRecorded(disproof);
      return;
    }
    default:
      assertNever(entry);
  }
}

function restoredDistrust(machine: Machine, evidence: Distrust["evidence"]): Distrust {
  const signed = evidence.type === "execution" ? evidence.batch.header : evidence.evidence.first;
  const { epoch, leader: accused } = signed.header;
  const recorded = { isPosted: false };
  return { term: epoch.term, accused, since: machine.now, isPosted: false, recorded, evidence };
}

function noteRecorded(disproof: Disproof | undefined): void {
  if (disproof === undefined) return;
  disproof.recorded = { ackCount: disproof.acks.size, laterCount: disproof.later.size };
}
