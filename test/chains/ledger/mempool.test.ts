import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Address, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { parsePublicKey, parseSignature } from "#core/ed25519.ts";
import { gasUnits } from "#core/gas-units.ts";
import { parseFunctionId } from "#core/identifier.ts";
import {
  addTransaction,
  createMempool,
  dropExpired,
  dropTransaction,
  hasReady,
  MEMPOOL_LIMITS,
  type Mempool,
  moveAccount,
  nextFreeNumber,
  pendingCount,
  pendingTransaction,
  readyTransactions,
} from "../../../src/chains/ledger/mempool.ts";
import { makeSignedTransaction } from "../../../src/chains/ledger/transaction.ts";
import { authenticationKey } from "../../../src/chains/ledger/transaction-hash.ts";
import type { VerifiedTransaction } from "../../../src/chains/ledger/validation.ts";

const ALICE = makeAddress("0xa11ce");
const BOB = makeAddress("0xb0b");
const CAROL = makeAddress("0xca401");

const publicKey = present(parsePublicKey(new Uint8Array(32)), "a key");
const signature = present(parseSignature(new Uint8Array(64)), "a signature");
const transfer = present(parseFunctionId("0x1::aptos_account::transfer"), "a function");

interface Terms {
  readonly price?: bigint;
  readonly expiration?: bigint;
  readonly args?: readonly Uint8Array[];
}

/** A transaction as the pool sees it; the pool never looks at signatures. */
function transaction(sender: Address, number: number, terms: Terms = {}): VerifiedTransaction {
  const raw = {
    sender,
    sequenceNumber: BigInt(number),
    payload: {
      type: "entryFunction" as const,
      call: { function: transfer, typeArgs: [], args: terms.args ?? [] },
    },
    maxGas: gasUnits(2_000n),
    gasUnitPrice: terms.price ?? 1n,
    expirationSecs: terms.expiration ?? 1_000n,
    chainId: 4,
  };
  const signers = {
    sender,
    senderAuthenticationKey: authenticationKey(publicKey),
    secondary: [],
    payer: sender,
    cosigners: [],
  };
  return {
    ...makeSignedTransaction(raw, { type: "ed25519", publicKey, signature }),
    signers,
  };
}

function ready(pool: Mempool): string[] {
  return [...readyTransactions(pool)].map(({ raw }) => `${raw.sender}/${raw.sequenceNumber}`);
}

function refusalOf(result: ReturnType<typeof addTransaction>): string {
  return result.ok ? "accepted" : result.error.code;
}

