// Nodes that say two things of one height on the same main block: kept as evidence, and paid for
// with what they froze once the height is done.
import { describe, expect, it } from "vitest";
import type { AccountSigner } from "#chains";
import { alice, arg, type Sent } from "../../resources/resource-chain.ts";
import { hashOf } from "./node-status.ts";
import {
  ABCD,
  eventsOf,
  expectDone,
  FROZEN,
  outcomeOf,
  type ParaWorld,
  startParaWorld,
  TITLE,
  text,
} from "./para-world.ts";

const OTHER = { stateHash: hashOf("another state") };

function frozenOf(world: ParaWorld, node: AccountSigner): bigint {
  const row = world.view("node_list::get_node", text(TITLE), arg.address(node.address));
  row.u8();
  return row.u64();
}

function slashed(sent: Sent): readonly { node: string; amount: bigint }[] {
  return eventsOf(sent, "consensus::Slashed").map((reader) => {
    reader.string();
    reader.u64();
    return { node: reader.address(), amount: reader.u64() };
  });
}

function evidenceOf(world: ParaWorld, height: number): number {
  const record = world.view("consensus::get_height", text(TITLE), arg.u64(height));
  record.bool();
  const vote = () => [record.address(), record.bytes(), record.bytes()];
  record.vector(vote);
  record.vector(vote);
  const bits = () => [record.u32(), record.bytes()];
  record.vector(() => {
    const main = [record.bytes(), record.bytes(), record.u64(), record.string(), record.u64()];
    const hashes = [record.bytes(), record.bytes(), record.bytes(), record.u32()];
    return [...main, ...hashes, bits(), bits(), record.vector(() => record.bytes())];
  });
  const evidence = record.vector(() => [...vote(), record.bytes(), record.bool()]);
  record.end();
  return evidence.length;
}

describe("two words of one height on one main block", () => {
  it("[B8] are evidence, and cost what was frozen when the height is done", () => {
    const world = startParaWorld(ABCD);
    const [a, b, c, d] = world.nodes;
    if (!(a && b && c && d)) return;
    world.commitAll([a, b, c], world.status(0));
    world.commitAll([d], world.status(1, OTHER));
    const flip = expectDone(world.commit(d, world.status(1)));
    expect(eventsOf(flip, "consensus::Equivocated")).toHaveLength(1);
    expect(evidenceOf(world, 1)).toBe(1);
    // Nothing is taken before the height is done: the flip may be a fork's doing elsewhere.
    expect(slashed(flip)).toEqual([]);
    expect(frozenOf(world, d)).toBe(FROZEN);
    world.commitAll([a], world.status(1));
    const before = [a, b].map(({ address }) => world.chain.balance(address));
    const done = expectDone(world.commit(b, world.status(1)));
    expect(world.height()).toBe(1);
    expect(slashed(done)).toEqual([{ node: d.address, amount: FROZEN }]);
    expect(frozenOf(world, d)).toBe(0n);
    const fee = done.receipt.gasUsed;
    const after = [a, b].map(({ address }) => world.chain.balance(address));
    expect(after).toEqual([(before[0] ?? 0n) + FROZEN / 2n, (before[1] ?? 0n) + FROZEN / 2n - fee]);
  });

  it("[B8] cost at once where the height is done already", () => {
    const world = startParaWorld(ABCD);
    const [a, b, c, d] = world.nodes;
    if (!(a && b && c && d)) return;
    world.commitAll([a, b, c], world.status(0), world.status(1));
    // Who said nothing of it before contradicts nobody, itself least of all.
    const silent = expectDone(world.commit(d, world.status(1, OTHER)));
    expect(eventsOf(silent, "consensus::Equivocated")).toHaveLength(0);
    const before = [b, c].map(({ address }) => world.chain.balance(address));
    const late = expectDone(world.commit(a, world.status(1, OTHER)));
    expect(eventsOf(late, "consensus::CommitRecord")).toHaveLength(1);
    expect(slashed(late)).toEqual([{ node: a.address, amount: FROZEN }]);
    const after = [b, c].map(({ address }) => world.chain.balance(address));
    expect(after).toEqual(before.map((coins) => coins + FROZEN / 2n));
    expect(slashed(expectDone(world.commit(a, world.status(1, OTHER))))).toEqual([]);
    expect(world.height()).toBe(1);
  });

  it("[B8] are found behind other words in between", () => {
    const world = startParaWorld(ABCD);
    const [a, b, c] = world.nodes;
    if (!(a && b && c)) return;
    world.commitAll([a, b, c], world.status(0));
    const first = world.status(1);
    world.commitAll([a], first);
    const elsewhere = {
      mainBlockHash: world.chain.head().hash,
      mainBlockHeight: world.chain.height(),
    };
    const moved = expectDone(world.commit(a, world.status(1, elsewhere)));
    expect(eventsOf(moved, "consensus::Equivocated")).toHaveLength(0);
    const back = expectDone(world.commit(a, { ...first, ...OTHER }));
    expect(eventsOf(back, "consensus::Equivocated")).toHaveLength(1);
  });

  it("are no offence on different main blocks: a fork makes nodes say others", () => {
    const world = startParaWorld(ABCD);
    const [a, b, c] = world.nodes;
    if (!(a && b && c)) return;
    world.commitAll([a, b, c], world.status(0));
    world.commitAll([a], world.status(1));
    const elsewhere = {
      ...OTHER,
      mainBlockHash: world.chain.head().hash,
      mainBlockHeight: world.chain.height(),
    };
    world.commitAll([a], world.status(1, elsewhere));
    expect(evidenceOf(world, 1)).toBe(0);
    world.commitAll([a, b, c], world.status(1));
    expect(world.height()).toBe(1);
    expect(frozenOf(world, a)).toBe(FROZEN);
  });

  it("are no offence at height 0, which may stand on no main block", () => {
    const world = startParaWorld(ABCD);
    const [a] = world.nodes;
    if (!a) return;
    const bare = world.status(0, { mainBlockHash: new Uint8Array(), mainBlockHeight: 0n });
    world.commitAll([a], bare, { ...bare, ...OTHER });
    expect(evidenceOf(world, 0)).toBe(0);
  });

  it("are not hidden by many: after 16 changes of its word a node is refused", () => {
    const world = startParaWorld(ABCD);
    const [a, b, c] = world.nodes;
    if (!(a && b && c)) return;
    world.commitAll([a, b, c], world.status(0));
    const word = (i: number) => world.status(1, { stateHash: hashOf("word", i) });
    const words = Array.from({ length: 17 }, (_, i) => word(i));
    expectDone(world.commit(a, ...words));
    expect(outcomeOf(world.commit(a, word(17)))).toBe(28);
    // The last word, again, is no change.
    expectDone(world.commit(a, word(16)));
    expect(evidenceOf(world, 1)).toBe(1);
  });
});

