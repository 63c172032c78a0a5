// What nodes of a parallel chain agree on, by the numbers of the rules of a commit: scenarios P11
// and P12, and what the seed's system got wrong.
import { describe, expect, it } from "vitest";
import { toHex } from "#core/bytes.ts";
import { alice } from "../../resources/resource-chain.ts";
import { bits, hashOf, statusHash } from "./node-status.ts";
import {
  ABCD,
  doneOf,
  eventsOf,
  expectDone,
  makeGroup,
  outcomeOf,
  startParaWorld,
  TITLE,
  text,
} from "./para-world.ts";

const OTHER = { blockHash: hashOf("another block") };

describe("a height", () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 3],
    [5, 4],
    [6, 5],
    [7, 5],
  ])("of a group of %i is done with the word of %i", (size, needed) => {
    const names = Array.from({ length: size }, (_, i) => `of ${size} the ${i}`);
    const world = startParaWorld(names);
    const status = world.status(0);
    world.nodes.slice(0, needed - 1).forEach((node) => {
      expect(doneOf(world.commit(node, status))).toEqual([]);
    });
    expect(world.height()).toBe(-1);
    const last = world.nodes[needed - 1] ?? alice;
    expect(doneOf(world.commit(last, status))).toHaveLength(1);
    expect(world.height()).toBe(0);
  });

  it("is done once, with all figures of what was agreed on", () => {
    const world = startParaWorld(ABCD);
    const [a, b, c, d] = world.nodes;
    if (!(a && b && c && d)) return;
    world.commitAll([a, b, c], world.status(0));
    const status = world.status(1, {
      txCounts: 3,
      txResult: bits([false, true, true]),
      txHashes: [hashOf("tx 0"), hashOf("tx 1"), hashOf("tx 2")],
    });
    world.commitAll([a], status);
    world.commitAll([b], world.status(1, OTHER));
    world.commitAll([c], status);
    expect(doneOf(world.commit(d, status))).toEqual([
      {
        title: TITLE,
        height: 1n,
        totalNodes: 4n,
        totalCommit: 4n,
        mostSame: 3n,
        statusHash: toHex(statusHash(status)),
        blockHash: toHex(hashOf("block", 1)),
        stateHash: toHex(hashOf("state", 1)),
        mainBlockHash: toHex(status.mainBlockHash),
        mainBlockHeight: status.mainBlockHeight,
        txCounts: 3,
        txResult: { count: 3, bytes: "06" },
        crossTxResult: { count: 0, bytes: "" },
      },
    ]);
    const again = world.commit(d, status);
    expect(doneOf(again)).toEqual([]);
    expect(eventsOf(again, "consensus::Commit")).toHaveLength(0);
    expect(eventsOf(again, "consensus::CommitRecord")).toHaveLength(1);
    const title = world.view("consensus::get_title", text(TITLE));
    expect(title.option((some) => some.u64())).toBe(1n);
    expect(title.bytes()).toEqual(hashOf("block", 1));
    expect(title.bytes()).toEqual(hashOf("state", 1));
    expect(title.bytes()).toEqual(status.mainBlockHash);
    expect(title.u64()).toBe(status.mainBlockHeight);
  });

  it("is a title's own: groups do not hear of each other", () => {
    const world = startParaWorld(ABCD);
    const [a, b, c] = world.nodes;
    if (!(a && b && c)) return;
    makeGroup(world, "user.p.other.", [a]);
    const { chain } = world;
    expect(doneOf(world.commit(a, world.status(0, { title: "user.p.other." })))).toHaveLength(1);
    expect(world.height()).toBe(-1);
    expect(world.height("user.p.other.")).toBe(0);
    expect(outcomeOf(world.commit(b, world.status(1, { title: "user.p.other." })))).toBe(4);
    expect(chain.height()).toBeGreaterThan(0n);
  });

  it("[B8] may be said otherwise as long as it is not done: the last word counts", () => {
    const world = startParaWorld(ABCD);
    const [a, b, c, d] = world.nodes;
    if (!(a && b && c && d)) return;
    world.commitAll([a, b], world.status(0));
    world.commitAll([b], world.status(0, OTHER));
    world.commitAll([c], world.status(0));
    expect(world.height()).toBe(-1);
    world.commitAll([d], world.status(0));
    expect(world.height()).toBe(0);
  });
});

