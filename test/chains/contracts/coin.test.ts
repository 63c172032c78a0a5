import { describe, expect, it } from "vitest";
import { type Address, makeAddress } from "#core/address.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { utf8 } from "#core/bytes.ts";
import { formatTypeTag } from "#core/type-tag.ts";
import { refusalOf } from "./abort.ts";
import { arg, type ContractChain, FAUCET, RESERVE } from "./contract-chain.ts";
import { startTrialChain, TRIAL } from "./trial-modules.ts";

const NATIVE = "0x1::aptos_coin::AptosCoin";
const GOLD = "0x7e57::coins::Gold";
const ALICE = makeAddress("0xa11ce");
const BOB = makeAddress("0xb0b");
const SUPPLY = 1_000_000_000_000_000n;

function u64(bytes: Uint8Array | undefined): bigint {
  return decodeBcs(bytes ?? new Uint8Array(), (reader) => reader.u64());
}

function balance(chain: ContractChain, owner: Address, coin = NATIVE): bigint {
  const args = [arg.address(owner)];
  return u64(chain.view("0x1::coin::balance", { typeArgs: [coin], args })[0]);
}

function transfer(chain: ContractChain, from: Address, to: Address, amount: bigint) {
  const args = [arg.address(to), arg.u64(amount)];
  return chain.run("0x1::aptos_account::transfer", { sender: from, args });
}

function supplyOf(chain: ContractChain, coin: string): bigint | undefined {
  const [bytes] = chain.view("0x1::coin::supply", { typeArgs: [coin] });
  return decodeBcs(bytes ?? new Uint8Array(), (reader) => reader.vector((item) => item.u128()))[0];
}

describe("the native coin", () => {
  it("is at the faucet after genesis but for the reserve, with 4 decimals", () => {
    const chain = startTrialChain();
    expect(balance(chain, FAUCET)).toBe(SUPPLY - RESERVE);
    expect(supplyOf(chain, NATIVE)).toBe(SUPPLY);
    expect(chain.view("0x1::coin::decimals", { typeArgs: [NATIVE] })).toEqual([Uint8Array.of(4)]);
    expect(chain.view("0x1::coin::symbol", { typeArgs: [NATIVE] })).toEqual([arg.text("HFC")]);
  });

  it("moves without loss and makes the receiver's account", () => {
    const chain = startTrialChain();
    expect(refusalOf(transfer(chain, FAUCET, ALICE, 500n))).toBe("EXECUTED");
    expect(refusalOf(transfer(chain, ALICE, BOB, 200n))).toBe("EXECUTED");
    expect([FAUCET, ALICE, BOB].map((owner) => balance(chain, owner))).toEqual([
      SUPPLY - RESERVE - 500n,
      300n,
      200n,
    ]);
    const known = chain.view("0x1::account::exists_at", { args: [arg.address(BOB)] });
    expect(known).toEqual([Uint8Array.of(1)]);
  });

  it("stays where it is when there is too little", () => {
    const chain = startTrialChain();
    transfer(chain, FAUCET, ALICE, 5n);
    expect(refusalOf(transfer(chain, ALICE, BOB, 6n))).toBe("0x1::coin 65542");
    expect(refusalOf(transfer(chain, BOB, ALICE, 1n))).toBe("0x1::coin 393221");
    expect(balance(chain, ALICE)).toBe(5n);
  });

  it("tells of every payment", () => {
    const chain = startTrialChain();
    const { events } = transfer(chain, FAUCET, ALICE, 7n);
    expect(events.map(({ type }) => formatTypeTag(type))).toEqual([
      "0x1::coin::CoinWithdraw",
      "0x1::coin::CoinDeposit",
    ]);
  });

  it("keeps the zero address without an account", () => {
    const chain = startTrialChain();
    const args = [arg.address(makeAddress("0x0"))];
    const made = chain.run("0x1::aptos_account::create_account", { sender: FAUCET, args });
    expect(refusalOf(made)).toBe("0x1::account 65541");
  });

  it("makes an account once", () => {
    const chain = startTrialChain();
    const make = () =>
      chain.run("0x1::aptos_account::create_account", {
        sender: FAUCET,
        args: [arg.address(ALICE)],
      });
    expect(refusalOf(make())).toBe("EXECUTED");
    expect(refusalOf(make())).toBe("0x1::account 524289");
  });
});

