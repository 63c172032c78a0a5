/**
 * Makes evidence that a chain can judge by itself out of what a member holds: finds the first step
 * that is wrong, and notes what running it looks at (SPEC.md FP1).
 */
import { equalBytes } from "#core/bytes.ts";
import type { StateKey } from "#core/effects.ts";
import { hashStep } from "../codec.ts";
import type { FraudEvidence } from "../evidence.ts";
import type { Batch, Configuration, Entry, Header, SignedHeader, Step } from "../messages.ts";
import type { StateMark } from "../ports.ts";
import { isPending } from "./configuration.ts";
import { readControl } from "./control.ts";
import { runStep, stepOf } from "./execution.ts";
import { frameOf } from "./inspect.ts";
import { type Point, tipOf } from "./log.ts";
import { beginBatch } from "./prologue.ts";
import { wholeRoom } from "./room.ts";
import type { BatchFrame } from "./run.ts";
import type { Machine } from "./state.ts";
import { stepsFault } from "./step-limits.ts";

/** A step, the state before it, and what running it looked at. */
interface Suspect {
  readonly index: number;
  readonly entries: readonly Entry[];
  readonly before: StateMark;
  readonly keys: readonly StateKey[];
}

/**
 * The evidence against the leader of a header that re-execution contradicts, without acks and
 * without what builds on it. Leaves the executor at the log's tip.
 * @param parent what the header stands on, in the log or beside it.
 * @param configuration the one that the header names, by content.
 */
export function fraudEvidence(
  machine: Machine,
  parent: Point,
  configuration: Configuration,
  { header: signed, entries, steps: batchSteps }: Batch,
): FraudEvidence {
  const { log, tools } = machine;
  const { header } = signed;
  const frame = frameOf(parent, header, configuration);
  const common = { ...headOf(parent, configuration, signed), batchSteps };
  tools.executor.rollback(parent.mark);
  const suspect = isBroken(header, batchSteps)
    ? { index: 0, entries: [], before: parent.mark, keys: [] }
    : findSuspect(machine, parent, frame, entries, batchSteps);
  tools.executor.rollback(suspect.before);
  const touched = suspect.keys.map((key) => {
    const value = tools.executor.read(key);
    return value === undefined ? { key } : { key, value };
  });
  const proof = tools.executor.prove(suspect.keys);
  tools.executor.rollback(tipOf(log).mark);
  if (suspect.before !== parent.mark) tools.executor.release(suspect.before);
  const { index } = suspect;
  return { ...common, index, entries: suspect.entries, touched, proof, descent: [] };
}

/** The evidence against the leader of a header with a step whose entries cannot be read. */
export function unreadEvidence(
  parent: Point,
  configuration: Configuration,
  header: SignedHeader,
  { batchSteps, index, unread }: Unread,
): FraudEvidence {
  return {
    ...headOf(parent, configuration, header),
    batchSteps,
    index,
    entries: [],
    unread,
    touched: [],
    proof: { shape: new Uint8Array(), hashes: [] },
    descent: [],
  };
}

/** A step of a header by its position, and the bytes that its hash covers. */
export interface Unread {
  readonly batchSteps: readonly Step[];
  readonly index: number;
  readonly unread: Uint8Array;
}

function headOf(parent: Point, configuration: Configuration, header: SignedHeader) {
  const waits = isPending(parent) && configuration.number === parent.configuration.number;
  return {
    accused: header.header.leader,
    header,
    ...(parent.header === undefined ? {} : { parent: parent.header.header }),
    ...(waits ? { pending: parent.next } : {}),
    history: parent.history,
  };
}

/** What is wrong shows without entries, of which there may be more than evidence has room for. */
function isBroken(header: Header, steps: readonly Step[]): boolean {
  return stepsFault(header, steps) !== undefined;
}

/** The first step that ends otherwise than the leader says, else the last one. */
function findSuspect(
  machine: Machine,
  parent: Point,
  frame: BatchFrame,
  entries: readonly Entry[],
  steps: readonly Step[],
): Suspect {
  const { facts, tools } = machine;
  const { executor } = tools;
  let before = parent.mark;
  let keysSeen = executor.record();
  const started = beginBatch(facts, tools, frame, entries.length > 0, new Map());
  let first = 0;
  for (const [index, step] of steps.entries()) {
    const own = entries.slice(first, first + step.count);
    const place = { first, total: entries.length };
    const run = started.ok ? started.value : undefined;
    const done = run && runStep(run, own, place, wholeRoom(), new Map());
    const keys = keysSeen();
    const made = run && done?.ok === true ? stepOf(run, own, done.value, first) : undefined;
    const isWrong = made === undefined || !equalBytes(hashStep(made), hashStep(step));
    if (isWrong || index === steps.length - 1) return { index, entries: own, before, keys };
    if (before !== parent.mark) executor.release(before);
    before = executor.mark();
    first += step.count;
    keysSeen = executor.record();
    // What the judge looks at before the entries of any later step.
    readControl(executor);
  }
  return { index: 0, entries: [], before, keys: keysSeen() };
}
