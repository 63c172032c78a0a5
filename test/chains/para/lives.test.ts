// Lives of a parallel chain from seeds: one done hash per height, no withdrawal paid twice, coins
// that add up, and progress as soon as three of four nodes can work.
import { describe, expect, it } from "vitest";
import { liveParaLife } from "./lives.ts";

const SEEDS = [1, 2, 3];
const TIMEOUT_MS = 180_000;

/** What all seeds together have seen. */
const lived = { done: 0, settled: 0, crashes: 0, reorganisations: 0 };

describe("a parallel chain with one liar, crashes and forks", { timeout: TIMEOUT_MS }, () => {
  it.each(SEEDS)("keeps what it promises in the life of seed %i", async (seed) => {
    const { broken, ...seen } = await liveParaLife(seed);
    expect(broken).toEqual([]);
    for (const name of ["done", "settled", "crashes", "reorganisations"] as const) {
      lived[name] += seen[name];
    }
  });

  it("has seen blocks agreed on, coins settled, crashes and reorganisations in these lives", () => {
    expect(lived.done).toBeGreaterThan(30);
    expect(lived.settled).toBeGreaterThan(3);
    expect(lived.crashes).toBeGreaterThan(0);
    expect(lived.reorganisations).toBeGreaterThan(0);
  });
});
