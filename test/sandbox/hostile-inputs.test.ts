// Any bytes for arguments, types and snapshots: a coded answer, the same from both executors, and
// nothing is thrown. `npm run fuzz -- calls snapshots` goes on where this ends.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HOSTILE_CALL, problemOfCall } from "../fuzz/hostile-inputs.ts";
import { HOSTILE_CHUNKS, problemOfChunks } from "../fuzz/hostile-snapshots.ts";

const RUNS = 1000;
const SEED = 20_261_120;

describe("hostile inputs", () => {
  it("[EX2][EX5] arguments, types and names are refused with the same status by both", () => {
    fc.assert(
      fc.property(HOSTILE_CALL, (call) => {
        expect(problemOfCall(call)).toBeUndefined();
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });

  it("[SN4] chunks are refused with a listed code, and change nothing", () => {
    fc.assert(
      fc.property(HOSTILE_CHUNKS, (chunks) => {
        expect(problemOfChunks(chunks)).toBeUndefined();
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });
});
