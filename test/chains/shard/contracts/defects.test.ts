// The defects that A9 lists in seed 000's source and design, each as what happens here instead.
import { describe, expect, it } from "vitest";
import { addressFromBytes } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { SHARD_EVENT, type WithdrawRequest } from "../../../../src/chains/shard/contract.ts";
import { arg } from "./call.ts";
import { outcomeOf } from "./ledger-chain.ts";
import {
  alice,
  bob,
  branchWorld,
  COIN,
  commitOnShard,
  confirm,
  confirmAll,
  confirmCommit,
  confirmCommits,
  deliver,
  deliverAll,
  deposit,
  EPOCH_BLOCKS,
  endEpoch,
  fundOnShard,
  hashAt,
  must,
  node,
  nodes,
  requestOf,
  retry,
  SHARD,
  type ShardWorld,
  SUPPLY,
  shardBalance,
  startWorld,
  toShard,
  unfinished,
  withdraw,
} from "./shard-world.ts";
import {
  claim,
  endView,
  lowestOf,
  mustStake,
  openToUsers,
  SMALL,
  stakeCall,
  startStakes,
  viewFee,
} from "./stakes.ts";

const AMOUNT = 10n * COIN;

function fundedWorld(): ShardWorld {
  const world = startWorld();
  fundOnShard(world, alice, AMOUNT);
  return world;
}

/** Bob speaks for the node of some key. */
function confirmAs({ root }: ShardWorld, key: Uint8Array, request: WithdrawRequest) {
  const args = [
    arg.bytes(key),
    arg.address(request.user),
    arg.u64(SHARD),
    arg.u64(request.amount),
    arg.u64(request.withdrawId),
  ];
  return root.call(bob.address, "0x30::shard_gas::peer_confirm_withdraw", args);
}

