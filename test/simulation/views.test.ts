// Leaders that die one after the other, among so many that the others can do without each of them.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { PROFILES } from "./profiles.ts";
import { describeSeeds } from "./seeds.ts";
import { simulateSeed } from "./simulate.ts";

describeSeeds("views", 1, 15);
describeSeeds("real-views", 1, 4);

describe('the seeds of "views"', () => {
  it("change views often, and terms seldom", async () => {
    const profile = present(PROFILES["views"], "the profile");
    const { views, terms, failure } = await simulateSeed(8, profile);
    expect(failure).toBeUndefined();
    expect(views).toBeGreaterThanOrEqual(4);
    expect(terms).toBeLessThan(views);
  }, 120_000);
});
