// A client that knows what an action takes before it sends it, sets its limit, and says in plain
// words what is missing.
import { describe, expect, it } from "vitest";
import {
  type AccountSigner,
  accountResources,
  adviceFor,
  describeEstimate,
  type EntryFunctionCall,
  formatAccountResources,
  formatCoins,
  prepareTransaction,
  type ResourceEstimate,
  signTransaction,
} from "#chains";
import { addressToBytes, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { gasUnits } from "#core/gas-units.ts";
import { parseFunctionId, parseIdentifier } from "#core/identifier.ts";
import { EXECUTED, type VmStatus } from "#core/status.ts";
import { accountNamed, commit, fund, startChain, type TestChain, u64 } from "../fixture.ts";
import { encodePackage } from "../package-metadata.ts";
import { shelfModule } from "../sdk/shelf-module.ts";

const alice = accountNamed("alice");
const bob = accountNamed("bob");
const COIN = 10_000n;

function call(name: string, ...args: readonly Uint8Array[]): EntryFunctionCall {
  const called = present(parseFunctionId(name), `a function: ${name}`);
  return { function: called, typeArgs: [], args };
}

function payment(amount: bigint): EntryFunctionCall {
  return call("0x1::aptos_account::transfer", addressToBytes(bob.address), u64(amount));
}

/** A package whose metadata alone is so large. */
function publishing(by: AccountSigner, size: number): EntryFunctionCall {
  const described = { name: "library", moduleNames: ["shelf"], manifest: new Uint8Array(size) };
  const metadata = encodePackage(described);
  return call(
    "0x1::code::publish_package_txn",
    encodeBcs((writer) => writer.bytes(metadata)),
    encodeBcs((writer) => {
      writer.vector([shelfModule(by.address)], (out, bytes) => out.bytes(bytes));
    }),
  );
}

async function funded(coins = 10_000n): Promise<TestChain> {
  const chain = await startChain();
  await fund(chain, alice.address, coins * COIN);
  return chain;
}

async function send(chain: TestChain, wanted: EntryFunctionCall) {
  const { raw, estimate } = await prepareTransaction(chain.client, alice.address, wanted);
  return { estimate, sent: await commit(chain, signTransaction(raw, alice)) };
}

describe("an estimate", () => {
  it("[C5.3] of a payment is what it then takes, and its limit is twice the fee", async () => {
    const chain = await funded();
    const { estimate, sent } = await send(chain, payment(5n));
    expect(estimate.status).toEqual(EXECUTED);
    expect(estimate.fee).toBe(100n);
    expect(sent.receipt.gasUsed).toBe(estimate.fee);
    expect(sent.receipt.actions.length).toBe(estimate.actions.length);
    expect(estimate.maxGas).toBe(200n);
    expect(sent.bytes?.length).toBe(estimate.netBytes);
    expect(adviceFor(estimate, alice.address)).toEqual([]);
    expect(describeEstimate(estimate)).toMatch(
      /^1 action for 0\.01 coins, at most 0\.02; \d+ us of CPU, \d+ bytes of NET, 0 KiB of RAM\.$/,
    );
  });

  it("of an action that pays for its gas allows for a state that has changed", async () => {
    const chain = await funded();
    const register = {
      ...call("0x1::aptos_account::register"),
      typeArgs: [
        {
          kind: "struct",
          struct: {
            address: makeAddress("0x1"),
            module: present(parseIdentifier("aptos_coin"), "a name"),
            name: present(parseIdentifier("AptosCoin"), "a name"),
            typeArgs: [],
          },
        },
      ],
    } as const;
    const { estimate, sent } = await send(chain, register);
    expect(sent.receipt.gasUsed).toBe(estimate.fee);
    expect(estimate.maxGas).toBe(estimate.fee * 2n);
  });

  it("says how many coins are missing for the fee", async () => {
    const chain = await startChain();
    await fund(chain, alice.address, 150n);
    const { estimate } = await prepareTransaction(chain.client, alice.address, payment(5n));
    expect(estimate.missingCoins).toBe(50n);
    const [advice] = adviceFor(estimate, alice.address);
    expect(advice).toContain("You have 0.015 coins and need 0.005 more for the fee");
  });

  it("says how much RAM is missing and what rents it, and then it works", async () => {
    const chain = await funded();
    const large = publishing(alice, 20_000);
    const { estimate } = await prepareTransaction(chain.client, alice.address, large);
    expect(estimate.status).toMatchObject({ type: "aborted", code: 9n });
    const [need] = estimate.ram;
    expect(need?.bytes).toBeGreaterThan(20_000n);
    const missing = present(need, "RAM is missing");
    expect(missing.missingBytes).toBe(missing.bytes + 2_724n - 8_192n);
    const [advice] = adviceFor(estimate, alice.address);
    expect(advice).toContain("more than is allowed. Vote");
    expect(advice).toContain("0x50::ram::vote4ram");

    const producer = (await chain.client.block(1n))?.block.header.proposer;
    const bp = addressToBytes(present(producer, "a block was made"));
    await send(chain, call("0x50::ram::vote4ram", bp, u64(missing.missingStake)));
    const { sent } = await send(chain, large);
    expect(sent.receipt.status).toEqual(EXECUTED);
    const { ramQuotaBytes, ramUsedBytes } = await accountResources(chain.client, alice.address);
    expect(ramUsedBytes).toBe(missing.bytes + 2_724n);
    // Whole coins rent a little more than was needed: a tenth of a KiB each.
    expect((ramQuotaBytes ?? 0n) - ramUsedBytes).toBeLessThan(103n);
  });

  it("says so where nothing helps", async () => {
    const chain = await funded();
    const wanted = payment(1_000_000n * COIN);
    const { estimate } = await prepareTransaction(chain.client, alice.address, wanted);
    const [advice] = adviceFor(estimate, alice.address);
    expect(advice).toContain("It fails whatever it is given: Move abort in");
  });
});

describe("advice", () => {
  function failing(code: bigint): ResourceEstimate {
    const location = {
      module: {
        address: makeAddress("0x50"),
        name: present(parseIdentifier("limits"), "a name"),
      },
      functionIndex: 0,
      offset: 0,
    };
    const status: VmStatus = { type: "aborted", code, location };
    return {
      status,
      fee: 0n,
      actions: [],
      cpuUs: 0n,
      netBytes: 0,
      ram: [],
      maxGas: gasUnits(200n),
      gasUnitPrice: 1n,
      balance: 1_000n,
      missingCoins: 0n,
    };
  }

  it.each([
    [20n, "too little CPU"],
    [21n, "too little NET"],
    [22n, "more than the producers let it"],
    [24n, "no fee"],
    [25n, "too many actions"],
    [26n, "the contract is at fault"],
  ])("knows limit %s", (code, words) => {
    expect(adviceFor(failing(code), alice.address).join()).toContain(words);
  });

  it("names the contract whose owner has to rent RAM", () => {
    const account = makeAddress("0x7e57");
    const ram = [{ account, bytes: 2_048n, missingBytes: 1_024n, missingStake: 10n * COIN }];
    const [advice] = adviceFor({ ...failing(9n), ram }, alice.address);
    expect(advice).toContain("The contract at 0x7e57 stores 1 KiB more than is allowed.");
    expect(advice).toContain("Its owner has to vote 10.00 coins more");
  });

  it("writes units as coins", () => {
    expect([0n, 1n, 100n, 12_345_600n].map(formatCoins)).toEqual([
      "0.00",
      "0.0001",
      "0.01",
      "1234.56",
    ]);
  });
});

describe("[R8] the view of an account", () => {
  it("shows 8, then 108, then 78 KiB, with 2.66 used, as the seed prints them", async () => {
    const chain = await funded();
    const memory = async () =>
      formatAccountResources(await accountResources(chain.client, alice.address))
        .split("\n")
        .find((line) => line.includes("quota"))
        ?.trim();
    expect(await memory()).toBe("quota: 8 KiB  used: 2.66 KiB");
    const producer = (await chain.client.block(1n))?.block.header.proposer;
    const bp = addressToBytes(present(producer, "a block was made"));
    await send(chain, call("0x50::ram::vote4ram", bp, u64(1_000n * COIN)));
    expect(await memory()).toBe("quota: 108 KiB  used: 2.66 KiB");
    await send(chain, call("0x50::ram::vote4ram", bp, u64(700n * COIN)));
    expect(await memory()).toBe("quota: 78 KiB  used: 2.66 KiB");
    const { ramVotes } = await accountResources(chain.client, alice.address);
    expect(ramVotes).toMatchObject([{ staked: 700n * COIN, unstaking: 300n * COIN }]);
  });

  it("shows no limit for the system's", async () => {
    const chain = await funded();
    const system = await accountResources(chain.client, makeAddress("0x21"));
    expect(system.ramQuotaBytes).toBeUndefined();
    expect(formatAccountResources(system)).toContain("quota: unlimited");
  });
});
