import { describe, expect, it } from "vitest";
import { utf8 } from "#core/bytes.ts";
import { World } from "../../simulation/world.ts";

describe("a leader that dies among four or more", () => {
  it.each([4, 5])("[EL14] of %i is replaced within 3 s, without the chain", async (count) => {
    const world = await World.begin({ seed: 40 + count });
    await world.gather(count);
    await world.run(2_000);
    world.chain.isHalted = true;
    const { term } = world.chain.view();
    world.node("n1").crash();
    const request = world.bank(world.node("n3"), "note", utf8("after it"));
    const isConfirmed = () => world.stages(request).includes("confirmed");
    await world.until("confirmed", isConfirmed, 3_000);
    expect(world.chain.view().term).toBe(term);
    expect(world.status(world.node("n3")).leader).toBe(2n);
  });
});
