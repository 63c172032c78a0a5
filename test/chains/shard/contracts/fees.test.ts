// Fees of a shard's transactions: they gather in ShardGas, leave the shard with the epoch and are
// shared on the root. G12 and G13 of seed 000.
import { describe, expect, it } from "vitest";
import { SHARD_EVENT } from "../../../../src/chains/shard/contract.ts";
import { arg } from "./call.ts";
import { outcomeOf } from "./ledger-chain.ts";
import {
  alice,
  bob,
  COIN,
  commitOnShard,
  confirmCommit,
  confirmCommits,
  deliverAll,
  EPOCH_BLOCKS,
  fundOnShard,
  node,
  SHARD,
  SHARDS_FEES,
  type ShardWorld,
  shardBalance,
  startWorld,
  toShard,
} from "./shard-world.ts";

/** Alice has coins on the shard and has paid for a transaction there; tells what it cost. */
function paidFees(world: ShardWorld): bigint {
  fundOnShard(world, alice, 50n * COIN);
  const { gasUsed } = world.shard.ok(alice, "0x1::aptos_account::transfer", [
    arg.address(bob.address),
    arg.u64(1n),
  ]);
  world.shard.blocks(EPOCH_BLOCKS);
  return gasUsed;
}

function epochOf({ root }: ShardWorld): bigint {
  return root.view("0x30::shard_mgmt::get_epoch", arg.u64(SHARD)).u64();
}

function viewOf({ root }: ShardWorld): bigint {
  return root.view("0x30::shard_stake::get_view", arg.u64(SHARD)).u64();
}

/** Coins of ShardStake that are no stakes. */
function feesHeld({ root }: ShardWorld): bigint {
  const reader = root.view("0x30::shard_stake::holdings");
  return reader.u64() - reader.u64();
}

function epochOnShard({ shard }: ShardWorld): bigint {
  return shard.view("0x30::committee::get_committee").u64();
}

describe("fees on a shard", () => {
  it("go to ShardGas, where nobody's account is", () => {
    const world = startWorld();
    const fee = paidFees(world);
    expect(fee).toBeGreaterThan(0n);
    expect(world.shard.view("0x1::transaction_fee::collector").address()).toBe(SHARDS_FEES);
    const pool = world.shard.view("0x1::transaction_fee::pool_balance", arg.address(SHARDS_FEES));
    expect(pool.u64()).toBe(fee);
    expect(world.shard.balance(alice.address)).toBe(50n * COIN - 1n - fee);
  });

  it("[G12] go to ShardStake with the fifth confirmation, and the next epoch begins", () => {
    const world = startWorld();
    const fee = paidFees(world);
    const commit = commitOnShard(world);
    expect(commit).toEqual({ shardId: SHARD, epoch: 1n, height: world.shard.height(), fee });
    confirmCommits(world, [0, 1, 2, 3], commit);
    expect([epochOf(world), viewOf(world), feesHeld(world)]).toEqual([1n, 1n, 0n]);
    expect(shardBalance(world)).toBe(50n * COIN);
    confirmCommits(world, [4], commit);
    expect([epochOf(world), viewOf(world), feesHeld(world)]).toEqual([2n, 2n, fee]);
    expect(shardBalance(world)).toBe(50n * COIN - fee);
    expect(epochOnShard(world)).toBe(1n);
    deliverAll(world);
    expect(epochOnShard(world)).toBe(2n);
    expect(world.shard.viewBytes("0x30::shard_gas::get_fee_commit")).toEqual(Uint8Array.of(0));
  });

  it("[G13] are transferred once, however often the end of the epoch is told", () => {
    const world = startWorld();
    const fee = paidFees(world);
    const commit = commitOnShard(world);
    world.shard.blocks(3);
    // More fees come in the meantime; they are the next epoch's.
    world.shard.ok(alice, "0x1::aptos_account::transfer", [arg.address(bob.address), arg.u64(1n)]);
    const again = commitOnShard(world);
    expect(again).toEqual(commit);
    confirmCommits(world, [0, 1, 2, 3, 4], commit);
    expect(feesHeld(world)).toBe(fee);
    confirmCommits(world, [0, 4, 5, 6], again);
    expect([epochOf(world), feesHeld(world)]).toEqual([2n, fee]);
    expect(shardBalance(world)).toBe(50n * COIN - fee);
    const updates = toShard(world).filter(({ message }) => {
      return message.eventType === SHARD_EVENT.configUpdate && message.payload[24] === 2;
    });
    expect(updates).toHaveLength(1);
  });

  it("of an epoch that ended otherwise are confirmed in vain", () => {
    const world = startWorld();
    paidFees(world);
    const commit = commitOnShard(world);
    confirmCommits(world, [0, 1, 2, 3, 4], commit);
    const other = { ...commit, fee: commit.fee + 1n };
    expect(outcomeOf(confirmCommit(world, node(5), other))).toBe("0x30::shard_gas 22");
    const early = { ...commit, epoch: 3n };
    expect(outcomeOf(confirmCommit(world, node(5), early))).toBe("0x30::shard_gas 22");
  });

  it("may be none", () => {
    const world = startWorld();
    world.shard.blocks(EPOCH_BLOCKS);
    const commit = commitOnShard(world);
    expect(commit.fee).toBe(0n);
    confirmCommits(world, [0, 1, 2, 3, 4], commit);
    expect(epochOf(world)).toBe(2n);
  });

  it("do not leave before the epoch's blocks are over, counted from the root's word", () => {
    const world = startWorld();
    world.shard.blocks(EPOCH_BLOCKS - 1);
    const early = world.shard.call(bob.address, "0x30::shard_gas::shard_commit_dpos", []);
    expect(outcomeOf(early)).toBe("0x30::fee_commit 28");
    world.shard.blocks(1);
    const commit = commitOnShard(world);
    confirmCommits(world, [0, 1, 2, 3, 4], commit);
    world.shard.blocks(EPOCH_BLOCKS);
    deliverAll(world);
    const next = world.shard.call(bob.address, "0x30::shard_gas::shard_commit_dpos", []);
    expect(outcomeOf(next)).toBe("0x30::fee_commit 28");
  });
});
