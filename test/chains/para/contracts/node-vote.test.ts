// How a group changes by votes, what that does to heights that wait, and how a group that stands
// still gets out of it.
import { describe, expect, it } from "vitest";
import type { AccountSigner } from "#chains";
import { alice, arg, bob, producer } from "../../resources/resource-chain.ts";
import {
  ABCD,
  doneOf,
  eventsOf,
  expectDone,
  FROZEN,
  manager,
  type ParaWorld,
  startParaWorld,
  TITLE,
  text,
} from "./para-world.ts";

const ADDING = 1;
const ADDED = 2;
const QUITING = 3;
const QUITED = 4;
const STOP_BLOCKS = 30_000n;

function stateOf(world: ParaWorld, who: AccountSigner): number {
  return world.view("node_list::get_node", text(TITLE), arg.address(who.address)).u8();
}

function members(world: ParaWorld): number {
  return world.view("node_list::get_nodes", text(TITLE)).vector((r) => r.address()).length;
}

function join(world: ParaWorld, who: AccountSigner, coins = FROZEN) {
  return world.outcome(who, "node_vote::join", text(TITLE), arg.u64(coins));
}

function vote(world: ParaWorld, by: AccountSigner, subject: AccountSigner, isFor: boolean) {
  const args = [text(TITLE), arg.address(subject.address), arg.bool(isFor)];
  return world.outcome(by, "node_vote::vote", ...args);
}

function decide(world: ParaWorld, subject: AccountSigner, isFor: boolean, by = manager) {
  const args = [text(TITLE), arg.address(subject.address), arg.bool(isFor)];
  return world.outcome(by, "node_vote::decide", ...args);
}

function four(): readonly [ParaWorld, AccountSigner, AccountSigner, AccountSigner, AccountSigner] {
  const world = startParaWorld(ABCD);
  const [a, b, c, d] = world.nodes;
  return [world, a ?? alice, b ?? alice, c ?? alice, d ?? alice];
}

describe("who wants to be a node", () => {
  it("is added with the votes of more than two thirds of the nodes", () => {
    const [world, a, b, c] = four();
    const before = world.chain.balance(bob.address);
    const sent = expectDone(world.act(bob, "node_vote::join", text(TITLE), arg.u64(FROZEN)));
    expect(world.chain.balance(bob.address)).toBe(before - FROZEN - sent.receipt.gasUsed);
    expect(stateOf(world, bob)).toBe(ADDING);
    expect(members(world)).toBe(4);
    vote(world, a, bob, true);
    vote(world, b, bob, true);
    expect(stateOf(world, bob)).toBe(ADDING);
    vote(world, c, bob, true);
    expect(stateOf(world, bob)).toBe(ADDED);
    expect(members(world)).toBe(5);
    expect(world.view("vault::frozen", text(TITLE)).u64()).toBe(5n * FROZEN);
  });

  it("stays adding when it is voted down, and may pass later", () => {
    const [world, a, b, c, d] = four();
    join(world, bob);
    for (const node of [a, b, c, d]) expect(vote(world, node, bob, false)).toBe("EXECUTED");
    expect(stateOf(world, bob)).toBe(ADDING);
    for (const node of [a, b, c]) vote(world, node, bob, true);
    expect(stateOf(world, bob)).toBe(ADDED);
  });

  it("may take it back as long as it is not added", () => {
    const [world, a, b, c] = four();
    const before = world.chain.balance(bob.address);
    const first = expectDone(world.act(bob, "node_vote::join", text(TITLE), arg.u64(FROZEN)));
    const second = expectDone(world.act(bob, "node_vote::cancel", text(TITLE)));
    const fees = first.receipt.gasUsed + second.receipt.gasUsed;
    expect(world.chain.balance(bob.address)).toBe(before - fees);
    expect(stateOf(world, bob)).toBe(0);
    expect(world.outcome(bob, "node_vote::cancel", text(TITLE))).toBe(20);
    join(world, bob);
    for (const node of [a, b, c]) vote(world, node, bob, true);
    expect(world.outcome(bob, "node_vote::cancel", text(TITLE))).toBe(20);
  });

  it("is none yet, freezes enough, and asks a title that has a group", () => {
    const [world, a] = four();
    expect(join(world, a)).toBe(19);
    expect(join(world, bob, FROZEN - 1n)).toBe(13);
    expect(join(world, bob, 10n ** 15n)).toBe(8);
    expect(join(world, bob)).toBe("EXECUTED");
    expect(join(world, bob)).toBe(19);
    const nowhere = [text("user.p.nowhere."), arg.u64(FROZEN)];
    expect(world.outcome(bob, "node_vote::join", ...nowhere)).toBe(3);
  });

  it("neither votes nor commits before it is added", () => {
    const [world, a] = four();
    join(world, bob);
    join(world, producer);
    expect(vote(world, bob, producer, true)).toBe(4);
    expect(vote(world, a, producer, true)).toBe("EXECUTED");
    expect(world.commit(bob, world.status(0)).receipt.status.type).toBe("aborted");
  });
});

