import { describe, expect, it } from "vitest";
import { utf8 } from "#core/bytes.ts";
import { tipOf } from "../../../src/channel/core/log.ts";
import type { ModelLink } from "../../simulation/model-link.ts";
import { World } from "../../simulation/world.ts";

/** Every call that a client was told is confirmed is in the log of every node that runs. */
async function expectAgreement(world: World): Promise<void> {
  await world.run(3_000);
  const running = world.nodes.filter(({ isUp }) => isUp);
  const tips = () => running.map((node) => tipOf(node.running.log).ref.hash.join());
  // Something may be under way at any one moment.
  await world.until("all hold the same log", () => new Set(tips()).size === 1, 5_000);
}

describe("a leader that dies", () => {
  it.each([2, 3, 4, 5])("[EL2] of %i members is replaced within a minute", async (count) => {
    const world = await World.begin({ seed: 20 + count });
    await world.gather(count);
    const before = world.bank(world.node("n2"), "note", utf8("before"));
    await world.run(1_000);
    expect(world.stages(before)).toContain("confirmed");
    world.node("n1").crash();
    const during = world.bank(world.node("n2"), "note", utf8("during"));
    await world.until("confirmed by another leader", () =>
      world.stages(during).includes("confirmed"),
    );
    expect(world.status(world.node("n2")).leader).not.toBe(1n);
    await expectAgreement(world);
  });

  it("[EL2] is not replaced while it is valid on chain", async () => {
    const world = await World.begin({ seed: 30 });
    // Of four the others would do without it.
    await world.gather(3);
    const leader = world.node("n1");
    leader.crash();
    await world.run(12_000);
    leader.start();
    await world.run(10_000);
    expect(world.status(leader).phase).toBe("leading");
    expect(world.chain.view().term).toBe(1n);
  });

  it("[EL5] comes back as a follower and orders nothing in its old term", async () => {
    const world = await World.begin({ seed: 31 });
    await world.gather(4);
    const old = world.node("n1");
    old.crash();
    await world.until("another leader", () => world.chain.view().leader !== 1n);
    await world.run(3_000);
    old.start();
    const request = world.bank(world.node("n3"), "note", utf8("after"));
    await world.until("confirmed", () => world.stages(request).includes("confirmed"));
    await world.until("it follows", () => world.status(old).phase === "following");
    expect(world.status(old).leader).toBe(2n);
    await expectAgreement(world);
  });

  it("[EL2] dies with its successor, and the next one leads", async () => {
    const world = await World.begin({ seed: 32 });
    await world.gather(5);
    world.node("n1").crash();
    const leaderOf = () => world.status(world.node("n5")).leader;
    await world.until("another leads", () => leaderOf() !== 1n);
    world.node(`n${leaderOf()}`).crash();
    const request = world.bank(world.node("n5"), "note", utf8("after both"));
    await world.until("confirmed", () => world.stages(request).includes("confirmed"), 120_000);
    await expectAgreement(world);
  });

  it("[EL1] gives way when no quorum hears it, though the chain does", async () => {
    const world = await World.begin({ seed: 33 });
    await world.gather(4);
    const [cut, ...others] = world.nodes;
    for (const node of others) if (cut !== undefined) world.network.cut(cut.peer, node.peer);
    const request = world.bank(world.node("n3"), "note", utf8("without it"));
    await world.until("confirmed", () => world.stages(request).includes("confirmed"), 90_000);
    await world.until("another term", () => world.chain.view().leader !== 1n, 60_000);
    expect(world.chain.view().leader).toBe(world.status(world.node("n3")).leader);
  });

  it("[EL6] has its uncertified entries sent again by their owners, once each", async () => {
    const world = await World.begin({ seed: 34 });
    await world.gather(4);
    await world.run(1_000);
    const [leader, ...others] = world.nodes;
    // The leader hears the others no more, but they hear it: nothing is certified.
    for (const node of others) {
      world.network.setLink(node.peer, leader?.peer ?? node.peer, {
        delayMin: 1,
        delayMax: 2,
        lost: 1000,
        doubled: 0,
      });
    }
    const requests = others.map((node) => world.bank(node, "note", utf8(node.name)));
    await world.run(1_000);
    leader?.crash();
    await world.until(
      "all confirmed",
      () => requests.every((request) => world.stages(request).includes("confirmed")),
      90_000,
    );
    const log = world.node("n2").running.log.items;
    const notes = log.flatMap(({ batch }) => batch.entries.filter(({ type }) => type === "call"));
    expect(notes.length).toBe(3);
    await expectAgreement(world);
  });
});

describe("a channel whose chain stands still", () => {
  it("[EL1] goes on playing, and elects when the chain goes on", async () => {
    const world = await World.begin({ seed: 35 });
    await world.gather(3);
    world.chain.isHalted = true;
    await world.run(40_000);
    const request = world.bank(world.node("n2"), "note", utf8("no chain"));
    await world.run(2_000);
    expect(world.stages(request)).toContain("confirmed");
    expect((world.chain as ModelLink).view().term).toBe(1n);
  });
});
