// Votes for dividends, block rewards and elections. Scenario R13 of the resource model, and that
// votes for RAM do not thin out the dividends of the others for ever.
import { describe, expect, it } from "vitest";
import type { AccountSigner } from "#chains";
import { gasUnits } from "#core/gas-units.ts";
import { accountNamed } from "../fixture.ts";
import {
  alice,
  arg,
  bob,
  COIN,
  FUNDS,
  faucet,
  outcomeOf,
  producer,
  type ResourceChain,
  startResourceChain,
} from "./resource-chain.ts";

const BP = arg.address(producer.address);
/** What a block brings its producer's voters, and the foundation. */
const REWARD = 9n * COIN;
const carol = accountNamed("carol");

function vote(chain: ResourceChain, by: AccountSigner, stake: bigint, bp = BP) {
  return chain.act(by, "0x50::votes::vote", [bp, arg.u64(stake)]);
}

function vote4ram(chain: ResourceChain, by: AccountSigner, stake: bigint) {
  return chain.act(by, "0x50::ram::vote4ram", [BP, arg.u64(stake)]);
}

function claim(chain: ResourceChain, by: AccountSigner) {
  return chain.act(by, "0x50::votes::claim", [BP]);
}

function pool(chain: ResourceChain): bigint {
  return chain.view("0x50::vault::rewards_pool", BP).u64();
}

function commission(chain: ResourceChain, of = producer): bigint {
  return chain.view("0x50::vault::commission", arg.address(of.address)).u64();
}

describe("a block", () => {
  it("brings 9 coins to its producer's voters, and the fees of the block before", () => {
    const chain = startResourceChain();
    const before = pool(chain);
    chain.blocks(1);
    // The last of three payments from the faucet was in the block before.
    expect(pool(chain)).toBe(before + REWARD + 100n);
    chain.blocks(3);
    expect(pool(chain)).toBe(before + 4n * REWARD + 100n);
  });

  it("brings the producer the part that it keeps for itself", () => {
    const chain = startResourceChain();
    const key = arg.bytes(producer.publicKey);
    const terms = { maxGas: gasUnits(1_100_000n) };
    const update = [key, arg.u64(2_500), arg.text("https://producer.example")];
    chain.ok(producer, "0x50::producers::updatebp", update, terms);
    const before = [pool(chain), commission(chain)] as const;
    chain.blocks(1);
    expect(pool(chain) - before[0]).toBe((REWARD * 3n) / 4n + 1_000_000n);
    expect(commission(chain) - before[1]).toBe(REWARD / 4n);
    const coins = chain.balance(producer.address);
    chain.ok(producer, "0x50::producers::claim_commission", []);
    expect(commission(chain)).toBe(0n);
    expect(chain.balance(producer.address)).toBe(coins + (REWARD / 4n) * 2n - 300n);
  });

  it("brings one coin to those who built the chain, for a hundred blocks at once", () => {
    const chain = startResourceChain();
    const own = () => commission(chain, faucet);
    chain.skipTo(98n);
    chain.blocks(1);
    expect(own()).toBe(0n);
    chain.blocks(1);
    expect(own()).toBe(100n * COIN);
    chain.blocks(1);
    expect(own()).toBe(100n * COIN);
  });
});

describe("votes", () => {
  it("share a producer's pool by coins and time", () => {
    const chain = startResourceChain();
    vote(chain, alice, 3_000n * COIN);
    vote(chain, bob, 1_000n * COIN);
    chain.blocks(8);
    const before = [chain.balance(alice.address), pool(chain)] as const;
    claim(chain, alice);
    // In the block of the claim alice's coins are 10 blocks old and bob's 9: 30,000 and 9,000.
    const due = ((before[1] + REWARD) * 30_000n) / 39_000n;
    expect(chain.balance(alice.address)).toBe(before[0] + due - 300n);
    expect(pool(chain)).toBe(before[1] + REWARD - due);
    const second = chain.balance(alice.address);
    claim(chain, alice);
    expect(chain.balance(alice.address) - second).toBeLessThan(due / 2n);
  });

  it("are taken off and come back like those for RAM", () => {
    const chain = startResourceChain();
    vote(chain, alice, 1_000n * COIN);
    expect(chain.balance(alice.address)).toBe(FUNDS - 1_000n * COIN - 500n);
    vote(chain, alice, 0n);
    const since = chain.height();
    const unfreeze = () => outcomeOf(chain.act(alice, "0x50::votes::unfreeze", [BP]));
    expect(unfreeze()).toBe("0x50::stake 12");
    chain.skipTo(since + 86_400n);
    expect(unfreeze()).toBe("EXECUTED");
    expect(chain.balance(alice.address)).toBe(FUNDS - 1_200n);
    expect(chain.view("0x50::vault::staked", arg.address(alice.address)).u64()).toBe(0n);
  });

  it("are in whole coins, for a producer there is, of coins there are", () => {
    const chain = startResourceChain();
    expect(outcomeOf(vote(chain, alice, 1n))).toBe("0x50::stake 5");
    const nobody = arg.address(bob.address);
    expect(outcomeOf(vote(chain, alice, COIN, nobody))).toBe("0x50::producers 4");
    expect(outcomeOf(vote(chain, alice, FUNDS * 2n))).toBe("0x50::votes 6");
  });
});

