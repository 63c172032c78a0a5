import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { describe, expect, it } from "vitest";
import { openIndexedDbStore } from "../../../src/chains/store/indexed-db.ts";
import { createMemoryStore } from "../../../src/chains/store/memory.ts";
import { ChainStoreError } from "../../../src/chains/store/store-error.ts";
import {
  blockAt,
  GENESIS_BLOCK,
  SECOND_BLOCK,
  TEST_IDENTITY,
} from "../../conformance/chain-blocks.ts";
import { chainStoreSuite } from "../../conformance/chain-store.suite.ts";

chainStoreSuite("memory", () => {
  const store = createMemoryStore();
  return Promise.resolve({ reopen: () => Promise.resolve(store) });
});

let lastName = 0;
chainStoreSuite("IndexedDB", () => {
  lastName += 1;
  const name = `chain-${lastName}`;
  return Promise.resolve({ reopen: () => openIndexedDbStore(name) });
});

describe("the IndexedDB store", () => {
  it("has a block whole or not at all, whichever of its writes fails", async () => {
    const own = Object.getOwnPropertyDescriptor(IDBObjectStore.prototype, "put");
    const put = own?.value as (value: unknown, key?: IDBValidKey) => IDBRequest<IDBValidKey>;
    for (let failing = 1, failed = true; failed; failing++) {
      const name = `crash-${failing}`;
      const store = await openIndexedDbStore(name);
      await store.create(TEST_IDENTITY, GENESIS_BLOCK);
      let writes = 0;
      failed = false;
      IDBObjectStore.prototype.put = function (value: unknown, key?: IDBValidKey) {
        writes += 1;
        if (writes !== failing) return put.call(this, value, key);
        failed = true;
        throw new DOMException("the disk is full", "QuotaExceededError");
      };
      const appending = store.append(SECOND_BLOCK).catch((error: unknown) => error);
      const outcome = await appending;
      IDBObjectStore.prototype.put = put;
      await store.close();
      const again = await openIndexedDbStore(name);
      const kept = await again.load();
      expect(kept?.head).toEqual(failed ? GENESIS_BLOCK : SECOND_BLOCK);
      expect(outcome instanceof ChainStoreError ? outcome.code : outcome).toBe(
        failed ? "STORE_FULL" : undefined,
      );
      await again.append(failed ? SECOND_BLOCK : blockAt(2, []));
      await again.close();
      expect(failing).toBeLessThan(20);
    }
  });

  it("says so when there is no database to be had", async () => {
    const standing = globalThis.indexedDB;
    const broken = new IDBFactory();
    broken.open = () => {
      throw new DOMException("storage is blocked", "SecurityError");
    };
    globalThis.indexedDB = broken;
    try {
      const opening = openIndexedDbStore("blocked");
      await expect(opening).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    } finally {
      globalThis.indexedDB = standing;
    }
  });

  it("calls a damaged row damaged", async () => {
    const opening = openIndexedDbStore("damaged");
    const store = await opening;
    await store.close();
    const request = indexedDB.open("damaged");
    await new Promise<void>((resolve, reject) => {
      request.onerror = () => reject(new Error("no database"));
      request.onsuccess = () => {
        const database = request.result;
        const transaction = database.transaction("blocks", "readwrite");
        transaction
          .objectStore("blocks")
          .put({ hash: new Uint8Array(32), block: Uint8Array.of(1) }, 5);
        transaction.oncomplete = () => {
          database.close();
          resolve();
        };
      };
    });
    const again = await openIndexedDbStore("damaged");
    await expect(again.blockAt(5n)).rejects.toMatchObject({ code: "STORE_CORRUPT" });
    await again.close();
    await expect(again.load()).rejects.toMatchObject({ code: "STORE_CLOSED" });
  });
});
