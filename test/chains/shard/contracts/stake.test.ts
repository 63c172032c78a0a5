// Who runs a shard, for what stake and for what fees: G14 and G15 of seed 000 and the methods of
// ShardStake.
import { describe, expect, it } from "vitest";
import { arg } from "./call.ts";
import { outcomeOf } from "./ledger-chain.ts";
import {
  alice,
  bob,
  COIN,
  must,
  node,
  nodes,
  peerArgs,
  SETTINGS,
  SHARD,
  STAKE,
} from "./shard-world.ts";
import {
  claim,
  commitBy,
  endView,
  holdings,
  inOffice,
  lowestOf,
  mustStake,
  openToUsers,
  positionOf,
  stakeCall,
  startStakes,
  viewFee,
  viewOf,
} from "./stakes.ts";

const [user, other] = [alice.address, bob.address];

function exit(root: ReturnType<typeof startStakes>, place: number) {
  return root.call(node(place).address, "0x30::shard_mgmt::exit_shard", peerArgs(node(place)));
}

describe("fees of an epoch", () => {
  it("[G14] are split by all that is staked for each peer in office, to the last unit", () => {
    const root = startStakes();
    openToUsers(root, node(0), 50n);
    mustStake(root, user, "user_stake", node(0), STAKE);
    // What was staked in this view does not count in it.
    endView(root, 1_003n);
    const seated = nodes.slice(0, 4);
    const shares = seated.map((peer) => viewFee(root, peer, 1n).wholeFee);
    const lowest = seated.indexOf(lowestOf(seated));
    expect(shares).toEqual([0, 1, 2, 3].map((place) => (place === lowest ? 253n : 250n)));
    endView(root, 1_001n);
    const next = seated.map((peer) => viewFee(root, peer, 2n).wholeFee);
    const plain = [400n, 200n, 200n, 200n];
    expect(next).toEqual(plain.map((share, place) => (place === lowest ? share + 1n : share)));
    expect(viewFee(root, node(0), 2n)).toMatchObject({ userStake: STAKE, proportion: 50n });
    // Candidates do no work.
    expect(viewFee(root, node(4), 2n).wholeFee).toBe(0n);
  });

  it("[G14] are the owner's alone without users, and theirs by stake with them", () => {
    const root = startStakes();
    openToUsers(root, node(0), 30n);
    mustStake(root, user, "user_stake", node(0), STAKE);
    mustStake(root, other, "user_stake", node(0), 2n * STAKE);
    endView(root, 4_000n);
    endView(root, 7_000n);
    const [alone, shared] = [1n, 2n].map((view) => viewFee(root, node(0), view).wholeFee);
    expect(alone).toBeGreaterThanOrEqual(1_000n);
    expect(shared).toBeGreaterThanOrEqual(4_000n);
    const users = ((shared ?? 0n) * 30n) / 100n;
    expect(claim(root, node(0).address, node(0))).toBe(
      (alone ?? 0n) + ((shared ?? 0n) * 70n) / 100n,
    );
    expect(claim(root, user, node(0))).toBe(users / 3n);
    expect(claim(root, other, node(0))).toBe((users * 2n) / 3n);
    // Nothing is paid twice.
    expect([user, other, node(0).address].map((by) => claim(root, by, node(0)))).toEqual([
      0n,
      0n,
      0n,
    ]);
  });

  it("[G14] are paid for a hundred views at once: who staked at 5 has [5, 105) at 129", () => {
    const root = startStakes();
    openToUsers(root, node(0), 100n);
    while (viewOf(root) < 5n) endView(root, 0n);
    mustStake(root, user, "user_stake", node(0), STAKE);
    while (viewOf(root) < 129n) endView(root, 5_000n);
    expect(positionOf(root, node(0), user).claimView).toBe(5n);
    const each = viewFee(root, node(0), 6n).wholeFee;
    expect(each).toBeGreaterThanOrEqual(2_000n);
    expect(viewFee(root, node(0), 128n).wholeFee).toBe(each);
    // In view 5 the stake did not count yet.
    expect(claim(root, user, node(0))).toBe(each * 99n);
    expect(positionOf(root, node(0), user).claimView).toBe(105n);
    expect(claim(root, user, node(0))).toBe(each * 24n);
    expect(claim(root, user, node(0))).toBe(0n);
  });

  it("are paid for views that are over, so that a claim in between costs nobody a view", () => {
    const root = startStakes();
    openToUsers(root, node(0), 100n);
    mustStake(root, user, "user_stake", node(0), STAKE);
    endView(root, 0n);
    for (const fee of [5_000n, 6_000n, 7_000n]) {
      expect(claim(root, user, node(0))).toBe(0n);
      const view = viewOf(root);
      endView(root, fee);
      expect(claim(root, user, node(0))).toBe(viewFee(root, node(0), view).wholeFee);
    }
    expect(positionOf(root, node(0), user).claimView).toBe(viewOf(root));
  });

  it("count the nearest earlier stake for a view in which nothing was staked or taken off", () => {
    const root = startStakes();
    openToUsers(root, node(0), 100n);
    mustStake(root, user, "user_stake", node(0), STAKE);
    for (let view = 1; view < 4; view++) endView(root, 5_000n);
    mustStake(root, user, "user_stake", node(0), STAKE);
    for (let view = 4; view < 8; view++) endView(root, 6_000n);
    mustStake(root, user, "unfreeze_stake", node(0), 2n * STAKE);
    endView(root, 6_000n);
    endView(root, 6_000n);
    const fees = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n].map((view) => viewFee(root, node(0), view));
    expect(fees.map(({ userStake }) => userStake / STAKE)).toEqual([
      0n,
      1n,
      1n,
      1n,
      2n,
      2n,
      2n,
      2n,
      0n,
    ]);
    const whole = fees.slice(1, 8).reduce((sum, { wholeFee }) => sum + wholeFee, 0n);
    expect(claim(root, user, node(0))).toBe(whole);
  });
});

