/** Who waits for which transaction, until it is committed or dropped or their time is up. */
import { toHex } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";
import type { Clock } from "./ports.ts";

/** How a wait ended: `undefined` when time was up. */
export type Waiter<T> = (outcome: T | undefined) => void;

export interface Waiters<T> {
  readonly clock: Clock;
  readonly byHash: Map<string, Set<Waiter<T>>>;
}

export function createWaiters<T>(clock: Clock): Waiters<T> {
  return { clock, byHash: new Map() };
}

export function waitFor<T>(
  waiters: Waiters<T>,
  hash: Hash,
  timeoutMs: number,
): Promise<T | undefined> {
  const name = toHex(hash);
  return new Promise((resolve) => {
    const waiting = waiters.byHash.get(name) ?? new Set();
    const waiter: Waiter<T> = (outcome) => {
      cancel();
      waiting.delete(waiter);
      if (waiting.size === 0) waiters.byHash.delete(name);
      resolve(outcome);
    };
    const cancel = waiters.clock.after(timeoutMs, () => waiter(undefined));
    waiting.add(waiter);
    waiters.byHash.set(name, waiting);
  });
}

export function settleWaiters<T>(waiters: Waiters<T>, hash: Hash, outcome: T): void {
  for (const waiter of waiters.byHash.get(toHex(hash)) ?? []) waiter(outcome);
}

/** Ends every wait as if its time were up. */
export function releaseWaiters<T>(waiters: Waiters<T>): void {
  for (const waiting of waiters.byHash.values()) {
    for (const waiter of waiting) waiter(undefined);
  }
}
