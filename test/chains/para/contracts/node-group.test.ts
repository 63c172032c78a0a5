// How a title gets its nodes: applications, what they freeze, the super manager who approves, and
// the producers who appoint it.
import { describe, expect, it } from "vitest";
import { gasUnits } from "#core/gas-units.ts";
import { accountNamed } from "../../fixture.ts";
import {
  alice,
  arg,
  bob,
  COIN,
  producer,
  startResourceChain,
} from "../../resources/resource-chain.ts";
import {
  ABCD,
  application,
  eventsOf,
  expectDone,
  FROZEN,
  makeGroup,
  manager,
  outcomeOf,
  startParaWorld,
  TITLE,
  text,
} from "./para-world.ts";

const NODES = ABCD.map(accountNamed);
const FIRST = arg.u64(0);

describe("an application", () => {
  it("freezes coins for every node, and brings them back when it is cancelled", () => {
    const world = startParaWorld([]);
    const before = world.chain.balance(alice.address);
    const sent = expectDone(world.act(alice, "node_group::apply", ...application(TITLE, NODES)));
    const fees = sent.receipt.gasUsed;
    expect(world.chain.balance(alice.address)).toBe(before - 4n * FROZEN - fees);
    expect(world.view("vault::frozen", text(TITLE)).u64()).toBe(4n * FROZEN);
    expect(world.outcome(bob, "node_group::cancel", FIRST)).toBe(17);
    const back = expectDone(world.act(alice, "node_group::cancel", FIRST));
    expect(eventsOf(back, "node_group::Cancelled")).toHaveLength(1);
    expect(world.chain.balance(alice.address)).toBe(before - fees - back.receipt.gasUsed);
    expect(world.view("vault::frozen", text(TITLE)).u64()).toBe(0n);
    expect(world.outcome(alice, "node_group::cancel", FIRST)).toBe(16);
    expect(world.outcome(manager, "node_group::approve", FIRST)).toBe(16);
  });

  it("makes the group when the super manager approves, and then stays", () => {
    const world = startParaWorld([]);
    expectDone(world.act(alice, "node_group::apply", ...application(TITLE, NODES)));
    expect(world.view("node_list::has_group", text(TITLE)).bool()).toBe(false);
    expect(world.outcome(alice, "node_group::approve", FIRST)).toBe(18);
    const sent = expectDone(world.act(manager, "node_group::approve", FIRST));
    expect(eventsOf(sent, "node_list::NodeChanged")).toHaveLength(4);
    const nodes = world.view("node_list::get_nodes", text(TITLE)).vector((r) => r.address());
    expect(nodes).toEqual(NODES.map(({ address }) => address));
    expect(world.outcome(alice, "node_group::cancel", FIRST)).toBe(16);
    expect(world.outcome(manager, "node_group::approve", FIRST)).toBe(16);
    const row = world.view(
      "node_list::get_node",
      text(TITLE),
      arg.address(nodes[0] ?? alice.address),
    );
    expect([row.u8(), row.u64(), row.address()]).toEqual([2, FROZEN, alice.address]);
  });

  it("is the title's first and last: one group for each title", () => {
    const world = startParaWorld([]);
    // Two may apply; one can be approved, the other gets its coins back.
    expectDone(world.act(alice, "node_group::apply", ...application(TITLE, NODES)));
    expectDone(world.act(bob, "node_group::apply", ...application(TITLE, [bob])));
    expectDone(world.act(manager, "node_group::approve", FIRST));
    expect(world.outcome(manager, "node_group::approve", arg.u64(1))).toBe(12);
    expectDone(world.act(bob, "node_group::cancel", arg.u64(1)));
    expect(world.outcome(bob, "node_group::apply", ...application(TITLE, [bob]))).toBe(12);
  });

  it("names a title, and nodes: at least one, at most 64, none twice", () => {
    const world = startParaWorld([]);
    const apply = (...args: Parameters<typeof application>) =>
      world.outcome(alice, "node_group::apply", ...application(...args));
    expect(apply("user.p.game", NODES)).toBe(2);
    expect(apply(TITLE, [])).toBe(14);
    expect(apply(TITLE, [...NODES, ...NODES.slice(0, 1)])).toBe(14);
    const many = Array.from({ length: 65 }, (_, i) => accountNamed(`of many ${i}`));
    expect(apply(TITLE, many)).toBe(14);
    expect(apply(TITLE, many.slice(1))).toBe("EXECUTED");
  });

  it("freezes what is asked for, of coins that are there", () => {
    const world = startParaWorld([]);
    const apply = (coins: bigint) =>
      world.outcome(alice, "node_group::apply", ...application(TITLE, NODES, coins));
    expect(apply(FROZEN - 1n)).toBe(13);
    expect(apply(300_000n * COIN)).toBe(8);
    expect(apply(2n ** 64n - 1n)).toBe(8);
    expect(apply(2n ** 62n)).toBe(8);
    expectDone(world.act(manager, "manager::set_coins_frozen_min", arg.u64(FROZEN * 2n)));
    expect(apply(FROZEN)).toBe(13);
    expect(apply(FROZEN * 2n)).toBe("EXECUTED");
    // What is asked for when it is approved counts too.
    expectDone(world.act(manager, "manager::set_coins_frozen_min", arg.u64(FROZEN * 3n)));
    expect(world.outcome(manager, "node_group::approve", FIRST)).toBe(13);
    expect(world.view("manager::coins_frozen_min").u64()).toBe(FROZEN * 3n);
  });

  it("[B8] for two or three nodes has to say that it is meant: one that is down stops them", () => {
    const world = startParaWorld([]);
    const apply = (count: number, isAccepted: boolean) => {
      const nodes = NODES.slice(0, count);
      const title = `user.p.of${count}.`;
      const args = application(title, nodes, FROZEN, isAccepted);
      return world.outcome(alice, "node_group::apply", ...args);
    };
    expect([1, 2, 3, 4].map((count) => apply(count, false))).toEqual([
      "EXECUTED",
      15,
      15,
      "EXECUTED",
    ]);
    expect([2, 3].map((count) => apply(count, true))).toEqual(["EXECUTED", "EXECUTED"]);
  });

  it("of no such number is refused", () => {
    const world = startParaWorld([]);
    expect(world.outcome(manager, "node_group::approve", arg.u64(7))).toBe(16);
    expect(world.outcome(alice, "node_group::cancel", arg.u64(7))).toBe(16);
  });

  it("freezes coins of one title beside another's", () => {
    const world = startParaWorld(ABCD);
    makeGroup(world, "user.p.other.", NODES.slice(0, 1));
    expect(world.view("vault::frozen", text(TITLE)).u64()).toBe(4n * FROZEN);
    expect(world.view("vault::frozen", text("user.p.other.")).u64()).toBe(FROZEN);
  });
});

