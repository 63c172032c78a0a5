import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import type { ChainExit } from "../../../src/channel/chain-view.ts";
import { followExits, isExitOverdue } from "../../../src/channel/core/exit.ts";
import { checkMembership } from "../../../src/channel/core/membership.ts";
import { membershipEntry } from "../../../src/channel/core/membership-order.ts";
import type { Configuration } from "../../../src/channel/messages.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import { World } from "../../simulation/world.ts";
import { commandsOf, see, standIn } from "./stand-in.ts";

/** Coming and going on chain takes its windows. */
const WINDOW_MS = 120_000;

async function worldOf(count: number, seed: number): Promise<World> {
  const world = await World.begin({ seed });
  await world.gather(count);
  await world.run(2_000);
  return world;
}

function isDone(world: World, request: number): () => boolean {
  return () => world.stages(request).includes("done");
}

describe("leaving alone", () => {
  it("[XT1] a member whose others are all dead is paid from what was confirmed", async () => {
    const world = await worldOf(3, 70);
    const [leaver, ...others] = world.nodes;
    const call = world.bank(leaver as SimNode, "note", utf8("last words"));
    await world.until("confirmed", () => world.stages(call).includes("confirmed"));
    for (const other of others) other.crash();
    const request = world.ask(leaver as SimNode, "exit");
    await world.until("done", isDone(world, request), WINDOW_MS);
    const { members, forced, exits } = world.chain.view();
    expect(members.map(({ seat }) => seat)).toEqual([2n, 3n]);
    expect(forced?.fence).toEqual(exits.highest);
    expect(exits.highest.number).toBeGreaterThan(0n);
  });

  it("[XT1] a node that dies while its exit is open goes on with it when it is back", async () => {
    const world = await worldOf(3, 71);
    const [leaver, ...others] = world.nodes;
    for (const other of others) other.crash();
    world.ask(leaver as SimNode, "exit");
    await world.until("open", () => world.chain.view().exits.open.length > 0);
    leaver?.crash();
    leaver?.start();
    const isOut = () => world.chain.view().members.length === 2;
    await world.until("off the chain", isOut, WINDOW_MS);
  });

  it("[XT5] those who stay order the exit and settle it: nobody waits for the window", async () => {
    const world = await worldOf(4, 72);
    const [, leaver] = world.nodes;
    const request = world.ask(leaver as SimNode, "exit");
    await world.until("done", isDone(world, request), WINDOW_MS);
    expect(world.chain.view().forced).toBeUndefined();
    expect(world.chain.view().settled.height).toBeGreaterThan(0n);
    const other = world.node("n3");
    const after = world.bank(other, "note", utf8("we go on"));
    await world.until("confirmed", () => world.stages(after).includes("confirmed"));
    expect(world.status(other).configuration.seats).toHaveLength(3);
  });

  it("[XT1] acks nothing any more, whatever the others go on with", async () => {
    const world = await worldOf(4, 75);
    const leaver = world.node("n2");
    world.ask(leaver, "exit");
    const { acked } = leaver.running.promises;
    const call = world.bank(world.node("n3"), "note", utf8("and on it goes"));
    await world.until("confirmed", () => world.stages(call).includes("confirmed"));
    expect(leaver.running.promises.acked).toEqual(acked);
    expect(leaver.running.log.confirmed).toBeGreaterThan(acked.number);
  });

  it("[XT1] who comes back to a channel that was cut goes on above the cut", async () => {
    const world = await worldOf(3, 73);
    const [leaver, ...others] = world.nodes;
    for (const other of others) other.crash();
    const request = world.ask(leaver as SimNode, "exit");
    await world.until("done", isDone(world, request), WINDOW_MS);
    for (const other of others) other.start();
    const call = world.bank(world.node("n2"), "note", utf8("without n1"));
    await world.until("confirmed", () => world.stages(call).includes("confirmed"), WINDOW_MS);
    expect(world.status(world.node("n3")).configuration.seats).toHaveLength(2);
  });

  it("[XT3] is not for the last seat", async () => {
    const world = await worldOf(1, 74);
    const request = world.ask(world.node("n1"), "exit");
    await world.run(100);
    expect(world.stages(request)).toEqual(["LAST_MEMBER"]);
  });
});

