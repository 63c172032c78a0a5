import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { concatBytes, toHex } from "#core/bytes.ts";
import type { StoredChain } from "../../../src/chains/ports.ts";
import { openIndexedDbStore } from "../../../src/chains/store/indexed-db.ts";
import { createMemoryStore } from "../../../src/chains/store/memory.ts";
import { ChainStoreError } from "../../../src/chains/store/store-error.ts";
import {
  after,
  countingBlock,
  GENESIS_BLOCK,
  rivalBlock,
  TEST_IDENTITY,
} from "../../conformance/chain-blocks.ts";
import { chainStoreSuite } from "../../conformance/chain-store.suite.ts";

chainStoreSuite("memory", () => {
  const store = createMemoryStore();
  return Promise.resolve({ reopen: () => Promise.resolve(store) });
});

/** Every way in which rows change. */
const WRITING = [
  [IDBObjectStore.prototype, "put"],
  [IDBObjectStore.prototype, "delete"],
  [IDBCursor.prototype, "delete"],
] as const;

let lastName = 0;
chainStoreSuite("IndexedDB", () => {
  lastName += 1;
  const name = `chain-${lastName}`;
  return Promise.resolve({ reopen: () => openIndexedDbStore(name) });
});

describe("the IndexedDB store", () => {
  it("has a change whole or not at all, whichever of its writes fails", async () => {
    const change = { keptHeight: 0n, blocks: [1, 2, 3].map(rivalBlock) };
    for (let failing = 1, failed = true; failed; failing++) {
      const name = `crash-${failing}`;
      const store = await openIndexedDbStore(name);
      await store.create(TEST_IDENTITY, GENESIS_BLOCK);
      await store.extend(after(countingBlock(1), countingBlock(2)));
      const before = await store.load();
      const outcome = await withFailingWrite(failing, () => store.extend(change));
      failed = outcome !== undefined;
      await store.close();
      const again = await openIndexedDbStore(name);
      const kept = await again.load();
      expect(kept?.head).toEqual(failed ? before?.head : rivalBlock(3));
      expect(toHex(stateBytes(kept)) === toHex(stateBytes(before))).toBe(failed);
      expect(outcome instanceof ChainStoreError ? outcome.code : outcome).toBe(
        failed ? "STORE_FULL" : undefined,
      );
      await again.extend(change);
      await again.close();
      expect(failing).toBeLessThan(40);
    }
  });

  it("begins anew where a chain of an older layout was kept", async () => {
    const name = "of-version-1";
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.onerror = () => reject(new Error("no database"));
      request.onupgradeneeded = () => {
        const chain = request.result.createObjectStore("chain");
        for (const other of ["blocks", "transactions", "state"]) {
          request.result.createObjectStore(other);
        }
        chain.put({ headHeight: 3 }, "chain");
      };
      request.onsuccess = () => {
        request.result.close();
        resolve();
      };
    });
    const store = await openIndexedDbStore(name);
    expect(await store.load()).toBeUndefined();
    await store.create(TEST_IDENTITY, GENESIS_BLOCK);
    await store.extend(after(countingBlock(1)));
    expect((await store.load())?.head).toEqual(countingBlock(1));
    await store.close();
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

function stateBytes(kept: StoredChain | undefined): Uint8Array {
  return concatBytes(...(kept?.state ?? []).map(({ value }) => value));
}

/** Does `work` while the nth write of any kind fails; returns what it was rejected with. */
async function withFailingWrite(failing: number, work: () => Promise<void>): Promise<unknown> {
  let writes = 0;
  const restores = WRITING.map(([prototype, name]) => {
    const own = present(Object.getOwnPropertyDescriptor(prototype, name), "a method");
    const method = own.value as (...args: unknown[]) => unknown;
    Object.defineProperty(prototype, name, {
      ...own,
      value(this: unknown, ...args: unknown[]): unknown {
        writes += 1;
        if (writes !== failing) return Reflect.apply(method, this, args);
        throw new DOMException("the disk is full", "QuotaExceededError");
      },
    });
    return () => Object.defineProperty(prototype, name, own);
  });
  try {
    await work();
    return undefined;
  } catch (error) {
    return error;
  } finally {
    for (const restore of restores) restore();
  }
}
