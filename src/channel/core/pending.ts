/**
 * How much a settlement of everything above the base would carry (SPEC.md LE11): a bound that never
 * falls while the log grows, and that holds for what lies between any two headers above the base.
 * So whatever part of it the chain settles first, the rest still fits.
 */
import { assert } from "#core/assert.ts";
import { type ChangeSet, newValue, oldValue, stateKeyText } from "#core/effects.ts";
import { ASSET_SIZE_MAX, PENDING_SIZE_MAX, RECORDS_PENDING_SIZE_MAX } from "../codec/limits.ts";
import { settledKeySize } from "../codec/settled-size.ts";
import type { HeaderRef, Receipt } from "../messages.ts";
import { findPoint, type Item, type Log, sameHeader } from "./log.ts";

/** Of the values that a key has had, the two largest: a change holds no more than two of them. */
interface Largest {
  readonly first: number;
  readonly second: number;
}

export interface Pending {
  readonly base: HeaderRef;
  /** The last header that is counted. */
  upTo: HeaderRef;
  readonly keys: Map<string, Largest>;
  /** Bytes. */
  size: number;
}

/** What is counted, and what has been counted of it. */
interface Counted {
  readonly log: Log;
  pending: Pending | undefined;
}

/** What is pending from the base to the tip. */
export function pendingToTip(counted: Readonly<Counted>): Pending {
  return pendingTo(counted, counted.log.items.length);
}

/** Of the log's first `count` headers. */
function pendingTo({ log, pending: known }: Readonly<Counted>, to: number): Pending {
  const { ref } = log.base;
  const isUsable =
    known !== undefined &&
    sameHeader(known.base, ref) &&
    findPoint(log, known.upTo) !== undefined &&
    known.upTo.number - ref.number <= BigInt(to);
  const pending = isUsable ? known : { base: ref, upTo: ref, keys: new Map(), size: 0 };
  const counted = Number(pending.upTo.number - ref.number);
  for (const item of log.items.slice(counted, to)) {
    count(pending, item.changes);
    pending.upTo = item.ref;
  }
  return pending;
}

/** Whether a leader has ordered more than one settlement has room for, by what is settled here. */
export function isOverfull(counted: Counted, { ref, receipts, changes }: Item): boolean {
  if (receipts.length === 0) return false;
  counted.pending = pendingTo(counted, Number(ref.number - counted.log.base.ref.number) - 1);
  return countFitting(counted.pending, receipts, changes) < receipts.length;
}

function count(pending: Pending, changes: ChangeSet): void {
  for (const { key, op } of changes) {
    const text = stateKeyText(key);
    const known = pending.keys.get(text);
    const before = known ?? { first: oldValue(op)?.length ?? 0, second: 0 };
    const after = withValue(before, newValue(op)?.length ?? 0);
    pending.keys.set(text, after);
    pending.size += sizeOf(after) - (known === undefined ? 0 : sizeOf(known));
    if (known === undefined) pending.size += settledKeySize(text);
  }
}

function sizeOf({ first, second }: Largest): number {
  return first + second;
}

function withValue({ first, second }: Largest, size: number): Largest {
  if (size > first) return { first: size, second: first };
  return size > second ? { first, second: size } : { first, second };
}

/**
 * How many of the entries of a batch on the tip, which was run, the settlement has room for. An
 * entry that is too much by itself has room where nothing else is pending.
 * @param changes of the batch; more than its entries' where its header changed records.
 */
export function countFitting(
  pending: Pending,
  receipts: readonly Receipt[],
  changes: ChangeSet,
): number {
  const whole = copyOf(pending);
  count(whole, changes);
  const isAlone = pending.size <= RECORDS_PENDING_SIZE_MAX;
  if (whole.size <= PENDING_SIZE_MAX || (isAlone && receipts.length === 1)) return receipts.length;
  const so = copyOf(pending);
  for (const [index, receipt] of receipts.entries()) {
    count(so, receipt.changes);
    if (so.size > PENDING_SIZE_MAX) return isAlone && index === 0 ? 1 : index;
  }
  return 0;
}

function copyOf(pending: Pending): Pending {
  return { ...pending, keys: new Map(pending.keys) };
}

assert(
  2 * ASSET_SIZE_MAX + RECORDS_PENDING_SIZE_MAX <= PENDING_SIZE_MAX,
  "where nothing is pending any seat may come or go",
);