describe("what an offender had frozen", () => {
  it("waits for the height to be done, though the offender is sent away before", () => {
    const world = startParaWorld([...ABCD, "node e"]);
    const [a, b, c, d, e] = world.nodes;
    if (!(a && b && c && d && e)) return;
    world.commitAll([a, b, c, d], world.status(0));
    world.commitAll([e], world.status(1), world.status(1, OTHER));
    const before = world.chain.balance(alice.address);
    const away = [text(TITLE), arg.address(e.address), arg.bool(false)];
    for (const node of [a, b, c]) expectDone(world.act(node, "node_vote::vote", ...away));
    expect(world.chain.balance(alice.address)).toBe(before);
    expect(frozenOf(world, e)).toBe(FROZEN);
    expect(world.outcome(e, "node_vote::join", text(TITLE), arg.u64(FROZEN))).toBe(30);
    world.commitAll([a, b], world.status(1));
    const done = expectDone(world.commit(c, world.status(1)));
    expect(slashed(done)).toEqual([{ node: e.address, amount: FROZEN }]);
    expect(world.view("vault::frozen", text(TITLE)).u64()).toBe(4n * FROZEN);
    expect(world.outcome(e, "node_vote::join", text(TITLE), arg.u64(FROZEN))).toBe("EXECUTED");
  });

  it("is taken once for any number of heights", () => {
    const world = startParaWorld(ABCD);
    const [a, b, c, d] = world.nodes;
    if (!(a && b && c && d)) return;
    world.commitAll([a, b, c], world.status(0));
    world.commitAll([d], world.status(1), world.status(2));
    world.commitAll([d], world.status(1, OTHER), world.status(2, OTHER));
    world.commitAll([a, b], world.status(1), world.status(2));
    const done = expectDone(world.commit(c, world.status(1), world.status(2)));
    expect(slashed(done)).toEqual([
      { node: d.address, amount: FROZEN },
      { node: d.address, amount: 0n },
    ]);
    expect(world.view("vault::frozen", text(TITLE)).u64()).toBe(3n * FROZEN);
  });

  it("is shared to the last unit: the first of the others gets the rest", () => {
    const world = startParaWorld(ABCD);
    const [a, b, c, d] = world.nodes;
    if (!(a && b && c && d)) return;
    world.commitAll([a, b, c], world.status(0));
    world.commitAll([d], world.status(1), world.status(1, OTHER));
    world.commitAll([a, b], world.status(1));
    const before = [a, b, c].map(({ address }) => world.chain.balance(address));
    const done = expectDone(world.commit(c, world.status(1)));
    expect(slashed(done)).toEqual([{ node: d.address, amount: FROZEN }]);
    const shares = [a, b, c].map(
      ({ address }, i) => world.chain.balance(address) - (before[i] ?? 0n),
    );
    expect(shares).toEqual([333_334n, 333_333n, 333_333n - done.receipt.gasUsed]);
  });

  it("stays with the title where nobody else was right", () => {
    const world = startParaWorld(["alone"]);
    const [alone] = world.nodes;
    if (!alone) return;
    world.commitAll([alone], world.status(0), world.status(1), world.status(1, OTHER));
    expect(frozenOf(world, alone)).toBe(0n);
    expect(world.view("vault::frozen", text(TITLE)).u64()).toBe(0n);
    expect(world.view("vault::locked", text(TITLE)).u64()).toBe(FROZEN);
  });
});
