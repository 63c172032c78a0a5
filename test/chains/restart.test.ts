// A node that stops, at any moment, goes on as the chain it was.
import "fake-indexeddb/auto";
import { describe, expect, it } from "vitest";
import { type ChainStore, ChainStoreError, createMemoryStore, openIndexedDbStore } from "#chains";
import { toHex } from "#core/bytes.ts";
import { accountNamed, balanceOf, commit, fund, startChain, transferTo } from "./fixture.ts";
import { settle } from "./manual-clock.ts";

const alice = accountNamed("alice");
const bob = accountNamed("bob");

let lastName = 0;
const places: [string, () => () => Promise<ChainStore>][] = [
  [
    "memory",
    () => {
      const store = createMemoryStore();
      return () => Promise.resolve(store);
    },
  ],
  [
    "IndexedDB",
    () => {
      lastName += 1;
      const name = `restart-${lastName}`;
      return () => openIndexedDbStore(name);
    },
  ],
];

/** A macrotask, which fake-indexeddb needs to move on. */
async function breathe(): Promise<void> {
  for (let round = 0; round < 20; round++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    await settle();
  }
}

describe.each(places)("a node over %s", (_name, place) => {
  it("resumes with the same head, state, receipts and identity", async () => {
    const open = place();
    const first = await startChain({ store: await open() });
    const hash = await first.client.fund(alice.address, 1_000n);
    await breathe();
    await first.clock.advance(2_000);
    await breathe();
    const before = await first.client.ledger();
    expect(before.height).toBeGreaterThan(0n);
    await first.node.close();

    const second = await startChain({ store: await open(), clock: first.clock });
    expect(await second.client.ledger()).toEqual(before);
    expect(await balanceOf(second, alice.address)).toBe(1_000n);
    const kept = await second.client.transaction(hash);
    expect(kept).toMatchObject({ receipt: { status: { type: "executed" } } });
    const again = await second.client.fund(bob.address, 5n);
    await breathe();
    await second.clock.advance(2_000);
    await breathe();
    expect(await second.client.transaction(again)).toMatchObject({ height: before.height + 1n });
    await second.node.close();
  });
});

describe("a node whose store", () => {
  it("fails to write stops and tells every client, and the chain stays whole", async () => {
    const kept = createMemoryStore();
    let failing = false;
    const store: ChainStore = {
      ...kept,
      extend: (change) =>
        failing
          ? Promise.reject(new ChainStoreError("STORE_FULL", "no room for the block"))
          : kept.extend(change),
    };
    const chain = await startChain({ store });
    await fund(chain, alice.address, 1_000_000n);
    const before = await chain.client.ledger();
    failing = true;
    const payment = transferTo(alice, 0n, bob.address, 1n);
    const sent = await chain.client.submit(payment.bytes);
    const waiting = chain.client.waitForTransaction(sent, 10_000);
    waiting.catch(() => undefined);
    await chain.clock.advance(2_000);
    await expect(waiting).rejects.toMatchObject({ code: "health_check_failed" });
    const asking = chain.client.ledger();
    await expect(asking).rejects.toThrow(/STORE_FULL/);
    await chain.node.close();

    failing = false;
    const again = await startChain({ store, clock: chain.clock });
    expect(await again.client.ledger()).toEqual(before);
    await commit(again, payment);
    expect(await balanceOf(again, bob.address)).toBe(1n);
  });

  it("holds state that its newest block does not commit to is not run", async () => {
    const store = createMemoryStore();
    const chain = await startChain({ store });
    await fund(chain, alice.address, 10n);
    await chain.node.close();
    const damaged: ChainStore = {
      ...store,
      load: async () => {
        const kept = await store.load();
        return kept && { ...kept, state: kept.state.slice(1) };
      },
    };
    const starting = startChain({ store: damaged });
    await expect(starting).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  });

  it("is pruned keeps its newest blocks and goes on", async () => {
    const store = createMemoryStore();
    const chain = await startChain({ store, keptBlocks: 100n });
    chain.client.onHead(() => undefined);
    await chain.clock.advance(501_000);
    const { height } = await chain.client.ledger();
    expect(height).toBeGreaterThanOrEqual(500n);
    // When block 500 is kept, 499 is the newest that is final.
    expect(await chain.client.block(398n)).toBeUndefined();
    expect(await chain.client.block(399n)).toBeDefined();
    await chain.node.close();
    const again = await startChain({ store, clock: chain.clock });
    expect(toHex((await again.client.ledger()).headHash)).toHaveLength(64);
  });
});
