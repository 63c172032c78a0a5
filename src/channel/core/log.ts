/**
 * The log: a settled base and the headers above it on one branch, each with the state after it.
 * Executed, on disk, not necessarily certified. Knows how headers stand to each other, not who may
 * order them.
 */
import { assert, present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import type { ChangeSet } from "#core/effects.ts";
import type { Hash } from "#core/hash.ts";
import { type Accumulator, accumulatorRoot, appendHash } from "#core/merkle/accumulator.ts";
import type { ConfigurationStep } from "../evidence.ts";
import {
  type Batch,
  type Certificate,
  type Configuration,
  compareEpochs,
  type Header,
  type HeaderRef,
  type Height,
  type Millis,
  type Receipt,
  type SignedHeader,
} from "../messages.ts";
import type { StateMark } from "../ports.ts";

/** A place that a header can stand on. */
export interface Point {
  readonly ref: HeaderRef;
  /** Absent only where the channel starts. */
  readonly header: SignedHeader | undefined;
  readonly configuration: Configuration;
  /** Differs from `configuration` while a change waits to be confirmed. */
  readonly next: Configuration;
  /** This header's certificate proves that the change in `next` is confirmed. */
  readonly provesChange: boolean;
  /** The last height at or before it. */
  readonly height: Height;
  readonly time: Millis;
  readonly stateRoot: Hash;
  /** Hashes of all headers before it. */
  readonly history: Accumulator;
  /** The state after it. */
  readonly mark: StateMark;
  /** Of this header, once known. */
  readonly certificate: Certificate | undefined;
}

export interface Item extends Point {
  readonly header: SignedHeader;
  readonly batch: Batch;
  readonly receipts: readonly Receipt[];
  /** Of all its entries, composed. */
  readonly changes: ChangeSet;
  /** The journal record that holds it. */
  readonly sequence: number;
}

export interface Base extends Point {
  /** The header that the base's header names in `justify`. */
  readonly justified: Header | undefined;
}

export interface Log {
  base: Base;
  items: Item[];
  /** Number of the last confirmed header. */
  confirmed: bigint;
  /** Proofs of changes of configuration, ascending; what is settled is dropped. */
  steps: ConfigurationStep[];
  /** The highest certificate known; its header is, or was, in this log. */
  highest: { readonly ref: HeaderRef; readonly certificate: Certificate | undefined };
}

/** Hashes of all headers up to and including this one. */
export function historyAfter({ header, history, ref }: Point): Accumulator {
  return header === undefined ? history : appendHash(history, ref.hash);
}

/** What a header signs of the headers before it. */
export function historyRoot(history: Accumulator): Hash {
  return accumulatorRoot("HistoryRoot", history);
}

export function tipOf(log: Log): Point {
  return log.items.at(-1) ?? log.base;
}

export function pointAt(log: Log, number: bigint): Point | undefined {
  return number === log.base.ref.number ? log.base : itemAt(log, number);
}

export function itemAt(log: Log, number: bigint): Item | undefined {
  const index = number - log.base.ref.number - 1n;
  return index < 0n ? undefined : log.items[Number(index)];
}

export function findPoint(log: Log, ref: HeaderName): Point | undefined {
  const point = pointAt(log, ref.number);
  return point !== undefined && sameHeader(point.ref, ref) ? point : undefined;
}

export function holds(log: Log, ref: HeaderName): boolean {
  return findPoint(log, ref) !== undefined;
}

/**
 * A header by its place and content; a reference that comes from a header's `previous` has no
 * epoch.
 */
export type HeaderName = Pick<HeaderRef, "number" | "hash">;

export function sameHeader(a: HeaderName, b: HeaderName): boolean {
  return a.number === b.number && equalBytes(a.hash, b.hash);
}

/**
 * The same header under the same epoch. Whoever names a header that a certificate exists for must
 * name its epoch too: an epoch that is made up would raise its rank.
 */
export function sameRef(a: HeaderRef, b: HeaderRef): boolean {
  return sameHeader(a, b) && compareEpochs(a.epoch, b.epoch) === 0;
}

/** The order of certificates: epoch, then number. */
export function compareRefs(a: HeaderRef, b: HeaderRef): number {
  const byEpoch = compareEpochs(a.epoch, b.epoch);
  if (byEpoch !== 0) return byEpoch;
  if (a.number === b.number) return 0;
  return a.number < b.number ? -1 : 1;
}

/** The item of a height, among those above the base. */
export function itemOfHeight(log: Log, height: Height): Item | undefined {
  return log.items.find((item) => item.height >= height && firstHeightOf(item) <= height);
}

export function firstHeightOf(item: Item): Height {
  return item.header.header.firstHeight;
}

/** The header that a justify names, if it is in the log or right below its base. */
function headerNamed(log: Log, ref: HeaderName): Header | undefined {
  const point = findPoint(log, ref);
  if (point !== undefined) return point.header?.header;
  const known = log.base.header?.header.justify;
  return known !== undefined && sameHeader(known, ref) ? log.base.justified : undefined;
}

/** Whether the certificate of a header with this justify confirms the change that waits at it. */
export function proves(
  log: Log,
  header: Pick<Header, "epoch" | "configuration" | "next" | "justify">,
): boolean {
  if (header.next.number === header.configuration.number) return false;
  const justified = headerNamed(log, header.justify);
  return (
    justified !== undefined &&
    compareEpochs(justified.epoch, header.epoch) === 0 &&
    justified.next.number === header.next.number
  );
}

export function appendItem(log: Log, item: Item): void {
  const tip = tipOf(log);
  assert(item.ref.number === tip.ref.number + 1n, "headers are numbered without gaps");
  assert(equalBytes(item.header.header.previous, tip.ref.hash), "a header stands on the tip");
  log.items.push(item);
}

/** Cuts the log above `number` and returns what was cut off. Never below what is confirmed. */
export function cutLog(log: Log, number: bigint): readonly Item[] {
  assert(number >= log.confirmed && number >= log.base.ref.number, "nothing confirmed is cut");
  return log.items.splice(Number(number - log.base.ref.number));
}

/** Replaces an item by one that knows its certificate. */
export function setCertificate(log: Log, certificate: Certificate): void {
  const ref = certificate.ack.header;
  const item = itemAt(log, ref.number);
  if (item === undefined || !sameHeader(item.ref, ref) || item.certificate !== undefined) return;
  log.items[Number(ref.number - log.base.ref.number) - 1] = { ...item, certificate };
}

/** Drops what is at or below an item, which becomes the base; returns what was dropped. */
export function raiseBase(log: Log, number: bigint): readonly Item[] {
  const item = present(itemAt(log, number), "the new base is in the log");
  const justified = headerNamed(log, item.header.header.justify);
  const dropped = log.items.splice(0, Number(number - log.base.ref.number));
  log.base = {
    ref: item.ref,
    header: item.header,
    configuration: item.configuration,
    next: item.next,
    provesChange: item.provesChange,
    height: item.height,
    time: item.time,
    stateRoot: item.stateRoot,
    history: item.history,
    mark: item.mark,
    certificate: item.certificate,
    justified,
  };
  log.steps = log.steps.filter((step) => step.configuration.number > item.configuration.number);
  return dropped;
}
