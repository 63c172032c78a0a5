// What the chain itself calls in the framework: blocks, and the two ends of every transaction.
import { describe, expect, it } from "vitest";
import { type Address, addressToBytes, makeAddress } from "#core/address.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { sha2_256 } from "#core/hash.ts";
import { refusalOf } from "./abort.ts";
import {
  arg,
  CHAIN_ID,
  type ContractChain,
  FAUCET,
  PRODUCER,
  RESOURCES,
  START_US,
  startContractChain,
} from "./contract-chain.ts";

const NATIVE = "0x1::aptos_coin::AptosCoin";
const SENDER = makeAddress("0x5e4d");
const PAYER = makeAddress("0x9a1e");

function u64(chain: ContractChain, name: string, ...args: readonly Uint8Array[]): bigint {
  const [bytes] = chain.view(name, { args });
  return decodeBcs(bytes ?? new Uint8Array(), (reader) => reader.u64());
}

function balance(chain: ContractChain, owner: Address): bigint {
  const options = { typeArgs: [NATIVE], args: [arg.address(owner)] };
  const [bytes] = chain.view("0x1::coin::balance", options);
  return decodeBcs(bytes ?? new Uint8Array(), (reader) => reader.u64());
}

function block(
  chain: ContractChain,
  height: bigint,
  timeUs: bigint,
  finalHeight = height - 1n,
  proposer = PRODUCER,
) {
  const numbers = [arg.u64(height), arg.u64(timeUs), arg.address(proposer), arg.u64(finalHeight)];
  const args = [...numbers, arg.bytes(hashOf(height - 1n))];
  return chain.system("0x1::block::prologue", { args });
}

/** What stands for the hash of a block here. */
function hashOf(height: bigint): Uint8Array {
  return sha2_256(arg.u64(height));
}

describe("the hashes of blocks", () => {
  const HASHES_KEPT = 8_192n;
  const told = (chain: ContractChain, height: bigint) => {
    const [bytes] = chain.view("0x1::block::get_hash", { args: [arg.u64(height)] });
    return decodeBcs(bytes ?? new Uint8Array(), (reader) => reader.bytes());
  };

  it("are told below the block being made, as far back as they are kept", () => {
    const chain = startContractChain();
    const last = HASHES_KEPT + 2n;
    expect(told(chain, 0n)).toHaveLength(0);
    for (let height = 1n; height <= last; height++) {
      expect(refusalOf(block(chain, height, START_US))).toBe("EXECUTED");
    }
    expect(told(chain, last)).toHaveLength(0);
    expect(told(chain, last + 1n)).toHaveLength(0);
    expect(told(chain, last - 1n)).toEqual(hashOf(last - 1n));
    expect(told(chain, last - HASHES_KEPT)).toEqual(hashOf(last - HASHES_KEPT));
    expect(told(chain, last - HASHES_KEPT - 1n)).toHaveLength(0);
    // The one that names the chain.
    expect(told(chain, 0n)).toEqual(hashOf(0n));
    expect(told(chain, 1n)).toHaveLength(0);
  });

  it("are hashes", () => {
    const chain = startContractChain();
    const numbers = [arg.u64(1), arg.u64(START_US), arg.address(PRODUCER), arg.u64(0)];
    for (const size of [0, 31, 33]) {
      const args = [...numbers, arg.bytes(new Uint8Array(size))];
      const refused = refusalOf(chain.system("0x1::block::prologue", { args }));
      expect(refused).toBe("0x1::block 65539");
    }
  });
});

