// When blocks are made, and what becomes of transactions that wait.
import { describe, expect, it } from "vitest";
import {
  accountNamed,
  BLOCK_MS,
  balanceOf,
  commit,
  fund,
  START_MS,
  startChain,
  transferTo,
} from "../fixture.ts";

const alice = accountNamed("alice");
const bob = accountNamed("bob");

describe("blocks", () => {
  it("are not made while nobody watches and nothing waits", async () => {
    const { client, clock } = await startChain();
    await clock.advance(60_000);
    expect((await client.ledger()).height).toBe(0n);
  });

  it("come once a second while somebody watches, and stop when everybody has gone", async () => {
    const { client, clock } = await startChain();
    const stop = client.onHead(() => undefined);
    await clock.advance(30_000);
    const { height, timestampUs } = await client.ledger();
    expect(height).toBeGreaterThanOrEqual(29n);
    expect(height).toBeLessThanOrEqual(31n);
    expect(timestampUs / 1_000n - START_MS).toBeGreaterThanOrEqual(29_000n);
    stop();
    await clock.advance(200_000);
    const later = (await client.ledger()).height;
    await clock.advance(200_000);
    expect((await client.ledger()).height).toBe(later);
    expect(later - height).toBeLessThanOrEqual(95n);
  });

  it("take waiting transactions together, not more often than the interval", async () => {
    const chain = await startChain({ settings: { blockIntervalMs: 1_000n } });
    await fund(chain, alice.address, 10_000_000n);
    const { height } = await chain.client.ledger();
    for (let number = 0n; number < 10n; number++) {
      await chain.client.submit(transferTo(alice, number, bob.address, 1n).bytes);
    }
    await chain.clock.advance(2_500);
    expect(await balanceOf(chain, bob.address)).toBe(10n);
    expect((await chain.client.ledger()).height - height).toBeLessThanOrEqual(2n);
  });

  it("tell subscribers of every head in order", async () => {
    const { client, clock } = await startChain();
    const heights: bigint[] = [];
    client.onHead(({ height }) => heights.push(height));
    await clock.advance(10_000);
    expect(heights.length).toBeGreaterThanOrEqual(9);
    expect(heights).toEqual(heights.map((_, index) => BigInt(index + 1)));
  });

  it("have times that go forward even when the clock does not", async () => {
    const chain = await startChain();
    await fund(chain, alice.address, 10_000_000n);
    const before = await chain.client.ledger();
    const late = { ...chain.clock, now: () => START_MS - 1_000_000n };
    await chain.node.close();
    const again = await startChain({ store: chain.store, clock: late });
    await again.client.submit(transferTo(alice, 0n, bob.address, 1n).bytes);
    await chain.clock.advance(2_000);
    const after = await again.client.ledger();
    expect(after.timestampUs).toBeGreaterThanOrEqual(before.timestampUs);
  });
});

describe("a waiting transaction", () => {
  it("with a number ahead waits for those before it", async () => {
    const chain = await startChain();
    await fund(chain, alice.address, 10_000_000n);
    const second = await chain.client.submit(transferTo(alice, 1n, bob.address, 10n).bytes);
    await chain.clock.advance(5_000);
    expect(await chain.client.transaction(second)).toBe("pending");
    await commit(chain, transferTo(alice, 0n, bob.address, 1n));
    expect(await balanceOf(chain, bob.address)).toBe(11n);
  });

  it("is dropped when it expires, and its waiter is told", async () => {
    const chain = await startChain();
    chain.client.onHead(() => undefined);
    await fund(chain, alice.address, 10_000_000n);
    const expirationSecs = START_MS / 1_000n + 5n;
    const ahead = transferTo(alice, 1n, bob.address, 1n, { expirationSecs });
    const hash = await chain.client.submit(ahead.bytes);
    const waiting = chain.client.waitForTransaction(hash, 60_000);
    waiting.catch(() => undefined);
    await chain.clock.advance(10_000);
    await expect(waiting).rejects.toMatchObject({ status: "TRANSACTION_EXPIRED" });
    expect(await chain.client.transaction(hash)).toBeUndefined();
  });

  it("is known at once, and the same bytes again change nothing", async () => {
    const chain = await startChain();
    await fund(chain, alice.address, 10_000_000n);
    const payment = transferTo(alice, 1n, bob.address, 3n);
    const hash = await chain.client.submit(payment.bytes);
    expect(await chain.client.transaction(hash)).toBe("pending");
    expect(await chain.client.submit(payment.bytes)).toEqual(hash);
    await commit(chain, transferTo(alice, 0n, bob.address, 1n));
    await chain.clock.advance(BLOCK_MS);
    expect(await balanceOf(chain, bob.address)).toBe(4n);
  });

  it("may be replaced at a higher price only", async () => {
    const chain = await startChain();
    await fund(chain, alice.address, 10_000_000n);
    await chain.client.submit(transferTo(alice, 1n, bob.address, 1n).bytes);
    const other = chain.client.submit(transferTo(alice, 1n, bob.address, 2n).bytes);
    await expect(other).rejects.toMatchObject({ code: "invalid_transaction_update" });
    const dear = transferTo(alice, 1n, bob.address, 40n, { gasUnitPrice: 2n });
    await chain.client.submit(dear.bytes);
    await commit(chain, transferTo(alice, 0n, bob.address, 5n));
    await chain.clock.advance(BLOCK_MS);
    expect(await balanceOf(chain, bob.address)).toBe(45n);
  });

  it("of one account may number a hundred, not more", async () => {
    const chain = await startChain();
    await fund(chain, alice.address, 10_000_000n);
    for (let number = 1n; number <= 100n; number++) {
      await chain.client.submit(transferTo(alice, number, bob.address, 1n).bytes);
    }
    const more = chain.client.submit(transferTo(alice, 101n, bob.address, 1n).bytes);
    await expect(more).rejects.toMatchObject({ code: "mempool_is_full" });
  });
});
