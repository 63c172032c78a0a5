/**
 * Answering those that catch up (SPEC.md SY1, SY2, SY6): batches above the last shared header, the
 * base where none is shared, and the chunks of its state. Each peer is answered as often as an
 * honest one would ask.
 */
import { equalBytes } from "#core/bytes.ts";
import { SYNC_BATCHES_MAX, SYNC_SIZE_MAX } from "../codec/limits.ts";
import { batch as batchCodec, encode } from "../codec.ts";
import type { MessageOf } from "../messages/wire.ts";
import type { Batch, Certificate } from "../messages.ts";
import type { PeerId } from "../ports.ts";
import { baseForOthers, chunksOfBase } from "./base.ts";
import { findPoint, sameHeader } from "./log.ts";
import { peerState } from "./members.ts";
import { send } from "./routing.ts";
import type { Machine } from "./state.ts";

export function receiveSyncRequest(
  machine: Machine,
  request: MessageOf<"syncRequest">,
  from: PeerId,
): void {
  const { log, facts } = machine;
  if (!machine.isLoaded || !equalBytes(request.channel, facts.channel)) return;
  const shared = request.known.find((ref) => findPoint(log, ref) !== undefined);
  if (!mayServe(machine, from, batchesAbove(shared?.number))) return;
  const base = shared === undefined ? baseForOthers(machine) : undefined;
  const batches =
    base === undefined ? batchesAfter(machine, shared?.number ?? log.base.ref.number) : [];
  const last = batches.at(-1)?.header.header.number;
  noteServed(machine, from, base === undefined ? batchesAbove(last) : chunkAt(0));
  send(machine, [from], {
    type: "syncResponse",
    channel: facts.channel,
    ...(base === undefined ? {} : { base }),
    batches,
    certificates: certificatesFor(machine, last),
  });
}

function batchesAfter({ log }: Machine, after: bigint): readonly Batch[] {
  const batches: Batch[] = [];
  let size = 0;
  for (const { batch, ref } of log.items) {
    if (ref.number <= after) continue;
    if (batches.length === SYNC_BATCHES_MAX || size > SYNC_SIZE_MAX) break;
    batches.push(batch);
    size += encode(batchCodec, batch).length;
  }
  return batches;
}

/**
 * Of the last headers, which no batch carries, and of the last one up to `number`: what is sent may
 * end before a batch that carries one of its certificates.
 */
function certificatesFor({ log }: Machine, number: bigint | undefined): readonly Certificate[] {
  const certified = log.items.filter(({ certificate }) => certificate !== undefined);
  const sent = certified.findLast(({ ref }) => number !== undefined && ref.number <= number);
  const wanted = new Set([sent, ...certified.slice(-2)]);
  return certified.flatMap((item) => (wanted.has(item) ? (item.certificate ?? []) : []));
}

export function receiveSnapshotRequest(
  machine: Machine,
  request: MessageOf<"snapshotRequest">,
  from: PeerId,
): void {
  const { log, facts } = machine;
  if (!machine.isLoaded || !equalBytes(request.channel, facts.channel)) return;
  if (!sameHeader(request.header, log.base.ref)) return;
  if (!mayServe(machine, from, chunkAt(request.index))) return;
  const chunks = chunksOfBase(machine);
  const bytes = chunks[request.index];
  if (bytes === undefined) return;
  const { channel, header, index } = request;
  const count = chunks.length;
  noteServed(machine, from, chunkAt(index + 1));
  send(machine, [from], { type: "snapshotChunk", channel, header, index, count, bytes });
}

function batchesAbove(number: bigint | undefined): string | undefined {
  return number === undefined ? undefined : `batches/${number}`;
}

function chunkAt(index: number): string {
  return `chunk/${index}`;
}

/**
 * Whether a request is to be answered: one that goes on from the last answer at once, any other
 * after half of the time in which an honest node asks again.
 */
function mayServe(machine: Machine, to: PeerId, request: string | undefined): boolean {
  const { served } = peerState(machine, to);
  if (served === undefined || (request !== undefined && served.next === request)) return true;
  return 2n * (machine.now - served.at) >= BigInt(machine.tools.parameters.resendMs);
}

function noteServed(machine: Machine, to: PeerId, next: string | undefined): void {
  peerState(machine, to).served = { at: machine.now, next };
}