describe("a block", () => {
  it("has the next height and a time that does not lie before the last", () => {
    const chain = startContractChain();
    expect(refusalOf(block(chain, 2n, START_US))).toBe("0x1::block 65537");
    expect(refusalOf(block(chain, 1n, START_US - 1n))).toBe("0x1::timestamp 65538");
    expect(refusalOf(block(chain, 1n, START_US + 5n))).toBe("EXECUTED");
    expect(refusalOf(block(chain, 2n, START_US + 5n))).toBe("EXECUTED");
    expect(u64(chain, "0x1::block::get_current_block_height")).toBe(2n);
    expect(u64(chain, "0x1::timestamp::now_microseconds")).toBe(START_US + 5n);
    expect(u64(chain, "0x1::timestamp::now_seconds")).toBe((START_US + 5n) / 1_000_000n);
  });

  it("counts time as active while blocks come, and 5 s of a longer pause", () => {
    const chain = startContractChain();
    const active = () => u64(chain, "0x1::block::active_milliseconds") - START_US / 1_000n;
    expect(active()).toBe(0n);
    chain.nextBlock(1_500n);
    expect(active()).toBe(1_500n);
    chain.nextBlock(5_000n);
    expect(active()).toBe(6_500n);
    chain.nextBlock(3_600_000n);
    expect(active()).toBe(11_500n);
  });
});

/** A chain with a sender and a payer of 1,000 units each. */
function startWithAccounts(): ContractChain {
  const chain = startContractChain();
  for (const owner of [SENDER, PAYER]) {
    const args = [arg.address(owner), arg.u64(1_000)];
    chain.ok("0x1::aptos_account::transfer", { sender: FAUCET, args });
  }
  return chain;
}

interface Asked {
  readonly sender?: Address;
  readonly payer?: Address;
  readonly sequence?: bigint;
  readonly key?: Uint8Array;
  readonly price?: bigint;
  readonly maxGas?: bigint;
  readonly expires?: bigint;
  readonly chainId?: number;
}

function prologue(chain: ContractChain, asked: Asked = {}): string {
  const sender = asked.sender ?? SENDER;
  const args = [
    arg.address(asked.payer ?? sender),
    arg.u64(asked.sequence ?? 0n),
    arg.bytes(asked.key ?? addressToBytes(sender)),
    arg.u64(asked.price ?? 1n),
    arg.u64(asked.maxGas ?? 1_000n),
    arg.u64(asked.expires ?? START_US / 1_000_000n + 60n),
    arg.u8(asked.chainId ?? CHAIN_ID),
  ];
  return refusalOf(chain.system("0x1::transaction_validation::prologue", { sender, args }));
}

function epilogue(chain: ContractChain, payer: Address, price: bigint, gas: bigint) {
  const args = [arg.address(payer), arg.u64(price), arg.u64(gas)];
  return chain.system("0x1::transaction_validation::epilogue", { sender: SENDER, args });
}

describe("before a transaction", () => {
  it("lets a well-made one pass and writes nothing", () => {
    const chain = startWithAccounts();
    const size = chain.state.size;
    expect(prologue(chain)).toBe("EXECUTED");
    expect(prologue(chain)).toBe("EXECUTED");
    expect(chain.state.size).toBe(size);
  });

  const refused: readonly [string, Asked, number][] = [
    ["another account's key", { key: addressToBytes(PAYER) }, 1001],
    ["a sequence number that is ahead", { sequence: 1n }, 1003],
    ["a sender without an account", { sender: makeAddress("0xdead") }, 1004],
    ["a payer that cannot cover the bid", { price: 2n }, 1005],
    ["a bid beyond all numbers", { price: 2n ** 63n, maxGas: 2n ** 63n }, 1005],
    ["the end of its time", { expires: START_US / 1_000_000n }, 1006],
    ["another chain's id", { chainId: CHAIN_ID + 1 }, 1007],
    ["the last sequence number", { sequence: 2n ** 64n - 1n }, 1008],
  ];
  it.each(refused)("refuses %s", (_, asked, code) => {
    expect(prologue(startWithAccounts(), asked)).toBe(`0x1::transaction_validation ${code}`);
  });

  it("refuses a sequence number that was used", () => {
    const chain = startWithAccounts();
    epilogue(chain, SENDER, 1n, 1n);
    expect(prologue(chain)).toBe("0x1::transaction_validation 1002");
    expect(prologue(chain, { sequence: 1n, maxGas: 1n })).toBe("EXECUTED");
  });

  it("looks at the payer's funds, not the sender's, where another pays", () => {
    const chain = startWithAccounts();
    epilogue(chain, SENDER, 1n, 1_000n);
    expect(prologue(chain, { sequence: 1n })).toBe("0x1::transaction_validation 1005");
    expect(prologue(chain, { sequence: 1n, payer: PAYER })).toBe("EXECUTED");
  });
});

