// Nodes of one chain over a network that loses, delays and splits, with stores that crash at their
// writes: one final block per height, equal states, no coin made or lost, no slot signed twice, and
// progress as soon as two thirds of the producers hear each other.
import { describe, expect, it } from "vitest";
import {
  closeWorld,
  createPeerWorld,
  heal,
  type PeerWorld,
  pass,
  pay,
  stop,
} from "./peer-world.ts";

const SEEDS = 6;
const ROUNDS = 14;

/** What all seeds together have seen. */
const lived = { crashes: 0, reorganisations: 0, finals: 0 };

/** Whatever can go wrong, at times that the seed chooses. */
async function suffer(world: PeerWorld): Promise<void> {
  const { prng, links, places } = world;
  let number = 0n;
  for (let round = 0; round < ROUNDS; round++) {
    links.faults = {
      delayMsMax: prng.pick([20, 300, 1_500]),
      lostPermille: prng.pick([0, 50, 250]),
    };
    const side = places.map(() => prng.below(2));
    const isSplit = prng.permille(500);
    links.passes = (from, to) => !isSplit || side[from] === side[to];
    const chance = prng.pick([0, 0, 60]);
    world.crashAt = () =>
      prng.permille(chance) ? prng.pick(["before", "after"] as const) : "none";
    if (prng.permille(300)) stop(world, prng.below(places.length), 500 + prng.below(6_000));
    for (let count = prng.below(4); count > 0; count--) {
      pay(world, number);
      number += 1n;
    }
    await pass(world, 1_000 + prng.below(5_000));
  }
}

describe("nodes that lose sight of each other", () => {
  it.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
    "agree in the end on what was final all along: seed %d",
    async (seed) => {
      const world = await createPeerWorld(seed, 3 + (seed % 3));
      await suffer(world);
      const broken = await heal(world);
      await closeWorld(world);
      expect(broken).toEqual([]);
      lived.crashes += world.crashes;
      lived.reorganisations += world.reorganisations;
      lived.finals += world.finals.size;
    },
    120_000,
  );

  it("have lived through what they are to survive", () => {
    expect(lived.crashes).toBeGreaterThan(SEEDS);
    expect(lived.reorganisations).toBeGreaterThan(3 * SEEDS);
    expect(lived.finals).toBeGreaterThan(20 * SEEDS);
  });
});
