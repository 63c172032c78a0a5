// RAM: what accounts store, what they may, and how votes pay for more. Scenarios R7 to R12 of the
// resource model by their numbers.
import { describe, expect, it } from "vitest";
import type { AccountSigner } from "#chains";
import type { Address } from "#core/address.ts";
import {
  alice,
  arg,
  bob,
  COIN,
  decide,
  FUNDS,
  outcomeOf,
  producer,
  type ResourceChain,
  startResourceChain,
  TRIAL,
} from "./resource-chain.ts";

const KIB = 1_024n;
/** What every account takes up. */
const ACCOUNT_BYTES = 2_724n;
const FROZEN_BLOCKS = 86_400n;
const VOTE4RAM = "0x50::ram::vote4ram";
const UNFREEZE = "0x50::ram::unfreezeram";

function vote4ram(
  chain: ResourceChain,
  stake: bigint,
  bp: Address = producer.address,
  by: AccountSigner = alice,
) {
  return chain.act(by, VOTE4RAM, [arg.address(bp), arg.u64(stake)]);
}

function unfreeze(chain: ResourceChain) {
  return chain.act(alice, UNFREEZE, [arg.address(producer.address)]);
}

function quota(chain: ResourceChain, of = alice.address): bigint {
  return chain.view("0x50::ram::quota", arg.address(of)).u64();
}

function used(chain: ResourceChain, of = alice.address): bigint {
  return chain.view("0x50::ram::used", arg.address(of)).u64();
}

function keep(chain: ResourceChain, size: number, by: AccountSigner = alice) {
  return chain.act(by, "0x7e57::acting::keep", [arg.u64(size)]);
}

interface Row {
  readonly bpname: Address;
  readonly staked: bigint;
  readonly voteage: bigint;
  readonly updated: bigint;
  readonly unstaking: bigint;
  readonly unstakeHeight: bigint;
}

function rows(chain: ResourceChain): readonly Row[] {
  return chain.view("0x50::ram::get_votes4ram", arg.address(alice.address)).vector((reader) => ({
    bpname: reader.address(),
    staked: reader.u64(),
    voteage: reader.u128(),
    updated: reader.u64(),
    unstaking: reader.u64(),
    unstakeHeight: reader.u64(),
  }));
}

describe("[R7] a new account", () => {
  it("may store 8 KiB and takes up 2.66", () => {
    const chain = startResourceChain();
    expect(quota(chain)).toBe(8n * KIB);
    expect(used(chain)).toBe(ACCOUNT_BYTES);
    expect((Number(used(chain)) / 1_024).toFixed(2)).toBe("2.66");
  });

  it("pays for what it stores, key and value, and gets it back", () => {
    const chain = startResourceChain();
    keep(chain, 100);
    const first = used(chain) - ACCOUNT_BYTES;
    expect(first).toBeGreaterThan(100n);
    keep(chain, 1_100);
    // One byte more for the longer length.
    expect(used(chain) - ACCOUNT_BYTES).toBe(first + 1_001n);
    chain.ok(alice, "0x7e57::acting::forget", []);
    expect(used(chain)).toBe(ACCOUNT_BYTES);
  });

  it("cannot store more, and nothing of an attempt remains", () => {
    const chain = startResourceChain();
    expect(outcomeOf(keep(chain, 8 * 1_024))).toBe("0x50::ram 9");
    expect(used(chain)).toBe(ACCOUNT_BYTES);
    expect(outcomeOf(keep(chain, 5 * 1_024))).toBe("EXECUTED");
  });

  it("is not charged for coins that others send it", () => {
    const chain = startResourceChain();
    chain.fund(bob.address, 5n);
    expect(used(chain, bob.address)).toBe(ACCOUNT_BYTES);
  });

  it("is not limited where it is the system's", () => {
    const chain = startResourceChain();
    const system = chain.view("0x50::ram::quota", arg.address(producer.address)).u64();
    expect(system).toBe(8n * KIB);
    const book = "0x0000000000000000000000000000000000000000000000000000000000000021";
    expect(quota(chain, book as Address)).toBe((1n << 64n) - 1n);
  });
});

