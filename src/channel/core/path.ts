/**
 * The best path to the leader: `argmin(direct, rtt(p) + best(p))` over what members say in their
 * heartbeats, with hysteresis, and free of loops by the leader's sequence and poisoned reverse
 * (SPEC.md RT3 to RT7).
 */
import { RELAY_HOPS_MAX } from "../codec/limits.ts";
import { DELAY_UNKNOWN, type Route } from "../messages/wire.ts";
import { compareEpochs } from "../messages.ts";
import { type PeerId, peerIdOf } from "../ports.ts";
import { currentEpoch, leaderPeer, memberOfPeer, otherPeers } from "./members.ts";
import type { Machine } from "./state.ts";

/** A new path must be this much faster than the one in use, in per cent. */
const GAIN_MIN_PERCENT = 20;
/** Heartbeats that may be missing before a neighbour's word is too old. */
const HEARTBEATS_MISSING_MAX = 3;
/** How long a relay that failed is left out. */
const SHUN_MS = 30_000n;

interface Path {
  /** Undefined for the direct link. */
  readonly via: PeerId | undefined;
  readonly delayMs: number;
  readonly hops: number;
  readonly sequence: bigint;
}

/** Chooses again; called after every heartbeat that comes in and before every one that goes out. */
export function choosePath(machine: Machine): void {
  const { routing } = machine;
  const leader = leaderPeer(machine);
  const epoch = currentEpoch(machine);
  if (compareEpochs(routing.epoch, epoch) !== 0) {
    routing.epoch = epoch;
    routing.leaderSequence = 0n;
    routing.feasible = undefined;
    take(machine, undefined);
  }
  if (leader === undefined || leader === machine.self) return;
  const paths = candidates(machine, leader);
  const [best] = paths.toSorted((a, b) => a.delayMs - b.delayMs || a.hops - b.hops);
  const current = paths.find(({ via }) => via === routing.via);
  if (best === undefined) {
    take(machine, undefined);
  } else if (
    current === undefined ||
    best.delayMs * 100 <= current.delayMs * (100 - GAIN_MIN_PERCENT)
  ) {
    take(machine, best);
  } else {
    take(machine, current);
  }
}

function take(machine: Machine, path: Path | undefined): void {
  const { routing } = machine;
  if (routing.via !== path?.via) routing.relaySince = machine.now;
  routing.via = path?.via;
  routing.delayMs = path?.delayMs;
  routing.hops = path?.hops ?? 0;
  if (path === undefined) return;
  if (path.sequence > routing.leaderSequence) routing.leaderSequence = path.sequence;
  const { feasible } = routing;
  const isNewer = feasible === undefined || path.sequence > feasible.sequence;
  if (isNewer || path.delayMs < feasible.delayMs) {
    routing.feasible = { sequence: routing.leaderSequence, delayMs: path.delayMs };
  }
}

function candidates(machine: Machine, leader: PeerId): readonly Path[] {
  const { peers } = machine;
  const direct = peers.get(leader);
  const paths: Path[] = [];
  if (direct?.isUp === true && direct.rttMs !== undefined && isFresh(machine, leader)) {
    const sequence = direct.heartbeat?.sequence ?? 0n;
    paths.push({ via: undefined, delayMs: direct.rttMs, hops: 0, sequence });
  }
  for (const peer of otherPeers(machine)) {
    const path = peer === leader ? undefined : pathThrough(machine, peer);
    if (path !== undefined) paths.push(path);
  }
  return paths;
}

function isFresh(machine: Machine, peer: PeerId): boolean {
  const state = machine.peers.get(peer);
  const ageMax = BigInt(machine.tools.parameters.heartbeatMs * HEARTBEATS_MISSING_MAX);
  return state?.heartbeat !== undefined && machine.now - state.heartbeatAt <= ageMax;
}

function pathThrough(machine: Machine, peer: PeerId): Path | undefined {
  const { peers, routing, now } = machine;
  const state = peers.get(peer);
  const route = state?.heartbeat?.route;
  if (state?.isUp !== true || state.rttMs === undefined || route === undefined) return undefined;
  if (!isFresh(machine, peer) || route.delayMs === DELAY_UNKNOWN) return undefined;
  if (compareEpochs(route.epoch, routing.epoch) !== 0) return undefined;
  // Poisoned reverse: a path that leads back through this node is none.
  if (route.via !== undefined && peerIdOf(route.via) === machine.self) return undefined;
  const until = routing.shunned.get(peer);
  if (until !== undefined && until > now) return undefined;
  const hops = route.hops + 1;
  if (hops > RELAY_HOPS_MAX || !isFeasible(machine, route)) return undefined;
  return { via: peer, delayMs: state.rttMs + route.delayMs, hops, sequence: route.sequence };
}

/** News of the leader that is newer than any this node has passed on, or as new and nearer. */
function isFeasible({ routing }: Machine, route: Route): boolean {
  const { feasible } = routing;
  if (feasible === undefined || route.sequence > feasible.sequence) return true;
  return route.sequence === feasible.sequence && route.delayMs < feasible.delayMs;
}

/** What this node says of its own path. */
export function ownRoute(machine: Machine): Route {
  const { routing } = machine;
  if (leaderPeer(machine) === machine.self) {
    return { delayMs: 0, hops: 0, epoch: routing.epoch, sequence: routing.sequence };
  }
  const via = routing.via === undefined ? undefined : memberOfPeer(machine, routing.via)?.nodeKey;
  return {
    delayMs: routing.delayMs ?? DELAY_UNKNOWN,
    ...(via === undefined ? {} : { via }),
    hops: routing.hops,
    epoch: routing.epoch,
    sequence: routing.leaderSequence,
  };
}

/**
 * Leaves the relay in use for the direct link when it has been in use for two timeouts and still
 * brings no answer that the leader signed. Nobody is accused: only the path changes.
 */
export function dropRelay(machine: Machine): void {
  const { routing, now, tools } = machine;
  const { via } = routing;
  if (via === undefined || now - routing.relaySince < BigInt(2 * tools.parameters.resendMs)) return;
  routing.shunned.set(via, now + SHUN_MS);
  take(machine, undefined);
}
