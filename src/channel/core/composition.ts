/** The change set of a settlement (SPEC.md SE2). */
import type { ChangeSet } from "#core/effects.ts";
import type { Machine } from "./state.ts";
import { gather, gathered, type TouchedKeys } from "./touched.ts";

/** Everything that changed above the base up to and including a header. */
export function changesTo({ log }: Machine, number: bigint): ChangeSet {
  const touched: TouchedKeys = new Map();
  for (const item of log.items) if (item.ref.number <= number) gather(touched, item.changes);
  return gathered(touched);
}