describe("a defect of the source that is none here", () => {
  it("[A9.D1] one key cannot speak for the nodes of others, however public theirs are", () => {
    const world = fundedWorld();
    const request = { ...withdraw(world, alice, COIN), user: bob.address };
    for (let place = 0; place < 7; place++) {
      expect(outcomeOf(confirmAs(world, node(place).publicKey, request))).toBe("0x30::peer_key 7");
    }
    expect(world.payments).toEqual([]);
    const short = confirmAs(world, new Uint8Array(31), request);
    expect(outcomeOf(short)).toBe("0x30::peer_key 7");
  });

  it("[A9.D2] the node whose word is the last cannot choose the amount", () => {
    const world = fundedWorld();
    const request = withdraw(world, alice, COIN);
    confirmAll(world, [0, 1, 2, 3], request);
    must(confirm(world, node(4), { ...request, amount: AMOUNT }));
    expect(world.payments).toEqual([]);
    expect(shardBalance(world)).toBe(AMOUNT);
    confirmAll(world, [5], request);
    expect(shardBalance(world)).toBe(AMOUNT - COIN);
  });

  it("[A9.D3] committed fees leave the shard's balance on the root", () => {
    const world = fundedWorld();
    const transfer = [arg.address(bob.address), arg.u64(1n)];
    const { gasUsed } = world.shard.ok(alice, "0x1::aptos_account::transfer", transfer);
    const { fee } = endEpoch(world);
    expect(fee).toBe(gasUsed);
    expect(shardBalance(world)).toBe(AMOUNT - fee);
  });

  it("[A9.D3] the end of an epoch, too, is confirmed by nodes' own accounts alone", () => {
    const world = fundedWorld();
    world.shard.blocks(EPOCH_BLOCKS);
    const commit = commitOnShard(world);
    const args = [
      arg.bytes(node(0).publicKey),
      arg.u64(SHARD),
      arg.u64(commit.epoch),
      arg.u64(commit.height),
      arg.bytes(hashAt(commit.height)),
      arg.u64(commit.fee),
    ];
    const asAnother = world.root.call(bob.address, "0x30::shard_gas::commit_dpos", args);
    expect(outcomeOf(asAnother)).toBe("0x30::peer_key 7");
    expect(outcomeOf(confirmCommit(world, bob, commit))).toBe("0x30::shard_gas 19");
    expect(outcomeOf(confirmCommit(world, node(8), commit))).toBe("0x30::shard_gas 19");
  });

  it("[A9.D4] a late word on an epoch counts for that epoch and for no other", () => {
    const world = fundedWorld();
    const first = endEpoch(world);
    world.shard.blocks(EPOCH_BLOCKS);
    const second = commitOnShard(world);
    // The slow nodes still confirm the first epoch.
    confirmCommits(world, [5, 6], first);
    const args = [second.epoch, second.height].map((value) => arg.u64(value));
    const statement = [arg.u64(SHARD), ...args, arg.bytes(hashAt(second.height)), arg.u64(0n)];
    const count = () =>
      world.root.view("0x30::shard_gas::get_commit_peers_num", ...statement).u64();
    expect(count()).toBe(0n);
    // Words on blocks of another branch of the shard do not add up either.
    for (const place of [0, 1, 2]) must(confirmCommit(world, node(place), second));
    for (const place of [3, 4]) must(confirmCommit(world, node(place), second, hashAt(99n)));
    expect(count()).toBe(3n);
    expect(world.root.view("0x30::shard_mgmt::get_epoch", arg.u64(SHARD)).u64()).toBe(2n);
  });

  it("[A9.D5] the newest withdrawal is among the unfinished ones", () => {
    const world = fundedWorld();
    const requests = [1n, 2n, 3n].map((coins) => withdraw(world, alice, coins * COIN));
    expect(unfinished(world, alice.address)).toEqual([
      { id: 1n, amount: COIN },
      { id: 2n, amount: 2n * COIN },
      { id: 3n, amount: 3n * COIN },
    ]);
    confirmAll(world, [0, 1, 2, 3, 4], present(requests[1], "the second"));
    deliverAll(world);
    expect(unfinished(world, alice.address).map(({ id }) => id)).toEqual([1n, 3n]);
    expect(unfinished(world, bob.address)).toEqual([]);
  });

  it("[A9.D6] a shard's supply is issued once, and to nobody", () => {
    const { shard } = startWorld();
    expect(shard.coinsInStores()).toBe(0n);
    const figures = shard.view("0x30::shard_gas::get_shard_figures");
    expect([figures.u128(), figures.u64()]).toEqual([SUPPLY, SUPPLY]);
    expect(shard.view("0x50::vault::reserve").u64()).toBe(0n);
  });

  it("[A9.D7] fees come out of what the shard's users brought, and of nothing else", () => {
    const world = fundedWorld();
    world.shard.blocks(EPOCH_BLOCKS);
    const commit = { ...commitOnShard(world), fee: AMOUNT + 1n };
    for (const place of [0, 1, 2, 3]) must(confirmCommit(world, node(place), commit));
    expect(outcomeOf(confirmCommit(world, node(4), commit))).toBe("0x30::custody 20");
    expect(shardBalance(world)).toBe(AMOUNT);
    const request = { ...withdraw(world, alice, COIN), amount: AMOUNT + 1n };
    for (const place of [0, 1, 2, 3]) must(confirm(world, node(place), request));
    expect(outcomeOf(confirm(world, node(4), request))).toBe("0x30::custody 20");
    expect(shardBalance(world)).toBe(AMOUNT);
  });

  it("[A9.D8] what was withdrawn of a stake is gone from it", () => {
    const root = startStakes();
    openToUsers(root, node(0), 0n);
    mustStake(root, alice.address, "user_stake", node(0), 10n);
    mustStake(root, alice.address, "unfreeze_stake", node(0), 10n);
    mustStake(root, alice.address, "withdraw_stake", node(0), 6n);
    mustStake(root, alice.address, "withdraw_stake", node(0), 4n);
    const more = stakeCall(root, alice.address, "withdraw_stake", node(0), 1n);
    expect(outcomeOf(more)).toBe("0x30::position 24");
  });

  it("[A9.D8] a claim pays what was earned", () => {
    const root = startStakes();
    openToUsers(root, node(0), 100n);
    mustStake(root, alice.address, "user_stake", node(0), 10n * COIN);
    endView(root, 0n);
    endView(root, 9_000n);
    const { wholeFee } = viewFee(root, node(0), 2n);
    expect(wholeFee).toBeGreaterThan(2_000n);
    expect(claim(root, alice.address, node(0))).toBe(wholeFee);
  });

  it("[A9.D9] a retry takes nothing more from the shard's balance", () => {
    const world = fundedWorld();
    const request = withdraw(world, alice, COIN);
    confirmAll(world, [0, 1, 2, 3, 4], request);
    expect(shardBalance(world)).toBe(AMOUNT - COIN);
    for (let times = 0; times < 3; times++) {
      const again = requestOf(must(retry(world, alice, 1n)));
      confirmAll(world, [0, 1, 2, 3, 4, 5, 6], again);
    }
    expect(shardBalance(world)).toBe(AMOUNT - COIN);
    const figures = world.root.view("0x30::shard_gas::get_root_figures", arg.u64(SHARD));
    figures.u64();
    const held = [figures.u64(), figures.u128(), figures.u128()];
    expect(held).toEqual([AMOUNT - COIN, AMOUNT, COIN]);
  });

  it("[A9.D10] what rounding leaves of a fee is the lowest key's, whoever came first", () => {
    const seated = nodes.slice(0, 4);
    const lowest = lowestOf(seated);
    for (const order of [seated, seated.toReversed()]) {
      const root = startStakes({ ...SMALL, n: 4 }, order);
      endView(root, 1_003n);
      const shares = seated.map((peer) => viewFee(root, peer, 1n).wholeFee);
      expect(shares).toEqual(seated.map((peer) => (peer === lowest ? 253n : 250n)));
    }
  });

  it("[A9.D11] what the root took back never arrives, and what is final arrives once", () => {
    const world = startWorld();
    // Of two branches of the root one has alice's deposit, the other bob's; finality picks the
    // second, and only then is anything carried.
    const lost = branchWorld(world);
    lost.root.blocks(1);
    lost.root.ok(alice, "0x30::shard_gas::deposit_gas", [arg.u64(SHARD), arg.u64(AMOUNT)]);
    world.root.blocks(1);
    world.root.ok(bob, "0x30::shard_gas::deposit_gas", [arg.u64(SHARD), arg.u64(COIN)]);
    world.root.blocks(2);
    const isFinal = world.root.view("0x1::block::final_height").u64();
    const carried = toShard(world).filter(({ height }) => height <= isFinal);
    for (const sent of carried) deliver(world, sent);
    expect(world.shard.balance(bob.address)).toBe(COIN);
    expect(world.shard.balance(alice.address)).toBe(0n);
    // The same place again, with the other branch's message: nothing happens.
    const stale = present(toShard(lost).at(-1), "the deposit that was taken back");
    expect(deliver(world, stale).outcome).toBe(29n);
    expect(world.shard.balance(alice.address)).toBe(0n);
    const cursor = world.shard.view("0x30::shard_sys_msg::get_cursor");
    const last = present(carried.at(-1), "the deposit that is final");
    expect([cursor.u64(), cursor.u64()]).toEqual([last.height, last.index + 1n]);
  });

  it("[A9.D11] a message is applied once, whatever else its block says", () => {
    const world = startWorld();
    deposit(world, alice, AMOUNT);
    deposit(world, bob, COIN);
    const messages = toShard(world).filter(
      ({ message }) => message.eventType === SHARD_EVENT.gasDeposit,
    );
    for (const sent of [...messages, ...messages]) deliver(world, sent);
    expect(world.applied).toHaveLength(2);
    expect(world.shard.balance(alice.address)).toBe(AMOUNT);
    expect(world.shard.balance(bob.address)).toBe(COIN);
    expect(world.shard.balance(addressFromBytes(new Uint8Array(32)))).toBe(0n);
  });
});
