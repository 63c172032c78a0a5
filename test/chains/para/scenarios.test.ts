// The seed's scenarios of nodes that start, stop and come back, on real nodes beside one root chain
// of one producer, over virtual time.
import { afterEach, describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import {
  closeWorld,
  consensusOf,
  createParaWorld,
  doneHeights,
  foundGroup,
  hashAt,
  headOf,
  type ParaWorld,
  type ParaWorldOptions,
  paraNode,
  pass,
  postedHeights,
  rootNode,
  startPara,
  stopPara,
} from "./para-world.ts";

const TEN_MINUTES_MS = 600_000;
/** What the seed's chains take for a block. */
const BLOCK_MS = 5_000n;

const worlds: ParaWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await closeWorld(world);
});

async function foundedWorld(options: ParaWorldOptions = {}): Promise<ParaWorld> {
  const world = await createParaWorld({ idleMs: BLOCK_MS, ...options });
  worlds.push(world);
  await foundGroup(world);
  return world;
}

function site(world: ParaWorld, index: number) {
  return present(world.paras[index], "a node");
}

/** All that the nodes have in common is the same. */
function expectSameBlocks(world: ParaWorld, indices: readonly number[]): void {
  const nodes = indices.map((index) => paraNode(world, index));
  const common = nodes.map(headOf).reduce((a, b) => (a < b ? a : b));
  expect(common).toBeGreaterThan(0n);
  expect(new Set(nodes.map((node) => hashAt(node, common))).size).toBe(1);
}

/** What the nodes agree on, second by second, without repetitions. */
async function consensusOver(world: ParaWorld, seconds: number): Promise<readonly bigint[]> {
  const seen = [await consensusOf(world)];
  for (let second = 0; second < seconds; second++) {
    await pass(world, 1_000);
    const now = await consensusOf(world);
    if (now !== seen.at(-1)) seen.push(now);
  }
  return seen;
}

/** Minutes of virtual time, on one processor. */
const TIMEOUT_MS = 120_000;

