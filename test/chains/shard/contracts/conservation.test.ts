// Whatever users, nodes and the relay between the chains do, in whatever order, with two of seven
// nodes lying: no coin is made or lost, nothing is paid twice, and what was asked back comes back
// once the honest nodes have spoken.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccountSigner } from "#chains";
import type { FeeCommit, WithdrawRequest } from "../../../../src/chains/shard/contract.ts";
import { arg } from "./call.ts";
import { prevotes, report } from "./double-signing.ts";
import {
  alice,
  bob,
  COIN,
  commitOnShard,
  confirm,
  confirmCommit,
  deliver,
  deliverAll,
  deposit,
  EPOCH_BLOCKS,
  fundOnShard,
  node,
  nodes,
  peerArgs,
  retry,
  SHARD,
  type ShardWorld,
  SUPPLY,
  shardBalance,
  startWorld,
  toShard,
  unfinished,
  verify,
  withdraw,
} from "./shard-world.ts";
import { holdings, inOffice, openToUsers, positionOf, stakeCall, viewOf } from "./stakes.ts";

/** Nodes 0 and 1 confirm whatever they are told to. */
const LIARS = 2;
/** What the resource model of the root keeps for block rewards. */
const RESERVE = 100_000_000_000_000n;
const USERS = [alice, bob] as const;

const METHODS = [
  "user_stake",
  "unfreeze_stake",
  "withdraw_stake",
  "add_init_pos",
  "reduce_init_pos",
] as const;

const anyStep = fc.record({
  what: fc.constantFrom(
    "deposit",
    "withdraw",
    "retry",
    "pay",
    "confirm",
    "confirm",
    "confirm",
    "lie",
    "deliver",
    "deliver",
    "again",
    "blocks",
    "commit",
    "commit",
    "confirmCommit",
    "confirmCommit",
    "confirmCommit",
    "stake",
    "claim",
    "exit",
    "signTwice",
  ),
  by: fc.constantFrom(...USERS),
  node: fc.oneof(fc.constant(0), fc.nat(nodes.length - 1)),
  pick: fc.nat(1_000),
  method: fc.constantFrom(...METHODS),
  amount: fc.oneof(
    fc.bigInt({ min: 1n, max: 20n * COIN }),
    fc.constantFrom(1n, SUPPLY, (1n << 64n) - 1n),
  ),
});
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

/** A withdrawal that is paid and an epoch that ends, so that some run comes so far. */
const USUAL: Step[] = (
  [
    "withdraw",
    "pay",
    "confirm",
    "lie",
    "signTwice",
    "blocks",
    "commit",
    "confirmCommit",
    "deliver",
  ] as const
).map((what) => ({ what, by: alice, node: 0, pick: 6, method: "user_stake", amount: 1n }));

/** What honest nodes have seen on the shard. */
interface Seen {
  readonly requests: WithdrawRequest[];
  readonly commits: FeeCommit[];
}

function pickOf<T>(list: readonly T[], pick: number): T | undefined {
  return list[list.length === 0 ? 0 : pick % list.length];
}

function balanceOnShard({ shard }: ShardWorld, of: AccountSigner): bigint {
  return shard.balance(of.address);
}

/** On the shard: users spend, ask back, and end epochs. */
function stepOnShard(world: ShardWorld, { what, by, pick, amount }: Step, seen: Seen): void {
  const has = balanceOnShard(world, by);
  if (what === "withdraw" && has > 0n) {
    seen.requests.push(withdraw(world, by, 1n + (amount % has)));
  } else if (what === "retry") {
    retry(world, by, BigInt(pick % 5));
  } else if (what === "pay" && has >= 10n * COIN) {
    const other = USERS.find((user) => user !== by) ?? by;
    const args = [arg.address(other.address), arg.u64(amount % COIN)];
    world.shard.act(by, "0x1::aptos_account::transfer", args);
  } else if (what === "blocks") {
    world.shard.blocks(EPOCH_BLOCKS);
  } else if (what === "commit") {
    const early = world.shard.branch().call(by.address, "0x30::shard_gas::shard_commit_dpos", []);
    if (early.status.type === "executed") seen.commits.push(commitOnShard(world));
  }
}

/** On the root: nodes speak, and users stake for them. */
function stepOnRoot(world: ShardWorld, step: Step, seen: Seen): void {
  const { what, by, pick, amount, method } = step;
  const peer = node(step.node);
  // One node or several, one after the other.
  const speakers = nodes.slice(step.node, step.node + 1 + (pick % 7));
  const request = pickOf(seen.requests, pick);
  const commit = pickOf(seen.commits, pick);
  if (what === "deposit") {
    deposit(world, by, 1n + (amount % (50n * COIN)));
  } else if (what === "confirm" && request !== undefined) {
    for (const speaker of speakers) confirm(world, speaker, request);
  } else if (what === "confirmCommit" && commit !== undefined) {
    for (const speaker of speakers) confirmCommit(world, speaker, commit);
  } else if (what === "lie") {
    const liar = node(pick % LIARS);
    confirm(world, liar, { ...(request ?? FALSE), amount });
    confirmCommit(world, liar, { ...(commit ?? FALSE), epoch: BigInt(pick % 4), fee: amount });
  } else if (what === "stake") {
    const isOwn = method.endsWith("_pos");
    const staked = amount % (30n * COIN);
    stakeCall(world.root, isOwn ? peer.address : by.address, method, peer, staked);
  } else if (what === "claim") {
    world.root.call(by.address, "0x30::shard_stake::withdraw_fee", peerArgs(peer));
    world.root.call(peer.address, "0x30::shard_stake::withdraw_fee", peerArgs(peer));
    world.root.call(peer.address, "0x30::shard_stake::withdraw_ong", []);
  } else if (what === "exit") {
    world.root.call(peer.address, "0x30::shard_mgmt::exit_shard", peerArgs(peer));
  } else if (what === "signTwice") {
    const epoch = viewOf(world.root);
    const { height } = seen.commits.at(-1) ?? FALSE;
    report(world.root, prevotes(world.root, pick % LIARS, { epoch, height: height + 1n }));
  }
}

