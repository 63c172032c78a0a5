/**
 * Judges evidence of fraud without log or state (SPEC.md FP1 to FP7): what does not hang together
 * is unfit; what contradicts itself or the header before is fraud by itself; everything else is run
 * again over the values that the evidence opens. Follows from its arguments alone, and by the same
 * functions that made the step, so that every judge comes to the same end.
 */
import { equalBytes } from "#core/bytes.ts";
import { EMPTY_CHANGE_SET } from "#core/effects.ts";
import type { Hash } from "#core/hash.ts";
import { accumulatorRoot, appendHash, EMPTY_ACCUMULATOR } from "#core/merkle/accumulator.ts";
import { verifyMerklePath } from "#core/merkle/merkle-proof.ts";
import {
  hashChangeSet,
  hashEntries,
  hashHeader,
  hashStep,
  NO_HEADER,
  refOfConfiguration,
  refOfHeader,
} from "../codec.ts";
import type { FraudEvidence } from "../evidence.ts";
import type { Configuration, Header } from "../messages.ts";
import { sameConfiguration } from "./configuration.ts";
import { readControl } from "./control.ts";
import { rootOfSteps, runStep, stepOf } from "./execution.ts";
import { frameOf, type Ground, headerFault } from "./inspect.ts";
import { historyRoot } from "./log.ts";
import { beginBatch } from "./prologue.ts";
import { wholeRoom } from "./room.ts";
import type { BatchFrame, ChannelFacts, ExecutionTools, Run } from "./run.ts";
import { covers, entriesOf } from "./step-entries.ts";
import { isOverLimit, stepsFault } from "./step-limits.ts";
import { gathered, type TouchedKeys } from "./touched.ts";

export type Judgement =
  /** The accused signed what its own entries, or the header before, contradict. */
  | { readonly type: "fraud"; readonly detail: string; readonly gas?: bigint }
  /** The step is what it is said to be. `gas` is what running it took, in gas units. */
  | { readonly type: "sound"; readonly gas?: bigint }
  /** Not evidence: it does not hang together, or does not open what it takes to tell. */
  | { readonly type: "unfit"; readonly detail: string };

/**
 * @param configuration the one that the header names, by content.
 * @param open tools over the state under a root, as far as the evidence opens it; undefined where
 * its proof is none of that root.
 */
export function judge(
  facts: ChannelFacts,
  evidence: FraudEvidence,
  configuration: Configuration,
  open: (root: Hash) => ExecutionTools | undefined,
): Judgement {
  const { header } = evidence.header;
  const unbound = bindingFault(facts, evidence, configuration);
  if (unbound !== undefined) return { type: "unfit", detail: unbound };
  const { ground, point } = groundIn(evidence);
  const frame = frameOf({ ...point, ...pendingIn(evidence, configuration) }, header, configuration);
  const fault = headerFault(ground, header, frame) ?? stepsFault(header, evidence.batchSteps);
  if (fault !== undefined) return { type: "fraud", detail: fault };
  if (evidence.unread !== undefined) return judgeUnread(evidence, evidence.unread);
  const wrongEntries = entriesFault(evidence);
  if (wrongEntries !== undefined) return { type: "unfit", detail: wrongEntries };
  if (isOverLimit(evidence.entries)) return { type: "fraud", detail: "a step over its limits" };
  if (header.count === 0 && frame.opens === undefined) return judgeIdle(facts, header, frame);
  const tools = open(rootBefore(evidence));
  if (tools === undefined) return { type: "unfit", detail: "the proof is of another root" };
  return run(facts, tools, evidence, frame);
}

/**
 * Hashes of the header and of those that the evidence shows to build on it; undefined where one of
 * them does not.
 */
export function voidedBy({ header: { header }, descent }: FraudEvidence): Hash[] | undefined {
  const hash = hashHeader(header);
  const voided = [hash];
  for (const { header: later, path } of descent) {
    const list = {
      tag: "HistoryRoot",
      count: Number(later.number - 1n),
      root: later.historyRoot,
    };
    const index = Number(header.number - 1n);
    if (!verifyMerklePath(list, index, hash, path).ok) return undefined;
    voided.push(hashHeader(later));
  }
  return voided;
}

