// Coins between the main chain and a parallel one, on the main chain's side: what is locked, what
// done does with it, and that nothing is ever paid twice.
import { describe, expect, it } from "vitest";
import type { AccountSigner } from "#chains";
import { makeAddress } from "#core/address.ts";
import { alice, arg, bob, type Sent } from "../../resources/resource-chain.ts";
import { bits, hashOf } from "./node-status.ts";
import {
  ABCD,
  crossHash,
  eventsOf,
  expectDone,
  makeGroup,
  type ParaWorld,
  startParaWorld,
  TITLE,
  text,
} from "./para-world.ts";

const AMOUNT = 50_000n;
const [KEPT, RELEASED, ROLLED_BACK, DROPPED, OWED] = [0, 1, 2, 3, 4];

function cross(to: AccountSigner, amount = AMOUNT, title = TITLE) {
  return [text(title), arg.address(to.address), arg.u64(amount)] as const;
}

/** The nodes agree on the next height, with these cross-chain transactions in it. */
function agree(
  world: ParaWorld,
  hashes: readonly Uint8Array[],
  results: readonly boolean[],
): readonly Sent[] {
  const status = world.status(world.height() + 1, {
    crossTxHashes: hashes,
    crossTxResult: bits(results),
  });
  return world.nodes.slice(0, 3).map((node) => expectDone(world.commit(node, status)));
}

function outcomesOf(sent: readonly Sent[]): readonly number[] {
  return sent
    .flatMap((item) => eventsOf(item, "cross_asset::AssetSettled"))
    .map((reader) => {
      reader.bytes();
      reader.string();
      reader.u64();
      reader.u8();
      return reader.u8();
    });
}

function piles(world: ParaWorld): readonly bigint[] {
  return ["waiting", "locked"].map((pile) => world.view(`vault::${pile}`, text(TITLE)).u64());
}

describe("a transfer to a parallel chain", () => {
  it("waits here until it is done there, and then stays locked", () => {
    const world = startParaWorld(ABCD);
    const before = world.chain.balance(alice.address);
    const sent = expectDone(world.act(alice, "cross_asset::transfer", ...cross(bob)));
    expect(world.chain.balance(alice.address)).toBe(before - AMOUNT - sent.receipt.gasUsed);
    const [event] = eventsOf(sent, "cross_asset::AssetTransfer");
    const hash = crossHash(0, false, alice, bob, AMOUNT);
    expect(event?.bytes()).toEqual(hash);
    expect([event?.string(), event?.u64()]).toEqual([TITLE, 0n]);
    expect([event?.address(), event?.address()]).toEqual([alice.address, bob.address]);
    expect(event?.u64()).toBe(AMOUNT);
    expect(piles(world)).toEqual([AMOUNT, 0n]);
    const action = world.view("cross_asset::get_action", arg.bytes(hash));
    expect([action.string(), action.u64(), action.u8()]).toEqual([TITLE, 0n, 0]);
    expect(outcomesOf(agree(world, [hash], [true]))).toEqual([KEPT]);
    expect(piles(world)).toEqual([0n, AMOUNT]);
    expect(world.view("cross_asset::has_action", arg.bytes(hash)).bool()).toBe(false);
  });

  it("comes back when it failed there", () => {
    const world = startParaWorld(ABCD);
    const before = world.chain.balance(alice.address);
    const sent = expectDone(world.act(alice, "cross_asset::transfer", ...cross(bob)));
    const hash = crossHash(0, false, alice, bob, AMOUNT);
    expect(outcomesOf(agree(world, [hash], [false]))).toEqual([ROLLED_BACK]);
    expect(world.chain.balance(alice.address)).toBe(before - sent.receipt.gasUsed);
    expect(piles(world)).toEqual([0n, 0n]);
  });

  it("needs coins, an amount, somebody to credit and a title with a group", () => {
    const world = startParaWorld(ABCD);
    const transfer = (...args: readonly Uint8Array[]) =>
      world.outcome(alice, "cross_asset::transfer", ...args);
    expect(transfer(...cross(bob, 0n))).toBe(1);
    expect(transfer(text(TITLE), arg.address(makeAddress("0x0")), arg.u64(1))).toBe(1);
    expect(transfer(...cross(bob, AMOUNT, "user.p.game"))).toBe(2);
    expect(transfer(...cross(bob, AMOUNT, "user.p.nowhere."))).toBe(3);
    expect(transfer(...cross(bob, 10n ** 15n))).toBe(8);
    expect(piles(world)).toEqual([0n, 0n]);
    // What was refused took no number.
    expectDone(world.act(alice, "cross_asset::transfer", ...cross(bob)));
    const hash = crossHash(0, false, alice, bob, AMOUNT);
    expect(world.view("cross_asset::has_action", arg.bytes(hash)).bool()).toBe(true);
  });
});

