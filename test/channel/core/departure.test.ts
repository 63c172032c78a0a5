import { describe, expect, it } from "vitest";
import { utf8 } from "#core/bytes.ts";
import { World } from "../../simulation/world.ts";

describe("leaving", () => {
  it.each(["n1", "n2"])("[DE1] %s leaves: ordered, settled, off the chain", async (name) => {
    const world = await World.begin({ seed: 50 });
    await world.gather(3);
    const leaver = world.node(name);
    world.bank(leaver, "note", utf8("last words"));
    const request = world.ask(leaver, "leave");
    await world.until("done", () => world.stages(request).includes("done"), 90_000);
    expect(world.chain.view().members.map(({ seat }) => seat)).toHaveLength(2);
    expect(world.status(leaver).phase).toBe("departed");
    const other = world.node("n3");
    const after = world.bank(other, "note", utf8("we go on"));
    await world.until("confirmed", () => world.stages(after).includes("confirmed"), 60_000);
    expect(world.status(other).configuration.seats).toHaveLength(2);
  });

  it("[DE3] a leave survives the death of the leader that ordered it", async () => {
    const world = await World.begin({ seed: 51 });
    await world.gather(4);
    const request = world.ask(world.node("n4"), "leave");
    await world.run(15);
    world.node("n1").crash();
    await world.until("done", () => world.stages(request).includes("done"), 120_000);
  });

  it("[DE4] a node that dies while leaving goes on with it when it is back", async () => {
    const world = await World.begin({ seed: 56 });
    await world.gather(3);
    const leaver = world.node("n3");
    world.ask(leaver, "leave");
    const isOrdered = () =>
      world
        .node("n1")
        .running.log.items.some(({ batch }) => batch.entries.some(({ type }) => type === "leave"));
    await world.until("ordered", isOrdered);
    await world.run(20);
    leaver.crash();
    leaver.start();
    await world.until("off the chain", () => world.chain.view().members.length === 2, 90_000);
  });

  it("[DE5] who has left stays departed when its node starts again", async () => {
    const world = await World.begin({ seed: 59 });
    await world.gather(3);
    const leaver = world.node("n3");
    const request = world.ask(leaver, "leave");
    await world.until("done", () => world.stages(request).includes("done"), 120_000);
    leaver.crash();
    leaver.start();
    await world.run(1_000);
    expect(world.status(leaver).phase).toBe("departed");
  });

  it("[DE5] who was removed fetches what is left by leaving", async () => {
    const world = await World.begin({ seed: 57 });
    await world.gather(3);
    const removed = world.node("n3");
    removed.crash();
    await world.until("removed", () => world.chain.view().forced !== undefined, 60_000);
    removed.start();
    await world.until("it knows", () => world.status(removed).phase === "departed");
    const request = world.ask(removed, "leave");
    await world.until("done", () => world.stages(request).includes("done"));
    expect(world.chain.view().members).toHaveLength(2);
  });

  it("[EX10] the last member cannot leave", async () => {
    const world = await World.begin({ seed: 52 });
    await world.gather(1);
    const request = world.ask(world.node("n1"), "leave");
    await world.run(100);
    expect(world.stages(request)).toEqual(["LAST_MEMBER"]);
  });
});

describe("closing", () => {
  it("[DE2] the creator closes: settled, closed, and everybody is out", async () => {
    const world = await World.begin({ seed: 53 });
    await world.gather(3);
    world.bank(world.node("n2"), "note", utf8("the end"));
    const request = world.ask(world.node("n1"), "close");
    await world.until("closed for all", () =>
      world.nodes.every(({ machine }) => machine?.phase === "closed"),
    );
    expect(world.stages(request)).toEqual(["done"]);
    expect(world.chain.view().closed).toBe(true);
    expect(world.chain.view().members).toEqual([]);
  });

  it("[DE4] another member ends what a creator that died had closed", async () => {
    const world = await World.begin({ seed: 58 });
    await world.gather(3);
    world.bank(world.node("n2"), "note", utf8("the end"));
    world.ask(world.node("n1"), "close");
    const isOrdered = () =>
      world
        .node("n2")
        .running.log.items.some(({ batch }) => batch.entries.some(({ type }) => type === "close"));
    await world.until("ordered", isOrdered);
    world.node("n1").crash();
    await world.until("closed", () => world.chain.view().closed, 120_000);
  });

  it("[EX11] nothing is ordered after the close", async () => {
    const world = await World.begin({ seed: 54 });
    await world.gather(2);
    world.ask(world.node("n1"), "close");
    await world.run(500);
    const late = world.bank(world.node("n2"), "note", utf8("too late"));
    await world.run(100);
    expect(world.stages(late)).toEqual(["CHANNEL_CLOSED"]);
  });

  it("[EX11] only the creator closes a channel with others in it", async () => {
    const world = await World.begin({ seed: 55 });
    await world.gather(2);
    const request = world.ask(world.node("n2"), "close");
    await world.run(100);
    expect(world.stages(request)).toEqual(["NOT_ALLOWED"]);
  });

  it("[DE6] a node restarted without its seat knows that it has departed", async () => {
    // Seed 4 of "mixed": a removed member fetched its stake, was restarted, and waited for ever.
    const world = await World.begin({ seed: 96 });
    await world.gather(3);
    const leaver = world.node("n3");
    const request = world.ask(leaver, "leave");
    await world.until("left", () => world.stages(request).includes("done"));
    leaver.crash();
    leaver.start();
    expect(world.status(leaver).phase).toBe("departed");
    const newcomer = await world.enter("n4");
    newcomer.start();
    expect(world.status(newcomer).phase).toBe("observing");
  });
});
