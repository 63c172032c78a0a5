// Whatever is sent, in whatever order and however it fails: no coin is made or lost.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { faucetSigner } from "#chains";
import { assert } from "#core/assert.ts";
import { BcsReader } from "#core/bcs/reader.ts";
import { signEd25519 } from "#core/ed25519.ts";
import { formatStructTag } from "#core/type-tag.ts";
import { contractModules } from "../../src/chains/contract-modules.ts";
import { rootEnvironment } from "../../src/chains/core/environment.ts";
import { createGenesis } from "../../src/chains/genesis.ts";
import { produceBlock } from "../../src/chains/ledger/block-execution.ts";
import type { ExecutedBlock } from "../../src/chains/ledger/executed-block.ts";
import { type VerifiedTransaction, verifySignatures } from "../../src/chains/ledger/validation.ts";
import { accountNamed, START_MS, secretNamed, transferTo } from "./fixture.ts";

const SUPPLY = 1_000_000_000_000_000n;
const COIN_STORE = "0x1::coin::CoinStore<0x1::aptos_coin::AptosCoin>";
const START_US = START_MS * 1_000n;

const secret = secretNamed("producer");
const producer = {
  publicKey: accountNamed("producer").publicKey,
  sign: (message: Uint8Array) => signEd25519(message, secret),
};
const people = ["alice", "bob", "carol"].map(accountNamed);
const faucet = faucetSigner();
const environment = rootEnvironment([producer.publicKey]);
const genesis = createGenesis(
  environment,
  {
    chainId: 4,
    timestampUs: START_US,
    producers: [producer.publicKey],
    slotMs: 1_000,
    faucet: faucet.address,
  },
  contractModules(),
);

/** Everything in coin stores, and in the pools that fees go to. */
function coinsIn(block: ExecutedBlock): bigint {
  let total = 0n;
  for (const { key, value } of block.state.entries()) {
    if (key.kind === "resource" && formatStructTag(key.type) === COIN_STORE) {
      total += new BcsReader(value).u64();
    }
    // The pools of producers: a table from addresses to coins.
    const isPool = key.kind === "tableItem" && key.key.length === 32 && value.length === 8;
    if (isPool) total += new BcsReader(value).u64();
  }
  return total;
}

function verified(of: ReturnType<typeof transferTo>): VerifiedTransaction {
  const result = verifySignatures(of);
  assert(result.ok, "a test signs well");
  return result.value;
}

const anyStep = fc.record({
  from: fc.nat(3),
  to: fc.nat(2),
  amount: fc.oneof(
    fc.bigInt({ min: 0n, max: 5_000_000n }),
    fc.constantFrom(SUPPLY, (1n << 64n) - 1n),
  ),
  price: fc.bigInt({ min: 1n, max: 20n }),
});

describe("coins", () => {
  it("are conserved by any sequence of blocks", () => {
    expect(coinsIn(genesis)).toBe(SUPPLY);
    fc.assert(
      fc.property(fc.array(fc.array(anyStep, { maxLength: 5 }), { maxLength: 4 }), (blocks) => {
        const numbers = new Map<string, bigint>();
        let head = genesis;
        for (const [index, steps] of blocks.entries()) {
          const candidates = steps.map(({ from, to, amount, price }) => {
            const sender = people[from] ?? faucet;
            const receiver = people[to] ?? faucet;
            const number = numbers.get(sender.address) ?? 0n;
            const terms = { gasUnitPrice: price };
            const signed = transferTo(sender, number, receiver.address, amount, terms);
            numbers.set(sender.address, number + 1n);
            return verified(signed);
          });
          const time = START_US + BigInt(index + 1) * 1_000_000n;
          const made = produceBlock(environment, head, time, producer, candidates);
          for (const { transaction } of made.discarded) {
            numbers.set(transaction.raw.sender, transaction.raw.sequenceNumber);
          }
          head = made.block;
          expect(coinsIn(head)).toBe(SUPPLY);
        }
      }),
      { numRuns: 30 },
    );
  });
});
