/** When ticks of the contract are due (SPEC.md EX8). */
import type { ChannelSettings } from "../chain-view.ts";
import { TICKS_OVERDUE_MAX } from "./parameters.ts";

type Schedule = ChannelSettings["tick"];

/** The number of the last tick that is due at `time`; 0 while none is. */
export function ticksBefore(tick: Schedule, time: bigint): bigint {
  if (tick === undefined || time < tick.start + tick.interval) return 0n;
  return (time - tick.start) / tick.interval;
}

/** The first tick that may be ordered at `time`, after `ticks`; undefined while none is due. */
export function dueTick(tick: Schedule, ticks: bigint, time: bigint): bigint | undefined {
  const due = ticksBefore(tick, time);
  const skipped = due - TICKS_OVERDUE_MAX + 1n;
  const next = ticks + 1n > skipped ? ticks + 1n : skipped;
  return next <= due ? next : undefined;
}
