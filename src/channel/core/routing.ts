/**
 * How a message gets to a node: over the direct link, or inside an envelope through another member
 * (SPEC.md RT1 to RT8). A relay can read neither keys nor change what is signed; it can only not
 * carry.
 */

import { RELAY_HOPS_MAX, RELAY_OVERHEAD_SIZE } from "../codec/limits.ts";
import { encodeMessage } from "../codec.ts";
import type { Message, MessageOf } from "../messages/wire.ts";
import { MESSAGE_SIZE_MAX, type PeerId, peerIdOf } from "../ports.ts";
import { complain } from "./emit.ts";
import { leaderPeer, memberOfPeer, otherPeers } from "./members.ts";
import type { Machine } from "./state.ts";

/** Sends one message to several nodes, each along its path. */
export function send(machine: Machine, to: readonly PeerId[], message: Message): void {
  const bytes = encodeMessage(message);
  if (bytes.length > MESSAGE_SIZE_MAX - RELAY_OVERHEAD_SIZE) {
    complain(machine, "MESSAGE_TOO_LARGE", `a ${message.type} of ${bytes.length} bytes`);
    return;
  }
  const direct = to.filter((peer) => hopTo(machine, peer) === peer);
  emit(machine, direct, bytes);
  for (const peer of to) {
    const hop = hopTo(machine, peer);
    const target = memberOfPeer(machine, peer);
    if (hop === undefined || hop === peer || target === undefined) continue;
    const envelope: Message = {
      type: "relay",
      from: machine.tools.signer.nodeKey,
      to: target.nodeKey,
      hopsLeft: RELAY_HOPS_MAX - 1,
      payload: bytes,
    };
    emit(machine, [hop], encodeMessage(envelope));
  }
}

/** Sends to a node over the direct link only, whether or not a member of the channel. */
export function sendDirect(machine: Machine, to: PeerId, message: Message): void {
  emit(machine, [to], encodeMessage(message));
}

function emit(machine: Machine, to: readonly PeerId[], bytes: Uint8Array): void {
  if (to.length === 0) return;
  machine.effects.push({ type: "send", to, bytes, after: machine.sequence });
}

/** The next node on the way; undefined when there is no way. */
export function hopTo(machine: Machine, peer: PeerId): PeerId | undefined {
  const { peers, routing } = machine;
  const isUp = (hop: PeerId | undefined) => hop !== undefined && peers.get(hop)?.isUp === true;
  if (peer === leaderPeer(machine) && isUp(routing.via)) return routing.via;
  const state = peers.get(peer);
  const asked = state?.heartbeat?.route.via;
  if (leaderPeer(machine) === machine.self && asked !== undefined) {
    const hop = peerIdOf(asked);
    if (hop !== machine.self && isUp(hop)) return hop;
  }
  if (state?.isUp === true) return peer;
  if (isUp(state?.returnVia)) return state?.returnVia;
  return otherPeers(machine).find((other) => other !== peer && isUp(other));
}

/** Carries an envelope on, if it may still be and its receiver is a member. */
export function carryOn(machine: Machine, envelope: MessageOf<"relay">, from: PeerId): void {
  const to = peerIdOf(envelope.to);
  if (envelope.hopsLeft === 0 || memberOfPeer(machine, to) === undefined) return;
  const { peers, routing } = machine;
  const viaRoute = to === leaderPeer(machine) ? routing.via : undefined;
  const hop = peers.get(to)?.isUp === true ? to : viaRoute;
  if (hop === undefined || hop === from || peers.get(hop)?.isUp !== true) return;
  emit(machine, [hop], encodeMessage({ ...envelope, hopsLeft: envelope.hopsLeft - 1 }));
}
