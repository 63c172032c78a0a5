// A leader that cheats, on the real chain: it is judged there by running its step again, and nobody
// has to agree.
import { describe, expect, it } from "vitest";
import { Cheats } from "./cheat.ts";
import { post } from "./real-link.ts";
import { World } from "./world.ts";

const PATIENCE_MS = 120_000;

describe("a leader that signs a wrong result", () => {
  it.each([2, 3, 4])(
    "of %i is forced out by one honest follower, without a vote",
    async (count) => {
      const cheats = new Cheats();
      const world = await World.begin({
        seed: 110 + count,
        chain: "real",
        wrapExecutor: (name, executor) => cheats.wrap(name, executor),
      });
      await world.gather(count);
      await world.run(2_000);
      const cheat = cheats.corrupt(world);
      expect(cheat).toBe("n1");
      const call = world.call(world.node("n2"), post("what n1 will not have said"));
      const isOut = () => world.chain.view().members[0]?.standing === "removed";
      await world.until("out", isOut, PATIENCE_MS);
      const { members, proposals } = world.chain.view();
      expect(proposals).toEqual([]);
      expect(members[0]?.stake).toBe(count >= 3 ? 0n : 100n);
      await world.until("confirmed", () => world.stages(call).includes("confirmed"), PATIENCE_MS);
    },
  );
});
