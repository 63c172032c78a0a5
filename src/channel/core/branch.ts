/**
 * Moves the log, the state and what is known of ordered submissions together: append an executed
 * header, cut back.
 */
import { noteCertified } from "./certificates.ts";
import { notify, persist } from "./emit.ts";
import { appendItem, compareRefs, cutLog, findPoint, type Item, tipOf } from "./log.ts";
import type { Machine } from "./state.ts";
import { actorKey, actorOf, subjectOf, submissionOf } from "./submission.ts";

/** Appends an item; the executor is in the state after it. */
export function extend(machine: Machine, item: Item): void {
  appendItem(machine.log, item);
  noteOrdered(machine, item);
  const { batch } = item;
  const { header } = batch.header;
  // The log's own, which was checked; what a batch carries may be anybody's.
  const certificate = findPoint(machine.log, header.justify)?.certificate;
  if (certificate !== undefined) noteCertified(machine, certificate);
  if (item.receipts.length === 0) return;
  notify(machine, {
    type: "applied",
    number: item.ref.number,
    firstHeight: header.firstHeight,
    entries: batch.entries,
    receipts: item.receipts,
    changes: item.changes,
    leader: header.leader,
    time: header.time,
  });
}

/**
 * Cuts the log above `number`, which is not below what is confirmed, and takes the state back to
 * there.
 */
export function cutBack(machine: Machine, number: bigint): void {
  const { log, tools } = machine;
  const before = tipOf(log);
  if (before.ref.number <= number) return;
  const cut = cutLog(log, number);
  const tip = tipOf(log);
  tools.executor.rollback(tip.mark);
  for (const item of cut) {
    tools.executor.release(item.mark);
    forgetOrdered(machine, item);
  }
  persist(machine, { type: "cut", number });
  if (before.height > tip.height) notify(machine, { type: "reverted", height: tip.height });
}

/**
 * The chain voided what stands above `number`: its certificates, confirmations and the lock on it
 * go too.
 */
export function voidAbove(machine: Machine, number: bigint): void {
  const { log, promises } = machine;
  if (log.confirmed > number) log.confirmed = number;
  log.steps = log.steps.filter(({ confirming }) => confirming.header.number <= number);
  cutBack(machine, number);
  const tip = tipOf(log);
  const certified = log.items.findLast((item) => item.certificate !== undefined) ?? log.base;
  log.highest = { ref: certified.ref, certificate: certified.certificate };
  if (compareRefs(promises.locked, tip.ref) <= 0) return;
  promises.locked = tip.ref;
  persist(machine, { type: "unlock", locked: tip.ref });
}

function noteOrdered(machine: Machine, item: Item): void {
  const { firstHeight } = item.header.header;
  for (const [index, entry] of item.batch.entries.entries()) {
    const submission = submissionOf(entry);
    if (submission === undefined) continue;
    const { seat, nonce } = actorOf(submission);
    const receipt = item.receipts[index];
    if (receipt === undefined) continue;
    const height = firstHeight + BigInt(index);
    const subject = subjectOf(submission);
    machine.ordered.set(actorKey(seat, nonce), { subject, height, receipt });
    machine.pool.get(seat)?.delete(nonce);
  }
}

/** For items that are cut off, or settled and pruned. */
export function forgetOrdered(machine: Machine, item: Item): void {
  for (const entry of item.batch.entries) {
    const submission = submissionOf(entry);
    if (submission === undefined) continue;
    const { seat, nonce } = actorOf(submission);
    machine.ordered.delete(actorKey(seat, nonce));
  }
}
