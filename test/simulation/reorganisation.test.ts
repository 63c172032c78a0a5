// A chain that takes a settlement back, under the nodes of a channel.
import { describe, expect, it } from "vitest";
import { post, RealLink } from "./real-link.ts";
import { untilConfirmed, watched } from "./watched.ts";

const UNDOABLE = 6;
const SETTLED_MS = 120_000;

describe("pruned history needed after a reorganisation", () => {
  it("is there: nobody lets go of what a settlement holds that may be undone", async () => {
    const world = await watched(3, { seed: 410, chain: "real", undoable: UNDOABLE });
    const { chain } = world;
    if (!(chain instanceof RealLink)) throw new TypeError("a real chain was asked for");
    const bases = () => world.nodes.map(({ running }) => running.log.base.ref.number);
    await untilConfirmed(world, world.call(world.node("n2"), post("to be settled twice")));
    const request = world.ask(world.node("n1"), "settle");
    const isSettled = async () => (await chain.newest()).settled.index === 1n;
    while (!(await isSettled())) await world.run(100);
    expect(bases()).toEqual([0n, 0n, 0n]);
    await chain.forget();
    expect(await isSettled()).toBe(false);
    await world.until("done", () => world.stages(request).includes("done"), SETTLED_MS);
    await world.until("pruned", () => bases().every((number) => number > 0n), SETTLED_MS);
    const { settled } = await chain.newest();
    expect(settled.index).toBe(1n);
    expect(bases()).toEqual([1, 2, 3].map(() => settled.header.number));
    await untilConfirmed(world, world.call(world.node("n3"), post("and we go on")));
  });
});
