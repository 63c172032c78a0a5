/**
 * Entries to steps, receipts and roots: the one function by which a leader makes a batch and
 * everyone else checks it (SPEC.md EX1, EX2). Depends on the state, the header's frame and the
 * entries alone.
 */
import { assert } from "#core/assert.ts";
import type { ChangeSet } from "#core/effects.ts";
import type { Hash } from "#core/hash.ts";
import { merkleRoot } from "#core/merkle/accumulator.ts";
import { err, ok, type Result } from "#core/result.ts";
import { hashEntries, hashReceipts, hashStep } from "../codec.ts";
import type { Configuration, Entry, Receipt, Step } from "../messages.ts";
import { runEntry } from "./entry.ts";
import type { ChannelError } from "./errors.ts";
import { beginBatch } from "./prologue.ts";
import { leaveGas, type Room, takeRoom, wholeRoom } from "./room.ts";
import type { BatchFrame, ChannelFacts, ExecutionTools, Run } from "./run.ts";
import { gather, gathered, type TouchedKeys } from "./touched.ts";

export interface Executed {
  readonly receipts: readonly Receipt[];
  readonly steps: readonly Step[];
  readonly stepsRoot: Hash;
  readonly stateRoot: Hash;
  /** Everything that the batch changed, composed. */
  readonly changes: ChangeSet;
  readonly next: Configuration;
}

/** An entry that may not be ordered where it stands. */
export interface Inadmissible {
  /** Position in the batch. */
  readonly index: number;
  readonly error: ChannelError;
}

/**
 * Runs a batch on the executor's present state and leaves it there. Stops before the first entry
 * that one header has no room for: what was run is as many entries as there are receipts. When an
 * entry is inadmissible the state is somewhere in between, and the caller rolls back.
 * @param stepSizes entries of each step, in order; they cover all entries.
 */
export function executeBatch(
  facts: ChannelFacts,
  tools: ExecutionTools,
  frame: BatchFrame,
  entries: readonly Entry[],
  stepSizes: readonly number[],
): Result<Executed, Inadmissible> {
  const touched: TouchedKeys = new Map();
  const started = beginBatch(facts, tools, frame, entries.length > 0, touched);
  if (!started.ok) return err({ index: 0, error: started.error });
  const run = started.value;
  const room = wholeRoom();
  const receipts: Receipt[] = [];
  const steps: Step[] = [];
  for (const size of stepSizes) {
    const first = receipts.length;
    const own = entries.slice(first, first + size);
    assert(own.length === size, "the steps cover the entries");
    const done = runStep(run, own, { first, total: entries.length }, room, touched);
    if (!done.ok) return done;
    if (done.value.length > 0) steps.push(stepOf(run, own, done.value, first));
    receipts.push(...done.value);
    if (done.value.length < size) break;
  }
  return ok({
    receipts,
    steps,
    stepsRoot: rootOfSteps(steps),
    stateRoot: tools.executor.stateRoot(),
    changes: gathered(touched),
    next: run.next,
  });
}

/** Where a step stands in its batch. */
export interface StepPlace {
  /** Entries of the batch before it. */
  readonly first: number;
  /** Entries of the batch. */
  readonly total: number;
}

/**
 * Runs the entries of one step, as many as there is room for, and returns a receipt for each. What
 * they change is added to `touched`.
 */
export function runStep(
  run: Run,
  entries: readonly Entry[],
  { first, total }: StepPlace,
  room: Room,
  touched: TouchedKeys,
): Result<readonly Receipt[], Inadmissible> {
  const receipts: Receipt[] = [];
  for (const [at, entry] of entries.entries()) {
    const index = first + at;
    // The first one is judged by itself, whatever it asks for.
    if (!takeRoom(room, entry) && index > 0) break;
    const height = run.frame.firstHeight + BigInt(index);
    const result = runEntry(run, entry, height, index === total - 1);
    if (!result.ok) return err({ index, error: result.error });
    leaveGas(room, entry, result.value.gasUsed);
    gather(touched, result.value.changes);
    receipts.push(result.value);
  }
  return ok(receipts);
}

/** The step of the entries that were just run, of which there are as many as receipts. */
export function stepOf(
  { tools, frame }: Run,
  entries: readonly Entry[],
  receipts: readonly Receipt[],
  first: number,
): Step {
  return {
    firstHeight: frame.firstHeight + BigInt(first),
    count: receipts.length,
    entriesHash: hashEntries(entries.slice(0, receipts.length)),
    stateRoot: tools.executor.stateRoot(),
    receiptsHash: hashReceipts(receipts),
  };
}

/** The root that a header signs. */
export function rootOfSteps(steps: readonly Step[]): Hash {
  return merkleRoot("StepsRoot", steps.map(hashStep));
}
