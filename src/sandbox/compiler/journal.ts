/**
 * The journal: encoded change sets, one call's behind another's, as routines/finishing.ts writes
 * them. Full, it is copied out of the linear memory in one piece, so a call copies nothing by
 * itself, and whoever still holds a part of it reads it from the copy.
 */
import { decodeChangeSet } from "../core/effects.ts";
import type { ChangeLog } from "../storage/overlay.ts";
import type { LinearMemory } from "./linear-memory.ts";
import { JOURNAL, JOURNAL_TOP } from "./memory-map.ts";

/** A journal's contents from one emptying to the next. */
export interface JournalSegment extends ChangeLog {
  /** The bytes from `start` up to `end`, addresses at the time they were written. Not to keep. */
  view(start: number, end: number): Uint8Array;
}

export class Journal {
  readonly #memory: LinearMemory;
  #segment: JournalSegment;
  #seal: (bytes: Uint8Array) => void = () => undefined;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
    this.#segment = this.#open();
  }

  /** Where calls are being written to. */
  get segment(): JournalSegment {
    return this.#segment;
  }

  get top(): number {
    return this.#memory.readU32(JOURNAL_TOP);
  }

  get isEmpty(): boolean {
    return this.top === JOURNAL;
  }

  /** Copies what is written and starts again in front. */
  empty(): void {
    this.#seal(this.#memory.bytes.slice(JOURNAL, this.top));
    this.#segment = this.#open();
  }

  #open(): JournalSegment {
    const memory = this.#memory;
    let sealed: Uint8Array | undefined;
    memory.writeU32(JOURNAL_TOP, JOURNAL);
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
