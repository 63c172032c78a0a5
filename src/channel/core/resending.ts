/**
 * What a leader sends again to those whose ack is missing, and how long it waits (SPEC.md LE7): as
 * long as they take, so that who is slow is not given more and more of the same.
 */
import type { Batch, Millis, SeatId } from "../messages.ts";
import type { PeerId } from "../ports.ts";
import type { Item } from "./log.ts";
import { bestCertified, peerOfSeat, peerState } from "./members.ts";
import { send } from "./routing.ts";
import type { Machine, Peer } from "./state.ts";

/** Sends what waits for acks again to those that have not answered. */
export function resend(machine: Machine): void {
  const { now, tools } = machine;
  for (const [peer, batches] of unanswered(machine)) {
    const state = peerState(machine, peer);
    if (now < resendTime(machine, state)) continue;
    state.batchSentAt = now;
    state.answerMs = bounded(2n * (state.answerMs ?? BigInt(tools.parameters.resendMs)), machine);
    for (const batch of batches) send(machine, [peer], { type: "batch", batch });
  }
}

/** When headers are to be sent again. */
export function resendTimes(machine: Machine): readonly Millis[] {
  return [...unanswered(machine).keys()].map((peer) =>
    resendTime(machine, peerState(machine, peer)),
  );
}

function resendTime({ tools }: Machine, { batchSentAt, answeredAt, answerMs }: Peer): Millis {
  const since = answeredAt > batchSentAt ? answeredAt : batchSentAt;
  return since + (answerMs ?? BigInt(tools.parameters.resendMs));
}

function bounded(ms: bigint, { tools }: Machine): bigint {
  const [least, most] = [BigInt(tools.parameters.resendMs), BigInt(tools.parameters.resendMsMax)];
  if (ms < least) return least;
  return ms > most ? most : ms;
}

/** An ack came in, be it of a header that needs none any more: whoever sent it is at work. */
export function noteAnswer(machine: Machine, peer: PeerId): void {
  peerState(machine, peer).answeredAt = machine.now;
}

/** What a header's first ack of a peer took is what the next may take. */
export function noteAck(machine: Machine, peer: PeerId, { time }: Pick<Item, "time">): void {
  peerState(machine, peer).answerMs = bounded(2n * (machine.now - time), machine);
}

/** What was sent before may be lost; how long it took is no measure for what comes. */
export function noteLinked(machine: Machine, peer: PeerId): void {
  peerState(machine, peer).answerMs = undefined;
}

/** Batches without certificate, by the node whose ack of them is missing. */
function unanswered(machine: Machine): ReadonlyMap<PeerId, readonly Batch[]> {
  const { log, leadership } = machine;
  const found = new Map<PeerId, Batch[]>();
  if (leadership === undefined) return found;
  const { number } = bestCertified(machine).ref;
  for (const item of log.items) {
    if (item.ref.number <= number) continue;
    const acks = leadership.acks.get(item.ref.number);
    for (const { seat } of item.configuration.seats) {
      const peer = acks?.has(seat) === true ? undefined : otherNode(machine, seat);
      if (peer === undefined) continue;
      const batches = found.get(peer) ?? [];
      found.set(peer, batches);
      batches.push(item.batch);
    }
  }
  return found;
}

function otherNode(machine: Machine, seat: SeatId): PeerId | undefined {
  const peer = peerOfSeat(machine, seat);
  return peer === machine.self ? undefined : peer;
}