describe("a withdrawal from a parallel chain", () => {
  /** Alice transferred and it is done; then she withdraws. */
  function withdrawing(amount = AMOUNT): readonly [ParaWorld, Uint8Array] {
    const world = startParaWorld(ABCD);
    expectDone(world.act(alice, "cross_asset::transfer", ...cross(alice)));
    agree(world, [crossHash(0, false, alice, alice, AMOUNT)], [true]);
    const sent = expectDone(world.act(alice, "cross_asset::withdraw", ...cross(bob, amount)));
    expect(eventsOf(sent, "cross_asset::AssetWithdraw")).toHaveLength(1);
    return [world, crossHash(1, true, alice, bob, amount)];
  }

  it("is released when the height is done in which it took effect", () => {
    const [world, hash] = withdrawing();
    const before = world.chain.balance(bob.address);
    expect(piles(world)).toEqual([0n, AMOUNT]);
    expect(outcomesOf(agree(world, [hash], [true]))).toEqual([RELEASED]);
    expect(world.chain.balance(bob.address)).toBe(before + AMOUNT);
    expect(piles(world)).toEqual([0n, 0n]);
  });

  it("is dropped when it took no effect there", () => {
    const [world, hash] = withdrawing();
    const before = world.chain.balance(bob.address);
    expect(outcomesOf(agree(world, [hash], [false]))).toEqual([DROPPED]);
    expect(world.chain.balance(bob.address)).toBe(before);
    expect(piles(world)).toEqual([0n, AMOUNT]);
  });

  it("is paid once, however often it is named", () => {
    const [world, hash] = withdrawing(AMOUNT / 5n);
    const before = world.chain.balance(bob.address);
    expect(outcomesOf(agree(world, [hash, hash, hash], [true, true, true]))).toEqual([RELEASED]);
    expect(outcomesOf(agree(world, [hash], [true]))).toEqual([]);
    const [a] = world.nodes;
    if (!a) return;
    // Words that come late settle nothing.
    const late = world.status(1, { crossTxHashes: [hash], crossTxResult: bits([true]) });
    expect(outcomesOf([expectDone(world.commit(a, late))])).toEqual([]);
    expect(world.chain.balance(bob.address)).toBe(before + AMOUNT / 5n);
    expect(piles(world)).toEqual([0n, AMOUNT - AMOUNT / 5n]);
  });

  it("is not paid from what is still on its way there, but owed", () => {
    const [world, hash] = withdrawing(AMOUNT + 1n);
    expectDone(world.act(bob, "cross_asset::transfer", ...cross(bob, 10n)));
    expect(piles(world)).toEqual([10n, AMOUNT]);
    const before = world.chain.balance(bob.address);
    expect(outcomesOf(agree(world, [hash], [true]))).toEqual([OWED]);
    expect(world.chain.balance(bob.address)).toBe(before);
    expect(world.outcome(alice, "cross_asset::pay_owed", arg.bytes(hash))).toBe(11);
    // It is settled: another word about it changes nothing.
    expect(outcomesOf(agree(world, [hash], [false]))).toEqual([]);
    agree(world, [crossHash(2, false, bob, bob, 10n)], [true]);
    const paid = expectDone(world.act(alice, "cross_asset::pay_owed", arg.bytes(hash)));
    expect(outcomesOf([paid])).toEqual([RELEASED]);
    expect(world.chain.balance(bob.address)).toBe(before + AMOUNT + 1n);
    expect(piles(world)).toEqual([0n, 9n]);
    expect(world.outcome(alice, "cross_asset::pay_owed", arg.bytes(hash))).toBe(10);
  });

  it("that is not done is not owed", () => {
    const [world, hash] = withdrawing();
    expect(world.outcome(bob, "cross_asset::pay_owed", arg.bytes(hash))).toBe(11);
    expect(world.outcome(bob, "cross_asset::pay_owed", arg.bytes(hashOf("none")))).toBe(10);
  });
});

