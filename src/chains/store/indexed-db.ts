/**
 * A chain in the browser's IndexedDB. A block, its receipts and the values it changes go into one
 * transaction, so a crash leaves the chain before the block or after it. Knows rows, not rules.
 */
import { type IDBPDatabase, openDB } from "idb";
import { present } from "#core/assert.ts";
import { BcsError, decodeBcs } from "#core/bcs/reader.ts";
import { toHex } from "#core/bytes.ts";
import { parseSecretKey } from "#core/ed25519.ts";
import { readStateKey } from "#core/effects.ts";
import { type Hash, parseHash } from "#core/hash.ts";
import { decodeBlock, encodeBlock } from "../ledger/block.ts";
import { decodeGenesisConfig, encodeGenesisConfig } from "../ledger/genesis-config.ts";
import { decodeReceipt, encodeReceipt } from "../ledger/receipt.ts";
import type {
  ChainIdentity,
  ChainStore,
  StoredBlock,
  StoredChain,
  StoredTransaction,
} from "../ports.ts";
import { transactionsOf, type Write, writesOf } from "./block-records.ts";
import {
  CHAIN_KEY,
  type ChainRow,
  type ChainSchema,
  SCHEMA_VERSION,
  type TransactionRow,
  upgradeSchema,
} from "./schema.ts";
import { ChainStoreError } from "./store-error.ts";

type Database = IDBPDatabase<ChainSchema>;

/** Everything that one block writes, made ready before the transaction opens. */
interface Rows {
  readonly height: number;
  readonly hash: Uint8Array;
  readonly block: Uint8Array;
  readonly transactions: readonly { readonly version: number; readonly row: TransactionRow }[];
  readonly writes: readonly Write[];
}

/**
 * Opens the chain kept under `name`, or prepares to keep one. Rejects with STORE_UNAVAILABLE where
 * there is no IndexedDB.
 */
export async function openIndexedDbStore(name: string): Promise<ChainStore> {
  const database = await open(name);
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw asStoreError(error);
    }
  };
  return {
    load: () => guarded(() => loadChain(database)),
    create: (identity, genesis) => guarded(() => createChain(database, identity, genesis)),
    append: (block) => guarded(() => appendBlock(database, block)),
    blockAt: (height) => guarded(() => readBlock(database, Number(height))),
    transactionByHash: (hash) =>
      guarded(async () => {
        const row = await database.getFromIndex("transactions", "byHash", toHex(hash));
        return row && transactionOf(row);
      }),
    transactionsFrom: (from, limit) =>
      guarded(async () => {
        const range = IDBKeyRange.lowerBound(Number(from));
        const rows = await database.getAll("transactions", range, limit);
        return rows.map(transactionOf);
      }),
    pruneBelow: (height) => guarded(() => prune(database, Number(height))),
    close: () => {
      database.close();
      return Promise.resolve();
    },
  };
}

async function open(name: string): Promise<Database> {
  try {
    return await openDB<ChainSchema>(name, SCHEMA_VERSION, {
      upgrade: (database, oldVersion) => upgradeSchema(database, oldVersion),
      // A newer copy of this page wants to upgrade: it gets the database, we get STORE_CLOSED.
      blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
    });
  } catch (error) {
    throw new ChainStoreError("STORE_UNAVAILABLE", "the chain's database does not open", error);
  }
}

async function loadChain(database: Database): Promise<StoredChain | undefined> {
  const transaction = database.transaction(["chain", "blocks", "transactions", "state"]);
  const chain = await transaction.objectStore("chain").get(CHAIN_KEY);
  if (chain === undefined) return undefined;
  const [blockRow, receipts, keys, values] = await Promise.all([
    transaction.objectStore("blocks").get(chain.headHeight),
    transaction.objectStore("transactions").index("byHeight").getAll(chain.headHeight),
    transaction.objectStore("state").getAllKeys(),
    transaction.objectStore("state").getAll(),
  ]);
  if (blockRow === undefined) throw corrupt("the newest block is missing");
  return {
    identity: identityOf(chain),
    genesisHash: hashOf(chain.genesisHash),
    head: {
      hash: hashOf(blockRow.hash),
      block: decodeBlock(blockRow.block),
      receipts: receipts.map(({ receipt }) => decodeReceipt(receipt)),
    },
    state: keys.map((key, index) => ({
      key: decodeBcs(new Uint8Array(key), readStateKey),
      value: present(values[index], "a key has its value"),
    })),
  };
}

async function createChain(
  database: Database,
  identity: ChainIdentity,
  genesis: StoredBlock,
): Promise<void> {
  const row: ChainRow = {
    config: encodeGenesisConfig(identity.config),
    producerSecret: identity.producerSecret,
    genesisHash: genesis.hash,
    headHeight: 0,
  };
  await writeRows(database, rowsOf(genesis), (standing) => {
    if (standing !== undefined) throw conflict("a chain is already kept here");
    return row;
  });
}

async function appendBlock(database: Database, block: StoredBlock): Promise<void> {
  const rows = rowsOf(block);
  await writeRows(database, rows, (standing) => {
    if (standing === undefined || standing.headHeight !== rows.height - 1) {
      throw conflict(`block ${rows.height} does not follow the one kept last`);
    }
    return { ...standing, headHeight: rows.height };
  });
}

