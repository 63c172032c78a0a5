/**
 * The outcome of a call that only changed hot values. Its change set is encoded until the next such
 * call, and recorded in the journal, to be read when somebody asks for it; most calls' never is.
 */
import { compareBytes } from "../core/bytes.ts";
import {
  type ChangeSet,
  type Event,
  encodeChangeSet,
  encodeStateKey,
  oldValue,
} from "../core/effects.ts";
import type { InternalGas } from "../core/gas-units.ts";
import { EXECUTED } from "../core/status.ts";
import type { Outcome, Touch } from "../execution.ts";
import type { JournalSegment } from "./journal.ts";

export class HotOutcome implements Outcome {
  readonly status = EXECUTED;
  readonly gasUsed: InternalGas;
  readonly returns: readonly Uint8Array[];
  readonly events: readonly Event[];
  /** What the call touched and did not write. */
  readonly #reads: readonly Touch[];
  /** Where the change set is recorded. */
  readonly #segment: JournalSegment;
  readonly #start: number;
  #changes: ChangeSet | undefined;

  constructor(
    gasUsed: InternalGas,
    returns: readonly Uint8Array[],
    events: readonly Event[],
    reads: readonly Touch[],
    segment: JournalSegment,
    start: number,
  ) {
    this.gasUsed = gasUsed;
    this.returns = returns;
    this.events = events;
    this.#reads = reads;
    this.#segment = segment;
    this.#start = start;
  }

  get changes(): ChangeSet {
    this.#changes ??= this.#segment.changes(this.#start);
    return this.#changes;
  }

  get touched(): readonly Touch[] {
    const writes = this.changes.map(
      ({ key, op }): Touch => ({ key, before: oldValue(op), written: true }),
    );
    if (this.#reads.length === 0) return writes;
    return [...writes, ...this.#reads]
      .map((touch) => ({ touch, order: encodeStateKey(touch.key) }))
      .toSorted((a, b) => compareBytes(a.order, b.order))
      .map(({ touch }) => touch);
  }

  /** For whoever prints outcomes or compares them as text. */
  toJSON(): Outcome {
    const { status, gasUsed, returns, events, changes, touched } = this;
    return { status, gasUsed, returns, events, changes, touched };
  }

  /** BCS of {@link changes}, good until the next call. */
  encodedChanges(): Uint8Array {
    return this.#segment.encoded(this.#start) ?? encodeChangeSet(this.changes);
  }
}

/**
 * BCS of an outcome's change set, good until the executor's next call: compiled code has it ready
 * where its writes are of values that the session has written before.
 */
export function encodedChanges(outcome: Outcome): Uint8Array {
  return outcome instanceof HotOutcome
    ? outcome.encodedChanges()
    : encodeChangeSet(outcome.changes);
}
