import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { ZERO_HASH } from "#core/hash.ts";
import type { ChainProposal } from "../../../src/channel/chain-view.ts";
import { encode, punishmentEvidence } from "../../../src/channel/codec.ts";
import type { Effect } from "../../../src/channel/core/effect.ts";
import type { Batch } from "../../../src/channel/messages.ts";
import { Cheats } from "../../simulation/cheat.ts";
import { World } from "../../simulation/world.ts";
import {
  altered,
  type Cast,
  commands,
  handBatch,
  noteOf,
  orders,
  show,
  three,
  tickAfter,
} from "./handwork.ts";

/** What every node asked of the chain, by its name. */
type Asked = Map<string, { readonly type: string }[]>;

/** A channel of this many in which the leader begins to cheat. */
async function cheated(count: number): Promise<{ world: World; asked: Asked }> {
  const cheats = new Cheats();
  const asked: Asked = new Map();
  const world = await World.begin({
    seed: 20 + count,
    wrapExecutor: (name, executor) => cheats.wrap(name, executor),
    tamper: (node, effects) => {
      for (const effect of effects) {
        if (effect.type !== "submit") continue;
        const list = asked.get(node.name) ?? [];
        asked.set(node.name, [...list, effect.command]);
      }
      return effects;
    },
  });
  await world.gather(count);
  await world.run(2_000);
  cheats.start("n1");
  world.bank(world.node("n2"), "note", utf8("what was said"));
  return { world, asked };
}

function countOf(asked: Asked, name: string, type: string): number {
  return (asked.get(name) ?? []).filter((command) => command.type === type).length;
}

describe("a leader that cheats", () => {
  it.each([
    ["[FR5] is punished though it was removed for its silence first", false],
    ["[ST7] is so too where all who caught it were loaded again before", true],
  ])("%s", async (_, isReloaded) => {
    const cheats = new Cheats();
    const world: World = await World.begin({
      seed: 24,
      wrapExecutor: (name, executor) => cheats.wrap(name, executor),
      // No accusation comes through while its tab might yet be there.
      tamper: (_node, effects) =>
        standing() === "removed"
          ? effects
          : effects.filter(
              (effect) => effect.type !== "submit" || effect.command.type !== "punish",
            ),
    });
    const member = () => world.chain.view().members.find(({ seat }) => seat === 1n);
    const standing = () => member()?.standing;
    await world.gather(3);
    await world.run(2_000);
    cheats.start("n1");
    const n1 = world.node("n1");
    world.bank(world.node("n2"), "note", utf8("what was said"));
    const isFound = () => world.node("n2").running.distrust !== undefined;
    await world.until("it is found", isFound);
    n1.crash();
    // What is to be written is on disk.
    await world.run(1_000);
    for (const name of isReloaded ? ["n2", "n3"] : []) {
      world.node(name).crash();
      world.node(name).start();
    }
    await world.until("the removal", () => standing() === "removed", 60_000);
    expect(member()?.stake).toBeGreaterThan(0n);
    await world.until("the fine", () => member()?.stake === 0n, 90_000);
    const { proposals } = world.chain.view();
    expect(proposals.filter(({ type }) => type === 2).map(({ status }) => status)).toEqual([
      "executed",
    ]);
    const height = () => world.status(world.node("n2")).heights.confirmed;
    const before = height();
    world.bank(world.node("n2"), "note", utf8("and on"));
    await world.until("play goes on", () => height() > before);
  });

  it.each([2, 3, 4, 5])("[FR6] is voted out of %i, by one accusation", async (count) => {
    const { world, asked } = await cheated(count);
    const standing = () => world.chain.view().members.find(({ seat }) => seat === 1n)?.standing;
    await world.until("the punishment", () => standing() === "removed");
    await world.run(60_000);
    const { proposals, configuration } = world.chain.view();
    const accusations = proposals.filter(({ type }) => type === 2);
    expect(accusations.map(({ status }) => status)).toEqual(["executed"]);
    expect(configuration.seats.map(({ seat }) => seat)).not.toContain(1n);
    const names = world.nodes.map(({ name }) => name);
    const accusers = names.filter((name) => countOf(asked, name, "punish") > 0);
    expect(accusers).toEqual(["n2"]);
    expect(countOf(asked, "n2", "punish")).toBe(1);
    for (const name of names) expect(countOf(asked, name, "vote")).toBeLessThanOrEqual(1);
    expect(countOf(asked, "n1", "vote")).toBe(0);
    const height = () => world.status(world.node("n2")).heights.confirmed;
    const before = height();
    world.bank(world.node("n2"), "note", utf8("and on"));
    await world.until("play goes on", () => height() > before);
  });
});

/** n1's batch with a wrong result, which n2 has found. */
function caught({ world, n1, n2 }: Cast): Batch {
  const batch = orders(n1, [noteOf(n1, utf8("hello"))]);
  const wrong = altered(batch, n1, { stateRoot: ZERO_HASH });
  handBatch(world, n2, wrong);
  n2.running.commands.clear();
  const { configuration } = world.status(n2);
  const fence = n2.running.log.highest.ref;
  n2.running.chain = { ...n2.running.chain, fence, configuration };
  return wrong;
}

