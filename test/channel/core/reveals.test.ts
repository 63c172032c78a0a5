// A chain of reveals ends some day. Its owner must then neither hold the lead nor take it.
import { describe, expect, it } from "vitest";
import { utf8 } from "#core/bytes.ts";
import { lead } from "../../../src/channel/core/leader.ts";
import { tipOf } from "../../../src/channel/core/log.ts";
import { isSpent } from "../../../src/channel/core/reveals.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import type { World } from "../../simulation/world.ts";
import { commandsOf, see, standIn, worldOf } from "./stand-in.ts";

/** From now on this node has nothing to reveal. */
function spend({ running }: SimNode): void {
  Object.assign(running.tools, {
    signer: { ...running.tools.signer, reveal: () => undefined },
  });
}

async function until(world: World, request: number): Promise<void> {
  await world.until("confirmed", () => world.stages(request).includes("confirmed"), 120_000);
}

describe("a seat with nothing left to reveal", () => {
  it("[LE9] gives the lead away, and play goes on", async () => {
    const world = await worldOf(3, 141);
    const [first, second] = world.nodes;
    if (first === undefined || second === undefined) throw new Error("three nodes");
    await until(world, world.bank(second, "note", utf8("one")));
    spend(first);
    const request = world.bank(second, "note", utf8("by another leader"));
    await until(world, request);
    expect(world.chain.view().leader).not.toBe(1n);
    const told = world.notices.filter(
      ({ node, notice }) =>
        node === "n1" && notice.type === "error" && notice.error.name === "OUT_OF_REVEALS",
    );
    expect(told).toHaveLength(1);
    // It plays on as a follower.
    await until(world, world.bank(first, "note", utf8("as a follower")));
  });

  it("[LE9] does not apply while another could lead, and does when none could", async () => {
    const world = await worldOf(4, 142);
    const [first, second] = world.nodes;
    if (first === undefined || second === undefined) throw new Error("four nodes");
    spend(second);
    expect(isSpent(second.running)).toBe(true);
    first.crash();
    await world.until("another leads", () => (world.chain.view().leader ?? 1n) !== 1n);
    expect(world.chain.view().leader).toBe(3n);
  });

  it("[LE9] opens its epoch with an empty header", async () => {
    const world = await worldOf(1, 143);
    const node = world.node("n1");
    const machine = standIn(node, { tools: { ...node.running.tools } });
    const { signer } = machine.tools;
    Object.assign(machine.tools, { signer: { ...signer, reveal: () => undefined } });
    machine.pool.set(1n, new Map());
    see(machine, { term: machine.chain.term + 1n });
    machine.promises.epoch = { term: machine.chain.term, view: 0n };
    const before = tipOf(machine.log).ref.number;
    lead(machine);
    const tip = tipOf(machine.log);
    expect(tip.ref.epoch.term).toBe(machine.chain.term);
    expect(tip.ref.number).toBe(before + 1n);
    expect(tip.header?.header.count).toBe(0);
    expect(commandsOf(machine)).toEqual([]);
  });
});