describe("[R13] a claim by somebody who only votes for RAM", () => {
  it("is refused and leaves the pool as it was", () => {
    const chain = startResourceChain();
    vote4ram(chain, alice, 1_000n * COIN);
    chain.blocks(5);
    const before = pool(chain);
    expect(outcomeOf(claim(chain, alice))).toBe("0x50::votes 10");
    expect(pool(chain)).toBe(before + REWARD);
  });

  it("has its dividend realised as rent, which is the producer's", () => {
    const chain = startResourceChain();
    vote(chain, bob, 1_000n * COIN);
    vote4ram(chain, alice, 1_000n * COIN);
    chain.blocks(10);
    const before = [pool(chain), commission(chain)] as const;
    claim(chain, bob);
    // Bob's coins are 12 blocks old, those for RAM 11.
    const rent = ((before[0] + REWARD) * 11_000n) / 23_000n;
    expect(commission(chain) - before[1]).toBe(rent);
    expect(pool(chain)).toBe(0n);
  });

  it("[C5.1] does not thin out what the others get, however long it votes", () => {
    const chain = startResourceChain();
    vote4ram(chain, alice, 1_000n * COIN);
    chain.skipTo(chain.height() + 10_000_000n);
    vote(chain, bob, 1_000n * COIN);
    // From here on half of what comes in is bob's: the old voteage is spent.
    const parts: bigint[] = [];
    for (let round = 0; round < 3; round++) {
      chain.blocks(20);
      const before = chain.balance(bob.address);
      claim(chain, bob);
      parts.push(chain.balance(bob.address) - before);
    }
    const whole = 21n * REWARD;
    for (const part of parts) {
      expect(part).toBeGreaterThan((whole * 4n) / 10n);
      expect(part).toBeLessThan((whole * 6n) / 10n);
    }
  });

  it("[C5.1] does not do so either after it has ended", () => {
    const chain = startResourceChain();
    vote4ram(chain, alice, 1_000n * COIN);
    chain.blocks(50);
    vote4ram(chain, alice, 0n);
    vote(chain, bob, 1_000n * COIN);
    chain.blocks(20);
    const before = [chain.balance(bob.address), pool(chain)] as const;
    claim(chain, bob);
    expect(chain.balance(bob.address) - before[0]).toBe(before[1] + REWARD - 300n);
  });
});

describe("an election", () => {
  it("puts those into office who have the most votes, every hundred blocks", () => {
    const chain = startResourceChain();
    const candidates = ["ben", "cat", "dan"].map(accountNamed);
    const terms = { maxGas: gasUnits(1_100_000n) };
    for (const [index, candidate] of candidates.entries()) {
      chain.fund(candidate.address, 200n * COIN);
      const update = [arg.bytes(candidate.publicKey), arg.u64(0), arg.text("")];
      chain.ok(candidate, "0x50::producers::updatebp", update, terms);
      vote(chain, alice, BigInt(index + 1) * COIN, arg.address(candidate.address));
    }
    const office = () =>
      chain.view("0x50::producers::get_schedule").vector((reader) => reader.address());
    expect(office()).toEqual([producer.address]);
    chain.skipTo(99n);
    chain.blocks(1);
    const [ben, cat, dan] = candidates.map(({ address }) => address);
    expect(office()).toEqual([dan, cat, ben, producer.address]);
    const [first] = candidates;
    if (first === undefined) return;
    const leave = [arg.address(first.address), arg.bool(false)];
    chain.fund(first.address, 200n * COIN);
    chain.ok(first, "0x50::producers::removebp", leave, terms);
    chain.skipTo(199n);
    chain.blocks(1);
    expect(office()).toEqual([dan, cat, producer.address]);
  });

  it("takes no producer whose key, rate or address is none", () => {
    const chain = startResourceChain();
    const terms = { maxGas: gasUnits(1_100_000n) };
    const update = (key: Uint8Array, rate: number, url: string) =>
      outcomeOf(
        chain.act(
          alice,
          "0x50::producers::updatebp",
          [arg.bytes(key), arg.u64(rate), arg.text(url)],
          terms,
        ),
      );
    expect(update(new Uint8Array(31), 0, "")).toBe("0x50::producers 19");
    expect(update(alice.publicKey, 10_001, "")).toBe("0x50::producers 19");
    expect(update(alice.publicKey, 0, "x".repeat(257))).toBe("0x50::producers 19");
    expect(update(alice.publicKey, 10_000, "")).toBe("EXECUTED");
  });
});

describe("the reserve", () => {
  it("is where rewards come from, to the last unit", () => {
    const chain = startResourceChain();
    const reserve = () => chain.view("0x50::vault::reserve").u64();
    const before = reserve();
    chain.blocks(7);
    expect(before - reserve()).toBe(7n * REWARD);
    expect(chain.balance(carol.address)).toBe(0n);
  });
});