function accusation(batch: Batch, change: Partial<ChainProposal> = {}): ChainProposal {
  const { header, entries, steps: batchSteps } = batch;
  const evidence = { accused: 1n, header, entries, batchSteps, steps: [] };
  const data = encode(punishmentEvidence, evidence);
  const voters = [2n, 3n];
  return { id: 1n, type: 2, proposer: 3n, data, voters, votes: [], status: "open", ...change };
}

/** Accusations that these effects bring to the chain. */
function accused(effects: readonly Effect[]): number {
  return commands(effects, "punish").length;
}

describe("an accusation", () => {
  it("[FR5] is made once, whatever becomes of it", async () => {
    const cast = await three();
    const { world, n2 } = cast;
    const wrong = caught(cast);
    expect(accused(tickAfter(n2, 1))).toBe(1);
    n2.running.commands.clear();
    const own = accusation(wrong, { proposer: 2n, votes: [{ seat: 2n, option: 1 }] });
    expect(accused(show(world, n2, { proposals: [own] }))).toBe(0);
    expect(accused(show(world, n2, { proposals: [{ ...own, status: "void" }] }))).toBe(0);
    expect(accused(show(world, n2, { proposals: [] }))).toBe(0);
    expect(accused(tickAfter(n2, 60_000))).toBe(0);
  });

  it("[FR5] by another of the same header saves this node's own", async () => {
    const cast = await three();
    const { world, n2 } = cast;
    const wrong = caught(cast);
    expect(accused(show(world, n2, { proposals: [accusation(wrong)] }))).toBe(0);
    const failed = accusation(wrong, { status: "void" });
    expect(accused(show(world, n2, { proposals: [failed] }))).toBe(1);
  });

  it("[FR5] that an accomplice made up keeps no true one from being made", async () => {
    const cast = await three();
    const { world, n1, n2 } = cast;
    const sound = present(n1.running.log.items.at(-1), "a header").batch;
    caught(cast);
    n2.running.commands.clear();
    const bogus = accusation(sound, { votes: [{ seat: 3n, option: 1 }] });
    const effects = show(world, n2, { proposals: [bogus] });
    expect(commands(effects, "vote").map(({ option }) => option)).toEqual([0]);
    expect(accused(effects)).toBe(1);
  });

  it("[FR5] of a header of an earlier term is made all the same", async () => {
    const cast = await three();
    const { world, n2 } = cast;
    caught(cast);
    const { term } = n2.running.chain;
    const effects = show(world, n2, { term: term + 1n, leader: 3n });
    expect(accused(effects)).toBe(1);
    expect(n2.running.distrust?.accused).toBe(1n);
  });

  /** As the chain shows its members when n1 is out. */
  function without({ n2 }: Cast, stake: bigint) {
    return n2.running.chain.members.map((member) =>
      member.seat === 1n ? ({ ...member, standing: "removed", stake } as const) : member,
    );
  }

  it("[FR5] ends when its accused is out with its stake", async () => {
    const cast = await three();
    const { world, n2 } = cast;
    caught(cast);
    expect(accused(show(world, n2, { members: without(cast, 0n) }))).toBe(0);
    expect(n2.running.distrust).toBeUndefined();
  });

  it("[FR5] is made of one that is out for its silence and has left its stake", async () => {
    const cast = await three();
    const { world, n2 } = cast;
    caught(cast);
    expect(accused(show(world, n2, { members: without(cast, 100n) }))).toBe(1);
    expect(n2.running.distrust?.accused).toBe(1n);
  });

  it("[FR5] ends when the chain has carried it out, whatever stake is left", async () => {
    const cast = await three();
    const { world, n2 } = cast;
    const own = accusation(caught(cast), { proposer: 2n, votes: [{ seat: 2n, option: 1 }] });
    show(world, n2, { proposals: [own] });
    show(world, n2, { members: without(cast, 100n) });
    expect(n2.running.distrust?.accused).toBe(1n);
    show(world, n2, { proposals: [{ ...own, status: "executed" }] });
    expect(n2.running.distrust).toBeUndefined();
  });

  it("[FR5] goes to the vote at once where a verdict would take out nobody", async () => {
    const cast = await three();
    const { world, n2 } = cast;
    show(world, n2, { judges: true });
    caught(cast);
    expect(accused(tickAfter(n2, 1))).toBe(0);
    expect(accused(show(world, n2, { members: without(cast, 100n) }))).toBe(1);
  });

  it("[FR8] is voted on by its voters alone, and once", async () => {
    const cast = await three();
    const { world, n2 } = cast;
    const wrong = caught(cast);
    const votes = (change: Partial<ChainProposal>) => {
      n2.running.commands.clear();
      return commands(show(world, n2, { proposals: [accusation(wrong, change)] }), "vote").length;
    };
    expect(votes({ voters: [3n] })).toBe(0);
    expect(votes({ votes: [{ seat: 2n, option: 1 }] })).toBe(0);
    expect(votes({ status: "void" })).toBe(0);
    expect(votes({})).toBe(1);
  });
});
