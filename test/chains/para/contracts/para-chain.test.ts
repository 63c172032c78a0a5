// What is called on a parallel chain itself: its title, the main block behind each of its own, and
// coins that come and go in the order of the main chain's actions.
import { describe, expect, it } from "vitest";
import { type Address, makeAddress } from "#core/address.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { formatStructTag, formatTypeTag, makeStructTag } from "#core/type-tag.ts";
import { refusalOf } from "../../contracts/abort.ts";
import {
  arg,
  type ContractChain,
  FAUCET,
  type Ran,
  startContractChain,
} from "../../contracts/contract-chain.ts";
import { accountNamed } from "../../fixture.ts";
import { hashOf } from "./node-status.ts";
import { crossHash, TITLE } from "./para-world.ts";

const PARACROSS = makeAddress("0x40");
const COINS = "0x1::aptos_coin::AptosCoin";
const alice = accountNamed("alice");
const bob = accountNamed("bob");
const AMOUNT = 700n;

const ORDER = "0x40::para_chain 26";
const CHAIN = "0x40::para_chain 27";

function startParaChain(title = TITLE): ContractChain {
  const chain = startContractChain();
  expect(refusalOf(initialize(chain, title))).toBe("EXECUTED");
  return chain;
}

function initialize(chain: ContractChain, title: string): Ran {
  const options = { sender: PARACROSS, cosigner: FAUCET, args: [arg.text(title)] };
  return chain.system("0x40::para_chain::initialize", options);
}

function mine(chain: ContractChain, height: number, main: number, title = TITLE): Ran {
  const args = [
    arg.text(title),
    arg.u64(height),
    arg.bytes(hashOf("main", main)),
    arg.u64(main),
    arg.bytes(hashOf("block", height - 1)),
    arg.bytes(hashOf("state", height - 1)),
  ];
  return chain.system("0x40::para_chain::mine", { sender: PARACROSS, args });
}

function deposit(chain: ContractChain, id: number, to: Address, amount = AMOUNT): Ran {
  const args = [arg.u64(id), arg.address(alice.address), arg.address(to), arg.u64(amount)];
  return chain.system("0x40::para_chain::deposit", { sender: PARACROSS, args });
}

function withdraw(chain: ContractChain, id: number, amount = AMOUNT): Ran {
  const args = [arg.u64(id), arg.address(bob.address), arg.u64(amount)];
  const options = { sender: PARACROSS, cosigner: alice.address, args };
  return chain.system("0x40::para_chain::withdraw", options);
}

function eventOf({ events }: Ran, name: string): BcsReader {
  const full = formatStructTag(makeStructTag(`0x40::para_chain::${name}`));
  const [event] = events.filter(({ type }) => formatTypeTag(type) === full);
  return new BcsReader(event?.data ?? new Uint8Array());
}

/** Hash, id, whose coins, how many, whether it worked. */
function crossed(ran: Ran, name: string) {
  const reader = eventOf(ran, name);
  const fields = [reader.bytes(), reader.u64(), reader.address(), reader.u64(), reader.bool()];
  reader.end();
  return fields;
}

function u64(chain: ContractChain, name: string): bigint {
  const [bytes] = chain.view(`0x40::para_chain::${name}`, {});
  return new BcsReader(bytes ?? new Uint8Array()).u64();
}

function balance(chain: ContractChain, of: Address): bigint {
  const options = { typeArgs: [COINS], args: [arg.address(of)] };
  const [bytes] = chain.view("0x1::coin::balance", options);
  return new BcsReader(bytes ?? new Uint8Array()).u64();
}

describe("a parallel chain", () => {
  it("is one once, with a title, and holds all coins of its faucet", () => {
    const chain = startContractChain();
    const supply = balance(chain, FAUCET);
    expect(refusalOf(initialize(chain, "game"))).toBe("0x40::title 2");
    expect(refusalOf(initialize(chain, TITLE))).toBe("EXECUTED");
    expect(balance(chain, FAUCET)).toBe(0n);
    expect(u64(chain, "reserve")).toBe(supply);
    expect(refusalOf(initialize(chain, TITLE))).toBe(CHAIN);
    const [title] = chain.view("0x40::para_chain::title", {});
    expect(new BcsReader(title ?? new Uint8Array()).string()).toBe(TITLE);
  });

  it("is no other chain", () => {
    const chain = startContractChain();
    for (const name of ["title", "next_cross_id", "reserve"]) {
      expect(refusalOf(chain.ask(`0x40::para_chain::${name}`, {}))).toBe(CHAIN);
    }
    chain.nextBlock(1_000n);
    expect(refusalOf(mine(chain, 1, 5))).toBe(CHAIN);
    expect(refusalOf(deposit(chain, 0, bob.address))).toBe(CHAIN);
    expect(refusalOf(withdraw(chain, 0))).toBe(CHAIN);
  });
});

