// Leaving alone on the real chain: nodes, contract and virtual machine on one clock.
import { describe, expect, it } from "vitest";
import { post } from "./real-link.ts";
import { World } from "./world.ts";

const WINDOW_MS = 120_000;

describe("a dead quorum", () => {
  it("cannot keep a member: it leaves alone with what was confirmed", async () => {
    const world = await World.begin({ seed: 90, chain: "real" });
    await world.gather(3);
    const before = await world.chain.coinsOnChain();
    const leaver = world.node("n2");
    const call = world.call(leaver, post("the last word"));
    await world.until("confirmed", () => world.stages(call).includes("confirmed"));
    world.node("n1").crash();
    world.node("n3").crash();
    const request = world.ask(leaver, "exit");
    await world.until("done", () => world.stages(request).includes("done"), WINDOW_MS);
    const { members, exits, forced, settled } = world.chain.view();
    expect(members.map(({ seat }) => seat)).toEqual([1n, 3n]);
    expect(forced?.fence).toEqual(exits.highest);
    expect(settled.height).toBe(0n);
    expect(await world.chain.coinsOnChain()).toBe(before);
  });

  it("goes on without who left, when it is back, and settles", async () => {
    const world = await World.begin({ seed: 91, chain: "real" });
    await world.gather(3);
    const call = world.call(world.node("n2"), post("the last word"));
    await world.until("confirmed", () => world.stages(call).includes("confirmed"));
    world.node("n1").crash();
    world.node("n3").crash();
    const request = world.ask(world.node("n2"), "exit");
    await world.until("done", () => world.stages(request).includes("done"), WINDOW_MS);
    world.node("n1").start();
    world.node("n3").start();
    const after = world.call(world.node("n3"), post("we go on"));
    await world.until("settled", () => world.stages(after).includes("confirmed"), WINDOW_MS);
    const settling = world.ask(world.node("n1"), "settle");
    await world.until("settled", () => world.stages(settling).includes("done"), WINDOW_MS);
  });
});

describe("a live channel", () => {
  it("orders the exit of who wants to leave alone, settles it and goes on", async () => {
    const world = await World.begin({ seed: 92, chain: "real" });
    await world.gather(4);
    const request = world.ask(world.node("n3"), "exit");
    await world.until("done", () => world.stages(request).includes("done"), WINDOW_MS);
    const { members, forced, settled } = world.chain.view();
    expect(members.map(({ seat }) => seat)).toEqual([1n, 2n, 4n]);
    expect(forced).toBeUndefined();
    expect(settled.height).toBeGreaterThan(0n);
    const after = world.call(world.node("n2"), post("we go on"));
    await world.until("confirmed", () => world.stages(after).includes("confirmed"), WINDOW_MS);
  });
});
