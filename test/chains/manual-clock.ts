// A clock that a test moves by hand. Callbacks run in order of their time, and what they have
// promised is awaited before the next one runs.
import type { Clock } from "../../src/chains/ports.ts";

interface Timer {
  readonly atMs: bigint;
  readonly order: number;
  readonly callback: () => void;
}

export interface ManualClock extends Clock {
  /** Lets `ms` pass. */
  advance(ms: number): Promise<void>;
  /** Lets `ms` pass while everything sleeps: what was due meanwhile happens at their end. */
  sleep(ms: number): Promise<void>;
}

/** Rounds of promise jobs that one event may need until nothing moves any more. */
const SETTLE_ROUNDS = 200;

/** Lets everything that only waits for promises happen. */
export async function settle(): Promise<void> {
  for (let round = 0; round < SETTLE_ROUNDS; round++) await Promise.resolve();
}

export function manualClock(startMs: bigint): ManualClock {
  const timers = new Set<Timer>();
  let nowMs = startMs;
  let order = 0;
  const nextBy = (untilMs: bigint): Timer | undefined => {
    const due = [...timers].filter(({ atMs }) => atMs <= untilMs);
    due.sort((a, b) => (a.atMs === b.atMs ? a.order - b.order : Number(a.atMs - b.atMs)));
    return due[0];
  };
  const clock: ManualClock = {
    now: () => nowMs,
    after: (delayMs, callback) => {
      order += 1;
      const timer = { atMs: nowMs + BigInt(Math.ceil(delayMs)), order, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: async (ms) => {
      const untilMs = nowMs + BigInt(ms);
      await settle();
      for (let timer = nextBy(untilMs); timer !== undefined; timer = nextBy(untilMs)) {
        timers.delete(timer);
        if (timer.atMs > nowMs) nowMs = timer.atMs;
        timer.callback();
        await settle();
      }
      nowMs = untilMs;
    },
    sleep: (ms) => {
      nowMs += BigInt(ms);
      return clock.advance(0);
    },
  };
  return clock;
}