/** Writes all rows and the new head, or nothing. */
async function writeRows(
  database: Database,
  rows: Rows,
  chainAfter: (standing: ChainRow | undefined) => ChainRow,
): Promise<void> {
  const stores = ["chain", "blocks", "transactions", "state"] as const;
  const transaction = database.transaction(stores, "readwrite", { durability: "strict" });
  try {
    const chain = transaction.objectStore("chain");
    const after = chainAfter(await chain.get(CHAIN_KEY));
    const writes: Promise<unknown>[] = [];
    const write = (request: Promise<unknown>): void => {
      // When one fails, all that were begun fail with it, and the first says why.
      request.catch(() => undefined);
      writes.push(request);
    };
    write(chain.put(after, CHAIN_KEY));
    const block = { hash: rows.hash, block: rows.block };
    write(transaction.objectStore("blocks").put(block, rows.height));
    for (const { version, row } of rows.transactions) {
      write(transaction.objectStore("transactions").put(row, version));
    }
    const state = transaction.objectStore("state");
    for (const { encodedKey, value } of rows.writes) {
      const key = new Uint8Array(encodedKey);
      write(value === undefined ? state.delete(key) : state.put(value, key));
    }
    await Promise.all([...writes, transaction.done]);
  } catch (error) {
    await abandon(transaction);
    throw error;
  }
}

/** Ends a transaction that failed; it may have ended by itself. */
async function abandon(transaction: { abort(): void; done: Promise<void> }): Promise<void> {
  const ended = transaction.done.catch(() => undefined);
  try {
    transaction.abort();
  } catch {
    // Already aborted: by the failure that brought us here.
  }
  await ended;
}

function rowsOf(stored: StoredBlock): Rows {
  const transactions = transactionsOf(stored).map(({ height, timestampUs, bytes, receipt }) => ({
    version: Number(receipt.version),
    row: {
      hash: toHex(receipt.transactionHash),
      height: Number(height),
      timestampUs,
      receipt: encodeReceipt(receipt),
      ...(bytes === undefined ? {} : { bytes }),
    },
  }));
  return {
    height: Number(stored.block.header.height),
    hash: stored.hash,
    block: encodeBlock(stored.block),
    transactions,
    writes: writesOf(stored),
  };
}

async function readBlock(database: Database, height: number): Promise<StoredBlock | undefined> {
  const transaction = database.transaction(["blocks", "transactions"]);
  const [row, transactions] = await Promise.all([
    transaction.objectStore("blocks").get(height),
    transaction.objectStore("transactions").index("byHeight").getAll(height),
  ]);
  return (
    row && {
      hash: hashOf(row.hash),
      block: decodeBlock(row.block),
      receipts: transactions.map(({ receipt }) => decodeReceipt(receipt)),
    }
  );
}

async function prune(database: Database, below: number): Promise<void> {
  const stores = ["chain", "blocks", "transactions"] as const;
  const transaction = database.transaction(stores, "readwrite");
  const chain = await transaction.objectStore("chain").get(CHAIN_KEY);
  const end = Math.min(below, chain?.headHeight ?? 0);
  const byHeight = transaction.objectStore("transactions").index("byHeight");
  let cursor = await byHeight.openCursor(IDBKeyRange.upperBound(end, true));
  while (cursor !== null) {
    await cursor.delete();
    cursor = await cursor.continue();
  }
  await transaction.objectStore("blocks").delete(IDBKeyRange.upperBound(end, true));
  await transaction.done;
}

function transactionOf({ height, timestampUs, receipt, bytes }: TransactionRow): StoredTransaction {
  return {
    height: BigInt(height),
    timestampUs,
    receipt: decodeReceipt(receipt),
    ...(bytes === undefined ? {} : { bytes }),
  };
}

function identityOf({ config, producerSecret }: ChainRow): ChainIdentity {
  const secret = parseSecretKey(producerSecret);
  if (secret === undefined) throw corrupt("the producer's key is damaged");
  return { config: decodeGenesisConfig(config), producerSecret: secret };
}

function hashOf(bytes: Uint8Array): Hash {
  const hash = parseHash(bytes);
  if (hash === undefined) throw corrupt("a block's hash is damaged");
  return hash;
}

function corrupt(what: string): ChainStoreError {
  return new ChainStoreError("STORE_CORRUPT", what);
}

function conflict(what: string): ChainStoreError {
  return new ChainStoreError("STORE_CONFLICT", what);
}

function asStoreError(error: unknown): unknown {
  if (error instanceof BcsError) {
    return new ChainStoreError("STORE_CORRUPT", "a row cannot be read", error);
  }
  if (!(error instanceof DOMException)) return error;
  if (error.name === "QuotaExceededError") {
    return new ChainStoreError("STORE_FULL", "no room for the block", error);
  }
  if (error.name === "InvalidStateError" || error.name === "AbortError") {
    return new ChainStoreError("STORE_CLOSED", "the database was closed", error);
  }
  return new ChainStoreError("STORE_UNAVAILABLE", "the database failed", error);
}
