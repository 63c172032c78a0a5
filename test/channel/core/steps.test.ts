// Changes of configuration that the chain has not seen: however many there are, it gets them in
// pieces that it can take.
import { beforeAll, describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { step } from "../../../src/channel/core/machine.ts";
import { membershipEntry } from "../../../src/channel/core/membership-order.ts";
import { propose } from "../../../src/channel/core/settlement.ts";
import type { Machine } from "../../../src/channel/core/state.ts";
import { ownCandidacy, postSteps, stepsTo } from "../../../src/channel/core/steps.ts";
import { World } from "../../simulation/world.ts";
import { commandsOf, quieten, see, standIn, worldOf } from "./stand-in.ts";

let world: World;

beforeAll(async () => {
  world = await worldOf(4, 91);
  world.bank(world.node("n1"), "note", utf8("to settle"));
  await world.run(2_000);
});

/** A node in whose log `count` changes have come into force that the chain lacks. */
function ahead(name: string, count: number): Machine {
  const machine = standIn(world.node(name));
  const { log, chain } = machine;
  const [known] = world.node("n1").running.log.steps;
  const last = present(log.items.at(-1), "an item");
  const from = chain.configuration.number;
  const like = present(known ?? log.steps[0], "a step like any other");
  log.steps = Array.from({ length: count }, (_, index) => {
    const number = from + BigInt(index) + 1n;
    return { ...like, configuration: { ...last.next, number } };
  });
  const next = { ...last.next, number: from + BigInt(count) };
  log.items[log.items.length - 1] = { ...last, configuration: next, next };
  return machine;
}

/** Numbers of the configurations that commands lead the chain to. */
function posted(machine: Machine): readonly (readonly bigint[])[] {
  return commandsOf(machine).map((command) => {
    if (command.type !== "postCertificate") throw new Error(`${command.type} was not asked for`);
    return command.candidacy.steps.map(({ configuration }) => configuration.number);
  });
}

function numbers(machine: Machine, from: number, count: number): readonly bigint[] {
  const first = machine.chain.configuration.number + BigInt(from);
  return Array.from({ length: count }, (_, index) => first + BigInt(index));
}

describe("steps that the chain lacks", () => {
  it("[CF16] are carried by a candidacy as far as eight, and then without its certificate", () => {
    const eight = ownCandidacy(ahead("n2", 8));
    expect(eight.steps).toHaveLength(8);
    expect(eight.certificate).toBeDefined();
    const nine = ownCandidacy(ahead("n2", 9));
    expect(nine.steps).toHaveLength(8);
    expect(nine.certificate).toBeUndefined();
  });

  it("[CF16] go to the chain before a settlement that would need more than eight", () => {
    const machine = ahead("n1", 70);
    expect(propose(machine, 1n)).toBe(false);
    expect(posted(machine)).toEqual([numbers(machine, 1, 8)]);
    const fewer = ahead("n1", 8);
    expect(propose(fewer, 1n)).toBe(true);
    const [command] = commandsOf(fewer);
    expect(command?.type === "propose" && command.evidence.steps.length).toBe(8);
  });

  it("[CF16] are forgotten once the chain has adopted them", () => {
    const machine = ahead("n2", 9);
    const { configuration } = present(machine.log.steps[6], "the seventh");
    see(machine, { configuration });
    step(machine, { type: "tick", now: machine.now });
    const left = machine.log.steps.map(({ configuration: { number } }) => number);
    expect(left).toEqual([configuration.number + 1n, configuration.number + 2n]);
  });

  it("[CF17] are posted by the leader from four on, eight at a time", () => {
    const few = ahead("n1", 3);
    postSteps(few);
    expect(commandsOf(few)).toEqual([]);
    for (const [count, carried] of [
      [4, 4],
      [70, 8],
    ] as const) {
      const machine = ahead("n1", count);
      postSteps(machine);
      expect(posted(machine)).toEqual([numbers(machine, 1, carried)]);
    }
    const follower = ahead("n2", 4);
    postSteps(follower);
    expect(commandsOf(follower)).toEqual([]);
  });

  it("[CF17] hold up suspensions and admissions from 32 on", () => {
    const ordered = (count: number) => {
      const machine = ahead("n1", count);
      quieten(machine, 3n, { hereMs: 60_000n, chainMs: 60_000n });
      return membershipEntry(machine);
    };
    expect(ordered(31)).toEqual({ type: "suspend", seat: 3n });
    expect(ordered(32)).toBeUndefined();
  });

  it("[CF17] reach the chain while nobody settles, and a settlement still works", async () => {
    const long = await World.begin({ seed: 92 });
    await long.gather(4);
    const [first, , , absent] = long.nodes;
    if (first === undefined || absent === undefined) throw new Error("four nodes");
    const seats = () => long.status(first).configuration.seats.length;
    for (let round = 0; round < 3; round++) {
      absent.crash();
      await long.until("suspended", () => seats() === 3, 60_000);
      absent.start();
      await long.until("admitted", () => seats() === 4, 60_000);
    }
    const { number } = long.status(first).configuration;
    expect(number).toBe(9n);
    await long.run(5_000);
    expect(stepsTo(first.running, { number }).length).toBeLessThan(4);
    expect(long.chain.view().settled.index).toBe(0n);
    const request = long.ask(absent, "settle");
    await long.until("settled", () => long.stages(request).includes("done"));
    expect(long.chain.view().configuration.number).toBe(9n);
  });
});
