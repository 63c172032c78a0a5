// Time that passes as fast as the work in it allows. Timers are virtual; messages and promises run
// in real turns of the event loop, several between two timers.
import type { Clock } from "../../src/channel/index.ts";

/** Turns of the event loop that a chain of messages and promises takes at most. */
const TURNS = 6;
/** What is due within so much is run together. */
const STEP_MS = 5n;

export interface VirtualClock extends Clock {
  /** Lets time pass until `isDone`; throws when that takes more than `limitMs` of it. */
  until(isDone: () => boolean, limitMs: number): Promise<void>;
  pass(ms: number): Promise<void>;
}

interface Timer {
  readonly at: bigint;
  readonly run: () => void;
}

export function createVirtualClock(start = 1_700_000_000_000n): VirtualClock {
  const timers = new Set<Timer>();
  let now = start;

  async function turn(): Promise<void> {
    for (let count = 0; count < TURNS; count++) {
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  function advance(most: bigint): void {
    const step = now + STEP_MS < most ? now + STEP_MS : most;
    const first = [...timers].reduce((least, { at }) => (at < least ? at : least), most);
    now = first > step ? first : step;
    const due = [...timers].filter(({ at }) => at <= now);
    for (const timer of due.toSorted((a, b) => Number(a.at - b.at))) {
      if (timers.delete(timer)) timer.run();
    }
  }

  async function until(isDone: () => boolean, limitMs: number): Promise<void> {
    const limit = now + BigInt(limitMs);
    for (;;) {
      await turn();
      if (isDone()) return;
      if (now >= limit) throw new Error(`not done within ${limitMs} ms of virtual time`);
      advance(limit);
    }
  }

  return {
    now: () => now,
    after(delayMs, run) {
      const timer: Timer = { at: now + BigInt(Math.ceil(delayMs)), run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    until,
    async pass(ms) {
      const end = now + BigInt(ms);
      await until(() => now >= end, ms + 1);
    },
  };
}