describe("after a transaction", () => {
  it("pays the collector's pool for what was used and counts the transaction", () => {
    const chain = startWithAccounts();
    const pool = () => u64(chain, "0x1::transaction_fee::pool_balance", arg.address(RESOURCES));
    epilogue(chain, PAYER, 3n, 50n);
    epilogue(chain, SENDER, 1n, 7n);
    expect(balance(chain, PAYER)).toBe(850n);
    expect(balance(chain, SENDER)).toBe(993n);
    expect(pool()).toBe(157n);
    expect(u64(chain, "0x1::account::get_sequence_number", arg.address(SENDER))).toBe(2n);
    expect(u64(chain, "0x1::account::get_sequence_number", arg.address(PAYER))).toBe(0n);
  });

  it("takes nothing for a free transaction", () => {
    const chain = startWithAccounts();
    expect(refusalOf(epilogue(chain, SENDER, 0n, 900n))).toBe("EXECUTED");
    expect(balance(chain, SENDER)).toBe(1_000n);
  });

  it("fails whole when the payer has spent what it bid", () => {
    const chain = startWithAccounts();
    expect(refusalOf(epilogue(chain, SENDER, 1n, 1_001n))).toBe("0x1::coin 65542");
    expect(u64(chain, "0x1::account::get_sequence_number", arg.address(SENDER))).toBe(0n);
  });
});

describe("finality", () => {
  it("is below the block that tells it and never goes back", () => {
    const chain = startContractChain();
    expect(refusalOf(block(chain, 1n, START_US + 1n, 1n))).toBe("0x1::block 65538");
    expect(refusalOf(block(chain, 1n, START_US + 1n))).toBe("EXECUTED");
    expect(refusalOf(block(chain, 2n, START_US + 2n))).toBe("EXECUTED");
    expect(refusalOf(block(chain, 3n, START_US + 3n, 0n))).toBe("0x1::block 65538");
    expect(u64(chain, "0x1::block::final_height")).toBe(1n);
  });

  it("tells how many producers have a final block above a height", () => {
    const chain = startContractChain();
    const count = (height: bigint) =>
      u64(chain, "0x1::block::finalised_producer_count", arg.u64(height));
    const isOver = (height: bigint) =>
      chain.view("0x1::block::is_widely_finalised", { args: [arg.u64(height)] })[0]?.[0] === 1;
    expect(u64(chain, "0x1::block::producer_count")).toBe(1n);
    expect([count(0n), isOver(0n)]).toEqual([0n, false]);
    block(chain, 1n, START_US + 1n, 0n);
    expect(isOver(0n)).toBe(false);
    block(chain, 2n, START_US + 2n, 1n);
    expect([isOver(0n), isOver(1n)]).toEqual([true, false]);
    for (let height = 3n; height <= 5n; height++) {
      block(chain, height, START_US + height, height - 2n);
    }
    expect([count(2n), isOver(2n), isOver(3n)]).toEqual([1n, true, false]);
  });

  it("lets windows end on chains whose blocks no producer chooses", () => {
    const chain = startContractChain();
    const isOver = (height: bigint) =>
      chain.view("0x1::block::is_widely_finalised", { args: [arg.u64(height)] })[0]?.[0] === 1;
    const nobodys = makeAddress("0x40");
    block(chain, 1n, START_US + 1n, 0n, nobodys);
    block(chain, 2n, START_US + 2n, 0n, nobodys);
    expect([isOver(0n), isOver(1n)]).toEqual([false, false]);
    block(chain, 3n, START_US + 3n, 2n, nobodys);
    expect([isOver(1n), isOver(2n)]).toEqual([true, false]);
  });
});

describe("genesis", () => {
  it("happens once", () => {
    const chain = startContractChain();
    const producers = arg.addresses([PRODUCER]);
    const args = [arg.u8(CHAIN_ID), arg.u64(START_US), arg.address(FAUCET), producers];
    args.push(arg.address(RESOURCES));
    const again = chain.system("0x1::genesis::initialize", { sender: makeAddress("0x1"), args });
    expect(refusalOf(again)).toBe("0x1::account 524289");
  });
});