describe("a peer that leaves", () => {
  it("[G14] is gone after one epoch as a candidate", () => {
    const root = startStakes();
    must(exit(root, 4));
    const joined = () => root.view("0x30::shard_mgmt::get_join_state", ...peerArgs(node(4))).u8();
    expect(joined()).toBe(3);
    expect(outcomeOf(root.call(node(4).address, "0x30::shard_stake::withdraw_ong", []))).toBe(
      "0x30::shard_stake 24",
    );
    endView(root, 0n);
    expect(joined()).toBe(4);
    const before = root.balance(node(4).address);
    must(root.call(node(4).address, "0x30::shard_stake::withdraw_ong", []));
    expect(root.balance(node(4).address)).toBe(before + STAKE);
  });

  it("[G14] is gone after two epochs from office, and serves to the end of the first", () => {
    const root = startStakes();
    mustStake(root, node(5).address, "add_init_pos", node(5), COIN);
    must(exit(root, 1));
    expect(inOffice(root)).toEqual([0, 1, 2, 3].map(node));
    endView(root, 4_000n);
    expect(viewFee(root, node(1), 1n).wholeFee).toBeGreaterThanOrEqual(1_000n);
    // The candidate with the larger stake has its seat.
    expect(inOffice(root)).toEqual([0, 2, 3, 5].map(node));
    expect(root.view("0x30::shard_stake::get_owed", arg.address(node(1).address)).u64()).toBe(0n);
    endView(root, 4_000n);
    expect(viewFee(root, node(1), 2n).wholeFee).toBe(0n);
    expect(root.view("0x30::shard_stake::get_owed", arg.address(node(1).address)).u64()).toBe(
      STAKE,
    );
    // Its fees are still its owner's.
    expect(claim(root, node(1).address, node(1))).toBe(viewFee(root, node(1), 1n).wholeFee);
  });

  it("gives its users their stakes back, and takes no more of them", () => {
    const root = startStakes();
    openToUsers(root, node(4), 10n);
    mustStake(root, user, "user_stake", node(4), STAKE);
    must(exit(root, 4));
    expect(outcomeOf(stakeCall(root, user, "user_stake", node(4), 1n))).toBe(
      "0x30::shard_stake 14",
    );
    endView(root, 0n);
    const before = root.balance(user);
    mustStake(root, user, "withdraw_stake", node(4), STAKE);
    expect(root.balance(user)).toBe(before + STAKE);
    expect(outcomeOf(stakeCall(root, user, "withdraw_stake", node(4), 1n))).toBe(
      "0x30::position 24",
    );
  });

  it("must leave as many as there are seats, and does not come back under its key", () => {
    const root = startStakes();
    must(exit(root, 0));
    expect(outcomeOf(exit(root, 0))).toBe("0x30::peers 14");
    must(exit(root, 1));
    expect(outcomeOf(exit(root, 2))).toBe("0x30::peers 15");
    endView(root, 0n);
    endView(root, 0n);
    const again = [...peerArgs(node(0)), arg.address(node(0).address)];
    const applied = root.call(node(0).address, "0x30::shard_mgmt::apply_join", again);
    expect(outcomeOf(applied)).toBe("0x30::shard_mgmt 8");
  });
});

