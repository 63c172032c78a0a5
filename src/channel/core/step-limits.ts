/**
 * How large a step may be, so that evidence of it can be judged within one transaction (SPEC.md
 * FP2): the leader cuts by these limits, everybody else refuses a step that breaks them.
 */
import { assert } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import { CALL_SIZE_MAX, STEP_ENTRIES_MAX } from "../codec/limits.ts";
import { encode, entry } from "../codec.ts";
import type { Entry, Header, Step } from "../messages.ts";

/** How the steps of a header contradict it, as far as can be told without their entries. */
export function stepsFault(header: Header, steps: readonly Step[]): string | undefined {
  let height = header.firstHeight;
  for (const step of steps) {
    if (step.firstHeight !== height) return "a step at another height";
    if (step.count < 1 || step.count > STEP_ENTRIES_MAX) return "a step of a wrong size";
    height += BigInt(step.count);
  }
  if (height !== header.firstHeight + BigInt(header.count)) return "the steps do not cover it";
  const last = steps.at(-1);
  return last === undefined || equalBytes(last.stateRoot, header.stateRoot)
    ? undefined
    : "the last step ends in another state";
}

/** Bytes of the entries of one step together; one entry alone may have its own limit. */
export const STEP_ENTRIES_SIZE_MAX = 64 * 1024;

/** Whether entries are too much for one step; a single one never is. */
export function isOverLimit(entries: readonly Entry[]): boolean {
  if (entries.length < 2) return false;
  return entries.reduce((sum, value) => sum + sizeOf(value), 0) > STEP_ENTRIES_SIZE_MAX;
}

function sizeOf(value: Entry): number {
  return encode(entry, value).length;
}

/** How a leader cuts entries into steps: as many in each as its limits allow. */
export function stepSizesFor(entries: readonly Entry[]): readonly number[] {
  const sizes: number[] = [];
  let open = { count: 0, size: 0 };
  for (const next of entries) {
    const size = sizeOf(next);
    const fits = open.count < STEP_ENTRIES_MAX && open.size + size <= STEP_ENTRIES_SIZE_MAX;
    if (!fits && open.count > 0) {
      sizes.push(open.count);
      open = { count: 0, size: 0 };
    }
    open = { count: open.count + 1, size: open.size + size };
  }
  return open.count === 0 ? sizes : [...sizes, open.count];
}

assert(CALL_SIZE_MAX <= STEP_ENTRIES_SIZE_MAX, "any call fits a step");