describe("a contract's tables", () => {
  it("are its own account's to pay for, whoever fills them", () => {
    const chain = startResourceChain();
    const before = used(chain, TRIAL);
    chain.ok(alice, "0x7e57::acting::shelve", [arg.u64(1), arg.u64(500)]);
    const made = used(chain, TRIAL);
    expect(made - before).toBeGreaterThan(500n);
    // The handle of the table stands under the sender.
    expect(used(chain) - ACCOUNT_BYTES).toBeLessThan(200n);
    chain.ok(alice, "0x7e57::acting::shelve", [arg.u64(1), arg.u64(600)]);
    expect(used(chain, TRIAL) - made).toBe(100n);
    const full = chain.act(alice, "0x7e57::acting::shelve", [arg.u64(2), arg.u64(6_000)]);
    expect(outcomeOf(full)).toBe("0x50::ram 9");
  });
});

describe("[R8] votes for RAM", () => {
  it("of 1,000 make 108 KiB, of 700 then 78 KiB with 300 on their way back", () => {
    const chain = startResourceChain();
    expect(outcomeOf(vote4ram(chain, 1_000n * COIN))).toBe("EXECUTED");
    expect(quota(chain)).toBe(108n * KIB);
    const atFirst = chain.height();
    expect(chain.balance(alice.address)).toBe(FUNDS - 1_000n * COIN - 500n);
    chain.blocks(9);
    vote4ram(chain, 700n * COIN);
    expect(quota(chain)).toBe(78n * KIB);
    expect(rows(chain)).toEqual([
      {
        bpname: producer.address,
        staked: 700n * COIN,
        voteage: 10_000n,
        updated: atFirst + 10n,
        unstaking: 300n * COIN,
        unstakeHeight: atFirst + 10n,
      },
    ]);
    const sum = chain.view("0x50::ram::get_vote4ramsum", arg.address(alice.address)).u64();
    expect(sum).toBe(700n * COIN);
    // They come back later, and nothing of them now.
    expect(chain.balance(alice.address)).toBe(FUNDS - 1_000n * COIN - 1_000n);
  });

  it("of 10,000 make a thousand KiB, and let so much be stored", () => {
    const chain = startResourceChain();
    vote4ram(chain, 10_000n * COIN);
    expect(quota(chain)).toBe(1_008n * KIB);
    expect(outcomeOf(keep(chain, 60_000))).toBe("EXECUTED");
  });

  it("[C5.5] of all coins there are do not overflow", () => {
    const chain = startResourceChain();
    const most = 80_000_000_000n * COIN;
    chain.fund(alice.address, most);
    expect(outcomeOf(vote4ram(chain, most))).toBe("EXECUTED");
    expect(quota(chain)).toBe(8_192n + (most * 10_240n) / 1_000_000n);
  });

  it("count for the producer's election", () => {
    const chain = startResourceChain();
    vote4ram(chain, 1_000n * COIN);
    const row = chain.view("0x50::producers::get_producer", arg.address(producer.address));
    row.address();
    row.bytes();
    row.u64();
    row.string();
    expect(row.u64()).toBe(1_000n * COIN);
  });
});

describe("[R9] what was taken off", () => {
  it("is frozen for 86,400 blocks and then comes back", () => {
    const chain = startResourceChain();
    vote4ram(chain, 1_000n * COIN);
    vote4ram(chain, 700n * COIN);
    const since = chain.height();
    chain.skipTo(since + FROZEN_BLOCKS - 1n);
    expect(outcomeOf(unfreeze(chain))).toBe("0x50::stake 12");
    expect(chain.height()).toBe(since + FROZEN_BLOCKS);
    const before = chain.balance(alice.address);
    expect(outcomeOf(unfreeze(chain))).toBe("EXECUTED");
    expect(chain.balance(alice.address)).toBe(before + 300n * COIN - 100n);
    expect(rows(chain)).toMatchObject([{ staked: 700n * COIN, unstaking: 0n }]);
    expect(outcomeOf(unfreeze(chain))).toBe("0x50::stake 11");
    expect(quota(chain)).toBe(78n * KIB);
  });

  it("is asked for in vain where nothing was staked", () => {
    const chain = startResourceChain();
    expect(outcomeOf(unfreeze(chain))).toBe("0x50::votes 10");
  });
});