describe("a hole", () => {
  it("[P11] stops what waits above it, which re-sends in order finish", () => {
    const world = startParaWorld(ABCD);
    const [a, b, c, d] = world.nodes;
    if (!(a && b && c && d)) return;
    world.commitAll([a, b, c], world.status(0));
    const above = [2, 3, 4, 5, 6].map((height) => world.status(height));
    world.commitAll([a, b, c, d], ...above);
    expect(world.height()).toBe(0);
    world.commitAll([a, b], world.status(1));
    // The hole's own commit is not enough: what waits needs one more word each.
    expect(doneOf(world.commit(c, world.status(1)))).toHaveLength(1);
    expect(world.height()).toBe(1);
    const resent = world.commit(a, ...above);
    expect(doneOf(resent).map(({ height }) => height)).toEqual([2n, 3n, 4n, 5n, 6n]);
    expect(world.height()).toBe(6);
  });

  it("is not jumped over by a title that agreed on nothing yet", () => {
    const world = startParaWorld(ABCD);
    world.commitAll(world.nodes, world.status(1), world.status(2));
    expect(world.height()).toBe(-1);
  });

  it("cannot be filled further than 1,000 heights ahead", () => {
    const world = startParaWorld(ABCD);
    const [a] = world.nodes;
    if (!a) return;
    expectDone(world.commit(a, world.status(999)));
    expect(outcomeOf(world.commit(a, world.status(1_000)))).toBe(7);
  });

  it("finishes nothing that does not follow the block below it", () => {
    const world = startParaWorld(ABCD);
    const [a, b, c, d] = world.nodes;
    if (!(a && b && c && d)) return;
    // Three agree on a block 1 of another chain, before block 0 is done.
    const foreign = world.status(1, { preBlockHash: hashOf("elsewhere") });
    world.commitAll([a, b, c], foreign);
    world.commitAll([a, b, c], world.status(0));
    expect(doneOf(world.commit(d, world.status(1)))).toEqual([]);
    expect(world.height()).toBe(0);
    world.commitAll([a, b], world.status(1));
    expect(world.height()).toBe(1);
  });
});

describe("the majority", () => {
  it("[P12] is what is finished, not what was said last", () => {
    const world = startParaWorld(ABCD);
    const [a, b, c, d] = world.nodes;
    if (!(a && b && c && d)) return;
    world.commitAll([a, b, c], world.status(0));
    const right = world.status(2);
    world.commitAll([a, b, c], right);
    world.commitAll([a, b, c], world.status(1));
    const wrong = world.status(2, { ...OTHER, stateHash: hashOf("another state") });
    const [done] = doneOf(world.commit(d, wrong));
    expect(done?.statusHash).toBe(toHex(statusHash(right)));
    expect(done?.stateHash).toBe(toHex(right.stateHash));
    expect(done?.mostSame).toBe(3n);
    expect(world.view("consensus::get_title", text(TITLE)).option((some) => some.u64())).toBe(2n);
    // And the next height goes on from the majority's block.
    expect(doneOf(world.commit(d, world.status(3)))).toEqual([]);
    expect(outcomeOf(world.commit(d, world.status(3, { preBlockHash: OTHER.blockHash })))).toBe(5);
  });

  it.each([
    ["state hash", { stateHash: hashOf("s") }],
    ["state hash below", { preStateHash: hashOf("s") }],
    ["results", { txCounts: 1, txHashes: [hashOf("t")], txResult: bits([false]) }],
    ["cross-chain results", { crossTxHashes: [hashOf("t")], crossTxResult: bits([true]) }],
  ])("[B8] is of whole statuses: the same block with another %s is no agreement", (_, change) => {
    const world = startParaWorld(ABCD);
    const [a, b, c, d] = world.nodes;
    if (!(a && b && c && d)) return;
    world.commitAll([a, b, c], world.status(0));
    world.commitAll([a, b], world.status(1));
    world.commitAll([c], world.status(1, change));
    expect(world.height()).toBe(0);
    world.commitAll([d], world.status(1));
    expect(world.height()).toBe(1);
  });

  it("[B8] is counted in whole numbers, strictly above two thirds", () => {
    // 2 of 3 is exactly two thirds, which a float may round either way.
    const world = startParaWorld(["x", "y", "z"]);
    const [x, y, z] = world.nodes;
    if (!(x && y && z)) return;
    world.commitAll([x, y], world.status(0));
    expect(world.height()).toBe(-1);
    world.commitAll([z], world.status(0));
    expect(world.height()).toBe(0);
  });
});

describe("what was agreed on", () => {
  it("[B8] is never said otherwise: later words for it are records and nothing else", () => {
    const world = startParaWorld(ABCD);
    const [a, b, c, d] = world.nodes;
    if (!(a && b && c && d)) return;
    world.commitAll([a, b, c], world.status(0), world.status(1));
    for (const node of [a, b, c, d]) {
      const sent = world.commit(node, world.status(0, OTHER));
      expect(eventsOf(sent, "consensus::CommitRecord")).toHaveLength(1);
      expect(doneOf(sent)).toEqual([]);
    }
    const title = world.view("consensus::get_title", text(TITLE));
    expect(title.option((some) => some.u64())).toBe(1n);
    expect(title.bytes()).toEqual(hashOf("block", 1));
  });
});
