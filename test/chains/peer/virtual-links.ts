// Links between nodes in one process, on a clock that a test moves: they delay, lose and cut, by
// chance from a seed or by the test's own hand, and keep the order of what arrives.
import type { PeerLink } from "../../../src/chains/peer/link.ts";
import type { Clock } from "../../../src/chains/ports.ts";
import type { Prng } from "../../simulation/prng.ts";

export interface LinkFaults {
  readonly delayMsMax: number;
  /** Messages lost out of a thousand. */
  readonly lostPermille: number;
}

export const NO_FAULTS: LinkFaults = { delayMsMax: 20, lostPermille: 0 };

export interface VirtualLinks {
  faults: LinkFaults;
  /** Whether messages pass between two nodes. */
  passes: (from: number, to: number) => boolean;
  /** Sees every message when it is sent. */
  onSent: (from: number, message: Uint8Array) => void;
  /** Both ends of a new connection from one node to another. */
  connect(from: number, to: number): readonly [PeerLink, PeerLink];
}

interface End {
  readonly owner: number;
  listener: ((message: Uint8Array) => void) | undefined;
  readonly early: Uint8Array[];
  closeListener: (() => void) | undefined;
  isOpen: boolean;
  /** When the last message that was sent to this end arrives. */
  arrivesMs: bigint;
}

export function createVirtualLinks(clock: Clock, prng: Prng): VirtualLinks {
  const links: VirtualLinks = {
    faults: NO_FAULTS,
    passes: () => true,
    onSent: () => undefined,
    connect: (from, to) => {
      const [near, far] = [endOf(from), endOf(to)];
      return [link(near, far), link(far, near)];
    },
  };

  function link(own: End, other: End): PeerLink {
    return {
      remote: `node ${other.owner}`,
      post: (message) => post(own, other, message.slice()),
      listen: (listener) => {
        own.listener = listener;
        for (const message of own.early.splice(0)) listener(message);
      },
      onClose: (listener) => {
        own.closeListener = listener;
      },
      close: () => {
        if (!own.isOpen) return;
        own.isOpen = false;
        clock.after(0, () => own.closeListener?.());
        // What was sent before arrives before the end does.
        const inFlightMs = Number(other.arrivesMs - clock.now());
        clock.after(Math.max(inFlightMs, 0) + 1, () => {
          if (!other.isOpen) return;
          other.isOpen = false;
          other.closeListener?.();
        });
      },
    };
  }

  function post(own: End, other: End, message: Uint8Array): void {
    if (!own.isOpen) return;
    links.onSent(own.owner, message);
    const { delayMsMax, lostPermille } = links.faults;
    if (prng.permille(lostPermille) || !links.passes(own.owner, other.owner)) return;
    const earliest = clock.now() + BigInt(1 + prng.below(delayMsMax));
    other.arrivesMs = earliest > other.arrivesMs ? earliest : other.arrivesMs;
    clock.after(Number(other.arrivesMs - clock.now()), () => deliver(other, message));
  }

  return links;
}

function endOf(owner: number): End {
  return {
    owner,
    listener: undefined,
    early: [],
    closeListener: undefined,
    isOpen: true,
    arrivesMs: 0n,
  };
}

function deliver(end: End, message: Uint8Array): void {
  if (!end.isOpen) return;
  if (end.listener === undefined) end.early.push(message);
  else end.listener(message);
}
