/**
 * Acknowledging headers of the log: which of them this node may sign for, and giving that to the
 * leader (SPEC.md PR6 to PR9, PR15).
 */
import { ackMessage } from "../codec.ts";
import { type Batch, compareEpochs } from "../messages.ts";
import type { PeerId } from "../ports.ts";
import { ackFor, learnCertificate } from "./certificates.ts";
import { persist } from "./emit.ts";
import { compareRefs, holds, type Item, itemAt } from "./log.ts";
import { currentEpoch, leaderOf, leaderPeer, ownSeatIn } from "./members.ts";
import { isOverfull } from "./pending.ts";
import { send } from "./routing.ts";
import type { Machine } from "./state.ts";

/** Acknowledges what is in the log and may be, in order (SPEC.md PR6). */
export function acknowledge(machine: Machine): void {
  const { log, promises, chain, distrust } = machine;
  if (chain.leader === undefined || promises.removals.length > 0) return;
  if (distrust?.term === chain.term || isLeavingAlone(machine)) return;
  const current = currentEpoch(machine);
  const leads = leaderOf(machine, current);
  const { acked } = promises;
  const isAcking = compareEpochs(acked.epoch, current) === 0;
  const skipped = isAcking ? Number(acked.number - log.base.ref.number) : 0;
  for (const item of log.items.slice(Math.max(skipped, 0))) {
    const { epoch, justify, leader } = item.header.header;
    if (compareEpochs(epoch, current) !== 0 || leader !== leads) continue;
    if (compareEpochs(epoch, promises.epoch) < 0 || !isNext(machine, item)) continue;
    const own = ownSeatIn(machine, item.configuration);
    if (own === undefined) continue;
    if (leader !== own.seat && isOverfull(machine, item)) return;
    promises.acked = item.ref;
    promises.epoch = epoch;
    if (compareRefs(justify, promises.locked) > 0) promises.locked = justify;
    persist(machine, { type: "ack", header: item.ref, locked: promises.locked });
    sendAck(machine, item);
  }
}

/**
 * What it acks from now on would show that it knew of more than it has shown the chain, which is
 * worth its bond.
 */
function isLeavingAlone({ jobs }: Machine): boolean {
  return jobs.some(({ kind }) => kind === "exit");
}

/** Above the last ack of its epoch; in a new epoch, not against the lock. */
function isNext({ log, promises }: Machine, item: Item): boolean {
  const { acked, locked } = promises;
  if (compareEpochs(item.ref.epoch, acked.epoch) === 0) {
    // Where the base has passed the last ack, what was acked is settled, or was given up by all.
    const isBelow = acked.number <= log.base.ref.number;
    return item.ref.number > acked.number && (isBelow || holds(log, acked));
  }
  if (compareEpochs(item.ref.epoch, acked.epoch) < 0) return false;
  const { justify } = item.header.header;
  const extendsLocked =
    locked.number <= log.base.ref.number || (locked.number < item.ref.number && holds(log, locked));
  return extendsLocked || compareRefs(justify, locked) >= 0;
}

/** A leader that sends a header again may have missed the ack. */
export function acknowledgeAgain(machine: Machine, batch: Batch, from: PeerId): void {
  const { log, promises } = machine;
  const item = itemAt(log, batch.header.header.number);
  if (item === undefined) return;
  if (batch.certificate !== undefined) learnCertificate(machine, batch.certificate);
  const { acked } = promises;
  // An ack on another branch, or of an epoch left behind, must not become a second one here.
  const isAcked =
    compareEpochs(item.ref.epoch, acked.epoch) === 0 &&
    compareEpochs(item.ref.epoch, promises.epoch) >= 0 &&
    item.ref.number <= acked.number &&
    holds(log, acked);
  if (isAcked && from === leaderPeer(machine)) sendAck(machine, item);
}

/** Gives an ack to the leader; this node's own counts when it leads, without being sent. */
function sendAck(machine: Machine, item: Item): void {
  const seat = ownSeatIn(machine, item.configuration);
  const leader = leaderPeer(machine);
  if (seat === undefined || leader === undefined || leader === machine.self) return;
  const ack = ackFor(machine, item);
  const signature = machine.tools.signer.signAsNode(ackMessage(ack));
  send(machine, [leader], { type: "ack", ack, seat: seat.seat, signature });
}
