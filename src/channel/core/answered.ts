/**
 * Headers with their entries as answers to demands show them on chain: reading them, and running
 * one on what it stands on. Who answered may have made up what its header does not cover.
 */
import { BcsError } from "#core/bcs/reader.ts";
import { equalBytes } from "#core/bytes.ts";
import { entries as entriesCodec } from "../codec/objects.ts";
import { type Codec, dataAnswer, decode } from "../codec.ts";
import type { AnsweredHeader } from "../evidence.ts";
import type { Batch, Configuration, Entry } from "../messages.ts";
import { configurationNamed } from "./configuration.ts";
import { type Finding, inspect } from "./inspect.ts";
import { type Point, tipOf } from "./log.ts";
import type { Machine } from "./state.ts";

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

/** What came of running an answered header. */
export interface AnsweredRun {
  readonly parent: Point;
  readonly batch: Batch;
  readonly configuration: Configuration;
  readonly finding: Finding;
}

/**
 * Runs an answered header on the tip of the machine's log, in whose state the executor is; it is
 * there again afterwards unless the header is sound. Undefined where it does not stand there, or
 * cannot be read.
 */
export function runAnswered(machine: Machine, shown: AnsweredHeader): AnsweredRun | undefined {
  const { log, facts, tools, chain } = machine;
  const { header } = shown.header;
  const parent = tipOf(log);
  const batch = batchOf(shown);
  const configuration = configurationNamed(log, facts.channel, chain.forced, parent, header);
  const isNext = equalBytes(header.previous, parent.ref.hash);
  if (batch === undefined || configuration === undefined || !isNext) return undefined;
  const finding = inspect(facts, tools, parent, batch, configuration);
  if (finding.type !== "sound") tools.executor.rollback(parent.mark);
  return { parent, batch, configuration, finding };
}

/** Undefined where its entries are none that can be read. */
function batchOf({ header, steps }: AnsweredHeader): Batch | undefined {
  const entries: Entry[] = [];
  for (const step of steps) {
    const own = readable(entriesCodec, step.entries);
    if (own === undefined) return undefined;
    entries.push(...own);
  }
  return { header, entries, steps: steps.map(({ step }) => step), viewChanges: [] };
}
