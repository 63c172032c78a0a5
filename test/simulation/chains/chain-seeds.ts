// Seeds of the profile "chains" as tests: one test a seed, whose title says how to run it again.
import { describe, expect, it } from "vitest";
import { FAULTS } from "./chain-faults.ts";
import { type Seen, simulateChains } from "./simulate-chains.ts";

/** A seed takes some seconds; the rest is for a machine that is busy with other things. */
const SEED_TIMEOUT_MS = 300_000;

/** Every seed of a range must end without a failure, and together they must have been lived. */
export function describeChainSeeds(from: number, count: number): void {
  const seeds = Array.from({ length: count }, (_, index) => from + index);
  const lives: Seen[] = [];
  describe("a root, its shard and its parallel chain", () => {
    it.each(seeds)(
      "hold what they promise: npm run simulate -- --profile chains --from %i --seeds 1",
      async (seed) => {
        const { failure, seen } = await simulateChains(seed);
        expect(failure).toBeUndefined();
        lives.push(seen);
      },
      SEED_TIMEOUT_MS,
    );

    it("have suffered every fault and reorganisations, and moved coins everywhere", () => {
      const told = new Set(lives.flatMap(({ faults }) => faults.map((line) => line.split(" ")[0])));
      expect([...told].sort()).toEqual([...FAULTS].sort());
      for (const what of ["reorganisations", "done", "crossed", "paid", "taken"] as const) {
        const lived = lives.filter((seen) => seen[what] > 0).length;
        expect([what, lived > lives.length / 5]).toEqual([what, true]);
      }
    });
  });
}
