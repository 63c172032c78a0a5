/** Catching up (SPEC.md SY1 to SY5): asking for what others hold, and taking what was asked for. */
import { equalBytes } from "#core/bytes.ts";
import { KNOWN_HEADERS_MAX, SYNC_BATCHES_MAX } from "../codec/limits.ts";
import type { MessageOf } from "../messages/wire.ts";
import type { HeaderRef } from "../messages.ts";
import type { PeerId } from "../ports.ts";
import { receiveBatches } from "./follower.ts";
import { compareRefs, tipOf } from "./log.ts";
import { bestCertified, leaderPeer, otherPeers } from "./members.ts";
import { send } from "./routing.ts";
import { goOnFetching, startSnapshot } from "./snapshot.ts";
import type { Machine } from "./state.ts";

/** Asks a peer for what is missing, the leader first and the others in turn. */
export function catchUp(machine: Machine): void {
  const { sync, now, tools } = machine;
  if (machine.isLoaded && !sync.isBehind) return;
  if (goOnFetching(machine)) return;
  const resendMs = BigInt(tools.parameters.resendMs);
  if (sync.askedAt !== undefined && now - sync.askedAt < resendMs) return;
  const peer = sync.holder ?? nextToAsk(machine);
  if (peer === undefined) return;
  sync.holder = undefined;
  sync.askedAt = now;
  sync.asked = peer;
  sync.awaited.set(peer, now);
  sync.isBehind = false;
  const known = knownHeaders(machine);
  send(machine, [peer], { type: "syncRequest", channel: machine.facts.channel, known });
}

/** An answer that comes later is asked for again. */
const ANSWER_MS_MAX = 60_000n;

/** Whether this peer was asked and has not answered. */
function isAwaited({ sync, now }: Machine, peer: PeerId): boolean {
  const askedAt = sync.awaited.get(peer);
  return askedAt !== undefined && now - askedAt <= ANSWER_MS_MAX;
}

/**
 * Members that hold more than this node, the leader first; each is asked once before the first is
 * asked again.
 */
function nextToAsk(machine: Machine): PeerId | undefined {
  const { peers, sync, log } = machine;
  const leader = leaderPeer(machine);
  const holders = otherPeers(machine).filter((peer) => {
    const heartbeat = peers.get(peer)?.heartbeat;
    if (heartbeat === undefined) return false;
    const isAhead = compareRefs(heartbeat.tip, tipOf(log).ref) > 0;
    return isAhead || compareRefs(heartbeat.certified, bestCertified(machine).ref) > 0;
  });
  const all = holders.length > 0 ? holders : otherPeers(machine);
  const ordered = [
    ...all.filter((peer) => peer === leader),
    ...all.filter((peer) => peer !== leader),
  ];
  const last = sync.asked === undefined ? -1 : ordered.indexOf(sync.asked);
  return ordered[(last + 1) % ordered.length];
}

/** From the tip down, so that the other finds the last one that both hold. */
function knownHeaders({ log }: Machine): readonly HeaderRef[] {
  const refs = log.items.map(({ ref }) => ref).toReversed();
  return [...refs.slice(0, KNOWN_HEADERS_MAX - 1), log.base.ref];
}

export function receiveSyncResponse(
  machine: Machine,
  response: MessageOf<"syncResponse">,
  from: PeerId,
): void {
  const { sync, facts } = machine;
  if (!equalBytes(response.channel, facts.channel) || !isAwaited(machine, from)) return;
  sync.awaited.delete(from);
  if (response.base !== undefined) {
    startSnapshot(machine, response.base, from);
    return;
  }
  if (!machine.isLoaded) return;
  receiveBatches(machine, response.batches, response.certificates, from);
  const last = response.batches.at(-1);
  const isHeld = last !== undefined && last.header.header.number === tipOf(machine.log).ref.number;
  if (response.batches.length === SYNC_BATCHES_MAX && isHeld) {
    sync.isBehind = true;
    sync.askedAt = undefined;
    sync.asked = undefined;
  }
}
