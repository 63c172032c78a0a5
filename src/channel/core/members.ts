/**
 * Who is who, as the log and the chain know them: seats, the leader, who was heard and who is valid
 * on chain.
 */
import { equalBytes } from "#core/bytes.ts";
import type { ChainMember } from "../chain-view.ts";
import {
  type Configuration,
  compareEpochs,
  type Epoch,
  type HeaderRef,
  type Seat,
  type SeatId,
} from "../messages.ts";
import { type PeerId, peerIdOf } from "../ports.ts";
import { configurationAfter, seatOf } from "./configuration.ts";
import { chainsEpoch, isSameReign, seatLeading } from "./epoch.ts";
import { compareRefs, findPoint, type Point, sameRef, tipOf } from "./log.ts";
import type { Machine, Peer } from "./state.ts";

/** The last header of this branch whose certificate is known, here or to the chain. */
export function bestCertified(machine: Machine): Point {
  const { log, chain } = machine;
  const best =
    findPoint(log, log.highest.ref) ??
    log.items.findLast((item) => item.certificate !== undefined) ??
    log.base;
  const fence = findPoint(log, chain.fence);
  const isHigher = fence !== undefined && compareRefs(fence.ref, best.ref) > 0;
  return isHigher && isFence(machine, fence.ref) ? fence : best;
}

/**
 * The chain has seen this header's certificate, which may be lost to all that live (SPEC.md CE5).
 */
export function isFence({ chain }: Machine, ref: HeaderRef): boolean {
  const { fence, forced } = chain;
  return sameRef(fence, ref) || (forced !== undefined && sameRef(forced.fence, ref));
}

/**
 * The epoch that the chain's leader orders in. A configuration that the chain forces starts a view
 * of its own, so that a leader who stays can order again above the fence without signing two
 * headers for one place.
 */
export function chainEpoch({ chain }: Machine): Epoch {
  return chainsEpoch(chain.term, chain.forced?.configuration.number ?? 0n);
}

/**
 * The epoch that this node takes part in: the chain's, or a view that was entered since; where the
 * others have not come along, the one that they are in.
 */
export function currentEpoch(machine: Machine): Epoch {
  const opened = chainEpoch(machine);
  const { epoch } = machine.watch.isPassed ? tipOf(machine.log).ref : machine.promises;
  return isSameReign(epoch, opened) ? epoch : opened;
}

/** Later than the current epoch, and nothing that the chain would have to open. */
export function isLaterView(machine: Machine, epoch: Epoch): boolean {
  const current = currentEpoch(machine);
  return isSameReign(epoch, current) && compareEpochs(epoch, current) > 0;
}

/** Who leads an epoch; undefined where only a chain of other days knew. */
export function leaderOf(machine: Machine, epoch: Epoch): SeatId | undefined {
  const named = seatLeading(epoch);
  if (named !== undefined) return named;
  return compareEpochs(epoch, chainEpoch(machine)) === 0 ? machine.chain.leader : undefined;
}

/** Who leads now; nobody does in any view of a term whose leader the chain has lost. */
export function leaderSeat(machine: Machine): SeatId | undefined {
  return machine.chain.leader === undefined ? undefined : leaderOf(machine, currentEpoch(machine));
}

/** The configuration of the header that would come next. */
export function inForce(machine: Machine): Configuration {
  const { log, chain } = machine;
  return configurationAfter(log, chain.forced, tipOf(log), bestCertified(machine).ref);
}

export function memberOf(machine: Machine, seat: SeatId): ChainMember | undefined {
  return machine.chain.members.find((member) => member.seat === seat);
}

/**
 * A node may have joined several times; its last join counts. Node keys are public: where a chain
 * let a stranger join with this one, the account that brought it first owns it.
 */
export function memberOfPeer(machine: Machine, peer: PeerId): ChainMember | undefined {
  const joins = machine.chain.members.filter((member) => peerIdOf(member.nodeKey) === peer);
  const owner = joins[0]?.address;
  return joins.findLast(({ address }) => address === owner);
}

/** The last join with both of this node's keys. */
export function ownMember({ chain, tools }: Machine): ChainMember | undefined {
  const { memberKey, nodeKey } = tools.signer;
  return chain.members.findLast(
    (member) => equalBytes(member.nodeKey, nodeKey) && equalBytes(member.memberKey, memberKey),
  );
}

/** All seats that this node's account has had and not given back. */
export function ownSeats(machine: Machine): readonly SeatId[] {
  const address = ownMember(machine)?.address;
  return machine.chain.members
    .filter((member) => member.address === address)
    .map(({ seat }) => seat);
}

/** This node's seat in a configuration. */
export function ownSeatIn(machine: Machine, configuration: Configuration): Seat | undefined {
  const member = ownMember(machine);
  return member === undefined ? undefined : seatOf(configuration, member.seat);
}

export function peerOfSeat(machine: Machine, seat: SeatId): PeerId | undefined {
  const member = memberOf(machine, seat);
  return member === undefined ? undefined : peerIdOf(member.nodeKey);
}

/** The node that leads now. */
export function leaderPeer(machine: Machine): PeerId | undefined {
  const leader = leaderSeat(machine);
  return leader === undefined ? undefined : peerOfSeat(machine, leader);
}

/** Nodes of all members but this one. */
export function otherPeers(machine: Machine): readonly PeerId[] {
  return machine.chain.members
    .filter(({ standing }) => standing !== "removed")
    .map(({ nodeKey }) => peerIdOf(nodeKey))
    .filter((peer) => peer !== machine.self);
}

export function peerState(machine: Machine, peer: PeerId): Peer {
  const known = machine.peers.get(peer);
  if (known !== undefined) return known;
  const made: Peer = {
    isUp: false,
    heardAt: undefined,
    heartbeat: undefined,
    heartbeatAt: 0n,
    rttMs: undefined,
    returnVia: undefined,
    batchSentAt: 0n,
    answeredAt: 0n,
    answerMs: undefined,
    served: undefined,
  };
  machine.peers.set(peer, made);
  return made;
}

/** Forgets nodes that are neither members nor linked, so that the table stays bounded. */
export function forgetStrangers(machine: Machine): void {
  for (const [peer, { isUp }] of machine.peers) {
    if (!isUp && memberOfPeer(machine, peer) === undefined) machine.peers.delete(peer);
  }
}

/** Whether a seat's node was heard within the last `ms`; this node always hears itself. */
export function wasHeard(machine: Machine, seat: SeatId, ms: number): boolean {
  const peer = peerOfSeat(machine, seat);
  if (peer === machine.self) return true;
  const heardAt = peer === undefined ? undefined : machine.peers.get(peer)?.heardAt;
  return heardAt !== undefined && machine.now - heardAt < BigInt(ms);
}

/** The chain's rule: its last keep_alive is no older than the lease. */
export function isValidOnChain(machine: Machine, seat: SeatId, marginMs = 0): boolean {
  const member = memberOf(machine, seat);
  if (member === undefined || member.standing === "removed") return false;
  const lease = BigInt(machine.tools.parameters.leaseMs + marginMs);
  return machine.chain.now - member.lastAlive <= lease;
}

/**
 * This node's place among the valid members of a configuration: who acts first where one is enough.
 */
export function turnOf(machine: Machine, configuration: Configuration): number {
  const valid = configuration.seats.filter(({ seat }) => isValidOnChain(machine, seat));
  const own = ownMember(machine);
  const index = valid.findIndex(({ seat }) => seat === own?.seat);
  return index < 0 ? valid.length : index;
}
