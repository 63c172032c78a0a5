/**
 * A session's view of state: what it wrote over what it found, as bytes. Every commit can be taken
 * back. The state below is only read. Knows neither values nor types.
 */
import { assert } from "../core/assert.ts";
import { toHex } from "../core/bytes.ts";
import {
  type Change,
  type ChangeSet,
  makeChangeSet,
  newValue,
  oldValue,
  opBetween,
  type StateKey,
} from "../core/effects.ts";
import { formatModuleId } from "../core/identifier.ts";
import { formatStructTag } from "../core/type-tag.ts";
import type { StateReader } from "../execution.ts";

export interface Overlay extends StateReader {
  /** Applies the changes of one call. */
  commit(changes: ChangeSet): void;
  /**
   * Counts a call as committed whose new values come by {@link put}, before anybody asks for them.
   * Its changes, at these places of a log, are looked at only to take it back.
   */
  commitLater(log: ChangeLog, start: number, end: number): void;
  /** The value that calls of {@link commitLater} left under a key. */
  put(key: StateKey, value: Uint8Array): void;
  /** Number of commits in force. */
  height(): number;
  /** Takes back every commit above `height`. */
  rollback(height: number): void;
  /** From the state below to this view. */
  changes(): ChangeSet;
}

/** Where changes of calls stand that only changed what was there. */
export interface ChangeLog {
  changes(start: number, end: number): ChangeSet;
}

interface Entry {
  readonly key: StateKey;
  value: Uint8Array | undefined;
}

interface Undo {
  readonly text: string;
  /** What the overlay held before, or undefined if the state below showed through. */
  readonly previous: { readonly value: Uint8Array | undefined } | undefined;
}

export function createOverlay(state: StateReader): Overlay {
  const entries = new Map<string, Entry>();
  const commits: (readonly Undo[] | ChangeLog)[] = [];
  /** By commit, start and end in its log: plain numbers, so that many commits weigh little. */
  const places: number[] = [];

  function write({ key, op }: Change): Undo {
    const text = keyText(key);
    const entry = entries.get(text);
    const value = newValue(op);
    if (entry === undefined) {
      entries.set(text, { key, value });
      return { text, previous: undefined };
    }
    const previous = { value: entry.value };
    entry.value = value;
    return { text, previous };
  }

  function undo({ text, previous }: Undo): void {
    const entry = entries.get(text);
    assert(entry !== undefined, "what was written is there");
    if (previous === undefined) entries.delete(text);
    else entry.value = previous.value;
  }

  function put(key: StateKey, value: Uint8Array | undefined): void {
    const text = keyText(key);
    const entry = entries.get(text);
    if (entry === undefined) entries.set(text, { key, value });
    else entry.value = value;
  }

  function takeBackLast(): void {
    const commit = commits.pop() ?? [];
    const [start = 0, end = 0] = places.splice(-2);
    if ("changes" in commit) {
      for (const { key, op } of commit.changes(start, end)) put(key, oldValue(op));
    } else {
      for (const entry of commit.toReversed()) undo(entry);
    }
  }

  return {
    get(key) {
      const entry = entries.get(keyText(key));
      return entry === undefined ? state.get(key) : entry.value;
    },
    commit(changes) {
      commits.push(changes.map(write));
      places.push(0, 0);
    },
    commitLater(log, start, end) {
      commits.push(log);
      places.push(start, end);
    },
    put,
    height: () => commits.length,
    rollback(height) {
      assert(height >= 0 && height <= commits.length, "a mark lies behind");
      while (commits.length > height) takeBackLast();
    },
    changes() {
      const changes: Change[] = [];
      for (const { key, value } of entries.values()) {
        const op = opBetween(state.get(key), value);
        if (op !== undefined) changes.push({ key, op });
      }
      return makeChangeSet(changes);
    },
  };
}

const keyTexts = new WeakMap<StateKey, string>();

/**
 * A key as text, cheaper than its bytes. For maps in memory only. Remembered for the key object, as
 * executors use the same ones again and again.
 */
export function keyText(key: StateKey): string {
  const known = keyTexts.get(key);
  if (known !== undefined) return known;
  const text = makeKeyText(key);
  keyTexts.set(key, text);
  return text;
}

function makeKeyText(key: StateKey): string {
  switch (key.kind) {
    case "resource":
      return `${key.address}/${formatStructTag(key.type)}`;
    case "tableItem":
      return `${key.handle}[${toHex(key.key)}]`;
    case "module":
      return formatModuleId(key.module);
  }
}