describe("[R10] a second reduction", () => {
  it("[C5.4] begins the freeze anew for the sum, as it is documented", () => {
    const chain = startResourceChain();
    vote4ram(chain, 1_000n * COIN);
    vote4ram(chain, 700n * COIN);
    const first = chain.height();
    chain.skipTo(first + FROZEN_BLOCKS - 10n);
    vote4ram(chain, 600n * COIN);
    const second = chain.height();
    chain.skipTo(first + FROZEN_BLOCKS + 10n);
    expect(outcomeOf(unfreeze(chain))).toBe("0x50::stake 12");
    chain.skipTo(second + FROZEN_BLOCKS);
    const before = chain.balance(alice.address);
    expect(outcomeOf(unfreeze(chain))).toBe("EXECUTED");
    expect(chain.balance(alice.address)).toBe(before + 400n * COIN - 100n);
  });

  it("is not paid back by a stake that grows again: that comes from other coins", () => {
    const chain = startResourceChain();
    vote4ram(chain, 1_000n * COIN);
    vote4ram(chain, 700n * COIN);
    const before = chain.balance(alice.address);
    vote4ram(chain, 900n * COIN);
    expect(chain.balance(alice.address)).toBe(before - 200n * COIN - 500n);
    expect(rows(chain)).toMatchObject([{ staked: 900n * COIN, unstaking: 300n * COIN }]);
  });
});

describe("[R11] a stake for RAM that is used", () => {
  it("cannot be taken off", () => {
    const chain = startResourceChain();
    vote4ram(chain, 1_000n * COIN);
    keep(chain, 60_000);
    expect(outcomeOf(vote4ram(chain, 400n * COIN))).toBe("0x50::ram 9");
    expect(quota(chain)).toBe(108n * KIB);
    expect(outcomeOf(vote4ram(chain, 600n * COIN))).toBe("EXECUTED");
    chain.ok(alice, "0x7e57::acting::forget", []);
    expect(outcomeOf(vote4ram(chain, 0n))).toBe("EXECUTED");
    expect(quota(chain)).toBe(8n * KIB);
  });

  it("keeps what is there when the producers raise the rent, but nothing may be added", () => {
    const chain = startResourceChain();
    vote4ram(chain, 1_000n * COIN);
    keep(chain, 60_000);
    const setting = [arg.text("res.ramrent"), arg.u64(1_024)];
    decide(chain, "0x50::config::setconfig", [...setting, arg.address(TRIAL), arg.u64(0)]);
    expect(quota(chain)).toBe(18n * KIB);
    expect(outcomeOf(keep(chain, 60_001))).toBe("0x50::ram 9");
    expect(outcomeOf(keep(chain, 50_000))).toBe("EXECUTED");
    expect(outcomeOf(vote4ram(chain, 2_000n * COIN))).toBe("EXECUTED");
    expect(quota(chain)).toBe(28n * KIB);
  });

  it("is not needed as long as the rule is not in force", () => {
    const chain = startResourceChain();
    const gate = [arg.text("f.ram4vote"), arg.u64(chain.height() + 10n)];
    decide(chain, "0x50::config::setconfig", [...gate, arg.address(TRIAL), arg.u64(0)]);
    expect(outcomeOf(keep(chain, 60_000))).toBe("EXECUTED");
    chain.blocks(10);
    expect(outcomeOf(keep(chain, 60_001))).toBe("0x50::ram 9");
  });
});

describe("[R12] a vote for RAM is refused", () => {
  it("for a part of a coin", () => {
    const chain = startResourceChain();
    expect(outcomeOf(vote4ram(chain, COIN + 1n))).toBe("0x50::stake 5");
  });

  it("for a producer that there is none of", () => {
    const chain = startResourceChain();
    expect(outcomeOf(vote4ram(chain, COIN, bob.address))).toBe("0x50::producers 4");
  });

  it("for more coins than there are", () => {
    const chain = startResourceChain();
    expect(outcomeOf(vote4ram(chain, FUNDS + COIN))).toBe("0x50::votes 6");
    expect(quota(chain)).toBe(8n * KIB);
  });

  it("for the stake that it is", () => {
    const chain = startResourceChain();
    vote4ram(chain, COIN);
    expect(outcomeOf(vote4ram(chain, COIN))).toBe("0x50::stake 7");
  });

  it("for a producer that the others have barred, unless it becomes smaller", () => {
    const chain = startResourceChain();
    vote4ram(chain, 5n * COIN);
    const bar = [arg.address(producer.address), arg.bool(true)];
    expect(outcomeOf(decide(chain, "0x50::producers::removebp", bar))).toBe("EXECUTED");
    expect(outcomeOf(vote4ram(chain, 6n * COIN))).toBe("0x50::producers 8");
    expect(outcomeOf(vote4ram(chain, 4n * COIN))).toBe("EXECUTED");
  });
});
