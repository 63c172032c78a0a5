/**
 * The leader's count of acks: gathering them, and making certificates of those of a quorum (SPEC.md
 * CE1, LE8).
 */
import { equalBytes } from "#core/bytes.ts";
import type { Signature } from "#core/ed25519.ts";
import { ackMessage } from "../codec.ts";
import type { MessageOf } from "../messages/wire.ts";
import { compareEpochs, type SeatId } from "../messages.ts";
import type { PeerId } from "../ports.ts";
import { ackFor, learnCertificate } from "./certificates.ts";
import { sameConfiguration, seatOf } from "./configuration.ts";
import { complain } from "./emit.ts";
import { findPoint, holds, type Item, tipOf } from "./log.ts";
import { otherPeers, ownSeatIn, peerOfSeat } from "./members.ts";
import { isQuorum } from "./quorum.ts";
import { noteAck, noteAnswer } from "./resending.ts";
import { send } from "./routing.ts";
import type { Leadership, Machine } from "./state.ts";

/** A member's ack of a header of ours. */
export function receiveAck(machine: Machine, message: MessageOf<"ack">, from: PeerId): void {
  const { leadership, log } = machine;
  const { ack, seat, signature } = message;
  if (leadership === undefined) return;
  const peer = peerOfSeat(machine, seat);
  if (peer !== undefined && peer === from) noteAnswer(machine, peer);
  const item = findPoint(log, ack.header);
  if (item === undefined || item === log.base || item.certificate !== undefined) return;
  const key = seatOf(item.configuration, seat)?.nodeKey;
  const expected = ackFor(machine, item);
  const isFitting =
    equalBytes(ack.channel, expected.channel) &&
    sameConfiguration(ack.configuration, expected.configuration) &&
    compareEpochs(ack.header.epoch, item.ref.epoch) === 0 &&
    // Only what this node ordered as leader: in an older epoch another header stood at this number.
    compareEpochs(item.ref.epoch, leadership.epoch) === 0;
  if (key === undefined || !isFitting) return;
  const acks = acksOf(leadership, item.ref.number);
  if (acks.has(seat)) return;
  if (!machine.tools.verify(ackMessage(ack), signature, key)) {
    complain(machine, "BAD_SIGNATURE_OR_NONCE", `ack of seat ${seat}`);
    return;
  }
  acks.set(seat, signature);
  if (peer !== undefined) noteAck(machine, peer, item);
}

function acksOf(leadership: Leadership, number: bigint): Map<SeatId, Signature> {
  const acks = leadership.acks.get(number) ?? new Map<SeatId, Signature>();
  leadership.acks.set(number, acks);
  return acks;
}

/** Turns acks of a quorum into certificates, this node's own among them. */
export function certify(machine: Machine, leadership: Leadership): void {
  const { log, tools } = machine;
  for (const item of log.items) {
    if (item.certificate !== undefined) {
      leadership.acks.delete(item.ref.number);
      continue;
    }
    if (compareEpochs(item.ref.epoch, leadership.epoch) !== 0) continue;
    const ack = ackFor(machine, item);
    const acks = acksOf(leadership, item.ref.number);
    const own = ownSeatIn(machine, item.configuration);
    if (own !== undefined && !acks.has(own.seat) && isAcked(machine, item)) {
      acks.set(own.seat, tools.signer.signAsNode(ackMessage(ack)));
    }
    if (!isQuorum(acks.size, item.configuration.seats.length)) continue;
    const signatures = [...acks].map(([seat, signature]) => ({ seat, signature }));
    signatures.sort((a, b) => (a.seat < b.seat ? -1 : 1));
    learnCertificate(machine, { ack, signatures });
  }
}

/** This node has promised, on disk, to stand by the header. */
function isAcked({ log, promises }: Machine, item: Item): boolean {
  const { acked } = promises;
  return (
    compareEpochs(acked.epoch, item.ref.epoch) === 0 &&
    acked.number >= item.ref.number &&
    holds(log, acked)
  );
}

/** The last certificate goes out alone when no header carries it. */
export function sendCertificate(machine: Machine, leadership: Leadership): void {
  const { log } = machine;
  const { ref, certificate } = log.highest;
  if (certificate === undefined || compareEpochs(ref.epoch, leadership.epoch) !== 0) return;
  const carried = tipOf(log).header?.header.justify.number ?? 0n;
  if (ref.number <= carried || ref.number <= leadership.certificateSent) return;
  leadership.certificateSent = ref.number;
  send(machine, otherPeers(machine), { type: "certificate", certificate });
}
