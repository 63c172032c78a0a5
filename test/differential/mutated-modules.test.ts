// Modules of the corpus with instructions changed: what the verifier accepts comes out the same on
// every executor. `npm run fuzz -- mutants` goes on where this ends.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SOUND_MODULES } from "../fuzz/hostile-modules.ts";
import { hostileBytes } from "../fuzz/module-mutations.ts";
import { mutatedCode } from "./code-mutations.ts";
import { acceptedModule, compareMutated } from "./mutated-run.ts";

const RUNS = 800;
const SEED = 20_260_521;
const TIMEOUT_MS = 120_000;

describe("mutated modules", () => {
  it.each([
    ["with instructions exchanged", mutatedCode(SOUND_MODULES), RUNS / 4],
    ["with anything changed", hostileBytes(SOUND_MODULES), RUNS / 50],
  ])(
    "%s run alike once they are accepted",
    (_how, mutants, acceptedMin) => {
      let accepted = 0;
      fc.assert(
        fc.property(mutants, fc.nat(), (bytes, start) => {
          const module = acceptedModule(bytes);
          if (module === undefined) return;
          accepted += 1;
          const comparisons = compareMutated(module, bytes, start);
          expect(comparisons.flatMap(({ differences }) => differences)).toEqual([]);
        }),
        { numRuns: RUNS, seed: SEED },
      );
      expect(accepted).toBeGreaterThan(acceptedMin);
    },
    TIMEOUT_MS,
  );
});
