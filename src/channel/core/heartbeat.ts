/**
 * Heartbeats: who is there, what it holds, how fast it reaches the leader; and the round trips they
 * measure.
 */
import { equalBytes } from "#core/bytes.ts";
import { heartbeatMessage } from "../codec.ts";
import type { Heartbeat, MessageOf } from "../messages/wire.ts";
import { compareEpochs } from "../messages.ts";
import { type PeerId, peerIdOf } from "../ports.ts";
import { complain } from "./emit.ts";
import { compareRefs, holds, tipOf } from "./log.ts";
import {
  bestCertified,
  inForce,
  leaderPeer,
  leaderSeat,
  memberOfPeer,
  otherPeers,
  ownMember,
  peerState,
} from "./members.ts";
import { choosePath, dropRelay, ownRoute } from "./path.ts";
import { send } from "./routing.ts";
import type { Machine } from "./state.ts";
import { canDoWithout, wantedEpoch } from "./suspicion.ts";

/** Share of a new measurement in the smoothed round trip: one in this many. */
const SMOOTHING = 4;
/** Longest round trip that is believed. */
const ROUND_TRIP_MS_MAX = 60_000n;

/** Sends a heartbeat to every member when it is time. */
export function beat(machine: Machine): void {
  const { routing, now } = machine;
  const isDue = routing.beatAt === undefined || now - routing.beatAt >= beatMs(machine);
  if (!isDue && compareEpochs(routing.saidEpoch, wantedEpoch(machine)) === 0) return;
  routing.beatAt = now;
  routing.saidEpoch = wantedEpoch(machine);
  leaveSilentRelay(machine);
  choosePath(machine);
  sendHeartbeat(machine, otherPeers(machine));
}

/**
 * Between two heartbeats. A leader that the others could do without says more often that it is
 * there (SPEC.md EL15).
 */
export function beatMs(machine: Machine): bigint {
  const { leaderBeatMs, heartbeatMs } = machine.tools.parameters;
  const own = ownMember(machine)?.seat;
  const isLeader = own !== undefined && leaderSeat(machine) === own;
  return BigInt(isLeader && canDoWithout(inForce(machine), own) ? leaderBeatMs : heartbeatMs);
}

/** A peer that has just come up should not wait for the next beat. */
export function greet(machine: Machine, peer: PeerId): void {
  sendHeartbeat(machine, [peer]);
}

function sendHeartbeat(machine: Machine, to: readonly PeerId[]): void {
  const { routing, now, tools, log } = machine;
  if (to.length === 0) return;
  routing.sequence += 1n;
  const heartbeat: Heartbeat = {
    channel: machine.facts.channel,
    node: tools.signer.nodeKey,
    sequence: routing.sequence,
    sentAt: now,
    epoch: wantedEpoch(machine),
    tip: tipOf(log).ref,
    certified: bestCertified(machine).ref,
    confirmed: log.confirmed,
    route: ownRoute(machine),
    echoes: echoes(machine),
  };
  const signature = tools.signer.signAsNode(heartbeatMessage(heartbeat));
  send(machine, to, { type: "heartbeat", heartbeat, signature });
}

function echoes(machine: Machine): Heartbeat["echoes"] {
  const known: Heartbeat["echoes"][number][] = [];
  for (const peer of otherPeers(machine)) {
    const state = machine.peers.get(peer);
    if (state?.heartbeat === undefined) continue;
    const held = machine.now - state.heartbeatAt;
    if (held > ROUND_TRIP_MS_MAX) continue;
    const { node, sentAt } = state.heartbeat;
    known.push({ node, sentAt, heldMs: Number(held) });
  }
  return known;
}

/** @param relayed the relay it came through; undefined over the direct link. */
export function receiveHeartbeat(
  machine: Machine,
  message: MessageOf<"heartbeat">,
  relayed: PeerId | undefined,
): void {
  const { heartbeat, signature } = message;
  const { node } = heartbeat;
  const peer = peerIdOf(node);
  if (peer === machine.self || memberOfPeer(machine, peer) === undefined) return;
  if (!equalBytes(heartbeat.channel, machine.facts.channel)) return;
  const state = peerState(machine, peer);
  const before = state.heartbeat;
  if (before !== undefined && !isLater(heartbeat, before)) return;
  if (!machine.tools.verify(heartbeatMessage(heartbeat), signature, node)) {
    complain(machine, "BAD_SIGNATURE_OR_NONCE", "a heartbeat", peer);
    return;
  }
  state.heartbeat = heartbeat;
  state.heartbeatAt = machine.now;
  state.heardAt = machine.now;
  state.returnVia = relayed;
  if (relayed === undefined) measure(machine, state, heartbeat);
  if (peer === leaderPeer(machine)) noteLeader(machine, heartbeat);
  noteProgress(machine, heartbeat);
  choosePath(machine);
}

/**
 * By the sender's clock, since a node that started again counts from one; an old one sent again
 * proves nothing.
 */
function isLater(heartbeat: Heartbeat, before: Heartbeat): boolean {
  if (heartbeat.sentAt !== before.sentAt) return heartbeat.sentAt > before.sentAt;
  return heartbeat.sequence > before.sequence;
}

function measure(
  machine: Machine,
  state: { rttMs: number | undefined },
  heartbeat: Heartbeat,
): void {
  const own = machine.tools.signer.nodeKey;
  const echo = heartbeat.echoes.find(({ node }) => equalBytes(node, own));
  if (echo === undefined) return;
  const trip = machine.now - echo.sentAt - BigInt(echo.heldMs);
  if (trip < 0n || trip > ROUND_TRIP_MS_MAX) return;
  const measured = Number(trip);
  const { rttMs } = state;
  state.rttMs =
    rttMs === undefined ? measured : Math.round((rttMs * (SMOOTHING - 1) + measured) / SMOOTHING);
}

function noteLeader(machine: Machine, heartbeat: Heartbeat): void {
  const { routing } = machine;
  if (heartbeat.sequence > routing.leaderSequence) routing.leaderSequence = heartbeat.sequence;
}

/** Whether another holds more than this node does. */
function noteProgress(machine: Machine, heartbeat: Heartbeat): void {
  const { log, sync } = machine;
  const tip = tipOf(log).ref;
  const isAhead = compareRefs(heartbeat.tip, tip) > 0 && !holds(log, heartbeat.tip);
  const isCertified = compareRefs(heartbeat.certified, bestCertified(machine).ref) > 0;
  if (isAhead || isCertified) sync.isBehind = true;
}

/**
 * The leader has not been heard, or our own entries get no answer, although a relay says it has a
 * path.
 */
function leaveSilentRelay(machine: Machine): void {
  const { now, tools, own } = machine;
  const leader = leaderPeer(machine);
  if (leader === undefined) return;
  const timeoutMs = BigInt(2 * tools.parameters.heartbeatMs * 3);
  const heardAt = machine.peers.get(leader)?.heardAt;
  const isSilent = heardAt === undefined || now - heardAt > timeoutMs;
  const isUnanswered = own.some(
    ({ height, firstSentAt }) =>
      height === undefined && firstSentAt !== undefined && now - firstSentAt > timeoutMs,
  );
  if (isSilent || isUnanswered) dropRelay(machine);
}
