/**
 * Fetching a settled state in chunks from one member, within limits of size and time (SPEC.md SY2,
 * SY3, SY7).
 */
import { SNAPSHOT_CHUNKS_MAX, SNAPSHOT_SIZE_MAX } from "../codec/limits.ts";
import type { MessageOf, SyncBase } from "../messages/wire.ts";
import type { PeerId } from "../ports.ts";
import { installBase, isSettledBase, writeBase } from "./base.ts";
import { complain } from "./emit.ts";
import { findPoint, sameHeader, tipOf } from "./log.ts";
import { send } from "./routing.ts";
import type { Machine, SnapshotFetch } from "./state.ts";

/** Times that one chunk is asked for again before another peer is tried. */
const CHUNK_TRIES = 5;
/** After this the whole fetch is tried with another peer. */
const SNAPSHOT_MS_MAX = 300_000n;

/** A base is worth fetching when the chain has settled it and this log does not reach it. */
export function startSnapshot(machine: Machine, base: SyncBase, from: PeerId): void {
  const { log, sync, chain, now } = machine;
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
    count: undefined,
    size: 0,
    startedAt: now,
    askedAt: now,
    triesLeft: 0,
  };
  askForChunk(machine, sync.snapshot);
}

/** The log holds another header where the chain has settled one. */
function isOff({ log, chain }: Machine): boolean {
  const { header } = chain.settled;
  return header.number > log.base.ref.number && findPoint(log, header) === undefined;
}

/** Asks again where an answer is late; false once there is nothing to wait for. */
export function goOnFetching(machine: Machine): boolean {
  const { sync, now, tools } = machine;
  const { snapshot } = sync;
  if (snapshot === undefined) return false;
  if (now - snapshot.askedAt < BigInt(tools.parameters.resendMs)) return true;
  if (snapshot.triesLeft > 0 && now - snapshot.startedAt < SNAPSHOT_MS_MAX) {
    askForChunk(machine, snapshot);
    return true;
  }
  sync.snapshot = undefined;
  return false;
}

function askForChunk(machine: Machine, snapshot: SnapshotFetch): void {
  snapshot.askedAt = machine.now;
  snapshot.triesLeft = snapshot.triesLeft === 0 ? CHUNK_TRIES : snapshot.triesLeft - 1;
  const { header, chunks, from } = snapshot;
  const { channel } = machine.facts;
  send(machine, [from], { type: "snapshotRequest", channel, header, index: chunks.length });
}

export function receiveSnapshotChunk(
  machine: Machine,
  chunk: MessageOf<"snapshotChunk">,
  from: PeerId,
): void {
  const { snapshot } = machine.sync;
  if (snapshot === undefined || snapshot.from !== from) return;
  if (!sameHeader(chunk.header, snapshot.header)) return;
  if (chunk.index !== snapshot.chunks.length) return;
  const refused = chunkRefusal(machine, snapshot, chunk);
  if (refused !== undefined) {
    machine.sync.snapshot = undefined;
    machine.sync.isBehind = true;
    complain(machine, "BAD_BATCH", refused, from);
    return;
  }
  snapshot.chunks.push(chunk.bytes);
  snapshot.count = chunk.count;
  snapshot.size += chunk.bytes.length;
  snapshot.triesLeft = 0;
  if (snapshot.chunks.length < chunk.count) askForChunk(machine, snapshot);
  else finish(machine, snapshot);
}

/** Why no more is fetched from this peer. */
function chunkRefusal(
  { now }: Machine,
  snapshot: SnapshotFetch,
  { count, bytes }: MessageOf<"snapshotChunk">,
): string | undefined {
  const size = snapshot.size + bytes.length;
  const isOther = snapshot.count !== undefined && snapshot.count !== count;
  if (isOther || count > SNAPSHOT_CHUNKS_MAX) return `a snapshot of ${count} chunks`;
  if (size > SNAPSHOT_SIZE_MAX) return `a snapshot of more than ${SNAPSHOT_SIZE_MAX} bytes`;
  if (now - snapshot.startedAt >= SNAPSHOT_MS_MAX) return "a snapshot that comes too slowly";
  return undefined;
}

/** Replaces log and state by what was fetched, if that is what the chain has settled. */
function finish(machine: Machine, { base, header, chunks, from }: SnapshotFetch): void {
  const { sync, chain, tools } = machine;
  sync.snapshot = undefined;
  sync.isBehind = true;
  const { stateRoot, firstHeight, count } = base.header.header;
  if (!sameHeader(header, chain.settled.header)) return;
  if (!tools.executor.restore(stateRoot, chunks)) {
    complain(machine, "BAD_BATCH", "a snapshot that does not have the settled root", from);
    return;
  }
  installBase(machine, base, firstHeight + BigInt(count) - 1n);
  writeBase(machine);
  sync.askedAt = undefined;
}