/** A chain on which the trial account has made gold, which alice can hold. */
function startWithGold(): ContractChain {
  const chain = startTrialChain();
  transfer(chain, FAUCET, TRIAL, 1_000n);
  transfer(chain, FAUCET, ALICE, 1_000n);
  initialize(chain, TRIAL);
  chain.ok("0x7e57::coins::register", { sender: ALICE });
  chain.ok("0x7e57::coins::register", { sender: TRIAL });
  return chain;
}

function initialize(chain: ContractChain, sender: Address, name = "Gold", symbol = "AU") {
  const args = [arg.bytes(utf8(name)), arg.bytes(utf8(symbol))];
  return chain.run("0x7e57::coins::initialize", { sender, args });
}

function gold(chain: ContractChain, name: string, ...args: readonly Uint8Array[]) {
  return chain.run(`0x7e57::coins::${name}`, { sender: TRIAL, args });
}

describe("a coin of somebody's own", () => {
  it("belongs to who published its type, once, under a short name", () => {
    const chain = startTrialChain();
    expect(refusalOf(initialize(chain, ALICE))).toBe("0x1::coin 65537");
    expect(refusalOf(initialize(chain, TRIAL, "G".repeat(33)))).toBe("0x1::coin 65548");
    expect(refusalOf(initialize(chain, TRIAL, "Gold", "A".repeat(11)))).toBe("0x1::coin 65549");
    expect(refusalOf(initialize(chain, TRIAL))).toBe("EXECUTED");
    expect(refusalOf(initialize(chain, TRIAL))).toBe("0x1::coin 524290");
  });

  it("is minted and burned by its capabilities, and counted", () => {
    const chain = startWithGold();
    gold(chain, "mint", arg.address(ALICE), arg.u64(30));
    gold(chain, "mint", arg.address(TRIAL), arg.u64(12));
    expect(supplyOf(chain, GOLD)).toBe(42n);
    expect(refusalOf(gold(chain, "burn", arg.u64(2)))).toBe("EXECUTED");
    expect(supplyOf(chain, GOLD)).toBe(40n);
    expect(balance(chain, ALICE, GOLD)).toBe(30n);
    expect(balance(chain, TRIAL, GOLD)).toBe(10n);
  });

  it("is refused where no store is open for it", () => {
    const chain = startWithGold();
    expect(refusalOf(gold(chain, "mint", arg.address(BOB), arg.u64(1)))).toBe("0x1::coin 393221");
    const registered = chain.run("0x7e57::coins::register", { sender: BOB });
    expect(refusalOf(registered)).toBe("0x1::coin 393231");
  });

  it("does not move in or out of a frozen store", () => {
    const chain = startWithGold();
    gold(chain, "mint", arg.address(TRIAL), arg.u64(5));
    gold(chain, "freeze_store", arg.address(TRIAL));
    expect(refusalOf(gold(chain, "burn", arg.u64(1)))).toBe("0x1::coin 327690");
    const minted = gold(chain, "mint", arg.address(TRIAL), arg.u64(1));
    expect(refusalOf(minted)).toBe("0x1::coin 327690");
    gold(chain, "unfreeze_store", arg.address(TRIAL));
    expect(refusalOf(gold(chain, "burn", arg.u64(1)))).toBe("EXECUTED");
  });

  it("can be split and merged, but destroyed only when it is nothing", () => {
    const chain = startWithGold();
    gold(chain, "mint", arg.address(TRIAL), arg.u64(9));
    expect(refusalOf(gold(chain, "handle", arg.u64(9), arg.u64(4)))).toBe("EXECUTED");
    expect(balance(chain, TRIAL, GOLD)).toBe(9n);
    expect(refusalOf(gold(chain, "handle", arg.u64(3), arg.u64(4)))).toBe("0x1::coin 65542");
    expect(refusalOf(gold(chain, "destroy_some"))).toBe("0x1::coin 65543");
  });
});
