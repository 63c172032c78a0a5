/**
 * Judges a batch against the header it stands on, by re-execution: everything here follows from the
 * two alone, so every honest member comes to the same finding (SPEC.md FR1 to FR4). Signatures and
 * the chain are the caller's matter.
 */
import { equalBytes } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";
import { hashEntries } from "../codec.ts";
import {
  type Batch,
  type Configuration,
  compareEpochs,
  type Header,
  type HeaderRef,
  type Height,
  type Millis,
} from "../messages.ts";
import { isPending } from "./configuration.ts";
import { contradictionOf } from "./contradiction.ts";
import { type Executed, executeBatch, rootOfSteps } from "./execution.ts";
import { historyAfter, historyRoot, type Point, sameRef } from "./log.ts";
import type { BatchFrame, ChannelFacts, ExecutionTools } from "./run.ts";
import { isOverLimit, stepsFault } from "./step-limits.ts";

export type Finding =
  | { readonly type: "sound"; readonly executed: Executed }
  /** The leader signed something that its own entries contradict. */
  | { readonly type: "fraud"; readonly detail: string }
  /** The entries are not those that the header covers: whoever sent them may have changed them. */
  | { readonly type: "unbound"; readonly detail: string };

/**
 * @param configuration the one that `batch.header` names, by content.
 * The executor is at `parent`, and stays behind the batch's entries whatever the finding.
 */
export function inspect(
  facts: ChannelFacts,
  tools: ExecutionTools,
  parent: Point,
  batch: Batch,
  configuration: Configuration,
): Finding {
  const { header } = batch.header;
  const unbound = bindingFault(batch);
  if (unbound !== undefined) return { type: "unbound", detail: unbound };
  const frame = frameOf(parent, header, configuration);
  const fault = headerFault(groundOf(parent), header, frame);
  if (fault !== undefined) return { type: "fraud", detail: fault };
  const wide = stepsFault(header, batch.steps) ?? wideStep(batch);
  if (wide !== undefined) return { type: "fraud", detail: wide };
  const sizes = batch.steps.map(({ count }) => count);
  const result = executeBatch(facts, tools, frame, batch.entries, sizes);
  if (!result.ok) {
    const { index, error } = result.error;
    const height = header.firstHeight + BigInt(index);
    return { type: "fraud", detail: `entry ${height}: ${error.name}: ${error.detail}` };
  }
  const executed = result.value;
  if (executed.receipts.length < batch.entries.length) {
    const height = header.firstHeight + BigInt(executed.receipts.length);
    return { type: "fraud", detail: `entry ${height}: no room under one header` };
  }
  const contradiction = contradictionOf(facts, header, executed);
  if (contradiction !== undefined) return { type: "fraud", detail: contradiction };
  return { type: "sound", executed };
}

/** What the header fixes before its entries run. */
export function frameOf(
  parent: Pick<Point, "ref" | "configuration" | "next">,
  header: Pick<Header, "epoch" | "justify" | "leader" | "firstHeight" | "time" | "reveal">,
  configuration: Configuration,
): BatchFrame {
  const stillPending = isPending(parent) && configuration.number === parent.configuration.number;
  const isNewEpoch = compareEpochs(header.epoch, parent.ref.epoch) !== 0;
  return {
    configuration,
    pending: stillPending ? parent.next : configuration,
    epoch: header.epoch,
    opens: isNewEpoch ? header.justify.hash : undefined,
    leader: header.leader,
    firstHeight: header.firstHeight,
    time: header.time,
    reveal: header.reveal,
  };
}

/** A step too large to be judged by itself. */
function wideStep({ steps, entries }: Batch): string | undefined {
  let at = 0;
  for (const { count } of steps) {
    if (isOverLimit(entries.slice(at, at + count))) return "a step over its limits";
    at += count;
  }
  return undefined;
}

/** The signed steps root binds the steps, and they bind the entries. */
export function bindingFault(batch: Batch): string | undefined {
  const { header } = batch.header;
  if (header.count !== batch.entries.length) return "the header counts other entries";
  let at = 0;
  for (const step of batch.steps) {
    const entries = batch.entries.slice(at, at + step.count);
    if (!equalBytes(hashEntries(entries), step.entriesHash)) return "a step of other entries";
    at += step.count;
  }
  if (at !== batch.entries.length) return "the steps do not cover the entries";
  return equalBytes(rootOfSteps(batch.steps), header.stepsRoot)
    ? undefined
    : "the header covers other steps";
}

/** What a header stands on, as far as it has to follow from it. */
export interface Ground {
  readonly ref: HeaderRef;
  /** The last height at or before it. */
  readonly height: Height;
  readonly time: Millis;
  /** Of the state after it; undefined where the judge cannot know it. */
  readonly stateRoot: Hash | undefined;
  /** Number of the header that it names in `justify`. */
  readonly justified: bigint;
  /** Of all headers up to it; undefined where the judge cannot know it. */
  readonly historyRoot: Hash | undefined;
}

function groundOf(parent: Point): Ground {
  const { ref, height, time, stateRoot, header } = parent;
  const justified = header?.header.justify.number ?? 0n;
  return {
    ref,
    height,
    time,
    stateRoot,
    justified,
    historyRoot: historyRoot(historyAfter(parent)),
  };
}

/** How a header contradicts the one it stands on. */
export function headerFault(parent: Ground, header: Header, frame: BatchFrame): string | undefined {
  const isPendingChange = frame.pending.number !== frame.configuration.number;
  const faults: readonly (readonly [boolean, string])[] = [
    [header.firstHeight !== parent.height + 1n, "the first height does not follow"],
    [differs(header.preStateRoot, parent.stateRoot), "the pre-state root does not follow"],
    [header.time < parent.time, "time goes back"],
    [compareEpochs(header.epoch, parent.ref.epoch) < 0, "the epoch goes back"],
    [frame.opens !== undefined && !sameRef(header.justify, parent.ref), "a gap opens the epoch"],
    [
      header.justify.number < parent.justified || header.justify.number >= header.number,
      "justify goes back or ahead",
    ],
    [isPendingChange && header.count > 0, "entries while a change is pending"],
    [header.count === 0 && header.reveal.some((byte) => byte !== 0), "an empty header reveals"],
    [differs(header.historyRoot, parent.historyRoot), "the history root does not follow"],
  ];
  return faults.find(([isFault]) => isFault)?.[1];
}

function differs(root: Hash, known: Hash | undefined): boolean {
  return known !== undefined && !equalBytes(root, known);
}