describe("who wants to be a node no longer", () => {
  it("goes with more than two thirds of the others, and its payer gets the coins back", () => {
    const [world, a, b, c, d] = four();
    expect(world.outcome(d, "node_vote::quit", text(TITLE))).toBe("EXECUTED");
    expect(stateOf(world, d)).toBe(QUITING);
    expect(members(world)).toBe(4);
    const before = world.chain.balance(alice.address);
    vote(world, a, d, true);
    vote(world, b, d, true);
    expect(stateOf(world, d)).toBe(QUITING);
    vote(world, c, d, true);
    expect(stateOf(world, d)).toBe(QUITED);
    expect(members(world)).toBe(3);
    // Alice paid when the group was made.
    expect(world.chain.balance(alice.address)).toBe(before + FROZEN);
    expect(join(world, d)).toBe("EXECUTED");
    expect(stateOf(world, d)).toBe(ADDING);
  });

  it("commits and votes until it is gone, and may stay after all", () => {
    const [world, a, b, , d] = four();
    world.act(d, "node_vote::quit", text(TITLE));
    world.commitAll([d, a, b], world.status(0));
    expect(world.height()).toBe(0);
    expect(world.outcome(d, "node_vote::quit", text(TITLE))).toBe(20);
    expect(world.outcome(d, "node_vote::cancel", text(TITLE))).toBe("EXECUTED");
    expect(stateOf(world, d)).toBe(ADDED);
    expect(world.outcome(d, "node_vote::cancel", text(TITLE))).toBe(20);
  });

  it("is not the last one", () => {
    const world = startParaWorld(["first", "second"]);
    const [first, second] = world.nodes;
    if (!(first && second)) return;
    for (const node of [first, second]) {
      expect(world.outcome(node, "node_vote::quit", text(TITLE))).toBe("EXECUTED");
    }
    expect(vote(world, first, second, true)).toBe("EXECUTED");
    expect(members(world)).toBe(1);
    // It was quiting when the other went; nobody is left to let it go.
    expect(stateOf(world, first)).toBe(QUITING);
    world.chain.skipTo(STOP_BLOCKS * 2n);
    expect(decide(world, first, true)).toBe(21);
    const alone = startParaWorld(["alone"]);
    const [node] = alone.nodes;
    if (!node) return;
    expect(alone.outcome(node, "node_vote::quit", text(TITLE))).toBe(21);
  });

  it("was a node", () => {
    const [world] = four();
    expect(world.outcome(bob, "node_vote::quit", text(TITLE))).toBe(4);
    expect(world.outcome(bob, "node_vote::quit", text("user.p.nowhere."))).toBe(3);
  });
});

describe("a vote", () => {
  it("is not about oneself", () => {
    const [world, a] = four();
    expect(vote(world, a, a, true)).toBe(22);
  });

  it("is about somebody who is a node or wants to be", () => {
    const [world, a] = four();
    expect(vote(world, a, bob, true)).toBe(20);
  });

  it("sends away a node that wants to stay, which has to apply again", () => {
    const [world, a, b, c, d] = four();
    vote(world, a, d, false);
    vote(world, b, d, false);
    // Votes for an added node take votes against it back; they add nothing.
    vote(world, b, d, true);
    vote(world, c, d, false);
    expect(stateOf(world, d)).toBe(ADDED);
    vote(world, b, d, false);
    expect(stateOf(world, d)).toBe(QUITED);
    expect(world.commit(d, world.status(0)).receipt.status.type).toBe("aborted");
    expect(vote(world, a, d, true)).toBe(20);
    expect(join(world, d)).toBe("EXECUTED");
  });

  it("[B8] is an address's, whatever it has frozen", () => {
    const [world, a, b, c] = four();
    join(world, bob, FROZEN * 50n);
    for (const node of [a, b, c]) vote(world, node, bob, true);
    world.commitAll([bob, a, b], world.status(0));
    expect(world.height()).toBe(-1);
    world.commitAll([c], world.status(0));
    expect(world.height()).toBe(0);
  });

  it("says how it stands", () => {
    const [world, a, b] = four();
    join(world, bob);
    vote(world, a, bob, true);
    const args = [text(TITLE), arg.address(bob.address), arg.bool(false)];
    const [event] = eventsOf(
      expectDone(world.act(b, "node_vote::vote", ...args)),
      "node_vote::Voted",
    );
    if (!event) return;
    expect(event.string()).toBe(TITLE);
    expect([event.address(), event.address()]).toEqual([bob.address, b.address]);
    expect(event.bool()).toBe(false);
    expect([event.u64(), event.u64(), event.u64()]).toEqual([1n, 1n, 4n]);
  });

  it("of who has left no longer counts", () => {
    const [world, a, b, c, d] = four();
    join(world, bob);
    vote(world, d, bob, true);
    for (const node of [a, b, c]) vote(world, node, d, false);
    expect(members(world)).toBe(3);
    vote(world, a, bob, true);
    vote(world, b, bob, true);
    expect(stateOf(world, bob)).toBe(ADDING);
    vote(world, c, bob, true);
    expect(stateOf(world, bob)).toBe(ADDED);
  });
});

