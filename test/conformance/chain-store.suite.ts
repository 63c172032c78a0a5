// What every chain store must do, whatever it is made of.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { ZERO_HASH } from "#core/hash.ts";
import type { ChainStore } from "../../src/chains/ports.ts";
import {
  after,
  blockAt,
  byte,
  COUNTER,
  countingBlock,
  GENESIS_BLOCK,
  rivalBlock,
  SECOND_BLOCK,
  TEST_IDENTITY,
} from "./chain-blocks.ts";

export interface StoreUnderTest {
  /** Opens what was kept before, as after a restart. */
  reopen(): Promise<ChainStore>;
}

export function chainStoreSuite(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`a chain store: ${name}`, () => {
    it("is empty at first", async () => {
      const store = await (await make()).reopen();
      expect(await store.load()).toBeUndefined();
      expect(await store.blockAt(0n)).toBeUndefined();
      expect(await store.transactionByHash(ZERO_HASH)).toBeUndefined();
      await store.close();
    });

    it("gives back after a restart exactly what was appended", async () => {
      const place = await make();
      const first = await place.reopen();
      await first.create(TEST_IDENTITY, GENESIS_BLOCK);
      await first.extend(after(SECOND_BLOCK));
      await first.close();
      const store = await place.reopen();
      const kept = await store.load();
      expect(kept?.identity).toEqual(TEST_IDENTITY);
      expect(kept?.genesisHash).toEqual(GENESIS_BLOCK.hash);
      expect(kept?.head).toEqual(SECOND_BLOCK);
      expect(kept?.state).toEqual([{ key: COUNTER, value: byte(3) }]);
      await store.close();
    });

    it("finds blocks by height and transactions by hash and version", async () => {
      const store = await (await make()).reopen();
      await store.create(TEST_IDENTITY, GENESIS_BLOCK);
      await store.extend(after(SECOND_BLOCK));
      expect(await store.blockAt(0n)).toEqual(GENESIS_BLOCK);
      expect(await store.blockAt(1n)).toEqual(SECOND_BLOCK);
      expect(await store.blockAt(2n)).toBeUndefined();
      const receipt = present(SECOND_BLOCK.receipts[1], "a receipt");
      expect(await store.transactionByHash(receipt.transactionHash)).toEqual({
        height: 1n,
        timestampUs: 1_000_001n,
        bytes: byte(1),
        receipt,
      });
      const prologue = present(SECOND_BLOCK.receipts[0], "a receipt");
      expect((await store.transactionByHash(prologue.transactionHash))?.bytes).toBeUndefined();
      const versions = async (from: bigint, limit: number) =>
        (await store.transactionsFrom(from, limit)).map((found) => found.receipt.version);
      expect(await versions(0n, 10)).toEqual([0n, 1n, 2n, 3n]);
      expect(await versions(1n, 2)).toEqual([1n, 2n]);
      expect(await versions(4n, 2)).toEqual([]);
      await store.close();
    });

    it("refuses a second genesis and a block out of order, and keeps what it has", async () => {
      const store = await (await make()).reopen();
      await expect(store.extend(after(SECOND_BLOCK))).rejects.toMatchObject({
        code: "STORE_CONFLICT",
      });
      await store.create(TEST_IDENTITY, GENESIS_BLOCK);
      const again = store.create(TEST_IDENTITY, SECOND_BLOCK);
      await expect(again).rejects.toMatchObject({ code: "STORE_CONFLICT" });
      const gap = store.extend(after(blockAt(2, [])));
      await expect(gap).rejects.toMatchObject({ code: "STORE_CONFLICT" });
      expect((await store.load())?.head).toEqual(GENESIS_BLOCK);
      await store.extend(after(SECOND_BLOCK));
      const none = store.extend({ keptHeight: 1n, blocks: [] });
      await expect(none).rejects.toMatchObject({ code: "STORE_CONFLICT" });
      const torn = store.extend({ keptHeight: 1n, blocks: [blockAt(2, []), blockAt(4, [])] });
      await expect(torn).rejects.toMatchObject({ code: "STORE_CONFLICT" });
      expect((await store.load())?.head).toEqual(SECOND_BLOCK);
      await store.close();
    });

    it("takes a branch back and keeps another in its place, state and all", async () => {
      const place = await make();
      const first = await place.reopen();
      await first.create(TEST_IDENTITY, GENESIS_BLOCK);
      await first.extend(after(...[1, 2, 3].map(countingBlock)));
      const left = [2, 3].flatMap((height) => countingBlock(height).receipts);
      const other = [2, 3, 4].map(rivalBlock);
      await first.extend({ keptHeight: 1n, blocks: other });
      await first.close();
      const store = await place.reopen();
      const kept = await store.load();
      expect(kept?.head).toEqual(rivalBlock(4));
      expect(kept?.state).toHaveLength(2);
      expect(kept?.state).toContainEqual({ key: COUNTER, value: byte(104) });
      expect(await store.blockAt(1n)).toEqual(countingBlock(1));
      expect(await store.blockAt(2n)).toEqual(rivalBlock(2));
      for (const { transactionHash } of left) {
        expect(await store.transactionByHash(transactionHash)).toBeUndefined();
      }
      const versions = (await store.transactionsFrom(0n, 20)).map(({ receipt }) => receipt.version);
      expect(versions).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]);
      // Back again, and to a branch that is shorter.
      await store.extend({ keptHeight: 1n, blocks: [countingBlock(2)] });
      expect((await store.load())?.head).toEqual(countingBlock(2));
      expect((await store.load())?.state).toContainEqual({ key: COUNTER, value: byte(3) });
      expect(await store.blockAt(3n)).toBeUndefined();
      await store.close();
    });

    it("takes blocks back without new ones in their place", async () => {
      const place = await make();
      const first = await place.reopen();
      await first.create(TEST_IDENTITY, GENESIS_BLOCK);
      await first.extend(after(...[1, 2, 3].map(countingBlock)));
      await first.extend({ keptHeight: 1n, blocks: [] });
      await first.close();
      const store = await place.reopen();
      const kept = await store.load();
      expect(kept?.head).toEqual(countingBlock(1));
      expect(kept?.state).toContainEqual({ key: COUNTER, value: byte(2) });
      expect(await store.blockAt(2n)).toBeUndefined();
      await store.extend({ keptHeight: 1n, blocks: [rivalBlock(2)] });
      expect((await store.load())?.head).toEqual(rivalBlock(2));
      await store.close();
    });

    it("remembers what the node has signed last, whatever becomes of its block", async () => {
      const place = await make();
      const first = await place.reopen();
      await first.create(TEST_IDENTITY, GENESIS_BLOCK);
      expect((await first.load())?.signed).toBeUndefined();
      const signed = { slot: 77n, sourceEpoch: 5n };
      await first.extend({ ...after(countingBlock(1)), signed });
      await first.extend({ keptHeight: 0n, blocks: [rivalBlock(1)] });
      await first.close();
      const store = await place.reopen();
      expect((await store.load())?.signed).toEqual(signed);
      const later = { slot: 80n, sourceEpoch: 6n };
      await store.extend({ ...after(countingBlock(2)), signed: later });
      expect((await store.load())?.signed).toEqual(later);
      await store.close();
    });

    it("forgets pruned blocks and keeps the newest and the state", async () => {
      const place = await make();
      const store = await place.reopen();
      await store.create(TEST_IDENTITY, GENESIS_BLOCK);
      await store.extend(after(SECOND_BLOCK));
      await store.extend(after(blockAt(2, [])));
      await store.pruneBelow(2n);
      expect(await store.blockAt(1n)).toBeUndefined();
      const gone = present(SECOND_BLOCK.receipts[1], "a receipt").transactionHash;
      expect(await store.transactionByHash(gone)).toBeUndefined();
      expect((await store.transactionsFrom(0n, 10)).map((found) => found.height)).toEqual([2n, 2n]);
      await store.pruneBelow(100n);
      await store.close();
      const kept = await (await place.reopen()).load();
      expect(kept?.head).toEqual(blockAt(2, []));
      expect(kept?.state).toEqual([{ key: COUNTER, value: byte(3) }]);
    });
  });
}
