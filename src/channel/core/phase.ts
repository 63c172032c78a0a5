/** The life of a node in its channel: what it is doing, and from where to where it may go. */
import { assert } from "#core/assert.ts";

/**
 * - `observing`: follows the log without a vote, not admitted (yet).
 * - `electing`: a seat in a term whose first header it has not seen.
 * - `following`: acknowledges what the leader orders.
 * - `leading`: orders.
 * - `departed`: left, was removed or banned; still sees the chain, where it may join again.
 * - `closed`: the channel is no more.
 */
export type Phase = "observing" | "electing" | "following" | "leading" | "departed" | "closed";

const TRANSITIONS: Readonly<Record<Phase, readonly Phase[]>> = {
  observing: ["electing", "following", "leading", "departed", "closed"],
  electing: ["following", "leading", "observing", "departed", "closed"],
  following: ["electing", "leading", "observing", "departed", "closed"],
  leading: ["electing", "following", "observing", "departed", "closed"],
  departed: ["observing", "electing", "following", "leading", "closed"],
  closed: [],
};

/** Asserts that the table allows the move; the same phase again is no move. */
export function expectTransition(from: Phase, to: Phase): void {
  assert(from === to || TRANSITIONS[from].includes(to), `a node goes from ${from} to ${to}`);
}
