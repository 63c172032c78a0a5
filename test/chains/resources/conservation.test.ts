// Whatever is staked, claimed, unfrozen and paid, in whatever order: no coin is made or lost, and
// what a voter has in the vault is what its rows say.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccountSigner } from "#chains";
import { BcsReader } from "#core/bcs/reader.ts";
import { formatStructTag } from "#core/type-tag.ts";
import {
  actAsTrial,
  alice,
  arg,
  bob,
  COIN,
  feesOf,
  producer,
  type ResourceChain,
  type Sent,
  SUPPLY,
  startResourceChain,
  TRIAL,
} from "./resource-chain.ts";

const COIN_STORE = "0x1::coin::CoinStore<0x1::aptos_coin::AptosCoin>";
const BP = arg.address(producer.address);
const ADDRESS_SIZE = 32;
const COIN_SIZE = 8;

/** Everything in coin stores, and in tables from addresses to coins. */
function coinsIn(chain: ResourceChain): bigint {
  let total = 0n;
  for (const { key, value } of chain.head().state.entries()) {
    const isStore = key.kind === "resource" && formatStructTag(key.type) === COIN_STORE;
    const isPile =
      key.kind === "tableItem" && key.key.length === ADDRESS_SIZE && value.length === COIN_SIZE;
    if (isStore || isPile) total += new BcsReader(value).u64();
  }
  return total;
}

function rowsSum(chain: ResourceChain, view: string, of: AccountSigner): bigint {
  const rows = chain.view(view, arg.address(of.address)).vector((reader) => {
    reader.address();
    const staked = reader.u64();
    reader.u128();
    reader.u64();
    const unstaking = reader.u64();
    reader.u64();
    return staked + unstaking;
  });
  return rows.reduce((sum, row) => sum + row, 0n);
}

const anyStep = fc.record({
  by: fc.constantFrom(alice, bob),
  what: fc.constantFrom("vote", "vote4ram", "claim", "unfreeze", "unfreezeram", "pay", "keep"),
  coins: fc.nat(2_000),
  skip: fc.constantFrom(0n, 0n, 0n, 90_000n),
});
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

function take(chain: ResourceChain, { by, what, coins }: Step): Sent {
  const stake = [BP, arg.u64(BigInt(coins) * COIN)];
  switch (what) {
    case "vote":
      return chain.act(by, "0x50::votes::vote", stake);
    case "vote4ram":
      return chain.act(by, "0x50::ram::vote4ram", stake);
    case "claim":
      return chain.act(by, "0x50::votes::claim", [BP]);
    case "unfreeze":
      return chain.act(by, "0x50::votes::unfreeze", [BP]);
    case "unfreezeram":
      return chain.act(by, "0x50::ram::unfreezeram", [BP]);
    case "keep":
      return actAsTrial(chain, "0x7e57::acting::keep", [arg.u64(coins)]);
    default: {
      const args = [arg.address(TRIAL), arg.u64(BigInt(coins))];
      return chain.act(by, "0x1::aptos_account::transfer", args);
    }
  }
}

describe("coins and stakes", () => {
  it("are kept to the last unit by any sequence of actions", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 12 }), (steps) => {
        const chain = startResourceChain();
        for (const step of steps) {
          chain.skipTo(chain.height() + step.skip);
          const sent = take(chain, step);
          expect(coinsIn(chain)).toBe(SUPPLY);
          // At a price of 1 the trace accounts for every unit that was charged.
          expect(feesOf(sent)).toBe(sent.receipt.gasUsed);
          for (const who of [alice, bob]) {
            const held = chain.view("0x50::vault::staked", arg.address(who.address)).u64();
            const rows =
              rowsSum(chain, "0x50::votes::get_votes", who) +
              rowsSum(chain, "0x50::ram::get_votes4ram", who);
            expect(held).toBe(rows);
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});
