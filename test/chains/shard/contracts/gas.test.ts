// Coins that go to a shard and come back: the scenarios G1 to G11 of seed 000, with the test in the
// place of the nodes that carry messages.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { SHARD_EVENT } from "../../../../src/chains/shard/contract.ts";
import { arg } from "./call.ts";
import { outcomeOf } from "./ledger-chain.ts";
import {
  alice,
  bob,
  COIN,
  confirm,
  confirmAll,
  creator,
  deliverAll,
  deposit,
  endEpoch,
  fundOnShard,
  must,
  node,
  nodes,
  peerArgs,
  REQUIRED,
  requestOf,
  retry,
  SHARD,
  type ShardWorld,
  shardBalance,
  startWorld,
  toShard,
  unfinished,
  withdraw,
} from "./shard-world.ts";

const AMOUNT = 7n * COIN;

/** A world where alice has {@link AMOUNT} on the shard. */
function fundedWorld(): ShardWorld {
  const world = startWorld();
  fundOnShard(world, alice, AMOUNT);
  return world;
}

/** Messages of a type that the root has sent to the shard. */
function sentCount(world: ShardWorld, type: number): number {
  return toShard(world).filter(({ message }) => message.eventType === type).length;
}

const dones = (world: ShardWorld) => sentCount(world, SHARD_EVENT.gasWithdrawDone);

function released({ root }: ShardWorld, id: bigint): bigint {
  const name = [arg.u64(SHARD), arg.address(alice.address), arg.u64(id)];
  return root.view("0x30::shard_gas::get_released", ...name).u64();
}

function confirmations({ root }: ShardWorld, id: bigint, amount: bigint): bigint {
  const name = [arg.u64(SHARD), arg.address(alice.address), arg.u64(id), arg.u64(amount)];
  return root.view("0x30::shard_gas::get_withdraw_confirm_num", ...name).u64();
}

describe("a deposit", () => {
  it("[G1] takes coins on the root and gives them on the shard, by one system call", () => {
    const world = startWorld();
    const before = world.root.balance(alice.address);
    deposit(world, alice, AMOUNT);
    expect(world.root.balance(alice.address)).toBe(before - AMOUNT);
    expect(shardBalance(world)).toBe(AMOUNT);
    expect(world.shard.balance(alice.address)).toBe(0n);
    deliverAll(world);
    expect(world.shard.balance(alice.address)).toBe(AMOUNT);
  });

  it("[G1] is a transaction like any other on the root", () => {
    const world = startWorld();
    const before = world.root.balance(alice.address);
    const args = [arg.u64(SHARD), arg.u64(AMOUNT)];
    const { gasUsed } = world.root.ok(alice, "0x30::shard_gas::deposit_gas", args);
    expect(world.root.balance(alice.address)).toBe(before - AMOUNT - gasUsed);
    const sent = present(toShard(world).at(-1), "a message");
    expect(sent).toMatchObject({ index: 0n, height: world.root.height() });
  });

  it("[G2] to a shard that has not begun, or to none, is refused without a trace", () => {
    const { root } = startWorld();
    must(root.call(creator.address, "0x30::shard_mgmt::create_shard", []));
    const before = root.balance(alice.address);
    const sent = root.sent().length;
    const into = (shard: bigint) => {
      const args = [arg.u64(shard), arg.u64(AMOUNT)];
      return outcomeOf(root.call(alice.address, "0x30::shard_gas::deposit_gas", args));
    };
    expect(into(2n)).toBe("0x30::shard_mgmt 5");
    expect(into(3n)).toBe("0x30::shard_mgmt 3");
    expect(root.balance(alice.address)).toBe(before);
    expect(root.sent().length).toBe(sent);
    expect(root.view("0x30::shard_gas::get_shard_gas_balance", arg.u64(2n)).u64()).toBe(0n);
  });
});

