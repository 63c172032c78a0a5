/**
 * Headers with their entries as answers to demands show them on chain: reading them, and running
 * one on what it stands on. Who answered may have made up what its header does not cover.
 */
import { BcsError } from "#core/bcs/reader.ts";
import { equalBytes } from "#core/bytes.ts";
import { isInBundle } from "../codec/bundle.ts";
import { BATCH_ENTRIES_MAX } from "../codec/limits.ts";
import { type Codec, dataAnswer, decode } from "../codec.ts";
import type { AnsweredHeader } from "../evidence.ts";
import type { Batch, Configuration, Entry } from "../messages.ts";
import { configurationNamed } from "./configuration.ts";
import { rootOfSteps } from "./execution.ts";
import type { Unread } from "./fraud-proof.ts";
import { type Finding, inspect } from "./inspect.ts";
import { type Point, tipOf } from "./log.ts";
import type { Machine } from "./state.ts";
import { covers, entriesOf } from "./step-entries.ts";

/** Read once for each view of the chain that shows it. */
const read = new WeakMap<Uint8Array, readonly AnsweredHeader[]>();

/** The headers of an answer; none where it cannot be read. */
export function answeredIn(data: Uint8Array): readonly AnsweredHeader[] {
  const known = read.get(data) ?? readable(dataAnswer, data) ?? [];
  read.set(data, known);
  return known;
}

function readable<T>(codec: Codec<T>, bytes: Uint8Array): T | undefined {
  try {
    return decode(codec, bytes);
  } catch (error) {
    if (error instanceof BcsError) return undefined;
    throw error;
  }
}

type AnsweredFinding = Exclude<Finding, { readonly type: "unbound" }>;

/** What came of running an answered header. */
export type AnsweredRun = {
  readonly parent: Point;
  readonly configuration: Configuration;
} & (
  | { readonly type: "run"; readonly batch: Batch; readonly finding: AnsweredFinding }
  /** What one of its steps covers are no entries. */
  | { readonly type: "unread"; readonly unread: Unread }
);

/**
 * Whether members can show each other what was answered: a leader may have signed more entries than
 * any message holds, and calls with paths that lead out of their bundle.
 */
export function isCarriable({ entries }: Batch): boolean {
  return (
    entries.length <= BATCH_ENTRIES_MAX &&
    entries.every((entry) => entry.type !== "bundled" || isInBundle(entry.call))
  );
}

/**
 * Runs an answered header on the tip of the machine's log, in whose state the executor is; it is
 * there again afterwards unless the header is sound. Undefined where it does not stand there, or is
 * shown with what it does not cover.
 */
export function runAnswered(machine: Machine, shown: AnsweredHeader): AnsweredRun | undefined {
  const { log, facts, tools, chain } = machine;
  const { header } = shown.header;
  const parent = tipOf(log);
  const configuration = configurationNamed(log, facts.channel, chain.forced, parent, header);
  const isNext = equalBytes(header.previous, parent.ref.hash);
  const batchSteps = shown.steps.map(({ step }) => step);
  const areBound =
    equalBytes(rootOfSteps(batchSteps), header.stepsRoot) &&
    shown.steps.every(({ step, entries }) => covers(step, entries));
  if (configuration === undefined || !isNext || !areBound) return undefined;
  const entries: Entry[] = [];
  for (const [index, { step, entries: bytes }] of shown.steps.entries()) {
    const own = entriesOf(step, bytes);
    if (own === undefined) {
      return {
        type: "unread",
        parent,
        configuration,
        unread: { batchSteps, index, unread: bytes },
      };
    }
    entries.push(...own);
  }
  const batch: Batch = { header: shown.header, entries, steps: batchSteps, viewChanges: [] };
  const found = inspect(facts, tools, parent, batch, configuration);
  if (found.type !== "sound") tools.executor.rollback(parent.mark);
  // All of it is what the leader signed: what does not fit together here it signed so.
  const finding = found.type === "unbound" ? { ...found, type: "fraud" as const } : found;
  return { type: "run", parent, configuration, batch, finding };
}
