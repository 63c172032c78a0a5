// Faults of a profile, planned from a seed on the world's clock, and the end of all of them.

import type { Prng } from "./prng.ts";
import type { Profile } from "./profiles.ts";
import type { SimNode } from "./sim-node.ts";
import type { World } from "./world.ts";

type Fault = keyof Profile["faults"];

/** Effects after which a node that is to crash does, at most. */
const EFFECTS_LEFT_MAX = 40;
const STORM = { delayMin: 20, delayMax: 900, lost: 150, doubled: 100 };

export class Faults {
  readonly #world: World;
  readonly #profile: Profile;
  readonly #prng: Prng;
  #isOver = false;
  /** A node that never comes back. */
  dead: SimNode | undefined;

  constructor(world: World, profile: Profile) {
    this.#world = world;
    this.#profile = profile;
    this.#prng = world.prng.fork("faults");
  }

  start(): void {
    if (this.#profile.faultEveryMs > 0) this.#planNext();
  }

  #planNext(): void {
    const { clock } = this.#world;
    clock.after(this.#prng.below(2 * this.#profile.faultEveryMs) + 1, () => {
      if (this.#isOver) return;
      this.#happen(this.#choose());
      this.#planNext();
    });
  }

  #choose(): Fault {
    const weighted = Object.entries(this.#profile.faults) as [Fault, number][];
    const bag = weighted.flatMap(([fault, weight]) => Array.from({ length: weight }, () => fault));
    return this.#prng.pick(bag);
  }

  #happen(fault: Fault): void {
    const { network, nodes, chain } = this.#world;
    const last = this.#prng.below(this.#profile.lastMsMax) + 1;
    switch (fault) {
      case "cut": {
        const [a, b] = [this.#prng.pick(nodes), this.#prng.pick(nodes)];
        network.cut(a.peer, b.peer);
        this.#later(last, () => network.heal(a.peer, b.peer));
        return;
      }
      case "partition":
        this.#part(last);
        return;
      case "crash":
        this.#kill(this.#prng.pick(nodes), last);
        return;
      case "behead": {
        const leader = nodes.find(({ machine }) => machine?.phase === "leading");
        if (leader !== undefined) this.#kill(leader, last);
        return;
      }
      case "halt":
        chain.isHalted = true;
        this.#later(last, () => {
          chain.isHalted = false;
        });
        return;
      case "storm":
        network.quality = STORM;
        this.#later(last, () => {
          network.quality = this.#profile.links;
        });
    }
  }

  #kill(node: SimNode, last: number): void {
    if (!node.isUp || node.effectsLeft !== undefined) return;
    node.effectsLeft = this.#prng.below(EFFECTS_LEFT_MAX);
    this.#later(last, () => this.revive(node));
  }

  #part(last: number): void {
    const { network, nodes } = this.#world;
    const [left, right]: SimNode[][] = [[], []];
    for (const node of nodes) (this.#prng.below(2) === 0 ? left : right)?.push(node);
    const pairs = (left ?? []).flatMap((a) => (right ?? []).map((b) => [a.peer, b.peer] as const));
    for (const [a, b] of pairs) network.cut(a, b);
    this.#later(last, () => {
      for (const [a, b] of pairs) network.heal(a, b);
    });
  }

  #later(ms: number, run: () => void): void {
    this.#world.clock.after(ms, () => {
      if (!this.#isOver) run();
    });
  }

  /** Starts a node again; one that was to crash and has not yet crashes now. */
  revive(node: SimNode): void {
    if (node.effectsLeft !== undefined && node.isUp) node.crash();
    if (!node.isUp && node !== this.dead) node.start();
  }

  /** Everything heals, but perhaps one node stays dead. */
  end(): void {
    const { network, nodes, chain } = this.#world;
    this.#isOver = true;
    network.healAll();
    network.quality = this.#profile.links;
    chain.isHalted = false;
    chain.lost = 0;
    if (nodes.length > 1 && this.#prng.permille(this.#profile.dead)) {
      this.dead = this.#prng.pick(nodes);
      if (this.dead.isUp) this.dead.crash();
    }
    for (const node of nodes) {
      node.effectsLeft = undefined;
      if (!node.isUp && node !== this.dead) node.start();
    }
  }
}
