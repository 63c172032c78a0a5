/**
 * What a node has to tell another chain, told until it stands in a final block there: one batch at
 * a time, again soon when it could not be handed over, and with new numbers when blocks go by
 * without it. Pure; every item has a name that says what it means, so that telling it twice does no
 * harm, neither here nor there. Knows neither chain.
 */
import { assertNever } from "#core/assert.ts";

/** Items that are told together. */
export const BATCH_MAX = 20;
/** When what could not be handed over is tried again. */
export const RETRY_MS = 1_000n;
/** More blocks than this without an item: it is told again. */
export const PATIENCE_BLOCKS = 2n;

export interface OutboxItem<T> {
  /** The same for the same news, in every life of the node. */
  readonly name: string;
  readonly news: T;
}

/** What became of an item on the other chain. */
export type Outcome =
  | { readonly type: "final" }
  /** In a block that may still be left. */
  | { readonly type: "included" }
  | { readonly type: "absent" }
  /** It stands in a final block and has had no effect; telling it again would have none either. */
  | { readonly type: "refused"; readonly why: string };

export type OutboxInput<T> =
  | { readonly type: "add"; readonly items: readonly OutboxItem<T>[] }
  | { readonly type: "tick"; readonly nowMs: bigint }
  /** The batch of an attempt waits in the other chain's pool, whose head is at `height`. */
  | { readonly type: "sent"; readonly attempt: number; readonly height: bigint }
  /** It could not be handed over: nobody is there, or its numbers are used. */
  | { readonly type: "unsent"; readonly attempt: number }
  /** The other chain has a new head. */
  | { readonly type: "block" }
  /** The answer to `look`, with the height that the other chain had then. */
  | {
      readonly type: "outcomes";
      readonly attempt: number;
      readonly height: bigint;
      /** By name. */
      readonly outcomes: ReadonlyMap<string, Outcome>;
    };

export type OutboxEffect<T> =
  /** Hand the items over, with new numbers, then say `sent` or `unsent`. */
  | { readonly type: "send"; readonly attempt: number; readonly items: readonly OutboxItem<T>[] }
  /** Say what became of the batch. */
  | { readonly type: "look"; readonly attempt: number }
  /** The item is dealt with for good. */
  | { readonly type: "settled"; readonly item: OutboxItem<T>; readonly refusal: string | undefined }
  /** Send a tick at this time; a later effect of this type replaces an earlier one. */
  | { readonly type: "wake"; readonly atMs: bigint };

interface Batch<T> {
  readonly attempt: number;
  readonly items: readonly OutboxItem<T>[];
  /** Of the other chain when the batch was handed over; undefined before. */
  sentHeight: bigint | undefined;
}

export interface Outbox<T> {
  readonly waiting: OutboxItem<T>[];
  batch: Batch<T> | undefined;
  attempts: number;
  nowMs: bigint;
  /** Nothing is handed over before. */
  pausedUntilMs: bigint;
}

export function createOutbox<T>(nowMs: bigint): Outbox<T> {
  return { waiting: [], batch: undefined, attempts: 0, nowMs, pausedUntilMs: nowMs };
}

/** Everything that is not settled, in the order in which it came. */
export function unsettled<T>({ batch, waiting }: Outbox<T>): readonly OutboxItem<T>[] {
  return [...(batch?.items ?? []), ...waiting];
}

/** Applies one input. Mutates only `outbox`; what is to be done is returned, in order. */
export function stepOutbox<T>(
  outbox: Outbox<T>,
  input: OutboxInput<T>,
): readonly OutboxEffect<T>[] {
  const effects: OutboxEffect<T>[] = [];
  take(outbox, input, effects);
  startBatch(outbox, effects);
  return effects;
}

function take<T>(outbox: Outbox<T>, input: OutboxInput<T>, effects: OutboxEffect<T>[]): void {
  const { batch } = outbox;
  switch (input.type) {
    case "add":
      return add(outbox, input.items);
    case "tick":
      if (input.nowMs > outbox.nowMs) outbox.nowMs = input.nowMs;
      return;
    case "sent":
      if (batch?.attempt === input.attempt) batch.sentHeight = input.height;
      return;
    case "unsent":
      if (batch?.attempt === input.attempt) giveBack(outbox, batch);
      return;
    case "block":
      if (batch?.sentHeight !== undefined) effects.push({ type: "look", attempt: batch.attempt });
      return;
    case "outcomes":
      if (batch?.attempt === input.attempt) settle(outbox, batch, input, effects);
      return;
    default:
      assertNever(input);
  }
}

function add<T>(outbox: Outbox<T>, items: readonly OutboxItem<T>[]): void {
  const known = new Set(unsettled(outbox).map(({ name }) => name));
  for (const item of items) {
    if (known.has(item.name)) continue;
    known.add(item.name);
    outbox.waiting.push(item);
  }
}

/** Its items wait again, before all others. */
function giveBack<T>(outbox: Outbox<T>, { items }: Batch<T>): void {
  outbox.batch = undefined;
  outbox.waiting.unshift(...items);
  outbox.pausedUntilMs = outbox.nowMs + RETRY_MS;
}

function settle<T>(
  outbox: Outbox<T>,
  batch: Batch<T>,
  { height, outcomes }: Extract<OutboxInput<T>, { readonly type: "outcomes" }>,
  effects: OutboxEffect<T>[],
): void {
  const left: OutboxItem<T>[] = [];
  let isSomeAbsent = false;
  for (const item of batch.items) {
    const outcome = outcomes.get(item.name) ?? { type: "absent" };
    if (outcome.type === "final" || outcome.type === "refused") {
      const refusal = outcome.type === "refused" ? outcome.why : undefined;
      effects.push({ type: "settled", item, refusal });
      continue;
    }
    isSomeAbsent ||= outcome.type === "absent";
    left.push(item);
  }
  const { attempt, sentHeight } = batch;
  outbox.batch = left.length === 0 ? undefined : { attempt, items: left, sentHeight };
  const isLate = sentHeight !== undefined && height - sentHeight > PATIENCE_BLOCKS;
  if (outbox.batch === undefined || !isSomeAbsent || !isLate) return;
  giveBack(outbox, outbox.batch);
  // Blocks have gone by already: no need to wait longer.
  outbox.pausedUntilMs = outbox.nowMs;
}

function startBatch<T>(outbox: Outbox<T>, effects: OutboxEffect<T>[]): void {
  if (outbox.batch !== undefined || outbox.waiting.length === 0) return;
  if (outbox.nowMs < outbox.pausedUntilMs) {
    effects.push({ type: "wake", atMs: outbox.pausedUntilMs });
    return;
  }
  outbox.attempts += 1;
  const items = outbox.waiting.splice(0, BATCH_MAX);
  outbox.batch = { attempt: outbox.attempts, items, sentHeight: undefined };
  effects.push({ type: "send", attempt: outbox.attempts, items });
}
