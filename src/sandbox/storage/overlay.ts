/**
 * A session's view of state: what it wrote over what it found, as bytes. It can go back to where it
 * was marked. The state below is only read. Knows neither values nor types.
 */
import { assert } from "../core/assert.ts";
import { toHex } from "../core/bytes.ts";
import {
  type Change,
  type ChangeSet,
  makeChangeSet,
  newValue,
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
   * Counts a call as committed whose new values come by {@link put}, before anybody asks for them
   * and before the next mark.
   */
  commitLater(): void;
  /** The value that calls of {@link commitLater} left under a key. */
  put(key: StateKey, value: Uint8Array): void;
  /** A point that {@link rollback} can return to. 0 is where the overlay began. */
  mark(): number;
  /** Takes back every commit above a mark. */
  rollback(mark: number): void;
  /** From the state below to this view. */
  changes(): ChangeSet;
}

interface Entry {
  readonly key: StateKey;
  value: Uint8Array | undefined;
  /** Number of commits in force when the value was written. */
  writtenAt: number;
}

/** What an entry was at the latest mark, kept by the first write above it. */
interface Undo {
  readonly text: string;
  /** Of the write. */
  readonly height: number;
  /** Undefined if the state below showed through. */
  readonly previous: Pick<Entry, "value" | "writtenAt"> | undefined;
}

export function createOverlay(state: StateReader): Overlay {
  const entries = new Map<string, Entry>();
  const undos: Undo[] = [];
  /** Ascending. */
  const marks = [0];
  /** Number of commits in force. */
  let height = 0;

  function put(key: StateKey, value: Uint8Array | undefined): void {
    const text = keyText(key);
    const entry = entries.get(text);
    if (entry === undefined) {
      entries.set(text, { key, value, writtenAt: height });
      undos.push({ text, height, previous: undefined });
      return;
    }
    const { writtenAt } = entry;
    const isAboveMark = writtenAt > (marks.at(-1) ?? 0);
    if (!isAboveMark) undos.push({ text, height, previous: { value: entry.value, writtenAt } });
    entry.value = value;
    entry.writtenAt = height;
  }

  function undo({ text, previous }: Undo): void {
    const entry = entries.get(text);
    assert(entry !== undefined, "what was written is there");
    if (previous === undefined) entries.delete(text);
    else Object.assign(entry, previous);
  }

  return {
    get(key) {
      const entry = entries.get(keyText(key));
      return entry === undefined ? state.get(key) : entry.value;
    },
    commit(changes) {
      height += 1;
      for (const { key, op } of changes) put(key, newValue(op));
    },
    commitLater() {
      height += 1;
    },
    put,
    mark() {
      if (marks.at(-1) !== height) marks.push(height);
      return height;
    },
    rollback(mark) {
      while ((marks.at(-1) ?? 0) > mark) marks.pop();
      assert(marks.at(-1) === mark, "a mark lies behind");
      for (let last = undos.at(-1); last !== undefined && last.height > mark; ) {
        undo(last);
        undos.pop();
        last = undos.at(-1);
      }
      height = mark;
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
