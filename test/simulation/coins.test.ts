// The count of all coins on a chain that is at work. Seed 44 of "real" found a fee counted twice,
// by its payer and by the producer's pool, because the readings were of two blocks.
import { describe, expect, it } from "vitest";
import { World } from "./world.ts";

const SUPPLY = 10n ** 15n;
/** A block comes about every second: payments begin at moments spread over one. */
const MOMENTS = [0, 150, 300, 450, 600, 750, 900];

describe("the coins of a chain at work", () => {
  it("are counted at one block, whatever is paid meanwhile", async () => {
    const world = await World.begin({ seed: 44, chain: "real" });
    const { chain } = world;
    const payer = world.ring.keysFor("n1");
    for (const moment of MOMENTS) {
      await world.run(moment);
      chain.submit(payer, { type: "postCertificate", candidacy: { steps: [] } }, () => undefined);
      expect(await chain.coinsOnChain()).toBe(SUPPLY);
    }
  });
});
