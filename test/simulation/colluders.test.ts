// A majority that settles a false state behind an honest member's back, on the real chain.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import type { ChainProposal } from "../../src/channel/chain-view.ts";
import type { Effect } from "../../src/channel/core/effect.ts";
import { evidenceIn } from "../../src/channel/core/proposed.ts";
import { Cheats } from "./cheat.ts";
import { post } from "./real-link.ts";
import type { SimNode } from "./sim-node.ts";
import { World, type WorldOptions } from "./world.ts";

const PATIENCE_MS = 180_000;

interface Plot {
  readonly world: World;
  /** Everybody else works together, n1 at their head. */
  readonly honest: SimNode;
  /** Number of the false header, below which there is a true one that it was not shown either. */
  readonly fraud: bigint;
  /** Commands of the honest member, by type. */
  readonly asked: string[];
}

/** All but the last cut it off, agree on what nobody said, and have so many headers above it. */
async function plot(count: number, posts: number, tamper?: WorldOptions["tamper"]): Promise<Plot> {
  const cheats = new Cheats();
  const last = `n${count}`;
  const asked: string[] = [];
  const world = await World.begin({
    seed: 300 + count,
    chain: "real",
    wrapExecutor: (name, executor) => cheats.wrap(name, executor),
    tamper: (node, effects) => {
      const kept = tamper?.(node, effects) ?? effects;
      if (node.name !== last) return kept;
      for (const effect of kept) if (effect.type === "submit") asked.push(effect.command.type);
      return kept;
    },
  });
  await world.gather(count);
  await world.run(5_000);
  const honest = world.node(last);
  const others = world.nodes.filter((node) => node !== honest);
  for (const other of others) world.network.cut(honest.peer, other.peer);
  // Something true comes first: the fraud stands on what it was not shown either.
  const said = world.call(world.node("n1"), post("what was said"));
  await world.until("confirmed", () => world.stages(said).includes("confirmed"));
  await world.run(1_000);
  const fraud = tipOf(world.node("n1")) + 1n;
  expect(fraud).toBeGreaterThan(tipOf(honest) + 1n);
  for (const { name } of others) cheats.start(name);
  for (let index = 0; index < posts; index++) {
    const call = world.call(world.node("n1"), post(`what nobody said ${index}`));
    await world.until("confirmed", () => world.stages(call).includes("confirmed"));
    for (const { name } of others) cheats.stop(name);
  }
  world.ask(world.node("n1"), "settle");
  await world.until("a proposal", () => settlementsOf(world).length > 0);
  return { world, honest, fraud, asked };
}

function tipOf(node: SimNode): bigint {
  const { log } = node.running;
  return (log.items.at(-1) ?? log.base).ref.number;
}

function settlementsOf({ chain }: World): readonly ChainProposal[] {
  return chain.view().proposals.filter(({ type }) => type === 1);
}

function targetOf(proposal: ChainProposal | undefined): bigint {
  const evidence = evidenceIn(present(proposal, "a proposal"));
  return present(evidence, "evidence").header.header.number;
}

/** Nobody but the last is left, with their stakes gone, and it goes on by itself. */
async function expectJustice({ world, honest }: Plot): Promise<void> {
  const colluders = () => world.chain.view().members.slice(0, -1);
  const areOut = () => colluders().every(({ standing }) => standing === "removed");
  await world.until("all of them out", areOut, PATIENCE_MS);
  expect(settlementsOf(world).map(({ status }) => status)).toEqual(["void"]);
  expect(colluders().map(({ stake }) => stake)).toEqual(colluders().map(() => 0n));
  const { members, settled } = world.chain.view();
  expect(members.at(-1)).toMatchObject({ standing: "joined", stake: 100n });
  expect(settled.height).toBe(0n);
  const call = world.call(honest, post("the truth"));
  await world.until("play goes on", () => world.stages(call).includes("confirmed"), PATIENCE_MS);
}

function withoutAnswers(_: SimNode, effects: readonly Effect[]): readonly Effect[] {
  return effects.filter(
    (effect) => effect.type !== "submit" || effect.command.type !== "answerDemand",
  );
}

describe("three colluders of four settle a false change set", () => {
  it("and answer what is demanded: it is void, and all that acked it are out", async () => {
    const plotted = await plot(4, 1);
    const { world, fraud, asked } = plotted;
    expect(targetOf(settlementsOf(world)[0])).toBe(fraud);
    await expectJustice(plotted);
    expect(asked).toContain("demandData");
    expect(asked).toContain("proveFraud");
  });

  it("and answer nothing: it is void, each time that they propose it", async () => {
    const { world, asked } = await plot(4, 1, withoutAnswers);
    const ended = () => settlementsOf(world).filter(({ status }) => status === "void").length;
    await world.until("void", () => ended() === 1, PATIENCE_MS);
    for (const times of [2, 3]) {
      world.ask(world.node("n1"), "settle");
      await world.until(`void ${times} times`, () => ended() === times, PATIENCE_MS);
    }
    const { settled, members } = world.chain.view();
    expect(settled.height).toBe(0n);
    expect(members.map(({ standing }) => standing)).toEqual(Array(4).fill("joined"));
    expect(asked.filter((type) => type === "demandData")).toHaveLength(3);
  });
});

describe("four colluders of five settle what stands on a false header", () => {
  it("two headers below and more: it is void, and all that acked it are out", async () => {
    const plotted = await plot(5, 3);
    const { world, fraud } = plotted;
    expect(targetOf(settlementsOf(world)[0])).toBeGreaterThanOrEqual(fraud + 2n);
    await expectJustice(plotted);
  });
});
