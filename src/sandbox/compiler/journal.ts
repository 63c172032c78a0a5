/**
 * The journal: encoded change sets, one call's behind another's, as routines/finishing.ts writes
 * them. Full, it is copied out of the linear memory in one piece, so a call copies nothing by
 * itself, and whoever still holds a part of it reads it from the copy.
 */
import { type ChangeSet, decodeChangeSet } from "../core/effects.ts";
import type { LinearMemory } from "./linear-memory.ts";
import { JOURNAL, JOURNAL_TOP } from "./memory-map.ts";

/** A journal's contents from one emptying to the next. */
export interface JournalSegment {
  /** What stands from `start` up to `end`. */
  changes(start: number, end: number): ChangeSet;
  /** The bytes from `start` up to `end`, addresses at the time they were written. Not to keep. */
  view(start: number, end: number): Uint8Array;
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

  /** Where the next call is written to. */
  get top(): number {
    return this.#top;
  }

  get isEmpty(): boolean {
    return this.#top === JOURNAL;
  }

  /** Notes that a program has written a call. Returns the end of it. */
  advance(): number {
    this.#top = this.#memory.readU32(JOURNAL_TOP);
    return this.#top;
  }

  /** Copies what is written and starts again in front. */
  empty(): void {
    this.#seal(this.#memory.bytes.slice(JOURNAL, this.#top));
    this.#segment = this.#open();
  }

  #open(): JournalSegment {
    const memory = this.#memory;
    let sealed: Uint8Array | undefined;
    memory.writeU32(JOURNAL_TOP, JOURNAL);
    this.#top = JOURNAL;
    this.#seal = (bytes) => {
      sealed = bytes;
    };
    const view = (start: number, end: number) =>
      sealed === undefined
        ? memory.bytes.subarray(start, end)
        : sealed.subarray(start - JOURNAL, end - JOURNAL);
    return { view, changes: (start, end) => decodeChangeSet(view(start, end)) };
  }
}
