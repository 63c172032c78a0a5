// Links between simulated nodes: delay, loss, duplication, cuts. A message on a link that is up
// arrives in order as a transport promises, unless the fault profile breaks that on purpose.
import { present } from "#core/assert.ts";
import type { PeerId } from "../../src/channel/ports.ts";
import type { VirtualClock } from "./clock.ts";
import type { Prng } from "./prng.ts";

export interface LinkQuality {
  /** Milliseconds one way, from and to. */
  readonly delayMin: number;
  readonly delayMax: number;
  /** Out of a thousand messages. */
  readonly lost: number;
  readonly doubled: number;
  /** Somebody sends a copy after it with bytes of its own making in it. */
  readonly forged?: number;
}

/** Bytes that a forger changes in one message, at most. */
const FORGED_BYTES_MAX = 3;

export const GOOD_LINKS: LinkQuality = { delayMin: 2, delayMax: 10, lost: 0, doubled: 0 };

export interface Endpoint {
  peerUp(peer: PeerId): void;
  peerDown(peer: PeerId): void;
  message(from: PeerId, bytes: Uint8Array): void;
}

export class Network {
  quality: LinkQuality = GOOD_LINKS;
  /** Links with a quality of their own. */
  readonly #special = new Map<string, LinkQuality>();
  readonly #endpoints = new Map<PeerId, Endpoint>();
  readonly #cuts = new Set<string>();
  /** When the last message on each link arrives, so that none overtakes it. */
  readonly #lastArrival = new Map<string, bigint>();
  readonly #clock: VirtualClock;
  readonly #prng: Prng;
  sent = 0;

  constructor(clock: VirtualClock, prng: Prng) {
    this.#clock = clock;
    this.#prng = prng;
  }

  join(peer: PeerId, endpoint: Endpoint): void {
    this.#endpoints.set(peer, endpoint);
    for (const other of this.#endpoints.keys()) {
      if (other !== peer && this.isUp(peer, other)) this.#tell(peer, other, "up");
    }
  }

  leave(peer: PeerId): void {
    this.#endpoints.delete(peer);
    for (const [other, endpoint] of this.#endpoints) {
      if (!this.#cuts.has(linkName(peer, other))) {
        this.#clock.after(1, () => {
          if (this.#endpoints.get(other) === endpoint && !this.#endpoints.has(peer)) {
            endpoint.peerDown(peer);
          }
        });
      }
    }
  }

  isUp(a: PeerId, b: PeerId): boolean {
    return this.#endpoints.has(a) && this.#endpoints.has(b) && !this.#cuts.has(linkName(a, b));
  }

  cut(a: PeerId, b: PeerId): void {
    if (a === b || this.#cuts.has(linkName(a, b))) return;
    const wasUp = this.isUp(a, b);
    this.#cuts.add(linkName(a, b));
    if (wasUp) this.#tell(a, b, "down");
  }

  heal(a: PeerId, b: PeerId): void {
    if (!this.#cuts.delete(linkName(a, b))) return;
    if (this.isUp(a, b)) this.#tell(a, b, "up");
  }

  healAll(): void {
    for (const name of this.#cuts) {
      const [a, b] = name.split("|");
      this.heal(present(a, "a link has two ends") as PeerId, present(b, "two ends") as PeerId);
    }
    this.#special.clear();
  }

  /** Gives one link a quality of its own. */
  setLink(a: PeerId, b: PeerId, quality: LinkQuality): void {
    this.#special.set(linkName(a, b), quality);
  }

  send(from: PeerId, to: PeerId, bytes: Uint8Array): void {
    if (!this.isUp(from, to)) return;
    this.sent += 1;
    const quality = this.#special.get(linkName(from, to)) ?? this.quality;
    if (this.#prng.permille(quality.lost)) return;
    const copies = this.#prng.permille(quality.doubled) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) this.#deliver(from, to, bytes, quality);
    if (this.#prng.permille(quality.forged ?? 0)) {
      this.#deliver(from, to, this.#forge(bytes), quality);
    }
  }

  #forge(bytes: Uint8Array): Uint8Array {
    const forged = bytes.slice();
    for (let count = this.#prng.below(FORGED_BYTES_MAX) + 1; count > 0; count--) {
      forged[this.#prng.below(forged.length)] = this.#prng.below(256);
    }
    return forged;
  }

  #deliver(from: PeerId, to: PeerId, bytes: Uint8Array, quality: LinkQuality): void {
    const spread = quality.delayMax - quality.delayMin + 1;
    const delay = BigInt(quality.delayMin + this.#prng.below(spread));
    const link = `${from}>${to}`;
    const last = this.#lastArrival.get(link) ?? 0n;
    const due = this.#clock.now + delay;
    const at = due > last ? due : last;
    this.#lastArrival.set(link, at);
    const sender = this.#endpoints.get(from);
    this.#clock.plan(at, () => {
      const receiver = this.#endpoints.get(to);
      // What a process sent before it died may still arrive; what a cut link carried may not.
      if (receiver === undefined || this.#cuts.has(linkName(from, to))) return;
      if (sender !== this.#endpoints.get(from) && this.#endpoints.has(from)) return;
      receiver.message(from, bytes);
    });
  }

  #tell(a: PeerId, b: PeerId, what: "up" | "down"): void {
    for (const [self, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const endpoint = this.#endpoints.get(self);
      this.#clock.after(1, () => {
        if (endpoint === undefined || this.#endpoints.get(self) !== endpoint) return;
        if (what === "up" && this.isUp(self, other)) endpoint.peerUp(other);
        if (what === "down" && !this.isUp(self, other)) endpoint.peerDown(other);
      });
    }
  }
}

function linkName(a: PeerId, b: PeerId): string {
  return a < b ? `${a}|${b}` : `${b}|${a}`;
}
