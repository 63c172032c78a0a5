// Generated programs pass the verifier and come out the same on every executor. `npm run fuzz --
// programs` goes on where this ends.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type StatusName, statusName, type VmStatus } from "#sandbox";
import { type CountedCompiler, createCountedCompiler } from "./counted-compiler.ts";
import { PROFILES, type ProfileName } from "./executors.ts";
import { PROGRAM_GENES } from "./generator/genes.ts";
import { buildProgram } from "./generator/program.ts";
import { compareProgram, problemsOf, report } from "./program-check.ts";

const RUNS = 2000;
const COUNTED_RUNS = 150;
const SEED = 20_260_520;
const TIMEOUT_MS = 120_000;

/** What compiled code may leave to the interpreter, which tells best where such a call ends. */
function isReplayed(status: VmStatus): boolean {
  const name = statusName(status);
  return name === "MEMORY_LIMIT_EXCEEDED" || name === "CALL_STACK_OVERFLOW";
}

/** Whether a call got as far as code: it came to its end, or failed at some place. */
function ranCode(status: VmStatus): boolean {
  return status.type === "executed" || status.location !== undefined;
}

describe("generated programs", () => {
  it(
    "are accepted, and executors agree about them",
    () => {
      const statuses = new Set<StatusName>();
      fc.assert(
        fc.property(PROGRAM_GENES, (genes) => {
          const program = buildProgram(genes);
          const comparison = compareProgram(program);
          for (const { status } of comparison.outcomes) statuses.add(statusName(status));
          expect(report(program, problemsOf(program, comparison))).toBe("");
        }),
        { numRuns: RUNS, seed: SEED },
      );
      // They reach deep: programs end in every way that programs end.
      expect([...statuses]).toEqual(
        expect.arrayContaining([
          "EXECUTED",
          "ABORTED",
          "ARITHMETIC_ERROR",
          "VECTOR_OPERATION_ERROR",
          "MISSING_DATA",
          "RESOURCE_ALREADY_EXISTS",
          "STRUCT_VARIANT_MISMATCH",
          "OUT_OF_GAS",
          "CALL_STACK_OVERFLOW",
          "MEMORY_LIMIT_EXCEEDED",
          "IO_LIMIT_REACHED",
          "STORAGE_WRITE_LIMIT_REACHED",
          "EXECUTION_LIMIT_REACHED",
          "FAILED_TO_DESERIALIZE_ARGUMENT",
        ]),
      );
    },
    TIMEOUT_MS,
  );

  it(
    "run compiled wherever they run at all",
    () => {
      const compilers = new Map<ProfileName, CountedCompiler>();
      let compiled = 0;
      fc.assert(
        fc.property(PROGRAM_GENES, (genes) => {
          const program = buildProgram(genes);
          const { profile } = program;
          const counted = compilers.get(profile) ?? createCountedCompiler(PROFILES[profile]);
          compilers.set(profile, counted);
          const first = counted.left.length;
          const { executor } = counted;
          compareProgram(program, () => [{ name: "counted", executor, restores: false }]);
          const left = counted.left
            .slice(first)
            .filter(({ outcome: { status } }) => ranCode(status) && !isReplayed(status));
          const names = left.map(({ outcome }) => `left is ${statusName(outcome.status)}`);
          expect(report(program, names)).toBe("");
        }),
        { numRuns: COUNTED_RUNS, seed: SEED },
      );
      for (const counted of compilers.values()) compiled += counted.compiled;
      expect(compiled).toBeGreaterThan(COUNTED_RUNS);
    },
    TIMEOUT_MS,
  );
});