describe("what nodes agree on", () => {
  it("settles no action of another title, and none that there is not", () => {
    const world = startParaWorld(ABCD);
    makeGroup(world, "user.p.other.", world.nodes);
    const transfer = cross(bob, AMOUNT, "user.p.other.");
    expectDone(world.act(alice, "cross_asset::transfer", ...transfer));
    const foreign = crossHash(0, false, alice, bob, AMOUNT, "user.p.other.");
    expect(outcomesOf(agree(world, [foreign, hashOf("none")], [false, true]))).toEqual([]);
    expect(world.height()).toBe(0);
    expect(world.view("vault::waiting", text("user.p.other.")).u64()).toBe(AMOUNT);
  });

  it("is a bit for each transaction, the first being the lowest", () => {
    const world = startParaWorld(ABCD);
    const hashes = [0, 1, 2].map((id) => {
      expectDone(world.act(alice, "cross_asset::transfer", ...cross(bob)));
      return crossHash(id, false, alice, bob, AMOUNT);
    });
    const outcomes = outcomesOf(agree(world, hashes, [false, true, true]));
    expect(outcomes).toEqual([ROLLED_BACK, KEPT, KEPT]);
  });

  it("is bits of a number that goes on in the byte before", () => {
    const world = startParaWorld(ABCD);
    const hashes = Array.from({ length: 9 }, (_, id) => {
      expectDone(world.act(alice, "cross_asset::transfer", ...cross(bob)));
      return crossHash(id, false, alice, bob, AMOUNT);
    });
    const results = hashes.map((_, i) => i !== 0 && i !== 5);
    const outcomes = outcomesOf(agree(world, hashes, results));
    expect(outcomes).toEqual(results.map((isOk) => (isOk ? KEPT : ROLLED_BACK)));
  });

  it("names so many actions at most that done always fits a transaction", () => {
    const world = startParaWorld(ABCD);
    const height = world.chain.height();
    const hashes = Array.from({ length: 32 }, (_, id) => {
      // All of them in one block.
      world.chain.skipTo(height);
      expectDone(world.act(alice, "cross_asset::withdraw", ...cross(bob, 1n)));
      return crossHash(id, true, alice, bob, 1n);
    });
    world.chain.skipTo(height);
    expect(world.outcome(alice, "cross_asset::withdraw", ...cross(bob, 1n))).toBe(9);
    expect(world.outcome(alice, "cross_asset::transfer", ...cross(bob, 1n))).toBe("EXECUTED");
    const bare = { mainBlockHash: new Uint8Array(), mainBlockHeight: 0n };
    const status = world.status(0, {
      ...bare,
      crossTxHashes: hashes,
      crossTxResult: bits(hashes.map(() => true)),
    });
    const sent = world.nodes.slice(0, 3).map((node) => expectDone(world.commit(node, status)));
    expect(outcomesOf(sent)).toEqual(hashes.map(() => OWED));
    // Twenty such heights in one transaction are within what one may use.
    expect(20n * (sent[2]?.receipt.gasUsed ?? 0n)).toBeLessThan(2_000_000n);
  });
});

describe("a crossing under a number", () => {
  const account = (world: ParaWorld) => {
    const args = [text(TITLE), arg.address(alice.address)];
    const returned = world.chain.viewAll("0x40::crossing::get_account", ...args);
    return returned.map((reader, i) => (i === 0 ? reader.u64() : reader.u128()));
  };

  it("is begun once, however often it is sent", () => {
    const world = startParaWorld(ABCD);
    const begin = (name: string, number: number, amount = AMOUNT) =>
      world.outcome(alice, `cross_asset::${name}`, ...cross(bob, amount), arg.u64(number));
    expect(begin("transfer_once", 1)).toBe(29);
    expect(begin("transfer_once", 0)).toBe("EXECUTED");
    expect(begin("transfer_once", 0)).toBe(29);
    expect(begin("withdraw_once", 0)).toBe(29);
    expect(begin("withdraw_once", 1, 10n)).toBe("EXECUTED");
    expect(begin("withdraw_once", 1, 10n)).toBe(29);
    // What has no number counts as well.
    expectDone(world.act(alice, "cross_asset::transfer", ...cross(bob, 5n)));
    expect(begin("transfer_once", 2)).toBe(29);
    expect(account(world)).toEqual([3n, AMOUNT + 5n, 0n, 0n]);
  });

  it("is told of until it has come back or was paid", () => {
    const world = startParaWorld(ABCD);
    expectDone(world.act(alice, "cross_asset::transfer_once", ...cross(bob), arg.u64(0)));
    expectDone(world.act(alice, "cross_asset::transfer_once", ...cross(bob, 7n), arg.u64(1)));
    expectDone(world.act(alice, "cross_asset::withdraw_once", ...cross(bob, 20n), arg.u64(2)));
    const hashes = [
      crossHash(0, false, alice, bob, AMOUNT),
      crossHash(1, false, alice, bob, 7n),
      crossHash(2, true, alice, bob, 20n),
    ];
    expect(outcomesOf(agree(world, hashes, [true, false, true]))).toEqual([
      KEPT,
      ROLLED_BACK,
      RELEASED,
    ]);
    expect(account(world)).toEqual([3n, AMOUNT + 7n, 7n, 20n]);
  });
});