describe("the super manager", () => {
  it("is whom more than two thirds of the producers in office name", () => {
    const world = startParaWorld([]);
    const { chain } = world;
    const known = () => world.view("manager::get").option((some) => some.address());
    expect(known()).toBe(manager.address);
    expect(world.outcome(alice, "manager::appoint", arg.address(alice.address))).toBe(18);
    const standing = [alice, bob];
    const terms = { maxGas: gasUnits(1_100_000n) };
    for (const who of standing) {
      const update = [arg.bytes(who.publicKey), arg.u64(0), arg.text("")];
      chain.ok(who, "0x50::producers::updatebp", update, terms);
    }
    chain.skipTo(99n);
    chain.blocks(1);
    // Three are in office now, and all three are needed.
    const name = arg.address(bob.address);
    expect(world.outcome(alice, "manager::appoint", name)).toBe("EXECUTED");
    expect(world.outcome(alice, "manager::appoint", name)).toBe("EXECUTED");
    expect(world.outcome(bob, "manager::appoint", name)).toBe("EXECUTED");
    expect(known()).toBe(manager.address);
    expect(world.outcome(producer, "manager::appoint", name)).toBe("EXECUTED");
    expect(known()).toBe(bob.address);
    expect(world.outcome(manager, "manager::set_coins_frozen_min", arg.u64(1))).toBe(18);
    // Who changes its mind counts once.
    expectDone(world.act(alice, "manager::appoint", arg.address(alice.address)));
    expectDone(world.act(bob, "manager::appoint", arg.address(alice.address)));
    expect(known()).toBe(bob.address);
  });

  it("is nobody before the producers have agreed", () => {
    const chain = startResourceChain();
    expect(chain.view("0x40::manager::get").option((some) => some.address())).toBeUndefined();
    expect(outcomeOf(chain.act(producer, "0x40::node_group::approve", [FIRST]))).toBe(18);
  });
});
