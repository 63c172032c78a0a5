/** The two majorities of the protocol (SPEC.md CF1, CF2), counted in heads of one configuration. */
import { assert } from "#core/assert.ts";

/** Confirmations and view changes: more than two thirds. */
export function isQuorum(count: number, size: number): boolean {
  assert(size >= 1, "a configuration has a seat");
  return 3 * count > 2 * size;
}

/** Settlements: two thirds say yes; abstaining counts in `size` only. */
export function isSettled(yes: number, size: number): boolean {
  assert(size >= 1, "a configuration has a seat");
  return 3 * yes >= 2 * size;
}

/** Removing a silent seat at once: more than half. */
export function isMajority(count: number, size: number): boolean {
  return 2 * count > size;
}
