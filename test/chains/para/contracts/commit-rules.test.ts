// Why a commit is refused, rule by rule; what is refused leaves nothing behind, in a batch neither.
import { describe, expect, it } from "vitest";
import type { NodeStatus } from "../../../../src/chains/para/node-status.ts";
import { alice, arg } from "../../resources/resource-chain.ts";
import { bits, encodeStatus, hashOf } from "./node-status.ts";
import {
  ABCD,
  eventsOf,
  expectDone,
  outcomeOf,
  type ParaWorld,
  startParaWorld,
  TITLE,
  text,
} from "./para-world.ts";

const SHORT = new Uint8Array(31);
const LONG = new Uint8Array(33);
const EMPTY = new Uint8Array();
const NONE_OF_33 = { count: 33, bytes: EMPTY };
const MALFORMED = "0x1::bcs_stream 65537";
const OUT_OF_BYTES = "0x1::bcs_stream 131074";
const TRAILING = "0x1::bcs_stream 65539";

function startAtOne(): ParaWorld & { readonly first: ParaWorld["nodes"][number] } {
  const world = startParaWorld(ABCD);
  world.commitAll(world.nodes.slice(0, 3), world.status(0));
  return { ...world, first: world.nodes[0] ?? alice };
}

/** What commits of these statuses by the first node of one group end with. */
function outcomes(changes: readonly Partial<NodeStatus>[], height = 1): (string | number)[] {
  const world = startAtOne();
  return changes.map((change) =>
    outcomeOf(world.commit(world.first, world.status(height, change))),
  );
}