/** The root that the values in the evidence are proven under. */
export function rootBefore({ header, batchSteps, index }: FraudEvidence): Hash {
  return batchSteps[index - 1]?.stateRoot ?? header.header.preStateRoot;
}

/** What the evidence puts together that was not signed together. */
function bindingFault(
  { channel }: ChannelFacts,
  evidence: FraudEvidence,
  configuration: Configuration,
): string | undefined {
  const { header } = evidence.header;
  const { parent, history, batchSteps } = evidence;
  if (!equalBytes(header.channel, channel)) return "a header of another channel";
  if (!sameConfiguration(header.configuration, refOfConfiguration(channel, configuration))) {
    return "a header of another configuration";
  }
  if (!equalBytes(rootOfSteps(batchSteps), header.stepsRoot)) return "the header has other steps";
  const previous = parent === undefined ? NO_HEADER.hash : hashHeader(parent);
  if (!equalBytes(header.previous, previous)) return "the header stands on another one";
  if ((header.number === 1n) !== (parent === undefined)) return "the header before is missing";
  if (history !== undefined && !equalBytes(historyRoot(history), historyRootOf(parent))) {
    return "the history is not the parent's";
  }
  return pendingFault(channel, evidence);
}

/** The configuration that waits at the parent must be there where one does, and only there. */
function pendingFault(
  channel: Hash,
  { header, parent, pending }: FraudEvidence,
): string | undefined {
  const waits =
    parent !== undefined &&
    parent.next.number !== parent.configuration.number &&
    parent.configuration.number === header.header.configuration.number;
  if (waits !== (pending !== undefined)) return "the configuration that waits is missing";
  if (!waits || pending === undefined) return undefined;
  return sameConfiguration(parent.next, refOfConfiguration(channel, pending))
    ? undefined
    : "another configuration waits at the parent";
}

function historyRootOf(parent: Header | undefined): Hash {
  return parent?.historyRoot ?? accumulatorRoot("HistoryRoot", EMPTY_ACCUMULATOR);
}

function groundIn({ parent, history }: FraudEvidence): {
  readonly ground: Ground;
  readonly point: { readonly ref: Ground["ref"] };
} {
  if (parent === undefined) {
    const ground: Ground = {
      ref: NO_HEADER,
      height: 0n,
      time: 0n,
      // The chain does not keep the state that a channel started from.
      stateRoot: undefined,
      justified: 0n,
      historyRoot: historyRoot(EMPTY_ACCUMULATOR),
    };
    return { ground, point: ground };
  }
  const ref = refOfHeader(parent);
  const ground: Ground = {
    ref,
    height: parent.firstHeight + BigInt(parent.count) - 1n,
    time: parent.time,
    stateRoot: parent.stateRoot,
    justified: parent.justify.number,
    historyRoot: history && historyRoot(appendHash(history, ref.hash)),
  };
  return { ground, point: ground };
}

/** The parent's configurations, as `frameOf` wants them. */
function pendingIn(
  { pending }: FraudEvidence,
  configuration: Configuration,
): { readonly configuration: Configuration; readonly next: Configuration } {
  return { configuration, next: pending ?? configuration };
}

/** The entries must be those of the step; evidence of an idle header has none. */
function entriesFault({ header, ...evidence }: FraudEvidence): string | undefined {
  const step = evidence.batchSteps[evidence.index];
  if (header.header.count === 0) {
    const isEmpty = evidence.entries.length === 0 && evidence.index === 0;
    return isEmpty ? undefined : "entries of an empty batch";
  }
  if (step === undefined) return "the batch has no such step";
  const isBound =
    evidence.entries.length === step.count &&
    equalBytes(hashEntries(evidence.entries), step.entriesHash);
  return isBound ? undefined : "other entries than the step's";
}

