/**
 * Entries to steps, receipts and roots: the one function by which a leader makes a batch and
 * everyone else checks it (SPEC.md EX1, EX2). Depends on the state, the header's frame and the
 * entries alone.
 */
import { present } from "#core/assert.ts";
import type { ChangeSet } from "#core/effects.ts";
import type { Hash } from "#core/hash.ts";
import { merkleRoot } from "#core/merkle/accumulator.ts";
import { err, ok, type Result } from "#core/result.ts";
import { STEP_ENTRIES_MAX } from "../codec/limits.ts";
import { hashEntries, hashReceipts, hashStep } from "../codec.ts";
import type { Configuration, Entry, Receipt, Step } from "../messages.ts";
import { runEntry } from "./entry.ts";
import type { ChannelError } from "./errors.ts";
import { beginBatch } from "./prologue.ts";
import { leaveGas, takeRoom, wholeRoom } from "./room.ts";
import type { BatchFrame, ChannelFacts, ExecutionTools } from "./run.ts";
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
    while (receipts.length < first + size) {
      const index = receipts.length;
      const entry = present(entries[index], "the steps cover the entries");
      // The first one is judged by itself, whatever it asks for.
      if (!takeRoom(room, entry) && index > 0) break;
      const height = frame.firstHeight + BigInt(index);
      const result = runEntry(run, entry, height, index === entries.length - 1);
      if (!result.ok) return err({ index, error: result.error });
      leaveGas(room, entry, result.value.gasUsed);
      gather(touched, result.value.changes);
      receipts.push(result.value);
    }
    const count = receipts.length - first;
    if (count > 0) steps.push(stepOf(tools, frame, entries, receipts, first));
    if (count < size) break;
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

/** The step of the entries that were run last, from position `first` on. */
function stepOf(
  tools: ExecutionTools,
  frame: BatchFrame,
  entries: readonly Entry[],
  receipts: readonly Receipt[],
  first: number,
): Step {
  return {
    firstHeight: frame.firstHeight + BigInt(first),
    count: receipts.length - first,
    entriesHash: hashEntries(entries.slice(first, receipts.length)),
    stateRoot: tools.executor.stateRoot(),
    receiptsHash: hashReceipts(receipts.slice(first)),
  };
}

/** How a leader cuts `count` entries into steps. */
export function stepSizesFor(count: number): readonly number[] {
  const sizes: number[] = [];
  for (let rest = count; rest > 0; rest -= STEP_ENTRIES_MAX) {
    sizes.push(Math.min(rest, STEP_ENTRIES_MAX));
  }
  return sizes;
}

/** The root that a header signs. */
export function rootOfSteps(steps: readonly Step[]): Hash {
  return merkleRoot("StepsRoot", steps.map(hashStep));
}