describe("nodes of a parallel chain", { timeout: TIMEOUT_MS }, () => {
  it("[P1] start long after the root chain, sync, and agree from genesis on", async () => {
    const world = await foundedWorld({ idleMs: 15_000n });
    await pass(world, 118_000);
    const { height } = rootNode(world).source.tree.head.block.header;
    expect(height).toBeGreaterThanOrEqual(8n);
    for (const index of world.paras.keys()) await startPara(world, index);
    expect(await consensusOf(world)).toBe(-1n);
    await pass(world, 200_000);
    const done = await doneHeights(world);
    expect(done.length).toBeGreaterThan(3);
    expect(done).toEqual(done.map((_, index) => BigInt(index)));
    expectSameBlocks(world, [0, 1, 2, 3]);
  });

  it("[P4] [P5] join late and come back, and commit only what is still open", async () => {
    const world = await foundedWorld();
    for (const index of [0, 1, 2]) await startPara(world, index);
    await pass(world, TEN_MINUTES_MS);
    const before = await consensusOf(world);
    expect(before).toBeGreaterThan(20n);
    const late = await startPara(world, 3);
    await pass(world, 60_000);
    expect(headOf(late)).toBe(headOf(paraNode(world, 0)));
    expectSameBlocks(world, [0, 1, 2, 3]);
    expect(late.standing().finished).toBeGreaterThan(before);
    const sent = postedHeights(site(world, 3)).flat();
    expect(sent[0]).toBeGreaterThanOrEqual(before);
    expect(sent.length).toBeGreaterThan(0);

    await stopPara(world, 3);
    await pass(world, TEN_MINUTES_MS);
    const later = await consensusOf(world);
    expect(later).toBeGreaterThan(before + 20n);
    const posts = postedHeights(site(world, 3)).length;
    const again = await startPara(world, 3);
    await pass(world, 60_000);
    expectSameBlocks(world, [0, 1, 2, 3]);
    const resent = postedHeights(site(world, 3)).slice(posts).flat();
    expect(resent[0]).toBeGreaterThanOrEqual(later);
    expect(again.standing().alarms).toEqual([]);
  });

  it("[P7] [P8] agree in retrospect once there are enough, and never else", async () => {
    const world = await foundedWorld();
    for (const index of [0, 1]) await startPara(world, index);
    await pass(world, 120_000);
    expect(await consensusOf(world)).toBe(-1n);
    expect(headOf(paraNode(world, 0))).toBeGreaterThan(4n);
    await startPara(world, 2);
    const seen = await consensusOver(world, 60);
    expect(seen.length).toBeGreaterThan(1);
    expect(headOf(paraNode(world, 0)) - (await consensusOf(world))).toBeLessThanOrEqual(2n);
    await startPara(world, 3);
    await pass(world, 40_000);

    for (const index of [0, 1]) await stopPara(world, index);
    await pass(world, 10_000);
    const stopped = await consensusOf(world);
    await pass(world, 120_000);
    expect(await consensusOf(world)).toBe(stopped);
    expect(headOf(paraNode(world, 3))).toBeGreaterThan(stopped + 3n);
    await startPara(world, 1);
    await pass(world, 60_000);
    expect(await consensusOf(world)).toBeGreaterThan(stopped + 3n);
    await startPara(world, 0);
    await pass(world, 60_000);
    expectSameBlocks(world, [0, 1, 2, 3]);
  });

  it("[P9] commit after a crash of all what was open, without a hole", async () => {
    const world = await foundedWorld();
    const all = [...world.paras.keys()];
    for (const index of all) await startPara(world, index);
    await pass(world, 60_000);
    for (const index of all) site(world, index).wallet = "locked";
    await pass(world, 100_000);
    const agreed = await consensusOf(world);
    const built = headOf(paraNode(world, 0));
    expect(built).toBeGreaterThan(agreed + 2n);
    for (const index of all) {
      await stopPara(world, index);
      site(world, index).wallet = "ready";
    }
    const posts = postedHeights(site(world, 0)).length;
    for (const index of all) await startPara(world, index);
    await pass(world, 30_000);
    expect(await consensusOf(world)).toBeGreaterThanOrEqual(built);
    const [first] = postedHeights(site(world, 0)).slice(posts);
    expect(first).toEqual(
      Array.from({ length: first?.length ?? 0 }, (_, i) => agreed + 1n + BigInt(i)),
    );
  });

  it("[P13] wait for a wallet that is locked, asking every two seconds, and say so", async () => {
    const world = await foundedWorld();
    for (const index of [0, 1, 2]) await startPara(world, index);
    site(world, 3).wallet = "locked";
    const node = await startPara(world, 3);
    await pass(world, 30_000);
    expect(postedHeights(site(world, 3))).toEqual([]);
    expect(node.standing().alarms.map(({ code }) => code)).toEqual(["WALLET_LOCKED"]);
    site(world, 3).wallet = "ready";
    await pass(world, 2_100);
    expect(node.standing().alarms).toEqual([]);
    await pass(world, 30_000);
    expect(postedHeights(site(world, 3)).length).toBeGreaterThan(0);
  });

  it("[P13] post every second while the root node is down, and go on when it is back", async () => {
    const world = await foundedWorld();
    for (const index of world.paras.keys()) await startPara(world, index);
    await pass(world, 60_000);
    const { posts } = site(world, 0);
    const node = paraNode(world, 0);
    // Posting goes nowhere as soon as a commit was signed: reading and signing need the root too.
    const before = posts.length;
    for (let second = 0; second < 40 && posts.length === before; second++) {
      await pass(world, 1_000);
    }
    expect(posts.length).toBeGreaterThan(before);
    site(world, 0).isLinked = false;
    await pass(world, 10_000);
    expect(node.standing().alarms.map(({ code }) => code)).toEqual(["ROOT_UNREACHABLE"]);
    site(world, 0).isLinked = true;
    await pass(world, 60_000);
    expect(node.standing().alarms).toEqual([]);
    expectSameBlocks(world, [0, 1, 2, 3]);
    expect(headOf(node) - (await consensusOf(world))).toBeLessThanOrEqual(2n);
  });
});
