// A browser of test doubles: tabs with BroadcastChannels, Web Locks and timers on a virtual clock.
// A tab can be killed (its locks fall, its channels are silent) or frozen (it keeps its locks, and
// its events wait).
import type { Clock } from "../../../src/channel/ports.ts";
import type { OwnerContext } from "../../../src/channel/tab/owner.ts";
import type {
  BroadcastChannelLike,
  LocksLike,
} from "../../../src/channel/transport/broadcast-channel.ts";

type Timer = { readonly at: bigint; readonly run: () => void; readonly tab: TabState };
type Request = {
  readonly tab: TabState;
  readonly isShared: boolean;
  readonly grant: () => void;
};
type TabState = { isAlive: boolean; isFrozen: boolean; waiting: (() => void)[] };

export interface FakeTab {
  readonly openChannel: (name: string) => BroadcastChannelLike;
  readonly locks: LocksLike & NonNullable<OwnerContext["locks"]>;
  readonly clock: Clock;
  kill(): void;
  freeze(): void;
  thaw(): void;
}

export function createTabs() {
  const channels = new Map<string, Set<{ tab: TabState; handle: BroadcastChannelLike }>>();
  const held = new Map<string, Set<Request>>();
  const queued = new Map<string, Request[]>();
  const timers = new Set<Timer>();
  let now = 1_000n;

  const entry = <K, V>(map: Map<K, V>, key: K, make: () => V): V => {
    const value = map.get(key) ?? make();
    map.set(key, value);
    return value;
  };

  function run(tab: TabState, task: () => void): void {
    if (!tab.isAlive) return;
    if (tab.isFrozen) tab.waiting.push(task);
    else task();
  }

  function openChannel(tab: TabState, name: string): BroadcastChannelLike {
    const members = entry(channels, name, () => new Set());
    const handle: BroadcastChannelLike = {
      onmessage: null,
      postMessage(data) {
        const copy: unknown = structuredClone(data);
        for (const other of members) {
          if (other.handle === handle) continue;
          const deliver = () =>
            other.handle.onmessage?.(new MessageEvent("message", { data: copy }));
          queueMicrotask(() => run(other.tab, deliver));
        }
      },
      close: () => void members.delete(member),
    };
    const member = { tab, handle };
    members.add(member);
    return handle;
  }

  function settle(name: string): void {
    const holders = entry(held, name, () => new Set());
    const waiting = entry(queued, name, () => []);
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const isFree = holders.size === 0;
      const isShareable = next.isShared && [...holders].every((holder) => holder.isShared);
      if (!isFree && !isShareable) return;
      waiting.shift();
      holders.add(next);
      queueMicrotask(next.grant);
    }
  }

  function request(
    tab: TabState,
    name: string,
    options: { mode?: "exclusive" | "shared"; signal?: AbortSignal; ifAvailable?: boolean },
    granted: (lock: unknown) => Promise<void> | void,
  ): Promise<unknown> {
    const isTaken = (held.get(name)?.size ?? 0) > 0;
    if (options.ifAvailable === true && isTaken) return Promise.resolve(granted(null));
    return new Promise((resolve, reject) => {
      const mine: Request = {
        tab,
        isShared: options.mode === "shared",
        grant: () =>
          run(tab, () => {
            void Promise.resolve(granted({})).then(() => {
              held.get(name)?.delete(mine);
              settle(name);
              resolve(undefined);
            });
          }),
      };
      options.signal?.addEventListener("abort", () => {
        const waiting = queued.get(name) ?? [];
        if (!waiting.includes(mine)) return;
        waiting.splice(waiting.indexOf(mine), 1);
        reject(new DOMException("given up", "AbortError"));
        settle(name);
      });
      entry(queued, name, () => []).push(mine);
      settle(name);
    });
  }

  function clockOf(tab: TabState): Clock {
    return {
      now: () => now,
      after(delayMs, callback) {
        const timer: Timer = { at: now + BigInt(delayMs), run: callback, tab };
        timers.add(timer);
        return () => void timers.delete(timer);
      },
    };
  }

  function kill(tab: TabState): void {
    tab.isAlive = false;
    for (const [name, waiting] of queued) {
      queued.set(
        name,
        waiting.filter((waiter) => waiter.tab !== tab),
      );
      for (const holder of held.get(name) ?? []) {
        if (holder.tab === tab) held.get(name)?.delete(holder);
      }
      settle(name);
    }
  }

  return {
    tab(): FakeTab {
      const tab: TabState = { isAlive: true, isFrozen: false, waiting: [] };
      return {
        openChannel: (name) => openChannel(tab, name),
        locks: { request: (name, options, granted) => request(tab, name, options, granted) },
        clock: clockOf(tab),
        kill: () => kill(tab),
        freeze: () => void (tab.isFrozen = true),
        thaw() {
          tab.isFrozen = false;
          for (const task of tab.waiting.splice(0)) run(tab, task);
        },
      };
    },

    /** Lets everything that is under way happen, without passing time. */
    async settle(): Promise<void> {
      for (let turn = 0; turn < 60; turn++) await Promise.resolve();
    },

    async advance(ms: number): Promise<void> {
      const until = now + BigInt(ms);
      for (;;) {
        const due = [...timers].filter((timer) => timer.at <= until);
        const [next] = due.toSorted((a, b) => Number(a.at - b.at));
        if (next === undefined) break;
        timers.delete(next);
        if (next.at > now) now = next.at;
        run(next.tab, next.run);
        await this.settle();
      }
      now = until;
      await this.settle();
    },
  };
}