describe("a commit", () => {
  it("[rule 1] names every hash above height 0, of 32 bytes", () => {
    const fields = ["mainBlockHash", "preBlockHash", "blockHash", "preStateHash", "stateHash"];
    const bad = fields.flatMap((field) => [EMPTY, SHORT, LONG].map((hash) => ({ [field]: hash })));
    expect(new Set(outcomes(bad))).toEqual(new Set([1]));
  });

  it("[rule 1] needs a title and a block hash only at height 0", () => {
    const world = startParaWorld(ABCD);
    const [a] = world.nodes;
    if (!a) return;
    const bare = world.status(0, {
      mainBlockHash: EMPTY,
      mainBlockHeight: 0n,
      preBlockHash: EMPTY,
      preStateHash: EMPTY,
      stateHash: EMPTY,
    });
    expect(outcomeOf(world.commit(a, { ...bare, blockHash: EMPTY }))).toBe(1);
    expect(outcomeOf(world.commit(a, { ...bare, stateHash: SHORT }))).toBe(1);
    expectDone(world.commit(a, bare));
  });

  it("[rule 1] has as many transactions, results and hashes as it says", () => {
    const one = [hashOf("t")];
    const bad: Partial<NodeStatus>[] = [
      { txCounts: 1 },
      { txCounts: 1, txHashes: one },
      { txCounts: 1, txResult: bits([true]) },
      { txHashes: one, txResult: bits([true]) },
      { txCounts: 1, txHashes: [SHORT], txResult: bits([true]) },
      { crossTxHashes: one },
      { crossTxResult: bits([true]) },
      { crossTxHashes: [LONG], crossTxResult: bits([true]) },
      // More than a block of the main chain holds.
      {
        crossTxHashes: Array.from({ length: 33 }, () => LONG.subarray(1)),
        crossTxResult: NONE_OF_33,
      },
    ];
    expect(new Set(outcomes(bad))).toEqual(new Set([1]));
    const good = { txCounts: 1, txHashes: one, txResult: bits([true]) };
    expect(outcomes([good])).toEqual(["EXECUTED"]);
  });

  it("[B8] has one encoding for its results: none are empty, all failed are a count", () => {
    const of = (count: number, ...bytes: number[]) => ({
      txCounts: count,
      txHashes: Array.from({ length: count }, (_, i) => hashOf("t", i)),
      txResult: { count, bytes: Uint8Array.from(bytes) },
    });
    const bad = [
      of(0, 0),
      of(0, 1),
      of(3, 0, 6),
      of(3, 8),
      of(8, 0),
      of(8, 1, 0),
      of(9, 2, 0),
      of(16, 1, 0, 0),
    ];
    expect(outcomes(bad)).toEqual(bad.map(() => 1));
    const good = [of(0), of(3), of(3, 7), of(8, 255), of(9, 1, 0), of(9, 255), of(16, 255, 255)];
    expect(outcomes(good)).toEqual(good.map(() => "EXECUTED"));
  });

  it("is canonical bytes and nothing else", () => {
    const world = startAtOne();
    const bytes = encodeStatus(world.status(1));
    const commit = (status: Uint8Array) =>
      outcomeOf(world.act(world.first, "consensus::commit", arg.list([status]), arg.u64(0)));
    expect(commit(bytes.subarray(0, -1))).toBe(OUT_OF_BYTES);
    expect(commit(EMPTY)).toBe(OUT_OF_BYTES);
    expect(commit(Uint8Array.of(...bytes, 0))).toBe(TRAILING);
    // A length of 32 in two bytes.
    expect(commit(Uint8Array.of(0xa0, 0x00, ...bytes.subarray(1)))).toBe(MALFORMED);
  });

  it("[rule 1] is of a title as titles are", () => {
    const titles = [
      "",
      "user.p.",
      "user.p..",
      "user.p.game",
      "user.q.game.",
      "user.p.ga.me.",
      "user.p.gäme.",
      "user.p.ga me.",
      ` ${TITLE}`,
      `user.p.${"x".repeat(33)}.`,
    ];
    expect(outcomes(titles.map((title) => ({ title })))).toEqual(titles.map(() => 2));
    const unknown = ["user.p.Game.", "user.p.a-b_c0Z.", `user.p.${"x".repeat(32)}.`];
    expect(outcomes(unknown.map((title) => ({ title })))).toEqual(unknown.map(() => 3));
  });

  it("[rule 2] comes from a node of the title's group", () => {
    const world = startAtOne();
    expect(outcomeOf(world.commit(alice, world.status(1)))).toBe(4);
    expect(outcomeOf(world.commit(alice, world.status(1, { title: "user.p.x." })))).toBe(3);
  });

  it("[rule 3] follows the block agreed on, right above it", () => {
    const elsewhere = { preBlockHash: hashOf("elsewhere") };
    expect(outcomes([elsewhere])).toEqual([5]);
    // Further up nobody knows yet.
    expect(outcomes([elsewhere], 2)).toEqual(["EXECUTED"]);
  });

  it("[rule 4] stands on a block of the main chain, not on one that was rolled back", () => {
    const world = startAtOne();
    const commit = (change: Partial<NodeStatus>) =>
      outcomeOf(world.commit(world.first, world.status(1, change)));
    expect(commit({ mainBlockHash: hashOf("rolled back") })).toBe(6);
    expect(commit({ mainBlockHeight: world.status(1).mainBlockHeight - 1n })).toBe(6);
    // A block cannot name itself or what comes.
    expect(commit({ mainBlockHeight: world.chain.height() + 1n })).toBe(6);
    expect(commit({ mainBlockHeight: world.chain.height() + 1_000_000n })).toBe(6);
    expect(commit({})).toBe("EXECUTED");
  });

  it("[B8] is undone with the main block that it is in, and refused on the branch that won", () => {
    const world = startAtOne();
    const { chain, nodes } = world;
    const fork = chain.head();
    const before = world.height();
    // A branch: a block of its own, on which the parallel chain's block stands, and the consensus.
    chain.blocks(1);
    const lost = world.status(1);
    world.commitAll(nodes.slice(0, 3), lost);
    expect(world.height()).toBe(1);
    chain.rewind(fork);
    expect(world.height()).toBe(before);
    expectDone(world.act(alice, "para_transaction::send", text(TITLE), arg.list([EMPTY])));
    expect(outcomeOf(world.commit(world.first, lost))).toBe(6);
    const { hash, block } = chain.head();
    const main = { mainBlockHash: hash, mainBlockHeight: block.header.height };
    world.commitAll(nodes.slice(0, 3), { ...lost, ...main });
    expect(world.height()).toBe(1);
    const title = world.view("consensus::get_title", text(TITLE));
    title.option((some) => some.u64());
    expect([title.bytes().length, title.bytes().length]).toEqual([32, 32]);
    expect(title.bytes()).toEqual(hash);
  });

  it("[rule 4] passes on blocks that are long final and no longer told", () => {
    const world = startAtOne();
    const { chain } = world;
    const main = { mainBlockHash: hashOf("long ago"), mainBlockHeight: 1n };
    expect(outcomeOf(world.commit(world.first, world.status(1, main)))).toBe(6);
    chain.skipTo(20_000n);
    chain.blocks(1);
    expect(outcomeOf(world.commit(world.first, world.status(1, main)))).toBe("EXECUTED");
    const untold = { ...main, mainBlockHeight: chain.height() + 1n };
    expect(outcomeOf(world.commit(world.first, world.status(1, untold)))).toBe(6);
  });

  it("[rule 5] is only recorded at and below the consensus, and checked all the same", () => {
    const world = startAtOne();
    const record = world.commit(world.first, world.status(0));
    expect(eventsOf(record, "consensus::CommitRecord")).toHaveLength(1);
    expect(eventsOf(record, "consensus::Commit")).toHaveLength(0);
    expect(outcomeOf(world.commit(world.first, world.status(0, { blockHash: EMPTY })))).toBe(1);
    expect(outcomeOf(world.commit(alice, world.status(0)))).toBe(4);
  });

  it("[rule 6] is a word that another replaces", () => {
    const world = startAtOne();
    const sent = world.commit(world.first, world.status(1));
    const [event] = eventsOf(sent, "consensus::Commit");
    expect([event?.string(), event?.u64(), event?.address()]).toEqual([
      TITLE,
      1n,
      world.first.address,
    ]);
    expectDone(world.commit(world.first, world.status(1, { stateHash: hashOf("s") })));
    const record = world.view("consensus::get_height", text(TITLE), arg.u64(1));
    expect(record.bool()).toBe(false);
    const votes = record.vector((reader) => [
      reader.address(),
      reader.bytes().length,
      reader.bytes().length,
    ]);
    expect(votes).toEqual([[world.first.address, 32, 32]]);
  });
});