describe("a stake", () => {
  it("counts from the next view on, and is free at once while it has not counted", () => {
    const root = startStakes();
    openToUsers(root, node(0), 0n);
    const before = root.balance(user);
    mustStake(root, user, "user_stake", node(0), STAKE);
    expect(positionOf(root, node(0), user)).toMatchObject({ now: 0n, next: STAKE, free: 0n });
    mustStake(root, user, "unfreeze_stake", node(0), STAKE);
    mustStake(root, user, "withdraw_stake", node(0), STAKE);
    expect(root.balance(user)).toBe(before);
    mustStake(root, user, "user_stake", node(0), STAKE);
    endView(root, 0n);
    expect(positionOf(root, node(0), user)).toMatchObject({ now: STAKE, next: STAKE });
    mustStake(root, user, "user_stake", node(0), 5n);
    mustStake(root, user, "unfreeze_stake", node(0), 7n);
    expect(positionOf(root, node(0), user)).toMatchObject({
      now: STAKE,
      next: STAKE - 2n,
      releasing: 2n,
      free: 5n,
    });
    endView(root, 0n);
    expect(positionOf(root, node(0), user)).toMatchObject({ now: STAKE - 2n, free: 7n });
  });

  it("of an owner grows and shrinks from the next view on, to the least at most", () => {
    const root = startStakes();
    const owner = node(0).address;
    mustStake(root, owner, "add_init_pos", node(0), 3n * COIN);
    endView(root, 0n);
    expect(outcomeOf(stakeCall(root, owner, "reduce_init_pos", node(0), 3n * COIN + 1n))).toBe(
      "0x30::shard_stake 11",
    );
    mustStake(root, owner, "reduce_init_pos", node(0), 3n * COIN);
    expect(outcomeOf(stakeCall(root, owner, "withdraw_stake", node(0), 1n))).toBe(
      "0x30::position 24",
    );
    endView(root, 0n);
    const before = root.balance(owner);
    mustStake(root, owner, "withdraw_stake", node(0), 3n * COIN);
    expect(root.balance(owner)).toBe(before + 3n * COIN);
  });

  it("is within what the owner lets users stake", () => {
    const root = startStakes();
    const limit = (most: bigint) =>
      mustStake(root, node(0).address, "change_max_authorization", node(0), most);
    const stake = (amount: bigint) =>
      outcomeOf(stakeCall(root, user, "user_stake", node(0), amount));
    expect(stake(1n)).toBe("0x30::shard_stake 12");
    limit(10n);
    expect([stake(11n), stake(10n), stake(1n)]).toEqual([
      "0x30::shard_stake 12",
      "EXECUTED",
      "0x30::shard_stake 12",
    ]);
    // What is staked stays when the bound comes down.
    limit(5n);
    expect(stake(1n)).toBe("0x30::shard_stake 12");
    expect(positionOf(root, node(0), user).next).toBe(10n);
  });

  it("[G15] stands still while the end of an epoch is being confirmed", () => {
    const root = startStakes(SETTINGS);
    openToUsers(root, node(0), 10n);
    mustStake(root, user, "user_stake", node(0), STAKE);
    mustStake(root, user, "unfreeze_stake", node(0), 5n);
    const owner = node(0).address;
    const methods = (): readonly string[] => [
      ...["user_stake", "unfreeze_stake", "withdraw_stake"].map((method) =>
        outcomeOf(stakeCall(root.branch(), user, method, node(0), 1n)),
      ),
      ...["add_init_pos", "reduce_init_pos", "change_max_authorization", "change_proportion"].map(
        (method) => outcomeOf(stakeCall(root.branch(), owner, method, node(0), 1n)),
      ),
      outcomeOf(root.branch().call(owner, "0x30::shard_mgmt::exit_shard", peerArgs(node(0)))),
    ];
    const open = methods();
    expect(open).toEqual([
      "EXECUTED",
      "EXECUTED",
      "EXECUTED",
      "EXECUTED",
      "0x30::shard_stake 11",
      "EXECUTED",
      "EXECUTED",
      "EXECUTED",
    ]);
    // C = 2 nodes may lie: their word alone locks nothing.
    for (const place of [0, 1]) must(commitBy(root, node(place), 700n));
    expect(methods()).toEqual(open);
    must(commitBy(root, node(2), 700n));
    const isCommitting = () => root.view("0x30::shard_stake::is_committing", arg.u64(SHARD)).bool();
    expect(isCommitting()).toBe(true);
    expect(new Set(methods())).toEqual(new Set(["0x30::shard_stake 10"]));
    // Fees of views that are over are no stakes.
    expect(claim(root, user, node(0))).toBe(0n);
    for (const place of [3, 4]) must(commitBy(root, node(place), 700n));
    expect(isCommitting()).toBe(false);
    mustStake(root, user, "user_stake", node(0), 1n);
    expect(viewFee(root, node(0), 1n).wholeFee).toBeGreaterThanOrEqual(100n);
  });

  it("and fees are all that ShardStake holds", () => {
    const root = startStakes();
    openToUsers(root, node(0), 33n);
    mustStake(root, user, "user_stake", node(0), 7n);
    mustStake(root, other, "user_stake", node(0), 11n);
    endView(root, 1_000n);
    endView(root, 1_001n);
    expect(holdings(root)).toEqual({ coins: 6n * STAKE + 18n + 2_001n, staked: 6n * STAKE + 18n });
    const paid = nodes
      .slice(0, 4)
      .map((peer) => claim(root, peer.address, peer))
      .concat([claim(root, user, node(0)), claim(root, other, node(0))])
      .reduce((sum, amount) => sum + amount, 0n);
    // What rounding leaves of users' parts stays here.
    const left = holdings(root).coins - holdings(root).staked;
    expect(paid + left).toBe(2_001n);
    expect(left).toBeLessThan(4n);
  });
});
