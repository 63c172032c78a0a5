// Arbitrary bytes and mutated modules: only listed statuses come out, in bounded work, and nothing
// is thrown. `npm run fuzz` goes on where this ends.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { examine, SOUND_MODULES } from "../../fuzz/hostile-modules.ts";
import { hostileBytes } from "../../fuzz/module-mutations.ts";

const RUNS = 2000;
const SEED = 20_260_501;

describe("hostile modules", () => {
  it("are verified, or refused with a listed status", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(hostileBytes(SOUND_MODULES), (bytes) => {
        const { status, problem } = examine(bytes);
        seen.add(status);
        expect(problem).toBeUndefined();
      }),
      { numRuns: RUNS, seed: SEED },
    );
    // The mutations reach deep: many different refusals, and some modules that stay sound.
    expect(seen).toContain("OK");
    expect(seen.size).toBeGreaterThan(30);
  });
});
