// Seeds as tests: one test a seed, whose title says how to run it again.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { PROFILES } from "./profiles.ts";
import { simulateSeed } from "./simulate.ts";

/** A seed takes a second or two; the rest is for a machine that is busy with other things. */
const SEED_TIMEOUT_MS = 120_000;

/** Every seed of a range must end without a failure. */
export function describeSeeds(name: string, from: number, count: number): void {
  const profile = present(PROFILES[name], `there is a profile ${name}`);
  const seeds = Array.from({ length: count }, (_, index) => from + index);
  describe(`a channel under "${name}"`, () => {
    it.each(seeds)(
      `holds what it promises: npm run simulate -- --profile ${name} --from %i --seeds 1`,
      async (seed) => {
        const { failure } = await simulateSeed(seed, profile);
        expect(failure).toBeUndefined();
      },
      SEED_TIMEOUT_MS,
    );
  });
}