describe("a block", () => {
  it("says on which main block it stands, and keeps it", () => {
    const chain = startParaChain();
    chain.nextBlock(1_000n);
    const event = eventOf(mine(chain, 1, 7), "Miner");
    expect([event.string(), event.u64(), event.bytes(), event.u64()]).toEqual([
      TITLE,
      1n,
      hashOf("main", 7),
      7n,
    ]);
    const [bytes] = chain.view("0x40::para_chain::get_status", { args: [arg.u64(1)] });
    const status = new BcsReader(bytes ?? new Uint8Array());
    expect([status.string(), status.u64(), status.bytes(), status.u64()]).toEqual([
      TITLE,
      1n,
      hashOf("main", 7),
      7n,
    ]);
    expect([status.bytes(), status.bytes()]).toEqual([hashOf("block", 0), hashOf("state", 0)]);
    const ask = (height: number) =>
      refusalOf(chain.ask("0x40::para_chain::get_status", { args: [arg.u64(height)] }));
    expect([ask(0), ask(2), ask(1_001)]).toEqual([ORDER, ORDER, ORDER]);
  });

  it("has its own height, a later main block and the chain's title", () => {
    const chain = startParaChain();
    chain.nextBlock(1_000n);
    expect(refusalOf(mine(chain, 0, 7))).toBe(ORDER);
    expect(refusalOf(mine(chain, 2, 7))).toBe(ORDER);
    expect(refusalOf(mine(chain, 1, 7, "user.p.other."))).toBe(CHAIN);
    expect(refusalOf(mine(chain, 1, 0))).toBe("EXECUTED");
    chain.nextBlock(1_000n);
    expect(refusalOf(mine(chain, 2, 0))).toBe(ORDER);
    expect(refusalOf(mine(chain, 2, 4))).toBe("EXECUTED");
    chain.nextBlock(1_000n);
    expect(refusalOf(mine(chain, 3, 4))).toBe(ORDER);
    expect(refusalOf(mine(chain, 3, 3))).toBe(ORDER);
    expect(refusalOf(mine(chain, 3, 5))).toBe("EXECUTED");
  });
});

describe("coins that cross", () => {
  it("come out of the reserve and go back to it", () => {
    const chain = startParaChain();
    const reserve = u64(chain, "reserve");
    const hash = crossHash(0, false, alice, alice, AMOUNT);
    const credited = crossed(deposit(chain, 0, alice.address), "AssetDeposit");
    expect(credited).toEqual([hash, 0n, alice.address, AMOUNT, true]);
    expect(balance(chain, alice.address)).toBe(AMOUNT);
    expect(u64(chain, "reserve")).toBe(reserve - AMOUNT);
    const [sum] = chain.view("0x40::crossing::get_arrived", { args: [arg.address(alice.address)] });
    expect(new BcsReader(sum ?? new Uint8Array()).u128()).toBe(AMOUNT);
    const back = crossHash(1, true, alice, bob, AMOUNT);
    const taken = crossed(withdraw(chain, 1), "AssetWithdrawn");
    expect(taken).toEqual([back, 1n, alice.address, AMOUNT, true]);
    expect(balance(chain, alice.address)).toBe(0n);
    expect(balance(chain, bob.address)).toBe(0n);
    expect(u64(chain, "reserve")).toBe(reserve);
  });

  it("are each applied once, in the order of the main chain", () => {
    const chain = startParaChain();
    expect(refusalOf(deposit(chain, 1, alice.address))).toBe(ORDER);
    expect(refusalOf(withdraw(chain, 1))).toBe(ORDER);
    expect(refusalOf(deposit(chain, 0, alice.address))).toBe("EXECUTED");
    expect(refusalOf(deposit(chain, 0, alice.address))).toBe(ORDER);
    expect(refusalOf(withdraw(chain, 0))).toBe(ORDER);
    expect(u64(chain, "next_cross_id")).toBe(1n);
    expect(balance(chain, alice.address)).toBe(AMOUNT);
  });

  it("stay where they are when there are too few, and the next one goes on", () => {
    const chain = startParaChain();
    const reserve = u64(chain, "reserve");
    const failed = (ran: Ran, name: string) => crossed(ran, name)[4] === false;
    expect(failed(withdraw(chain, 0), "AssetWithdrawn")).toBe(true);
    expect(failed(deposit(chain, 1, alice.address, reserve + 1n), "AssetDeposit")).toBe(true);
    expect(failed(deposit(chain, 2, makeAddress("0x0")), "AssetDeposit")).toBe(true);
    expect(u64(chain, "reserve")).toBe(reserve);
    expect(refusalOf(deposit(chain, 3, alice.address, reserve))).toBe("EXECUTED");
    expect(failed(withdraw(chain, 4, reserve + 1n), "AssetWithdrawn")).toBe(true);
    expect(balance(chain, alice.address)).toBe(reserve);
    expect(u64(chain, "next_cross_id")).toBe(5n);
  });
});
