// The seed's scenarios of six root nodes that disagree, part and come together, with the nodes of a
// parallel chain beside them; and of a node whose root node becomes another one.
import { afterEach, describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import type { BranchChange } from "../../../src/chains/ports.ts";
import { SLOT_MS } from "../producers.ts";
import {
  closeWorld,
  consensusOf,
  createParaWorld,
  follows,
  foundGroup,
  hashAt,
  headOf,
  type ParaWorld,
  type ParaWorldOptions,
  paraNode,
  pass,
  rootAt,
  startPara,
  startRoot,
  stopPara,
  stopRoot,
} from "./para-world.ts";

const worlds: ParaWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await closeWorld(world);
});

async function foundedWorld(options: ParaWorldOptions): Promise<ParaWorld> {
  const world = await createParaWorld(options);
  worlds.push(world);
  await foundGroup(world);
  return world;
}

function site(world: ParaWorld, index: number) {
  return present(world.paras[index], "a node");
}

const EMPTY_AFTER_FOUR = { emptyBlockInterval: 4n };
const EMPTY_AFTER_THREE = { emptyBlockInterval: 3n };

/** Six root nodes execute every block, in virtual time but on one processor. */
const TIMEOUT_MS = 120_000;

describe("six root nodes and four of the parallel chain", { timeout: TIMEOUT_MS }, () => {
  it("[P2] agree on nothing but genesis when two make empty blocks more often", async () => {
    const world = await foundedWorld({
      roots: 6,
      paras: [EMPTY_AFTER_FOUR, EMPTY_AFTER_FOUR, EMPTY_AFTER_THREE, EMPTY_AFTER_THREE],
    });
    for (const index of world.paras.keys()) await startPara(world, index);
    await pass(world, 60_000);
    expect(await consensusOf(world)).toBe(0n);
    const nodes = [0, 1, 2, 3].map((index) => paraNode(world, index));
    const hashes = nodes.map((node) => hashAt(node, 1n));
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[2]).toBe(hashes[3]);
    expect(hashes[0]).not.toBe(hashes[2]);
    expect(nodes.every((node) => headOf(node) > 5n)).toBe(true);
  });

  it("[P3] agree when three of them do, and the fourth goes on alone and says so", async () => {
    const world = await foundedWorld({
      roots: 6,
      paras: [EMPTY_AFTER_FOUR, EMPTY_AFTER_FOUR, EMPTY_AFTER_FOUR, EMPTY_AFTER_THREE],
    });
    for (const index of world.paras.keys()) await startPara(world, index);
    await pass(world, 60_000);
    const agreed = await consensusOf(world);
    expect(agreed).toBeGreaterThan(5n);
    const other = paraNode(world, 3);
    const codes = other.standing().alarms.map(({ code }) => code);
    expect(codes).toContain("CONSENSUS_DIFFERS");
    expect(headOf(other)).toBeGreaterThan(agreed);
    expect(other.source.tree.final.block.header.height).toBeLessThanOrEqual(1n);
  });

  it("[P6] part; one side alone agrees on nothing, and takes the other's branch", async () => {
    const world = await foundedWorld({ roots: 6 });
    for (const [index, root] of [0, 1, 2, 3].entries()) site(world, index).root = root;
    for (const index of world.paras.keys()) await startPara(world, index);
    await pass(world, 24_000);
    await stopSide(world, [3, 4, 5], [3]);
    const whenParted = await consensusOf(world);
    await pass(world, 36 * SLOT_MS);
    // Three of four nodes are with this side, so they agree alone.
    const withoutB = await consensusOf(world);
    expect(withoutB).toBeGreaterThan(whenParted + 1n);
    await stopSide(world, [0, 1, 2], [0, 1, 2]);
    await startSide(world, [3, 4, 5], [3]);
    const node = paraNode(world, 3);
    await pass(world, 6 * SLOT_MS);
    const alone = await consensusOf(world, rootAt(world, 3));
    expect(alone).toBeLessThan(withoutB);
    await pass(world, 14 * SLOT_MS);
    expect(await consensusOf(world, rootAt(world, 3))).toBe(alone);
    const [height, fork] = [headOf(node), hashAt(node, headOf(node))];
    expect(height).toBeGreaterThan(alone);
    await startSide(world, [0, 1, 2], [0, 1, 2]);
    await pass(world, 60 * SLOT_MS);
    const agreed = await consensusOf(world);
    expect(agreed).toBeGreaterThan(withoutB);
    expect(hashAt(node, height)).not.toBe(fork);
    for (const index of [0, 1, 2]) {
      expect(hashAt(paraNode(world, index), agreed)).toBe(hashAt(node, agreed));
    }
    expect(node.standing().alarms).toEqual([]);
    expect(node.standing().finished).toBeGreaterThan(height);
  });
});

async function stopSide(world: ParaWorld, roots: number[], paras: number[]): Promise<void> {
  for (const index of paras) await stopPara(world, index);
  for (const index of roots) await stopRoot(world, index);
}

async function startSide(world: ParaWorld, roots: number[], paras: number[]): Promise<void> {
  for (const index of roots) await startRoot(world, index);
  for (const index of paras) await startPara(world, index);
}

