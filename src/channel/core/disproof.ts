/**
 * Headers that re-execution has contradicted, and what has become known of them since: who acked
 * them, and what was built on them (SPEC.md FP8, FP9). Knows nothing of what is reported when.
 */
import { equalBytes, toHex } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";
import type { Accumulator } from "#core/merkle/accumulator.ts";
import { verifyMerklePath } from "#core/merkle/merkle-proof.ts";
import { ackMessage, refOfConfiguration, refOfHeader } from "../codec.ts";
import type { Descendant, FraudEvidence } from "../evidence.ts";
import type {
  Ack,
  Batch,
  Certificate,
  Configuration,
  Header,
  HeaderRef,
  SignedHeader,
} from "../messages.ts";
import { seatOf } from "./configuration.ts";
import { fraudEvidence, type Unread, unreadEvidence } from "./fraud-proof.ts";
import { historyPath } from "./history-path.ts";
import { historyAfter, type Point, sameHeader } from "./log.ts";
import { ownSeats } from "./members.ts";
import type { Disproof, Machine } from "./state.ts";

/** Disproved headers that a node remembers. */
const DISPROOFS_MAX = 8;
/** Headers remembered that build on one of them. */
const LATER_MAX = 1_024;

/**
 * Remembers a header that re-execution contradicts, where the chain judges. The executor is at the
 * log's tip afterwards.
 */
export function disprove(
  machine: Machine,
  parent: Point,
  configuration: Configuration,
  batch: Batch,
): void {
  const { header } = batch.header;
  remember(machine, parent, configuration, header, () =>
    fraudEvidence(machine, parent, configuration, batch),
  );
}

/** {@link disprove} of a header with a step whose entries cannot be read. */
export function disproveUnread(
  machine: Machine,
  parent: Point,
  configuration: Configuration,
  header: SignedHeader,
  unread: Unread,
): void {
  remember(machine, parent, configuration, header.header, () =>
    unreadEvidence(parent, configuration, header, unread),
  );
}

function remember(
  machine: Machine,
  parent: Point,
  configuration: Configuration,
  header: Header,
  evidence: () => FraudEvidence,
): void {
  if (!machine.chain.judges || disproofOf(machine, refOfHeader(header)) !== undefined) return;
  addDisproof(machine, configuration, historyAfter(parent), evidence());
}

/**
 * Adds a disproved header that is not known yet.
 * @param history hashes of all headers before it.
 */
export function addDisproof(
  { disproofs }: Machine,
  configuration: Configuration,
  history: Accumulator,
  evidence: FraudEvidence,
): void {
  if (disproofs.length === DISPROOFS_MAX) disproofs.shift();
  disproofs.push({
    ref: refOfHeader(evidence.header.header),
    configuration,
    history,
    evidence,
    acks: new Map(),
    later: new Map(),
    paths: new Map(),
    reports: new Map(),
    recorded: undefined,
  });
}

export function disproofOf(
  { disproofs }: Machine,
  ref: Pick<HeaderRef, "number" | "hash">,
): Disproof | undefined {
  return disproofs.find((known) => sameHeader(known.ref, ref));
}

/** Forgets what the chain has settled past: it voids nothing any more. */
export function forgetSettled(machine: Machine): void {
  const { number } = machine.chain.settled.header;
  machine.disproofs = machine.disproofs.filter(({ ref }) => ref.number > number);
}

/** Remembers headers that stand on a disproved one or on what builds on it, in ascending order. */
export function noteLater({ disproofs }: Machine, headers: readonly Header[]): void {
  for (const { ref, later } of disproofs) {
    for (const header of headers) {
      if (later.size >= LATER_MAX) break;
      const isNext = header.number === ref.number + 1n && equalBytes(header.previous, ref.hash);
      if (!isNext && !later.has(toHex(header.previous))) continue;
      later.set(toHex(refOfHeader(header).hash), header);
    }
  }
}

/** Remembers whose acks of a disproved header a certificate shows, however few; never our own. */
export function noteAcks(machine: Machine, { ack, signatures }: Certificate): void {
  const disproof = disproofOf(machine, ack.header);
  if (disproof === undefined) return;
  const own = ownSeats(machine);
  const message = ackMessage(ackOf(machine, disproof));
  for (const { seat, signature } of signatures) {
    const key = seatOf(disproof.configuration, seat)?.nodeKey;
    if (key === undefined || own.includes(seat) || disproof.acks.has(seat)) continue;
    if (machine.tools.verify(message, signature, key)) disproof.acks.set(seat, signature);
  }
}

/** All acks of it that are known, as the chain reads them; undefined without any. */
export function acksOf(machine: Machine, disproof: Disproof): Certificate | undefined {
  if (disproof.acks.size === 0) return undefined;
  const signatures = [...disproof.acks]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([seat, signature]) => ({ seat, signature }));
  return { ack: ackOf(machine, disproof), signatures };
}

function ackOf({ facts }: Machine, { ref, configuration }: Disproof): Ack {
  const { channel } = facts;
  return { channel, configuration: refOfConfiguration(channel, configuration), header: ref };
}

/**
 * A header as one that builds on a disproved one; undefined where it is not known to, or where its
 * history root does not say so.
 */
export function descendant(disproof: Disproof, header: Header): Descendant | undefined {
  const { ref, history, paths } = disproof;
  if (header.number <= ref.number) return undefined;
  const shown = paths.get(toHex(refOfHeader(header).hash));
  const hashes = shown === undefined ? hashesUpTo(disproof, header) : undefined;
  const path = shown ?? (hashes && historyPath(history, hashes));
  if (path === undefined) return undefined;
  const root = header.historyRoot;
  const list = { tag: "HistoryRoot", count: Number(header.number - 1n), root };
  const isProved = verifyMerklePath(list, Number(ref.number - 1n), ref.hash, path).ok;
  return isProved ? { header, path } : undefined;
}

/** Whether a header is the disproved one or is known to build on it. */
export function isVoidWith(disproof: Disproof, header: Header): boolean {
  return (
    sameHeader(disproof.ref, refOfHeader(header)) || descendant(disproof, header) !== undefined
  );
}

/** Whether any disproved header makes this one void. */
export function isDisproved({ disproofs }: Machine, header: Header): boolean {
  return disproofs.some((disproof) => isVoidWith(disproof, header));
}

/** Of the disproved header and all that are known above it, below this one. */
function hashesUpTo({ ref, later }: Disproof, header: Header): readonly Hash[] | undefined {
  const hashes: Hash[] = [];
  let { number, previous } = header;
  for (number -= 1n; number > ref.number; number -= 1n) {
    hashes.push(previous);
    const below = later.get(toHex(previous));
    if (below === undefined) return undefined;
    ({ previous } = below);
  }
  if (!equalBytes(previous, ref.hash)) return undefined;
  return [...hashes, ref.hash].reverse();
}
