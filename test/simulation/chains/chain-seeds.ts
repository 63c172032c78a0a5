// Seeds of the profile "chains" as tests: one test a seed, whose title says how to run it again.
import { describe, expect, it } from "vitest";
import { simulateChains } from "./simulate-chains.ts";

/** A seed takes some seconds; the rest is for a machine that is busy with other things. */
const SEED_TIMEOUT_MS = 300_000;

/** Every seed of a range must end without a failure. */
export function describeChainSeeds(from: number, count: number): void {
  const seeds = Array.from({ length: count }, (_, index) => from + index);
  describe("a root, its shard and its parallel chain", () => {
    it.each(seeds)(
      "hold what they promise: npm run simulate -- --profile chains --from %i --seeds 1",
      async (seed) => {
        const { failure } = await simulateChains(seed);
        expect(failure).toBeUndefined();
      },
      SEED_TIMEOUT_MS,
    );
  });
}
