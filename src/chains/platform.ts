/** Where the chain meets the platform: time and chance. Works in pages, workers and Node. */
import type { Clock, Entropy } from "./ports.ts";

/** Wall clock time, and the timers of the thread it runs on. */
export const systemClock: Clock = {
  now: () => BigInt(Date.now()),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Lets timers and messages that are due go first. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

export const systemEntropy: Entropy = (size) => crypto.getRandomValues(new Uint8Array(size));
