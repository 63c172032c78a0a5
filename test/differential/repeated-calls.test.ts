// Calls that write again what they wrote before, which compiled code finishes by itself: the same
// outcomes as the interpreter's, however late anybody looks at them.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Outcome } from "#sandbox";
import { HotOutcome } from "../../src/sandbox/compiler/hot-outcome.ts";
import { compareExecutors } from "./compare-executors.ts";
import { LIBRARY_STATE, type Party, type ProfileName, parties } from "./executors.ts";
import { LEDGER_STEPS, OPENING } from "./ledger-runs.ts";

const RUNS = 200;
const SEED = 20_261_120;
const TIMEOUT_MS = 120_000;

/** The parties, with the outcomes of the compiled one besides. */
function watched(profile: ProfileName): {
  readonly all: readonly Party[];
  readonly seen: Outcome[];
} {
  const seen: Outcome[] = [];
  const all = parties(profile, false).map((party): Party => {
    if (party.executor.name === "interpreter") return party;
    const { executor } = party;
    return {
      ...party,
      executor: {
        name: executor.name,
        begin(state, context) {
          const session = executor.begin(state, context);
          return {
            ...session,
            execute(made) {
              const outcome = session.execute(made);
              seen.push(outcome);
              return outcome;
            },
          };
        },
      },
    };
  });
  return { all, seen };
}

describe("calls made again and again in one session", () => {
  it.each(["chain", "tight"] as const)(
    "come out the same on both executors, under the profile %s",
    (profile) => {
      const { all, seen } = watched(profile);
      fc.assert(
        fc.property(LEDGER_STEPS, fc.boolean(), (steps, looksLate) => {
          const run = { steps: [...OPENING, ...steps], state: LIBRARY_STATE, looksLate };
          expect(compareExecutors(run, all).differences).toEqual([]);
        }),
        { numRuns: RUNS, seed: SEED },
      );
      const hot = seen.filter(
        (outcome) => outcome instanceof HotOutcome && outcome.changes.length > 0,
      );
      const executed = seen.filter(({ status }) => status.type === "executed");
      expect(hot.length / executed.length).toBeGreaterThan(profile === "chain" ? 0.1 : 0.01);
    },
    TIMEOUT_MS,
  );
});
