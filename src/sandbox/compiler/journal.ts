/**
 * The journal: what one call after another changed, in short, as routines/recording.ts writes it.
 * Full, it is copied out of the linear memory in one piece, so a call copies nothing by itself, and
 * whoever still holds a place in it reads it from the copy.
 */
import { assert } from "../core/assert.ts";
import { type Change, type ChangeSet, decodeChangeSet } from "../core/effects.ts";
import type { LinearMemory } from "./linear-memory.ts";
import { CHANGES, CHANGES_OF, CHANGES_TOP, JOURNAL, JOURNAL_TOP } from "./memory-map.ts";
import {
  DIFFERENCE_BEFORE,
  DIFFERENCE_END,
  DIFFERENCE_HEAD_SIZE,
  WHOLE_HEAD_SIZE,
  WHOLE_SIZE,
  WORD_ENTRY_SIZE,
  WORD_SIZE,
} from "./routines/recording.ts";

/** A journal's contents from one emptying to the next. */
export interface JournalSegment {
  /** What the call changed that is recorded at an address. */
  changes(start: number): ChangeSet;
  /** BCS of the same, if it was the latest call. Not to keep. */
  encoded(start: number): Uint8Array | undefined;
}

export class Journal {
  readonly #memory: LinearMemory;
  #segment: JournalSegment;
  #top = JOURNAL;
  #seal: (bytes: Uint8Array) => void = () => undefined;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
    this.#segment = this.#open();
  }

  /** Where calls are being written to. */
  get segment(): JournalSegment {
    return this.#segment;
  }

  get isEmpty(): boolean {
    return this.#top === JOURNAL;
  }

  /** Notes that a program has recorded a call. Returns where. */
  advance(): number {
    const start = this.#top;
    this.#top = this.#memory.readU32(JOURNAL_TOP);
    return start;
  }

  /** Copies what is written and starts again in front. Values have no records then. */
  empty(): void {
    this.#seal(this.#memory.bytes.slice(JOURNAL, this.#top));
    this.#segment = this.#open();
  }

  #open(): JournalSegment {
    const memory = this.#memory;
    let sealed: Uint8Array | undefined;
    memory.writeU32(JOURNAL_TOP, JOURNAL);
    memory.writeU32(CHANGES_OF, 0);
    this.#top = JOURNAL;
    this.#seal = (bytes) => {
      sealed = bytes;
    };
    const encoded = (start: number) =>
      sealed === undefined && memory.readU32(CHANGES_OF) === start
        ? memory.bytes.subarray(CHANGES, memory.readU32(CHANGES_TOP))
        : undefined;
    return {
      encoded,
      changes(start) {
        const ready = encoded(start);
        if (ready !== undefined) return decodeChangeSet(ready);
        const bytes = sealed ?? memory.bytes.subarray(JOURNAL);
        return readCall(bytes, start);
      },
    };
  }
}

/** @param bytes of a segment, from {@link JOURNAL} on, where addresses count from. */
function readCall(bytes: Uint8Array, start: number): ChangeSet {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = bytes[start - JOURNAL] ?? 0;
  const changes: Change[] = [];
  let at = start + 1;
  for (let index = 0; index < count; index++) {
    changes.push(readChange(view, at));
    at = endOf(view, at);
  }
  return changes;
}

function isWhole(view: DataView, record: number): boolean {
  return view.getUint8(record - JOURNAL) === 0;
}

function endOf(view: DataView, record: number): number {
  const at = record - JOURNAL;
  return isWhole(view, record)
    ? record + WHOLE_HEAD_SIZE + view.getUint32(at + WHOLE_SIZE, true)
    : view.getUint32(at + DIFFERENCE_END, true);
}

/** The change at a record: from the last whole one before it, one difference after another. */
function readChange(view: DataView, record: number): Change {
  const differences: number[] = [];
  let whole = record;
  while (!isWhole(view, whole)) {
    differences.push(whole);
    whole = view.getUint32(whole - JOURNAL + DIFFERENCE_BEFORE, true);
  }
  const { buffer, byteOffset } = view;
  const start = whole + WHOLE_HEAD_SIZE - JOURNAL;
  const [change] = decodeChangeSet(
    new Uint8Array(buffer, byteOffset + start, endOf(view, whole) - JOURNAL - start),
  );
  assert(change?.op.type === "modify", "a journal holds changes of values that are there");
  const { key, op } = change;
  let { old, value } = op;
  for (const difference of differences.toReversed()) {
    old = value;
    value = old.slice();
    applyDifference(view, difference, value);
  }
  return { key, op: { type: "modify", old, value } };
}

function applyDifference(view: DataView, record: number, value: Uint8Array): void {
  const end = endOf(view, record) - JOURNAL;
  const start = record - JOURNAL + DIFFERENCE_HEAD_SIZE;
  for (let at = start; at < end; at += WORD_ENTRY_SIZE) {
    const offset = view.getUint32(at, true);
    const size = Math.min(WORD_SIZE, value.length - offset);
    for (let index = 0; index < size; index++) {
      value[offset + index] = view.getUint8(at + WORD_ENTRY_SIZE - WORD_SIZE + index);
    }
  }
}