describe("a node whose root node becomes another one", { timeout: TIMEOUT_MS }, () => {
  /** Root nodes from this one on are on a branch of their own. */
  async function forkedWorld(split: number): Promise<ParaWorld> {
    const world = await foundedWorld({ roots: 4 });
    for (const index of world.paras.keys()) await startPara(world, index);
    for (const index of world.paras.keys()) site(world, index).root = index % 2;
    await pass(world, 16_000);
    world.links.passes = (from, to) => from >= split === to >= split;
    await pass(world, 12 * SLOT_MS);
    return world;
  }

  async function moveTo(world: ParaWorld, index: number, root: number): Promise<void> {
    const place = site(world, index);
    place.root = root;
    place.client = undefined;
    await pass(world, 3 * SLOT_MS);
  }

  it("[P10] goes on where that one has the same branch", async () => {
    const world = await foundedWorld({ roots: 4 });
    for (const index of world.paras.keys()) await startPara(world, index);
    await pass(world, 24_000);
    const before = headOf(paraNode(world, 0));
    const hash = hashAt(paraNode(world, 0), before);
    await moveTo(world, 0, 3);
    await pass(world, 10 * SLOT_MS);
    const node = paraNode(world, 0);
    expect(headOf(node)).toBeGreaterThan(before);
    expect(hashAt(node, before)).toBe(hash);
    expect(node.source.tree.reorganisations).toBe(0);
  });

  it("[P10] takes its blocks back to where the branches part, and comes back again", async () => {
    // Neither side is two thirds, so nothing of either branch becomes final.
    const world = await forkedWorld(2);
    const node = paraNode(world, 0);
    const [height, hash] = [headOf(node), hashAt(node, headOf(node))];
    await moveTo(world, 0, 3);
    expect(node.source.tree.reorganisations).toBeGreaterThan(0);
    expect(headOf(node) < height || hashAt(node, height) !== hash).toBe(true);
    await moveTo(world, 0, 1);
    expect(hashAt(node, height)).toBe(hash);
    expect(node.standing().alarms).toEqual([]);
  });

  it("[P10] leaves nothing that is final, says so, and builds the same blocks again", async () => {
    const world = await forkedWorld(3);
    const node = paraNode(world, 0);
    const [height, hash] = [headOf(node), hashAt(node, headOf(node))];
    const { finalHeight } = node.source.tree.head.block.header.finality;
    await moveTo(world, 0, 3);
    expect(node.standing().alarms.map(({ code }) => code)).toContain("ROOT_FOREIGN");
    expect(headOf(node)).toBeGreaterThanOrEqual(finalHeight);
    expect(headOf(node)).toBeLessThan(height);
    await moveTo(world, 0, 1);
    expect(hashAt(node, height)).toBe(hash);
    await pass(world, 12 * SLOT_MS);
    const agreed = await consensusOf(world);
    expect(agreed).toBeGreaterThan(height);
    expect(hashAt(node, agreed)).toBe(hashAt(paraNode(world, 1), agreed));
    expect(node.standing().alarms).toEqual([]);
  });

  it.each(["before", "after"] as const)(
    "[P10] finds the place again when it is killed %s a block was taken back",
    async (moment) => {
      const world = await forkedWorld(2);
      const place = site(world, 0);
      const whole = (change: BranchChange) => kept.extend(change);
      const kept = { ...place.store };
      let kills = 0;
      const killing = async (change: BranchChange): Promise<void> => {
        if (change.blocks.length > 0) return whole(change);
        kills += 1;
        if (moment === "after") await whole(change);
        throw new Error("the process was killed");
      };
      await stopPara(world, 0);
      Object.assign(place.store, { extend: killing });
      await startPara(world, 0);
      await moveTo(world, 0, 3);
      expect(kills).toBe(1);
      await stopPara(world, 0);
      Object.assign(place.store, { extend: whole });
      const node = await startPara(world, 0);
      await pass(world, 4 * SLOT_MS);
      expect(follows(world, 0, 3)).toBe(true);
      world.links.passes = () => true;
      await pass(world, 20 * SLOT_MS);
      const agreed = await consensusOf(world);
      expect(hashAt(node, agreed)).toBe(hashAt(paraNode(world, 1), agreed));
    },
  );

  it("[P10] waits while the root node has not come to its place, however long", async () => {
    const world = await foundedWorld({ roots: 3, followers: 1 });
    for (const index of world.paras.keys()) await startPara(world, index);
    await pass(world, 8_000);
    await stopRoot(world, 3);
    await pass(world, 12_000);
    const node = paraNode(world, 0);
    world.links.passes = (from, to) => from < 3 && to < 3;
    await startRoot(world, 3);
    const { height } = node.standing();
    const hash = hashAt(node, height);
    await moveTo(world, 0, 3);
    expect(hashAt(node, height)).toBe(hash);
    world.links.passes = () => true;
    await pass(world, 20_000);
    expect(hashAt(node, height)).toBe(hash);
    expect(node.standing().height).toBeGreaterThan(height);
    expect(follows(world, 0, 3)).toBe(true);
  });
});
