/**
 * Catching up (SPEC.md SY1 to SY8): asking for what others hold, answering, and fetching a settled
 * state in chunks.
 */
import { equalBytes } from "#core/bytes.ts";
import {
  KNOWN_HEADERS_MAX,
  SNAPSHOT_CHUNKS_MAX,
  SYNC_BATCHES_MAX,
  SYNC_SIZE_MAX,
} from "../codec/limits.ts";
import { batch as batchCodec, encode } from "../codec.ts";
import type { MessageOf, SyncBase } from "../messages/wire.ts";
import type { Batch, Certificate, HeaderRef } from "../messages.ts";
import type { PeerId } from "../ports.ts";
import { baseForOthers, chunksOfBase, installBase, isSettledBase, writeBase } from "./base.ts";
import { complain } from "./emit.ts";
import { receiveBatches } from "./follower.ts";
import { compareRefs, findPoint, sameHeader, tipOf } from "./log.ts";
import { leaderPeer, otherPeers } from "./members.ts";
import { send } from "./routing.ts";
import type { Machine } from "./state.ts";

/** Asks a peer for what is missing, the leader first and the others in turn. */
export function catchUp(machine: Machine): void {
  const { sync, now, tools } = machine;
  if (machine.isLoaded && !sync.isBehind) return;
  const resendMs = BigInt(tools.parameters.resendMs);
  if (sync.snapshot !== undefined) {
    if (now - sync.snapshot.askedAt < resendMs) return;
    if (sync.snapshot.triesLeft > 0) {
      askForChunk(machine);
      return;
    }
    sync.snapshot = undefined;
  }
  if (sync.askedAt !== undefined && now - sync.askedAt < resendMs) return;
  const peer = nextToAsk(machine);
  if (peer === undefined) return;
  sync.askedAt = now;
  sync.asked = peer;
  sync.isBehind = false;
  const known = knownHeaders(machine);
  send(machine, [peer], { type: "syncRequest", channel: machine.facts.channel, known });
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
    return isAhead || compareRefs(heartbeat.certified, log.highest.ref) > 0;
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

export function receiveSyncRequest(
  machine: Machine,
  request: MessageOf<"syncRequest">,
  from: PeerId,
): void {
  const { log, facts } = machine;
  if (!machine.isLoaded || !equalBytes(request.channel, facts.channel)) return;
  const shared = request.known.find((ref) => findPoint(log, ref) !== undefined);
  const base = shared === undefined ? baseForOthers(machine) : undefined;
  const after = shared?.number ?? log.base.ref.number;
  const batches: Batch[] = [];
  let size = 0;
  for (const { batch, ref } of log.items) {
    if (ref.number <= after) continue;
    if (batches.length === SYNC_BATCHES_MAX || size > SYNC_SIZE_MAX) break;
    batches.push(batch);
    size += encode(batchCodec, batch).length;
  }
  send(machine, [from], {
    type: "syncResponse",
    channel: facts.channel,
    ...(base === undefined ? {} : { base }),
    batches: base === undefined ? batches : [],
    certificates: lastCertificates(machine),
  });
}

/** Of the last headers; what lies below is carried by the batches. */
function lastCertificates({ log }: Machine): readonly Certificate[] {
  const known = log.items.flatMap(({ certificate }) => certificate ?? []);
  return known.slice(-2);
}

export function receiveSyncResponse(
  machine: Machine,
  response: MessageOf<"syncResponse">,
  from: PeerId,
): void {
  const { sync, facts } = machine;
  if (!equalBytes(response.channel, facts.channel)) return;
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

/** A base is worth fetching when the chain has settled it and this log does not reach it. */
function startSnapshot(machine: Machine, base: SyncBase, from: PeerId): void {
  const { log, sync, chain } = machine;
  const { header } = base.header;
  const isNeeded = !machine.isLoaded || header.number > tipOf(log).ref.number || isOff(machine);
  if (!isNeeded || sync.snapshot !== undefined) return;
  if (!isSettledBase(machine, base)) {
    complain(machine, "BAD_BATCH", "a base that the chain has not settled", from);
    return;
  }
  sync.snapshot = {
    from,
    base,
    header: chain.settled.header,
    chunks: [],
    askedAt: machine.now,
    triesLeft: 0,
  };
  askForChunk(machine);
}

/** The log holds another header where the chain has settled one. */
function isOff({ log, chain }: Machine): boolean {
  const { header } = chain.settled;
  return header.number > log.base.ref.number && findPoint(log, header) === undefined;
}

/** Times that one chunk is asked for before another peer is tried. */
const CHUNK_TRIES = 5;

function askForChunk(machine: Machine): void {
  const { snapshot } = machine.sync;
  if (snapshot === undefined) return;
  snapshot.askedAt = machine.now;
  snapshot.triesLeft = snapshot.triesLeft === 0 ? CHUNK_TRIES : snapshot.triesLeft - 1;
  const { header, chunks, from } = snapshot;
  const { channel } = machine.facts;
  send(machine, [from], { type: "snapshotRequest", channel, header, index: chunks.length });
}

export function receiveSnapshotRequest(
  machine: Machine,
  request: MessageOf<"snapshotRequest">,
  from: PeerId,
): void {
  const { log, facts } = machine;
  if (!machine.isLoaded || !equalBytes(request.channel, facts.channel)) return;
  if (!sameHeader(request.header, log.base.ref)) return;
  const chunks = chunksOfBase(machine);
  const bytes = chunks[request.index];
  if (bytes === undefined) return;
  const { channel, header, index } = request;
  const count = chunks.length;
  send(machine, [from], { type: "snapshotChunk", channel, header, index, count, bytes });
}

export function receiveSnapshotChunk(
  machine: Machine,
  chunk: MessageOf<"snapshotChunk">,
  from: PeerId,
): void {
  const { sync } = machine;
  const { snapshot } = sync;
  if (snapshot === undefined || snapshot.from !== from) return;
  const isNext =
    sameHeader(chunk.header, snapshot.header) &&
    chunk.index === snapshot.chunks.length &&
    chunk.count <= SNAPSHOT_CHUNKS_MAX;
  if (!isNext) return;
  snapshot.chunks.push(chunk.bytes);
  snapshot.triesLeft = 0;
  if (snapshot.chunks.length < chunk.count) {
    askForChunk(machine);
    return;
  }
  sync.snapshot = undefined;
  sync.isBehind = true;
  const { header } = snapshot.base.header;
  if (!sameHeader(snapshot.header, machine.chain.settled.header)) return;
  if (!machine.tools.executor.restore(header.stateRoot, snapshot.chunks)) {
    complain(machine, "BAD_BATCH", "a snapshot that does not have the settled root", from);
    return;
  }
  installBase(machine, snapshot.base, header.firstHeight + BigInt(header.count) - 1n);
  writeBase(machine);
  sync.askedAt = undefined;
}
