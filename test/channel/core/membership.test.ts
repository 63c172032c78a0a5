import { describe, expect, it } from "vitest";
import { utf8 } from "#core/bytes.ts";
import { Refused } from "../../simulation/model-refusal.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import { World } from "../../simulation/world.ts";

function seatsOf(world: World, node: SimNode): readonly bigint[] {
  return world.status(node).configuration.seats.map(({ seat }) => seat);
}

describe("joining", () => {
  it("[CF9] a joiner is admitted when it has caught up, and the others play on", async () => {
    const world = await World.begin({ seed: 40 });
    await world.gather(2);
    for (let count = 0; count < 30; count++) {
      world.bank(world.node("n2"), "note", utf8(`note ${count}`));
      await world.run(20);
    }
    const joiner = await world.enter("n3");
    joiner.start();
    await world.until("three seats", () => seatsOf(world, joiner).length === 3);
    const request = world.bank(joiner, "note", utf8("hello"));
    await world.until("confirmed", () => world.stages(request).includes("confirmed"));
  });

  it("[CF9] a member that never shows up does not stop the others", async () => {
    const world = await World.begin({ seed: 41 });
    await world.gather(2);
    await world.enter("n3");
    await world.run(40_000);
    expect(seatsOf(world, world.node("n1"))).toEqual([1n, 2n]);
    const request = world.bank(world.node("n2"), "note", utf8("hello"));
    await world.until("confirmed", () => world.stages(request).includes("confirmed"));
  });

  it("[CF9] the sixth join is refused on chain, with its number", async () => {
    const world = await World.begin({ seed: 42 });
    await world.gather(5);
    await expect(world.enter("n6")).rejects.toThrow(new Refused(19));
  });

  it("[SY3] a joiner after a settlement gets the settled state and the tail", async () => {
    const world = await World.begin({ seed: 43 });
    await world.gather(2);
    const node = world.node("n2");
    for (let count = 0; count < 5; count++) world.bank(node, "note", utf8(`before ${count}`));
    await world.run(2_000);
    const settled = world.ask(node, "settle");
    await world.until("settled", () => world.stages(settled).includes("done"));
    for (let count = 0; count < 5; count++) world.bank(node, "note", utf8(`after ${count}`));
    await world.run(2_000);
    const joiner = await world.enter("n3");
    joiner.start();
    await world.until("three seats", () => seatsOf(world, joiner).length === 3);
    expect(joiner.running.log.base.ref.number).toBeGreaterThan(0n);
    const roots = world.nodes.map((one) => one.running.tools.executor.stateRoot().join());
    expect(new Set(roots).size).toBe(1);
  });
});

describe("silence", () => {
  it("[CF10] a silent follower of four is suspended, and admitted again later", async () => {
    const world = await World.begin({ seed: 44 });
    await world.gather(4);
    const silent = world.node("n4");
    silent.crash();
    await world.until("suspended", () => seatsOf(world, world.node("n1")).length === 3);
    const request = world.bank(world.node("n2"), "note", utf8("without"));
    await world.until("confirmed", () => world.stages(request).includes("confirmed"));
    silent.start();
    await world.until("admitted again", () => seatsOf(world, silent).length === 4);
    const again = world.bank(silent, "note", utf8("back"));
    await world.until("confirmed", () => world.stages(again).includes("confirmed"));
  });

  it("[CF14] a silent follower of three is removed by the wishes of the two others", async () => {
    const world = await World.begin({ seed: 45 });
    await world.gather(3);
    world.node("n3").crash();
    const request = world.bank(world.node("n2"), "note", utf8("without"));
    await world.until("confirmed", () => world.stages(request).includes("confirmed"), 40_000);
    expect(seatsOf(world, world.node("n2"))).toEqual([1n, 2n]);
    expect(world.chain.view().term).toBe(1n);
  });

  it("[CF14] at two the window passes first", async () => {
    const world = await World.begin({ seed: 46 });
    await world.gather(2);
    world.node("n2").crash();
    const request = world.bank(world.node("n1"), "note", utf8("alone"));
    await world.run(25_000);
    expect(world.stages(request)).not.toContain("confirmed");
    await world.until("confirmed", () => world.stages(request).includes("confirmed"), 30_000);
    expect(seatsOf(world, world.node("n1"))).toEqual([1n]);
  });

  it("[CF13] a wish is void when the accused is back on chain, and all go on", async () => {
    const world = await World.begin({ seed: 47 });
    await world.gather(2);
    const silent = world.node("n2");
    silent.crash();
    await world.until(
      "a wish",
      () => world.node("n1").running.promises.removals.length > 0,
      30_000,
    );
    silent.start();
    await world.until("no wish", () => world.node("n1").running.promises.removals.length === 0);
    const request = world.bank(silent, "note", utf8("just in time"));
    await world.until("confirmed", () => world.stages(request).includes("confirmed"));
    expect(seatsOf(world, silent)).toEqual([1n, 2n]);
    expect(world.chain.view().forced).toBeUndefined();
  });

  it("[CF12] who has wished acks nothing, over a restart too", async () => {
    const world = await World.begin({ seed: 48 });
    await world.gather(3);
    for (const name of ["n2", "n3"]) world.node(name).crash();
    const alone = world.node("n1");
    await world.until("a wish", () => alone.running.promises.removals.length > 0, 30_000);
    const { acked } = alone.running.promises;
    world.chain.isHalted = true;
    await world.run(1_000);
    alone.crash();
    alone.start();
    expect(alone.running.promises.removals.length).toBe(1);
    world.bank(alone, "note", utf8("unheard"));
    await world.run(5_000);
    expect(alone.running.promises.acked).toEqual(acked);
  });

  it("[CF6] a removed member that comes back learns that it is out", async () => {
    const world = await World.begin({ seed: 49 });
    await world.gather(3);
    const removed = world.node("n1");
    removed.crash();
    await world.until("removed", () => world.chain.view().forced !== undefined, 60_000);
    await world.run(5_000);
    removed.start();
    await world.run(5_000);
    expect(world.status(removed).phase).toBe("departed");
    const request = world.bank(world.node("n3"), "note", utf8("on"));
    await world.until("confirmed", () => world.stages(request).includes("confirmed"));
  });
});
