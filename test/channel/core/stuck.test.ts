// States in which a channel could stand still for ever, and what gets it out of each. The
// simulation found them.
import { describe, expect, it } from "vitest";
import { utf8 } from "#core/bytes.ts";
import { decodeMessage } from "../../../src/channel/codec.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import { World } from "../../simulation/world.ts";

function seatsOf(world: World, node: SimNode): readonly bigint[] {
  return world.status(node).configuration.seats.map(({ seat }) => seat);
}

async function untilConfirmed(world: World, request: number, ms = 60_000): Promise<void> {
  await world.until("confirmed", () => world.stages(request).includes("confirmed"), ms);
}

describe("what could stand still for ever", () => {
  it("[CF11] a member bound by a wish is released by the wishes of the others", async () => {
    const world = await World.begin({ seed: 81 });
    await world.gather(5);
    const [dead, ...others] = world.nodes;
    const bound = others.pop();
    if (bound === undefined || dead === undefined) throw new Error("five nodes");
    // Alone, n5 wishes to remove the lowest; the others come back, that one does not.
    for (const node of [dead, ...others]) node.crash();
    await world.until("a wish", () => bound.running.promises.removals.length > 0, 30_000);
    expect(bound.running.promises.removals[0]?.removal.accused).toBe(1n);
    for (const node of others) node.start();
    const request = world.bank(bound, "note", utf8("bound no more"));
    await untilConfirmed(world, request, 90_000);
    expect(bound.running.promises.removals).toEqual([]);
  });

  it("[CF10] a node that is back acks its own suspension when the others need it", async () => {
    const world = await World.begin({ seed: 82 });
    await world.gather(5);
    const [, , , other, silent] = world.nodes;
    if (other === undefined || silent === undefined) throw new Error("five nodes");
    silent.crash();
    const isOrdered = () =>
      world
        .node("n1")
        .running.log.items.some(({ batch }) =>
          batch.entries.some(({ type }) => type === "suspend"),
        );
    await world.until("a suspension is ordered", isOrdered, 40_000);
    other.crash();
    silent.start();
    const request = world.bank(world.node("n2"), "note", utf8("goes on"));
    await untilConfirmed(world, request);
    await world.until("admitted again", () => seatsOf(world, silent).includes(5n));
  });

  it("[EL1] a leader whose headers get no certificate gives way", async () => {
    const world = await World.begin({
      seed: 83,
      // Acks get lost, heartbeats do not.
      tamper: (node, effects) =>
        node.name === "n1"
          ? effects
          : effects.filter((effect) => effect.type !== "send" || !isAckToFirst(effect.bytes)),
    });
    let isBroken = false;
    function isAckToFirst(bytes: Uint8Array): boolean {
      const decoded = decodeMessage(bytes);
      const leader = isBroken ? world.chain.view().leader : undefined;
      return leader === 1n && decoded.ok && decoded.value.type === "ack";
    }
    // Of three a quorum needs it, so that the chain has to replace it.
    await world.gather(3);
    isBroken = true;
    const request = world.bank(world.node("n3"), "note", utf8("by another leader"));
    await untilConfirmed(world, request, 120_000);
    expect(world.chain.view().leader).not.toBe(1n);
  });

  it("[EL11] a leader that cannot open its epoch is given up", async () => {
    const world = await World.begin({
      seed: 85,
      // The second seat never hears that others changed to its epoch.
      tamper: (_node, effects) =>
        effects.filter((effect) => effect.type !== "send" || !isChangeToSecond(effect.bytes)),
    });
    function isChangeToSecond(bytes: Uint8Array): boolean {
      const decoded = decodeMessage(bytes);
      if (!decoded.ok || decoded.value.type !== "viewChange") return false;
      const { epoch } = decoded.value.viewChange.viewChange;
      return epoch.view === 0n && world.chain.view().leader === 2n;
    }
    await world.gather(4);
    world.node("n1").crash();
    await world.until("the second leads", () => world.chain.view().leader === 2n);
    await world.run(1_000);
    const request = world.bank(world.node("n4"), "note", utf8("by the third"));
    await untilConfirmed(world, request, 10_000);
    expect(world.status(world.node("n4")).leader).toBe(3n);
  });

  it("[SE8] a proposal that nobody can carry any more gives way to the next", async () => {
    const world = await World.begin({ seed: 84 });
    await world.gather(2);
    const [first, second] = world.nodes;
    if (first === undefined || second === undefined) throw new Error("two nodes");
    world.bank(first, "note", utf8("to settle"));
    await world.run(1_000);
    // The proposal reaches the chain, the other voter is gone.
    second.crash();
    const early = world.ask(first, "settle");
    await world.until("removed", () => world.chain.view().forced !== undefined, 60_000);
    world.bank(first, "note", utf8("more"));
    await world.until("settled", () => world.stages(early).includes("done"), 90_000);
    expect(world.chain.view().settled.configuration.seats).toHaveLength(1);
  });
});