describe("the mempool", () => {
  it("offers an account's transactions in sequence and keeps those ahead waiting", () => {
    const pool = createMempool();
    for (const number of [2, 0, 4]) addTransaction(pool, transaction(ALICE, number), 0n);
    expect(ready(pool)).toEqual([`${ALICE}/0`]);
    addTransaction(pool, transaction(ALICE, 1), 0n);
    expect(ready(pool)).toEqual([`${ALICE}/0`, `${ALICE}/1`, `${ALICE}/2`]);
    moveAccount(pool, ALICE, 3n);
    expect(ready(pool)).toEqual([]);
    expect(hasReady(pool)).toBe(false);
    expect(pendingCount(pool)).toBe(1);
    expect(nextFreeNumber(pool, ALICE, 3n)).toBe(3n);
    expect(nextFreeNumber(pool, ALICE, 4n)).toBe(5n);
  });

  it("prefers the higher price, then the earlier arrival, and never breaks a sequence", () => {
    const pool = createMempool();
    addTransaction(pool, transaction(ALICE, 0, { price: 1n }), 0n);
    addTransaction(pool, transaction(ALICE, 1, { price: 9n }), 0n);
    addTransaction(pool, transaction(BOB, 7, { price: 5n }), 7n);
    addTransaction(pool, transaction(CAROL, 0, { price: 5n }), 0n);
    expect(ready(pool)).toEqual([`${BOB}/7`, `${CAROL}/0`, `${ALICE}/0`, `${ALICE}/1`]);
  });

  it("accepts the same bytes again without effect", () => {
    const pool = createMempool();
    const first = transaction(ALICE, 0);
    addTransaction(pool, first, 0n);
    const again = addTransaction(pool, transaction(ALICE, 0), 0n);
    expect(again).toEqual({ ok: true, value: "known" });
    expect(pool.bytes).toBe(first.bytes.length);
  });

  it("replaces a waiting transaction only at a higher price", () => {
    const pool = createMempool();
    const cheap = transaction(ALICE, 0, { price: 2n });
    addTransaction(pool, cheap, 0n);
    const other = transaction(ALICE, 0, { price: 2n, args: [Uint8Array.of(1)] });
    expect(refusalOf(addTransaction(pool, other, 0n))).toBe("invalid_transaction_update");
    expect(pendingTransaction(pool, cheap.hash)).toBeDefined();
    const dear = transaction(ALICE, 0, { price: 3n });
    expect(refusalOf(addTransaction(pool, dear, 0n))).toBe("accepted");
    expect(pendingTransaction(pool, cheap.hash)).toBeUndefined();
    expect(pendingTransaction(pool, dear.hash)).toBeDefined();
    expect(pendingCount(pool)).toBe(1);
  });

  it("is full per account, in number and in bytes, and loses nothing by refusing", () => {
    const size = transaction(ALICE, 0).bytes.length;
    const pool = createMempool({ transactionsMax: 4, bytesMax: 4 * size, perAccountMax: 2 });
    addTransaction(pool, transaction(ALICE, 0), 0n);
    addTransaction(pool, transaction(ALICE, 1), 0n);
    expect(refusalOf(addTransaction(pool, transaction(ALICE, 2), 0n))).toBe("mempool_is_full");
    addTransaction(pool, transaction(BOB, 0), 0n);
    const large = transaction(CAROL, 0, { args: [new Uint8Array(100)] });
    expect(refusalOf(addTransaction(pool, large, 0n))).toBe("mempool_is_full");
    const larger = transaction(BOB, 0, { price: 2n, args: [new Uint8Array(300)] });
    expect(refusalOf(addTransaction(pool, larger, 0n))).toBe("mempool_is_full");
    expect(ready(pool)).toEqual([`${ALICE}/0`, `${ALICE}/1`, `${BOB}/0`]);
    addTransaction(pool, transaction(CAROL, 0), 0n);
    expect(refusalOf(addTransaction(pool, transaction(BOB, 1), 0n))).toBe("mempool_is_full");
    expect(MEMPOOL_LIMITS.perAccountMax).toBe(100);
  });

  it("forgets what expires, at the second it says", () => {
    const pool = createMempool();
    const early = transaction(ALICE, 0, { expiration: 10n });
    addTransaction(pool, early, 0n);
    addTransaction(pool, transaction(ALICE, 1, { expiration: 11n }), 0n);
    expect(dropExpired(pool, 9n)).toEqual([]);
    expect(dropExpired(pool, 10n).map(({ hash }) => hash)).toEqual([early.hash]);
    expect(pendingCount(pool)).toBe(1);
  });

  it("counts its bytes right through any use", () => {
    const action = fc.record({
      kind: fc.constantFrom("add", "drop", "move"),
      sender: fc.constantFrom(ALICE, BOB),
      number: fc.nat(6),
      price: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const pool = createMempool({ transactionsMax: 8, bytesMax: 1e6, perAccountMax: 5 });
        for (const { kind, sender, number, price } of actions) {
          const about = transaction(sender, number, { price: BigInt(price) });
          if (kind === "add") addTransaction(pool, about, 0n);
          else if (kind === "drop") dropTransaction(pool, about);
          else moveAccount(pool, sender, BigInt(number));
          const waiting = [...pool.byHash.values()];
          expect(pool.bytes).toBe(waiting.reduce((sum, { bytes }) => sum + bytes.length, 0));
          const queued = [...pool.accounts.values()].flatMap((queue) => [
            ...queue.waiting.values(),
          ]);
          expect(queued.length).toBe(waiting.length);
          expect(waiting.length).toBeLessThanOrEqual(8);
        }
      }),
      { numRuns: 100 },
    );
  });
});