describe("a batch", () => {
  it("[B8] holds 1 to 20 statuses", () => {
    const world = startAtOne();
    expect(outcomeOf(world.commit(world.first))).toBe(1);
    const many = Array.from({ length: 21 }, (_, i) => world.status(i + 1));
    expect(outcomeOf(world.commit(world.first, ...many))).toBe(1);
    const sent = expectDone(world.commit(world.first, ...many.slice(1)));
    expect(eventsOf(sent, "consensus::Commit")).toHaveLength(20);
  });

  it("is taken in its order, and finishes one height after the other", () => {
    const world = startAtOne();
    const batch = [1, 2, 3].map((height) => world.status(height));
    world.commitAll(world.nodes.slice(0, 2), ...batch);
    expect(world.height()).toBe(0);
    world.commitAll(world.nodes.slice(2, 3), ...batch);
    expect(world.height()).toBe(3);
  });

  it("is taken whole or not at all", () => {
    const world = startAtOne();
    const bad = world.status(2, { mainBlockHash: hashOf("rolled back") });
    const batch = [world.status(1), bad];
    for (const node of world.nodes) expect(outcomeOf(world.commit(node, ...batch))).toBe(6);
    expect(world.height()).toBe(0);
    const record = world.view("consensus::get_height", text(TITLE), arg.u64(1));
    record.bool();
    expect(record.vector((reader) => reader.address())).toEqual([]);
  });

  it("fits a transaction when it is full and finishes all its heights", () => {
    const world = startAtOne();
    const batch = Array.from({ length: 20 }, (_, i) => world.status(i + 1));
    world.commitAll(world.nodes.slice(0, 2), ...batch);
    const third = world.nodes[2] ?? alice;
    const { receipt } = expectDone(world.commit(third, ...batch));
    expect(world.height()).toBe(20);
    expect(receipt.gasUsed).toBeLessThan(200_000n);
  });
});
