/**
 * What a run of entries changed in all, gathered one change set at a time at the cost of what each
 * touches.
 */
import { assert } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import {
  type Change,
  type ChangeSet,
  makeChangeSet,
  newValue,
  oldValue,
  opBetween,
  type StateKey,
  stateKeyText,
} from "#core/effects.ts";

interface Touched {
  readonly key: StateKey;
  /** Before the run. */
  readonly old: Uint8Array | undefined;
  last: Uint8Array | undefined;
}

export type TouchedKeys = Map<string, Touched>;

export function gather(touched: TouchedKeys, changes: ChangeSet): void {
  for (const { key, op } of changes) {
    const text = stateKeyText(key);
    const known = touched.get(text);
    const [old, value] = [oldValue(op), newValue(op)];
    if (known === undefined) {
      touched.set(text, { key, old, last: value });
      continue;
    }
    const continuous =
      known.last === undefined || old === undefined
        ? known.last === old
        : equalBytes(known.last, old);
    assert(continuous, "changes follow one another");
    known.last = value;
  }
}

/** The composition of all that was gathered, in canonical order. */
export function gathered(touched: TouchedKeys): ChangeSet {
  const changes: Change[] = [];
  for (const { key, old, last } of touched.values()) {
    const op = opBetween(old, last);
    if (op !== undefined) changes.push({ key, op });
  }
  return makeChangeSet(changes);
}
