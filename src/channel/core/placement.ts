/**
 * Putting entries under a header of the leader's: what turns out inadmissible is left out (SPEC.md
 * LE10), and what the next settlement has no room for is held back (LE11).
 */
import type { Entry, SignedViewChange } from "../messages.ts";
import { acknowledge } from "./acknowledgement.ts";
import { complain } from "./emit.ts";
import { hold, noteSpent } from "./leadership.ts";
import { order } from "./ordering.ts";
import type { Leadership, Machine } from "./state.ts";
import { actorOf, submissionOf } from "./submission.ts";
import { certify } from "./tally.ts";

/** Orders entries; one that turns out inadmissible is left out, and the rest tried without it. */
export function place(
  machine: Machine,
  leadership: Leadership,
  entries: readonly Entry[],
  viewChanges: readonly SignedViewChange[],
): boolean {
  const placed = order(machine, entries, viewChanges);
  if (placed.ok) {
    leadership.waitingSince = undefined;
    if (entries.length > 0) leadership.held = undefined;
    if (entries.length > 0) noteSpent(machine, leadership);
    acknowledge(machine);
    certify(machine, leadership);
    return true;
  }
  const fault = placed.error;
  if (fault.type === "room") {
    hold(machine, leadership);
    return viewChanges.length > 0 && place(machine, leadership, [], viewChanges);
  }
  if (fault.type === "leader") noteSpent(machine, leadership);
  if (!leadership.isSpent) complain(machine, fault.error.name, fault.error.detail);
  if (fault.type === "leader") return false;
  const faulty = entries[fault.index];
  if (faulty !== undefined) dropFromPool(machine, faulty);
  const rest = entries.filter((entry) => entry !== faulty);
  const isWorthIt = rest.length > 0 || viewChanges.length > 0;
  if (rest.length === entries.length || !isWorthIt) return false;
  return place(machine, leadership, rest, viewChanges);
}

function dropFromPool(machine: Machine, entry: Entry): void {
  const submission = submissionOf(entry);
  if (submission === undefined) return;
  const { seat, nonce } = actorOf(submission);
  machine.pool.get(seat)?.delete(nonce);
}
