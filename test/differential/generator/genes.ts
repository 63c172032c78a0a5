/** Arbitrary genes: what fast-check makes and shrinks. */
import fc from "fast-check";
import type { FunctionGenes } from "./function-writer.ts";
import type { ProgramGenes } from "./program.ts";

const GENE_MAX = 0xffff;

function genes(maxLength: number, minLength = 0): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 0, max: GENE_MAX }), { minLength, maxLength, size: "max" });
}

function functions(maxLength: number, minLength = 0): fc.Arbitrary<FunctionGenes[]> {
  const function_ = fc.record({
    head: genes(60, 15),
    statements: fc.array(genes(60, 15), { maxLength: 5, size: "max" }),
  });
  return fc.array(function_, { minLength, maxLength, size: "max" });
}

export const PROGRAM_GENES: fc.Arbitrary<ProgramGenes> = fc.record({
  shape: genes(120, 30),
  library: functions(2),
  main: functions(3, 1),
  calls: fc.array(genes(40), { minLength: 1, maxLength: 4, size: "max" }),
});