describe("a withdrawal", () => {
  it("[G3] of more than the user has is refused", () => {
    const { shard } = fundedWorld();
    const args = [arg.u64(AMOUNT + 1n)];
    const ran = shard.call(alice.address, "0x30::shard_gas::user_withdraw_gas", args);
    expect(outcomeOf(ran)).toBe("0x30::shard_gas 2");
    expect(shard.balance(alice.address)).toBe(AMOUNT);
    const id = shard.view("0x30::shard_gas::get_withdraw_id", arg.address(alice.address));
    expect(id.u64()).toBe(0n);
  });

  it("[G4] waits for the fifth node, and a retry brings it to its end", () => {
    const world = fundedWorld();
    const before = world.root.balance(alice.address);
    const request = withdraw(world, alice, 3n * COIN);
    confirmAll(world, [0, 1, 2, 3], request);
    expect(world.root.balance(alice.address)).toBe(before);
    expect(shardBalance(world)).toBe(AMOUNT);
    expect(dones(world)).toBe(0);
    expect(confirmations(world, 1n, 3n * COIN)).toBe(BigInt(REQUIRED - 1));
    expect(unfinished(world, alice.address)).toEqual([{ id: 1n, amount: 3n * COIN }]);
    const again = requestOf(must(retry(world, alice, 1n)));
    expect(again).toEqual({ ...request, height: again.height });
    confirmAll(world, [6], again);
    expect(world.root.balance(alice.address)).toBe(before + 3n * COIN);
    deliverAll(world);
    expect(unfinished(world, alice.address)).toEqual([]);
  });

  it("[G5] is paid once with the fifth confirmation, and then the shard is told", () => {
    const world = fundedWorld();
    const before = world.root.balance(alice.address);
    const request = withdraw(world, alice, 3n * COIN);
    expect(world.shard.balance(alice.address)).toBe(4n * COIN);
    confirmAll(world, [0, 1, 2, 3, 4], request);
    expect(world.root.balance(alice.address)).toBe(before + 3n * COIN);
    expect(shardBalance(world)).toBe(4n * COIN);
    expect(dones(world)).toBe(1);
    expect(released(world, 1n)).toBe(3n * COIN);
    deliverAll(world);
    const name = [arg.address(alice.address), arg.u64(1n)];
    expect(world.shard.view("0x30::shard_gas::get_withdraw_by_id", ...name).u64()).toBe(0n);
  });

  it("[G6] is paid no second time by the sixth and seventh, nor by who has confirmed", () => {
    const world = fundedWorld();
    const request = withdraw(world, alice, 3n * COIN);
    confirmAll(world, [0, 1, 1, 1, 1, 1], request);
    expect(dones(world)).toBe(0);
    confirmAll(world, [2, 3, 4], request);
    const after = world.root.balance(alice.address);
    confirmAll(world, [5, 6, 4, 0], request);
    expect(world.root.balance(alice.address)).toBe(after);
    expect(world.payments).toHaveLength(1);
    expect(dones(world)).toBe(5);
    const finished = deliverAll(world).filter(
      ({ eventType }) => eventType === SHARD_EVENT.gasWithdrawDone,
    );
    expect(finished.map(({ outcome }) => outcome)).toEqual([0n, 27n, 27n, 27n, 27n]);
  });

  it("[G7] whose end was lost is told again after a retry, and not paid again", () => {
    const world = fundedWorld();
    const request = withdraw(world, alice, 3n * COIN);
    confirmAll(world, [0, 1, 2, 3, 4], request);
    const after = world.root.balance(alice.address);
    // The first word of it never arrives.
    const lost = toShard(world).length;
    const again = requestOf(must(retry(world, alice, 1n)));
    confirmAll(world, [0], again);
    expect(world.root.balance(alice.address)).toBe(after);
    expect(unfinished(world, alice.address)).toHaveLength(1);
    world.root.blocks(1);
    const told = toShard(world).slice(lost);
    expect(told).toHaveLength(1);
    deliverAll(world);
    expect(unfinished(world, alice.address)).toEqual([]);
    expect(world.shard.balance(alice.address)).toBe(4n * COIN);
  });

  it("[G8] that is finished cannot be asked for again", () => {
    const world = fundedWorld();
    const request = withdraw(world, alice, 3n * COIN);
    confirmAll(world, [0, 1, 2, 3, 4], request);
    deliverAll(world);
    expect(outcomeOf(retry(world, alice, 1n))).toBe("0x30::shard_gas 27");
    expect(outcomeOf(retry(world, alice, 2n))).toBe("0x30::shard_gas 27");
    expect(outcomeOf(retry(world, bob, 1n))).toBe("0x30::shard_gas 27");
  });

  it("[G9] is confirmed by nodes in office alone, each by its own account", () => {
    const world = fundedWorld();
    const request = withdraw(world, alice, 3n * COIN);
    expect(outcomeOf(confirm(world, node(7), request))).toBe("0x30::shard_gas 19");
    expect(outcomeOf(confirm(world, bob, request))).toBe("0x30::shard_gas 19");
    const args = [
      arg.bytes(node(0).publicKey),
      arg.address(alice.address),
      arg.u64(SHARD),
      arg.u64(3n * COIN),
      arg.u64(1n),
    ];
    const asAnother = world.root.call(
      node(1).address,
      "0x30::shard_gas::peer_confirm_withdraw",
      args,
    );
    expect(outcomeOf(asAnother)).toBe("0x30::peer_key 7");
    expect(confirmations(world, 1n, 3n * COIN)).toBe(0n);
  });

  it("[G10] is counted for each amount by itself", () => {
    const world = fundedWorld();
    const before = world.root.balance(alice.address);
    const request = withdraw(world, alice, 3n * COIN);
    const lie = { ...request, amount: 6n * COIN };
    confirmAll(world, [0, 1, 2], request);
    confirmAll(world, [3, 4, 5], lie);
    expect(world.root.balance(alice.address)).toBe(before);
    expect([confirmations(world, 1n, 3n * COIN), confirmations(world, 1n, 6n * COIN)]).toEqual([
      3n,
      3n,
    ]);
    confirmAll(world, [5, 6], request);
    expect(world.root.balance(alice.address)).toBe(before + 3n * COIN);
    // What was paid is never paid again under another amount, whoever says so.
    expect(outcomeOf(confirm(world, node(6), lie))).toBe("0x30::shard_gas 21");
    expect(world.payments).toHaveLength(1);
  });

  it("[G11] counts nodes in office now, not those that were when they confirmed", () => {
    const world = fundedWorld();
    const request = withdraw(world, alice, 3n * COIN);
    confirmAll(world, [0, 1, 2, 3], request);
    // Node 0 leaves: its seat is a candidate's from the next epoch on.
    const leaving = [...peerArgs(node(0))];
    must(world.root.call(node(0).address, "0x30::shard_mgmt::exit_shard", leaving));
    endEpoch(world, [1, 2, 3, 4, 5]);
    expect(confirmations(world, 1n, 3n * COIN)).toBe(3n);
    expect(outcomeOf(confirm(world, node(0), request))).toBe("0x30::shard_gas 19");
    confirmAll(world, [4], request);
    expect(world.payments).toHaveLength(0);
    const seated = world.root
      .view("0x30::shard_mgmt::get_consensus_peers", arg.u64(SHARD))
      .vector((reader) => reader.bytes());
    const newcomer = present(
      nodes.findIndex(({ publicKey }, at) => {
        return at > 6 && seated.some((key) => Buffer.from(key).equals(publicKey));
      }),
      "a candidate took the seat",
    );
    confirmAll(world, [newcomer], request);
    expect(world.payments).toHaveLength(1);
    expect(shardBalance(world)).toBe(4n * COIN);
  });
});