describe("a change of the group", () => {
  it("[B8] counts heights that wait again, one after the other", () => {
    const [world, a, b, c, d] = four();
    world.commitAll([a, b], ...[0, 1, 2, 4].map((height) => world.status(height)));
    expect(world.height()).toBe(-1);
    // With c gone two of three are still too few; with d gone two of two are enough.
    for (const node of [a, b, d]) vote(world, node, c, false);
    expect(world.height()).toBe(-1);
    vote(world, a, d, false);
    const args = [text(TITLE), arg.address(d.address), arg.bool(false)];
    const sent = expectDone(world.act(b, "node_vote::vote", ...args));
    expect(doneOf(sent).map(({ height }) => height)).toEqual([0n, 1n, 2n]);
    expect(world.height()).toBe(2);
    // The hole at 3 holds 4 back.
    world.commitAll([a, b], world.status(3));
    expect(world.height()).toBe(3);
  });

  it("[B8] leaves out what was said by those who are no nodes any more", () => {
    const [world, a, b, c, d] = four();
    world.commitAll([c, d], world.status(0));
    for (const node of [a, b, c]) vote(world, node, d, false);
    // Three nodes now; c and d spoke, d does not count.
    world.commitAll([a], world.status(0));
    expect(world.height()).toBe(-1);
    const [done] = doneOf(world.commit(b, world.status(0)));
    expect([done?.totalNodes, done?.totalCommit, done?.mostSame]).toEqual([3n, 3n, 3n]);
  });

  it("that leaves many heights to count is gone on with by anybody", () => {
    const [world, a, b, c, d] = four();
    const heights = Array.from({ length: 120 }, (_, i) => i);
    for (let from = 0; from < heights.length; from += 20) {
      const batch = heights.slice(from, from + 20).map((height) => world.status(height));
      world.commitAll([a, b], ...batch);
    }
    for (const node of [a, b, d]) vote(world, node, c, false);
    vote(world, a, d, false);
    const args = [text(TITLE), arg.address(d.address), arg.bool(false)];
    const { receipt } = expectDone(world.act(b, "node_vote::vote", ...args));
    expect(receipt.gasUsed).toBeLessThan(1_000_000n);
    expect(world.height()).toBe(99);
    expectDone(world.act(bob, "consensus::recount", text(TITLE)));
    expect(world.height()).toBe(119);
    expect(world.outcome(bob, "consensus::recount", text("user.p.nowhere."))).toBe(3);
  });
});

describe("a group that stands still", () => {
  it("is changed by the super manager, 30,000 blocks behind its consensus", () => {
    const [world, a, b, c, d] = four();
    world.commitAll([a, b, c], world.status(0));
    const main = world.status(0).mainBlockHeight;
    join(world, bob);
    world.chain.skipTo(main + STOP_BLOCKS - 1n);
    expect(decide(world, bob, true)).toBe(23);
    expect(decide(world, bob, true, a)).toBe(18);
    expect(decide(world, bob, true)).toBe("EXECUTED");
    expect(stateOf(world, bob)).toBe(ADDED);
    expect(decide(world, d, true)).toBe(20);
    expect(decide(world, d, false)).toBe("EXECUTED");
    expect(stateOf(world, d)).toBe(QUITED);
    expect(decide(world, d, false)).toBe(20);
  });

  it("that never agreed on anything stands still since it was approved", () => {
    const [world] = four();
    join(world, bob);
    expect(decide(world, bob, true)).toBe(23);
    world.chain.skipTo(world.chain.height() + STOP_BLOCKS);
    expect(decide(world, bob, true)).toBe("EXECUTED");
  });
});