/** What a liar makes up where nothing has happened yet. */
const FALSE = {
  shardId: SHARD,
  height: 1n,
  user: bob.address,
  withdrawId: 1n,
  epoch: 1n,
  fee: 0n,
};

/** Between the chains: what was carried is carried again, or the next thing is. */
function relay(world: ShardWorld, { what, pick }: Step, carried: { count: number }): void {
  const messages = toShard(world);
  if (what === "deliver") {
    const next = messages[carried.count];
    if (next === undefined) return;
    deliver(world, next);
    carried.count += 1;
  } else if (what === "again") {
    const old = pickOf(messages.slice(0, carried.count), pick);
    if (old !== undefined) deliver(world, old);
  }
}

/** Every coin of the root is somewhere, and ShardStake has what positions say. */
function verifyRoot({ root }: ShardWorld): void {
  const { coins, staked } = holdings(root);
  const custody = root.view("0x30::shard_gas::get_root_figures", arg.u64(SHARD)).u64();
  const governance = root.view("0x30::governance::balance").u64();
  expect(root.coinsInStores() + coins + custody + governance).toBe(SUPPLY - RESERVE);
  const sum = nodes
    .map((peer) => initOf(root, peer) + owedTo(root, peer) + usersOf(root, peer))
    .reduce((total, part) => total + part, 0n);
  expect(sum).toBe(staked);
  expect(coins).toBeGreaterThanOrEqual(staked);
}

function owedTo(root: ShardWorld["root"], peer: AccountSigner): bigint {
  return root.view("0x30::shard_stake::get_owed", arg.address(peer.address)).u64();
}

/** An owner's own coins: what it has staked, what is on its way back and what is free. */
function initOf(root: ShardWorld["root"], peer: AccountSigner): bigint {
  const reader = root.view("0x30::shard_stake::get_peer", ...peerArgs(peer));
  reader.address();
  const [_view, _now] = [reader.u64(), reader.u64()];
  return reader.u64() + reader.u64() + reader.u64();
}

function isPunished(root: ShardWorld["root"], peer: AccountSigner): boolean {
  return root.view("0x30::shard_stake::is_punished", ...peerArgs(peer)).bool();
}

function usersOf(root: ShardWorld["root"], peer: AccountSigner): bigint {
  return USERS.map(({ address }) => positionOf(root, peer, address))
    .map(({ next, releasing, free }) => next + releasing + free)
    .reduce((total, part) => total + part, 0n);
}

/** Everybody who is honest says everything, and everything is carried. */
function settle(world: ShardWorld, seen: Seen): void {
  for (const request of seen.requests) {
    for (const peer of inOffice(world.root)) {
      if (nodes.indexOf(peer) >= LIARS) confirm(world, peer, request);
    }
  }
  deliverAll(world);
}

/** Hundreds of steps, each with all invariants read through views. */
const TIMEOUT_MS = 120_000;

describe("coins of the root and of a shard", { timeout: TIMEOUT_MS }, () => {
  it("are kept to the last unit by any sequence of steps, and nothing is paid twice", () => {
    const reached = { payments: 0, epochs: 0n, punished: 0 };
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 40, maxLength: 80 }), (steps) => {
        const world = startWorld();
        world.root.blocks(1);
        for (const peer of nodes) openToUsers(world.root, peer, 40n);
        for (const by of USERS) fundOnShard(world, by, 30n * COIN);
        const seen: Seen = { requests: [], commits: [] };
        const carried = { count: toShard(world).length };
        for (const step of steps) {
          stepOnShard(world, step, seen);
          stepOnRoot(world, step, seen);
          relay(world, step, carried);
          verify(world);
        }
        verifyRoot(world);
        reached.payments += world.payments.length;
        reached.epochs += viewOf(world.root) - 1n;
        reached.punished += nodes.filter((peer) => isPunished(world.root, peer)).length;
        settle(world, seen);
        verifyRoot(world);
        for (const { address } of USERS) expect(unfinished(world, address)).toEqual([]);
        const names = new Set(seen.requests.map(({ user, withdrawId }) => `${user} ${withdrawId}`));
        expect(world.payments).toHaveLength(names.size);
        const onShard = world.shard.coinsInStores();
        const figures = world.shard.view("0x30::shard_gas::get_shard_figures");
        const [_supply, _pool, fees] = [figures.u128(), figures.u64(), figures.u64()];
        const uncollected = shardBalance(world) - onShard - fees;
        const pending = seen.commits.map(({ fee }) => fee);
        expect([0n, ...pending]).toContain(uncollected);
      }),
      { numRuns: 5, examples: [[USUAL]] },
    );
    expect(reached.payments).toBeGreaterThan(0);
    expect(reached.epochs).toBeGreaterThan(0n);
    expect(reached.punished).toBeGreaterThan(0);
  });
});