describe("an exit that is open on chain", () => {
  /** A machine that has just seen it. */
  async function seeing(seat: bigint, dueInMs: bigint, name = "n1") {
    const world = await worldOf(3, 75);
    const machine = standIn(world.node(name));
    const { chain } = machine;
    const exit: ChainExit = { seat, due: chain.now + dueInMs, posted: chain.exits.highest };
    see(machine, { exits: { ...chain.exits, open: [exit] } });
    return { world, machine, exit };
  }

  it("[XT2] is what a leader orders first", async () => {
    const { machine } = await seeing(2n, 60_000n);
    expect(membershipEntry(machine)).toEqual({ type: "exit", seat: 2n });
    see(machine, { exits: { ...machine.chain.exits, open: [] } });
    expect(membershipEntry(machine)).toBeUndefined();
  });

  it("[XT2] lets members ack the exit, and no other of a seat that leaves not", async () => {
    const { machine, world } = await seeing(2n, 60_000n);
    const { batch } = present(world.node("n1").running.log.items[0], "a log");
    const ordering = (seat: bigint) => ({ ...batch, entries: [{ type: "exit", seat } as const] });
    expect(checkMembership(machine, ordering(2n))).toBe("sound");
    expect(checkMembership(machine, ordering(3n))).toBe("wait");
  });

  it("[XT2] ends the patience with a leader that orders other things for ten seconds", async () => {
    const { machine, exit } = await seeing(2n, 0n);
    const { removalWindow } = machine.chain.settings;
    const entries = [{ type: "tick", tick: 1n } as const];
    const since = (ms: bigint) => {
      const open = [{ ...exit, due: machine.chain.now - ms + removalWindow }];
      see(machine, { exits: { ...machine.chain.exits, open } });
      return isExitOverdue(machine, entries);
    };
    expect(since(9_999n)).toBe(false);
    expect(since(10_000n)).toBe(true);
    expect(isExitOverdue(machine, [])).toBe(false);
    expect(isExitOverdue(machine, [{ type: "exit", seat: 2n }])).toBe(false);
  });

  it("[XT4] is shown what is confirmed: at once, and again at the end of its window", async () => {
    const { machine, exit } = await seeing(2n, 60_000n);
    const posts = () => {
      machine.effects = [];
      machine.commands.clear();
      followExits(machine);
      return commandsOf(machine).filter(({ type }) => type === "contestExit").length;
    };
    expect(posts()).toBe(1);
    // Somebody has shown something higher than what was posted, though not the highest.
    const { highest } = machine.chain.exits;
    const shown = { ...highest, number: highest.number + 1n };
    see(machine, { exits: { ...machine.chain.exits, highest: shown } });
    expect(posts()).toBe(0);
    const open = [{ ...exit, due: machine.chain.now + 10_000n }];
    see(machine, { exits: { ...machine.chain.exits, open } });
    expect(posts()).toBe(1);
  });

  it("[XT3] is ordered as a departure that parks the asset", async () => {
    const world = await worldOf(3, 76);
    const request = world.ask(world.node("n2"), "exit");
    await world.until("done", isDone(world, request), WINDOW_MS);
    const configuration: Configuration = world.status(world.node("n3")).configuration;
    expect(configuration.seats.map(({ seat }) => seat)).toEqual([1n, 3n]);
    const kinds = world.notices.flatMap(({ notice }) =>
      notice.type === "applied" ? notice.entries.map(({ type }) => type) : [],
    );
    expect(kinds).toContain("exit");
  });
});