/** What a step covers must be as many entries as it counts, in their one encoding. */
function judgeUnread({ batchSteps, index }: FraudEvidence, unread: Uint8Array): Judgement {
  const step = batchSteps[index];
  if (step === undefined || !covers(step, unread)) {
    return { type: "unfit", detail: "other bytes than the step's" };
  }
  return entriesOf(step, unread) === undefined
    ? { type: "fraud", detail: "a step of what are no entries" }
    : { type: "unfit", detail: "the entries can be read" };
}

/** A header without entries that opens no epoch changes nothing. */
function judgeIdle({ channel }: ChannelFacts, header: Header, frame: BatchFrame): Judgement {
  const isIdle =
    equalBytes(header.stateRoot, header.preStateRoot) &&
    equalBytes(header.changeSetRoot, hashChangeSet(EMPTY_CHANGE_SET)) &&
    sameConfiguration(header.next, refOfConfiguration(channel, frame.pending));
  return isIdle
    ? { type: "sound" }
    : { type: "fraud", detail: "an empty header changes something" };
}

function run(
  facts: ChannelFacts,
  tools: ExecutionTools,
  evidence: FraudEvidence,
  frame: BatchFrame,
): Judgement {
  const { header } = evidence.header;
  const { batchSteps, index, entries } = evidence;
  const touched: TouchedKeys = new Map();
  const started = begin(
    facts,
    tools,
    frame,
    { isFirst: index === 0, count: header.count },
    touched,
  );
  if (started.type === "judged") return started.judgement;
  const first = batchSteps.slice(0, index).reduce((sum, { count }) => sum + count, 0);
  const step = batchSteps[index];
  let gas = 0n;
  if (step !== undefined) {
    const place = { first, total: header.count };
    const done = runStep(started.run, entries, place, wholeRoom(), touched);
    if (!done.ok) {
      const { name, detail } = done.error.error;
      return { type: "fraud", detail: `an inadmissible entry: ${name}: ${detail}` };
    }
    gas = done.value.reduce((sum, { gasUsed }) => sum + gasUsed, 0n);
    if (done.value.length < entries.length) {
      return { type: "fraud", detail: "more than one header has room for", gas };
    }
    const made = stepOf(started.run, entries, done.value, first);
    if (!equalBytes(hashStep(made), hashStep(step))) {
      return { type: "fraud", detail: "the step ends otherwise", gas };
    }
  } else if (!equalBytes(tools.executor.stateRoot(), header.stateRoot)) {
    return { type: "fraud", detail: "the state root is wrong" };
  }
  if (index < batchSteps.length - 1) return { type: "sound", gas };
  const detail = endFault(facts, header, batchSteps.length <= 1, started.run, touched);
  return detail === undefined ? { type: "sound", gas } : { type: "fraud", detail, gas };
}

/** How the header contradicts the end of its last step. */
function endFault(
  { channel }: ChannelFacts,
  header: Header,
  isWhole: boolean,
  { next }: Run,
  touched: TouchedKeys,
): string | undefined {
  if (!sameConfiguration(header.next, refOfConfiguration(channel, next))) {
    return "the next configuration is wrong";
  }
  // Of several steps nobody knows here what the others changed.
  return isWhole && !equalBytes(header.changeSetRoot, hashChangeSet(gathered(touched)))
    ? "the change-set root is wrong"
    : undefined;
}

type Beginning =
  | { readonly type: "run"; readonly run: Run }
  | { readonly type: "judged"; readonly judgement: Judgement };

/** The batch's beginning, or where the step before has left it. */
function begin(
  facts: ChannelFacts,
  tools: ExecutionTools,
  frame: BatchFrame,
  { isFirst, count }: { readonly isFirst: boolean; readonly count: number },
  touched: TouchedKeys,
): Beginning {
  if (isFirst) {
    const started = beginBatch(facts, tools, frame, count > 0, touched);
    if (started.ok) return { type: "run", run: started.value };
    const { name, detail } = started.error;
    return { type: "judged", judgement: { type: "fraud", detail: `${name}: ${detail}` } };
  }
  const control = readControl(tools.executor);
  if (control !== undefined) {
    return { type: "run", run: { facts, tools, frame, control, next: frame.pending } };
  }
  const detail = "a step before this one has no record of the channel";
  return { type: "judged", judgement: { type: "unfit", detail } };
}
