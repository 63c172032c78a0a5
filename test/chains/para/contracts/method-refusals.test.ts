// Every number with which the page says that an entry function of the parallel chains' contract
// refuses, function by function, each as a transaction that leaves nothing but its fees.
import { describe, expect, it } from "vitest";
import type { AccountSigner } from "#chains";
import { makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { formatTypeTag } from "#core/type-tag.ts";
import type { NodeStatus } from "../../../../src/chains/para/node-status.ts";
import { refusalsOnPage } from "../../contracts-page.ts";
import { accountNamed } from "../../fixture.ts";
import { alice, arg, bob, type Sent } from "../../resources/resource-chain.ts";
import { bits, hashOf } from "./node-status.ts";
import {
  ABCD,
  application,
  crossHash,
  expectDone,
  FROZEN,
  makeGroup,
  manager,
  outcomeOf,
  type ParaWorld,
  startParaWorld,
  TITLE,
  text,
} from "./para-world.ts";

const NOWHERE = "user.p.nowhere.";
const NO_TITLE = "user.p.game";
const AMOUNT = 50_000n;
const TOO_MUCH = 10n ** 15n;
const STOP_BLOCKS = 30_000n;
const BLOCK_ACTIONS_MAX = 32;
const CHANGES_MAX = 16;
const NOBODY = makeAddress("0x0");
/** Four that could be a group. */
const APPLICANTS = [alice, bob, manager, accountNamed("node d")];

function nodeOf({ nodes }: ParaWorld, place: number): AccountSigner {
  return present(nodes[place], "a node");
}

function four(): ParaWorld {
  return startParaWorld(ABCD);
}

/** Four nodes that agree on height 0. */
function begun(): ParaWorld {
  const world = four();
  world.commitAll(world.nodes.slice(0, 3), world.status(0));
  return world;
}

function committed(world: ParaWorld, height: number, changes: Partial<NodeStatus> = {}): Sent {
  return world.commit(nodeOf(world, 0), world.status(height, changes));
}

/** A node that says something else of one height again and again. */
function fickle(): Sent {
  const world = begun();
  const say = (word: number) => committed(world, 2, { stateHash: hashOf("word", word) });
  for (let word = 0; word <= CHANGES_MAX; word++) expectDone(say(word));
  return say(CHANGES_MAX + 1);
}

interface Crossing {
  readonly title?: string;
  readonly to?: Parameters<typeof arg.address>[0];
  readonly amount?: bigint;
}

function crossArgs(name: string, { title = TITLE, to = bob.address, amount = AMOUNT }: Crossing) {
  const number = name.endsWith("_once") ? [arg.u64(0)] : [];
  return [text(title), arg.address(to), arg.u64(amount), ...number];
}

function cross(name: string, changes: Crossing = {}, world = four()): Sent {
  return world.act(alice, name, ...crossArgs(name, changes));
}

/** The last of more actions than a block holds. */
function crowded(name: string): Sent {
  const { chain } = four();
  const plain = name.replace("_once", "");
  const filling = Array.from({ length: BLOCK_ACTIONS_MAX }, () => {
    return { by: bob, name: `0x40::${plain}`, args: crossArgs(plain, {}) };
  });
  const last = { by: alice, name: `0x40::${name}`, args: crossArgs(name, {}) };
  return present(chain.together([...filling, last]).at(-1), "the last one");
}

type Ways = Record<number, () => Sent>;

function crossWays(name: string): Ways {
  return {
    1: () => cross(name, { to: NOBODY }),
    2: () => cross(name, { title: NO_TITLE }),
    3: () => cross(name, { title: NOWHERE }),
    9: () => crowded(name),
  };
}

function onceWays(name: string): Ways {
  return {
    29: () => {
      const world = four();
      expectDone(cross(name, {}, world));
      return cross(name, {}, world);
    },
  };
}

/** Alice asks for coins of which none were ever locked, and the nodes agree that she had them. */
function owed(): readonly [ParaWorld, Uint8Array] {
  const world = four();
  expectDone(cross("cross_asset::withdraw", { amount: AMOUNT }, world));
  const hash = crossHash(0, true, alice, bob, AMOUNT);
  const crossed = { crossTxHashes: [hash], crossTxResult: bits([true]) };
  world.commitAll(world.nodes.slice(0, 3), world.status(0, crossed));
  return [world, hash];
}

function apply(changes: Partial<Parameters<typeof application>> = []): Sent {
  const [title = TITLE, nodes = APPLICANTS, coins = FROZEN, isSmall = false] = changes;
  const world = startParaWorld([]);
  return world.act(alice, "node_group::apply", ...application(title, nodes, coins, isSmall));
}

/** Alice has applied for a group, by number 0. */
function applied(): ParaWorld {
  const world = startParaWorld([]);
  expectDone(world.act(alice, "node_group::apply", ...application(TITLE, APPLICANTS)));
  return world;
}

function onApplication(world: ParaWorld, by: AccountSigner, name: string, number = 0): Sent {
  return world.act(by, `node_group::${name}`, arg.u64(number));
}

function join(world: ParaWorld, by: AccountSigner, coins = FROZEN, title = TITLE): Sent {
  return world.act(by, "node_vote::join", text(title), arg.u64(coins));
}

function word(
  world: ParaWorld,
  by: AccountSigner,
  name: string,
  of: AccountSigner,
  title = TITLE,
): Sent {
  const args = [text(title), arg.address(of.address), arg.bool(false)];
  return world.act(by, `node_vote::${name}`, ...args);
}

/** The fourth node has said two things of one height, and was sent away. */
function accused(): readonly [ParaWorld, AccountSigner] {
  const world = begun();
  const liar = nodeOf(world, 3);
  expectDone(world.commit(liar, world.status(2)));
  expectDone(world.commit(liar, world.status(2, { stateHash: hashOf("another") })));
  for (const by of world.nodes.slice(0, 3)) expectDone(word(world, by, "vote", liar));
  return [world, liar];
}

function standingStill(world = four()): ParaWorld {
  world.chain.skipTo(world.chain.height() + STOP_BLOCKS);
  return world;
}

function stage(world: ParaWorld, by: AccountSigner, height = 100, title = TITLE): Sent {
  const args = [text(title), arg.u64(height), arg.bool(true)];
  return world.act(by, "self_stage::apply", ...args);
}

function onStage(world: ParaWorld, by: AccountSigner, name: string, number: number, title = TITLE) {
  const isFor = name === "vote" ? [arg.bool(true)] : [];
  return world.act(by, `self_stage::${name}`, text(title), arg.u64(number), ...isFor);
}

/** Two stages that say the same were applied for, and the first has passed. */
function decided(): ParaWorld {
  const world = four();
  const [first, second, third] = [0, 1, 2].map((place) => nodeOf(world, place));
  if (!(first && second && third)) throw new Error("three nodes");
  for (const height of [100, 50]) expectDone(stage(world, first, height));
  for (const node of [first, second, third]) expectDone(onStage(world, node, "vote", 0));
  for (const node of [first, second]) expectDone(onStage(world, node, "vote", 1));
  return world;
}

function send(title: string, count = 1): Sent {
  const payloads = Array.from({ length: count }, () => Uint8Array.of(1));
  return four().act(alice, "para_transaction::send", text(title), arg.list(payloads));
}

const WAYS: Record<string, Ways> = {
  "consensus::commit": {
    1: () => four().act(alice, "consensus::commit", arg.list([]), arg.u64(0)),
    2: () => committed(four(), 0, { title: NO_TITLE }),
    3: () => committed(four(), 0, { title: NOWHERE }),
    4: () => {
      const world = four();
      return world.commit(alice, world.status(0));
    },
    5: () => committed(begun(), 1, { preBlockHash: hashOf("elsewhere") }),
    6: () => committed(begun(), 1, { mainBlockHash: hashOf("no block") }),
    7: () => committed(begun(), 1_001),
    28: fickle,
  },
  "consensus::recount": {
    3: () => four().act(alice, "consensus::recount", text(NOWHERE)),
  },
  "para_transaction::send": {
    1: () => send(TITLE, 21),
    2: () => send(NO_TITLE),
    3: () => send(NOWHERE),
  },
  "cross_asset::transfer": {
    ...crossWays("cross_asset::transfer"),
    8: () => cross("cross_asset::transfer", { amount: TOO_MUCH }),
  },
  "cross_asset::withdraw": crossWays("cross_asset::withdraw"),
  "cross_asset::transfer_once": {
    ...crossWays("cross_asset::transfer_once"),
    8: () => cross("cross_asset::transfer_once", { amount: TOO_MUCH }),
    ...onceWays("cross_asset::transfer_once"),
  },
  "cross_asset::withdraw_once": {
    ...crossWays("cross_asset::withdraw_once"),
    ...onceWays("cross_asset::withdraw_once"),
  },
  "cross_asset::pay_owed": {
    10: () => four().act(alice, "cross_asset::pay_owed", arg.bytes(hashOf("none"))),
    11: () => {
      const [world, hash] = owed();
      return world.act(alice, "cross_asset::pay_owed", arg.bytes(hash));
    },
  },
  "node_group::apply": {
    2: () => apply([NO_TITLE]),
    8: () => apply([TITLE, APPLICANTS, TOO_MUCH]),
    12: () => {
      const world = four();
      return world.act(alice, "node_group::apply", ...application(TITLE, world.nodes));
    },
    13: () => apply([TITLE, APPLICANTS, FROZEN - 1n]),
    14: () => apply([TITLE, [alice, bob, manager, alice]]),
    15: () => apply([TITLE, [alice, bob]]),
  },
  "node_group::cancel": {
    16: () => onApplication(startParaWorld([]), alice, "cancel"),
    17: () => onApplication(applied(), bob, "cancel"),
  },
  "node_group::approve": {
    12: () => {
      const world = applied();
      makeGroup(world, TITLE, [bob]);
      return onApplication(world, manager, "approve");
    },
    13: () => {
      const world = applied();
      expectDone(world.act(manager, "manager::set_coins_frozen_min", arg.u64(FROZEN + 1n)));
      return onApplication(world, manager, "approve");
    },
    16: () => onApplication(applied(), manager, "approve", 1),
    18: () => onApplication(applied(), alice, "approve"),
  },
  "node_vote::join": {
    3: () => join(four(), bob, FROZEN, NOWHERE),
    8: () => join(four(), bob, TOO_MUCH),
    13: () => join(four(), bob, FROZEN - 1n),
    19: () => {
      const world = four();
      return join(world, nodeOf(world, 0));
    },
    30: () => join(...accused()),
  },
  "node_vote::quit": {
    3: () => quit(four(), 0, NOWHERE),
    4: () => four().act(bob, "node_vote::quit", text(TITLE)),
    20: () => {
      const world = four();
      expectDone(quit(world, 0));
      return quit(world, 0);
    },
    21: () => quit(startParaWorld(["node a"]), 0),
  },
  "node_vote::cancel": {
    3: () => four().act(bob, "node_vote::cancel", text(NOWHERE)),
    20: () => four().act(bob, "node_vote::cancel", text(TITLE)),
  },
  "node_vote::vote": {
    3: () => withNode((world, node) => word(world, node, "vote", bob, NOWHERE)),
    4: () => withNode((world, node) => word(world, alice, "vote", node)),
    20: () => withNode((world, node) => word(world, node, "vote", bob)),
    22: () => withNode((world, node) => word(world, node, "vote", node)),
  },
  "node_vote::decide": {
    3: () => word(four(), manager, "decide", bob, NOWHERE),
    18: () => word(four(), alice, "decide", bob),
    20: () => word(standingStill(), manager, "decide", bob),
    21: () => {
      const world = standingStill(startParaWorld(["node a"]));
      return word(world, manager, "decide", nodeOf(world, 0));
    },
    23: () => withNode((world, node) => word(world, manager, "decide", node)),
  },
  "self_stage::apply": {
    3: () => withNode((world, node) => stage(world, node, 100, NOWHERE)),
    4: () => stage(four(), alice),
    24: () => {
      const world = begun();
      return stage(world, nodeOf(world, 0), 0);
    },
  },
  "self_stage::vote": {
    3: () => withNode((world, node) => onStage(world, node, "vote", 0, NOWHERE)),
    4: () => onStage(four(), alice, "vote", 0),
    24: () => {
      const world = decided();
      return onStage(world, nodeOf(world, 2), "vote", 1);
    },
    25: () => withNode((world, node) => onStage(world, node, "vote", 0)),
  },
  "self_stage::cancel": {
    17: () => {
      const world = four();
      expectDone(stage(world, nodeOf(world, 0)));
      return onStage(world, nodeOf(world, 1), "cancel", 0);
    },
    25: () => withNode((world, node) => onStage(world, node, "cancel", 0)),
  },
  "manager::appoint": {
    18: () => four().act(alice, "manager::appoint", arg.address(alice.address)),
  },
  "manager::set_coins_frozen_min": {
    18: () => four().act(alice, "manager::set_coins_frozen_min", arg.u64(1n)),
  },
};

function quit(world: ParaWorld, place: number, title = TITLE): Sent {
  return world.act(nodeOf(world, place), "node_vote::quit", text(title));
}

function withNode(run: (world: ParaWorld, node: AccountSigner) => Sent): Sent {
  const world = four();
  return run(world, nodeOf(world, 0));
}

const LISTED = refusalsOnPage("## Parallel chains: 0x40");

describe("an entry function of the parallel chains' contract", () => {
  it.each(LISTED)("refuses as the page says: %s", (pair) => {
    const [name = "", code = ""] = pair.split(" ");
    const run = WAYS[name]?.[Number(code)];
    if (run === undefined) throw new Error("nobody has tried");
    const sent = run();
    expect(outcomeOf(sent)).toBe(Number(code));
    // What it cost, and nothing that it did.
    const types = sent.receipt.events.map(({ type }) => formatTypeTag(type));
    expect(types.filter((type) => type.startsWith("0x40::"))).toEqual([]);
  });

  it("refuses with nothing that the page does not list for it", () => {
    const listed = new Set<string>(LISTED);
    const tried = Object.entries(WAYS).flatMap(([name, ways]) =>
      Object.keys(ways).map((code) => `${name} ${code}`),
    );
    expect(tried.filter((pair) => !listed.has(pair))).toEqual([]);
    expect(LISTED.length).toBeGreaterThan(60);
  });
});
