/** State in a map, without a commitment: for tools, tests and runs that need no root. */
import { assert } from "../core/assert.ts";
import { equalBytes } from "../core/bytes.ts";
import { type ChangeSet, newValue, oldValue, type StateKey } from "../core/effects.ts";
import type { StateReader } from "../execution.ts";
import { keyText } from "./overlay.ts";

export interface MemoryState extends StateReader {
  /** Applies changes; asserts that every `old` is what is stored. */
  apply(changes: ChangeSet): void;
  readonly size: number;
}

/** An empty state. */
export function createMemoryState(): MemoryState {
  const values = new Map<string, Uint8Array>();

  function check(key: StateKey, expected: Uint8Array | undefined): void {
    const stored = values.get(keyText(key));
    const agrees =
      stored === undefined || expected === undefined
        ? stored === expected
        : equalBytes(stored, expected);
    assert(agrees, "a change starts from what is stored");
  }

  return {
    get: (key) => values.get(keyText(key)),
    apply(changes) {
      for (const { key, op } of changes) check(key, oldValue(op));
      for (const { key, op } of changes) {
        const value = newValue(op);
        if (value === undefined) values.delete(keyText(key));
        else values.set(keyText(key), value);
      }
    },
    get size() {
      return values.size;
    },
  };
}
