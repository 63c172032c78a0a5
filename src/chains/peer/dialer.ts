/**
 * Keeps connections to named nodes up: dials again when one ends, after a pause that grows while
 * nobody answers. Knows no sockets.
 */
import type { Clock } from "../ports.ts";
import type { Dial, PeerLink } from "./link.ts";
import type { PeerNetwork } from "./network.ts";

const PAUSE_MS_MIN = 500;
const PAUSE_MS_MAX = 15_000;
/** A connection that held for so long was a good one: the pause begins small again. */
const GOOD_MS = 10_000n;

/** @returns what stops dialling; connections that are up are the network's to close. */
export function keepDialled(
  network: PeerNetwork,
  clock: Clock,
  dial: Dial,
  urls: readonly string[],
): () => void {
  let isStopped = false;
  const cancels = new Map<string, () => void>();
  const tryAgain = (url: string, pauseMs: number): void => {
    if (isStopped) return;
    const next = Math.min(pauseMs * 2, PAUSE_MS_MAX);
    cancels.set(
      url,
      clock.after(pauseMs, () => void attempt(url, next)),
    );
  };
  const attempt = async (url: string, pauseMs: number): Promise<void> => {
    let link: PeerLink;
    try {
      link = await dial(url);
    } catch {
      tryAgain(url, pauseMs);
      return;
    }
    if (isStopped) return link.close();
    const sinceMs = clock.now();
    const ended = (): void => {
      tryAgain(url, clock.now() - sinceMs > GOOD_MS ? PAUSE_MS_MIN : pauseMs);
    };
    network.join(watched(link, ended));
  };
  for (const url of urls) void attempt(url, PAUSE_MS_MIN);
  return () => {
    isStopped = true;
    for (const cancel of cancels.values()) cancel();
  };
}

/** The same link, whose end is told to `ended` too, whether its user listens or not. */
function watched(link: PeerLink, ended: () => void): PeerLink {
  let listener = (): void => undefined;
  link.onClose(() => {
    listener();
    ended();
  });
  return {
    ...link,
    onClose: (next) => {
      listener = next;
    },
  };
}
