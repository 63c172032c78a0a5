/**
 * Notices new blocks by asking, while somebody listens: an endpoint of the profile tells nobody by
 * itself.
 */
import type { Clock } from "#channel";

const INTERVAL_MS = 500;

export interface HeadPoll {
  /** Calls back with every new version that was noticed, until the returned function is called. */
  onHead(listener: () => void): () => void;
  stop(): void;
}

/** @param version asks for the chain's newest version; may reject. */
export function createHeadPoll(version: () => Promise<bigint>, clock: Clock): HeadPoll {
  const listeners = new Set<() => void>();
  let known: bigint | undefined;
  let cancel: (() => void) | undefined;

  async function look(): Promise<void> {
    try {
      const now = await version();
      if (now === known) return;
      known = now;
      for (const listener of listeners) listener();
    } catch {
      // Out of reach: the next look tells.
    }
  }

  function arm(): void {
    cancel = clock.after(INTERVAL_MS, () => {
      void look().then(() => {
        if (listeners.size > 0) arm();
        else cancel = undefined;
      });
    });
  }

  return {
    onHead(listener) {
      listeners.add(listener);
      if (cancel === undefined) arm();
      return () => void listeners.delete(listener);
    },
    stop() {
      listeners.clear();
      cancel?.();
    },
  };
}
