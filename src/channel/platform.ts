/**
 * Where the channel's drivers meet the platform: the only file of this folder that reaches for
 * globals. Everything else takes what it needs as arguments. Works in pages, workers and Node.
 */
import type { Clock, Entropy } from "./ports.ts";
import type { BroadcastChannelLike } from "./transport/broadcast-channel.ts";

/**
 * Wall clock time and the timers of the thread it runs on: a page's are throttled, a worker's are
 * not.
 */
export const platformClock: Clock = {
  now: () => BigInt(Date.now()),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

export const platformEntropy: Entropy = (size) => crypto.getRandomValues(new Uint8Array(size));

/** WebCrypto's functions, or undefined where a page was not served safely. */
export function platformCrypto(): SubtleCrypto | undefined {
  return crypto.subtle;
}

/** Web Locks, or undefined where there are none (Node, insecure contexts). */
export function platformLocks(): LockManager | undefined {
  return typeof navigator === "undefined" ? undefined : navigator.locks;
}

export function openBroadcastChannel(name: string): BroadcastChannelLike {
  return new BroadcastChannel(name);
}

/** Runs a task after the current one and what it started. */
export const platformDefer: (task: () => void) => void = (task) => {
  setTimeout(task, 0);
};
