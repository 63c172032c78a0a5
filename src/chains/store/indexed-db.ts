/**
 * A chain in the browser's IndexedDB. All that one change of the branch writes goes into one
 * transaction, so a crash leaves the chain before the change or after it. Knows rows, not rules.
 */
import { type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import { present } from "#core/assert.ts";
import { BcsError, decodeBcs } from "#core/bcs/reader.ts";
import { toHex } from "#core/bytes.ts";
import { parseSecretKey } from "#core/ed25519.ts";
import { readStateKey } from "#core/effects.ts";
import { type Hash, parseHash } from "#core/hash.ts";
import type { SignedMark } from "../core/node-machine.ts";
import { decodeBlock, encodeBlock } from "../ledger/block.ts";
import { decodeGenesisConfig, encodeGenesisConfig } from "../ledger/genesis-config.ts";
import { decodeReceipt, encodeReceipt, type Receipt } from "../ledger/receipt.ts";
import type {
  BranchChange,
  ChainIdentity,
  ChainStore,
  StoredBlock,
  StoredChain,
  StoredTransaction,
} from "../ports.ts";
import { fitsBranch, transactionsOf, type Write, writesAcross, writesOf } from "./block-records.ts";
import {
  CHAIN_KEY,
  type ChainRow,
  type ChainSchema,
  SCHEMA_VERSION,
  type SignedRow,
  type TransactionRow,
  upgradeSchema,
} from "./schema.ts";
import { ChainStoreError } from "./store-error.ts";

type Database = IDBPDatabase<ChainSchema>;

const STORES = ["chain", "blocks", "transactions", "state"] as const;
type Writing = IDBPTransaction<ChainSchema, typeof STORES, "readwrite">;

/** The rows of one block, made ready before the transaction opens. */
interface Rows {
  readonly height: number;
  readonly hash: Uint8Array;
  readonly block: Uint8Array;
  readonly transactions: readonly { readonly version: number; readonly row: TransactionRow }[];
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
    extend: (change) => guarded(() => extendBranch(database, change)),
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
  const transaction = database.transaction(STORES);
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
    ...(chain.signed && { signed: signedOf(chain.signed) }),
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
  const rows = [rowsOf(genesis)];
  const writes = writesOf([genesis]);
  await inTransaction(database, async (transaction) => {
    if ((await transaction.objectStore("chain").get(CHAIN_KEY)) !== undefined) {
      throw conflict("a chain is already kept here");
    }
    return putAll(transaction, row, rows, writes);
  });
}

async function extendBranch(database: Database, change: BranchChange): Promise<void> {
  const { keptHeight, blocks, signed } = change;
  const rows = blocks.map(rowsOf);
  await inTransaction(database, async (transaction) => {
    const standing = await transaction.objectStore("chain").get(CHAIN_KEY);
    if (standing === undefined || !fitsBranch(change, BigInt(standing.headHeight))) {
      throw conflict("the blocks do not follow what is kept");
    }
    const left = await takeBack(transaction, Number(keptHeight));
    const headHeight = Number(keptHeight) + blocks.length;
    const chain = { ...standing, headHeight, ...(signed && { signed: signedRow(signed) }) };
    return putAll(transaction, chain, rows, writesAcross(left, blocks));
  });
}

/** Removes the rows of the branch above `keptHeight`; returns its receipts by version. */
async function takeBack(transaction: Writing, keptHeight: number): Promise<readonly Receipt[]> {
  const above = IDBKeyRange.lowerBound(keptHeight, true);
  const receipts: Receipt[] = [];
  const byHeight = transaction.objectStore("transactions").index("byHeight");
  let cursor = await byHeight.openCursor(above);
  while (cursor !== null) {
    receipts.push(decodeReceipt(cursor.value.receipt));
    await cursor.delete();
    cursor = await cursor.continue();
  }
  await transaction.objectStore("blocks").delete(above);
  return receipts;
}

/** Begins every write and returns them. */
function putAll(
  transaction: Writing,
  chain: ChainRow,
  rows: readonly Rows[],
  values: readonly Write[],
): Promise<unknown>[] {
  const writes: Promise<unknown>[] = [];
  const write = (request: Promise<unknown>): void => {
    // When one fails, all that were begun fail with it, and the first says why.
    request.catch(() => undefined);
    writes.push(request);
  };
  write(transaction.objectStore("chain").put(chain, CHAIN_KEY));
  for (const { height, hash, block, transactions } of rows) {
    write(transaction.objectStore("blocks").put({ hash, block }, height));
    for (const { version, row } of transactions) {
      write(transaction.objectStore("transactions").put(row, version));
    }
  }
  const state = transaction.objectStore("state");
  for (const { encodedKey, value } of values) {
    const key = new Uint8Array(encodedKey);
    write(value === undefined ? state.delete(key) : state.put(value, key));
  }
  return writes;
}

/** Runs `work` and waits for all that it began: everything is written, or nothing. */
async function inTransaction(
  database: Database,
  work: (transaction: Writing) => Promise<readonly Promise<unknown>[]>,
): Promise<void> {
  const transaction = database.transaction(STORES, "readwrite", { durability: "strict" });
  try {
    const writes = await work(transaction);
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

function signedRow({ slot, sourceEpoch }: SignedMark): SignedRow {
  return { slot: Number(slot), sourceEpoch: Number(sourceEpoch) };
}

function signedOf({ slot, sourceEpoch }: SignedRow): SignedMark {
  return { slot: BigInt(slot), sourceEpoch: BigInt(sourceEpoch) };
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
