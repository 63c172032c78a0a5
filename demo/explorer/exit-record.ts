// Exits that are open on chain: whose, and how long the chain still waits for a later state.
import type { JsValue } from "holdfast/sandbox";
import { bigOf, fieldsOf, listOf } from "./fields.ts";

/** Units that the chain takes until an exit is over: `BOND` of `0x20::exit`. */
export const EXIT_BOND = 20_000n;

export interface ExitRecord {
  readonly seat: bigint;
  /** Milliseconds of the window that are left, by the chain's own time. */
  readonly leftMs: number;
}

/**
 * @param view what `0x20::exit::get_exits` returns
 * @param activeMs the chain's active time, which windows run in
 */
export function exitRecords(
  view: JsValue | undefined,
  activeMs: bigint | undefined,
): readonly ExitRecord[] {
  const open = fieldsOf(fieldsOf(view)?.["exits"])?.["open"];
  return listOf(open).flatMap((value): ExitRecord[] => {
    const exit = fieldsOf(value);
    const seat = bigOf(exit?.["seat"]);
    const dueMs = bigOf(exit?.["due_ms"]);
    if (seat === undefined || dueMs === undefined || activeMs === undefined) return [];
    return [{ seat, leftMs: dueMs > activeMs ? Number(dueMs - activeMs) : 0 }];
  });
}
