/**
 * A chain in a file, by Node's own SQLite. All that one change of the branch writes is in one
 * transaction that is on disk when `extend` resolves: whenever the process is killed, the chain is
 * the one before the change or the one after it. Rows of a branch are only ever added; a branch
 * that is left moves to a table of its own. One process at a time keeps a file.
 */
import { DatabaseSync, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { present } from "#core/assert.ts";
import { BcsError, decodeBcs } from "#core/bcs/reader.ts";
import { parseSecretKey } from "#core/ed25519.ts";
import { readStateKey } from "#core/effects.ts";
import { type Hash, parseHash } from "#core/hash.ts";
import type { SignedMark } from "../core/node-machine.ts";
import { decodeBlock, encodeBlock } from "../ledger/block.ts";
import { decodeGenesisConfig, encodeGenesisConfig } from "../ledger/genesis-config.ts";
import { decodeReceipt, encodeReceipt } from "../ledger/receipt.ts";
import type {
  BranchChange,
  ChainIdentity,
  ChainStore,
  StoredBlock,
  StoredChain,
  StoredTransaction,
} from "../ports.ts";
import { fitsBranch, transactionsOf, writesOf } from "./block-records.ts";
import { ChainStoreError } from "./store-error.ts";

/** Raised with the tables; a file of another layout is refused. */
const LAYOUT = 3;

/** A value that a block leaves behind is a row; NULL where the block deletes it. */
const TABLES = `
  CREATE TABLE chain (config BLOB, secret BLOB, genesis BLOB) STRICT;
  CREATE TABLE blocks (height INTEGER PRIMARY KEY, hash BLOB, block BLOB) STRICT;
  CREATE TABLE transactions (
    version INTEGER PRIMARY KEY, hash BLOB UNIQUE, height INTEGER, time INTEGER,
    bytes BLOB, receipt BLOB
  ) STRICT;
  CREATE INDEX transactions_by_height ON transactions (height);
  CREATE TABLE state (
    key BLOB, height INTEGER, value BLOB, PRIMARY KEY (key, height)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE signed (slot INTEGER PRIMARY KEY, source INTEGER) STRICT;
  CREATE TABLE reorganisations (
    number INTEGER PRIMARY KEY, kept INTEGER, old BLOB, new BLOB
  ) STRICT;
  CREATE TABLE abandoned (hash BLOB PRIMARY KEY, height INTEGER, block BLOB)
    STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${LAYOUT};
`;

/** WAL with full synchronisation: a commit is on disk before it is reported. */
const PRAGMAS = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
`;

const SQL = {
  layout: "PRAGMA user_version",
  chain: "SELECT config, secret, genesis FROM chain",
  head: "SELECT max(height) AS height FROM blocks",
  block: "SELECT hash, block FROM blocks WHERE height = ?",
  receipts: "SELECT receipt FROM transactions WHERE height = ? ORDER BY version",
  byHash: "SELECT height, time, bytes, receipt FROM transactions WHERE hash = ?",
  from: `SELECT height, time, bytes, receipt FROM transactions
    WHERE version >= ? ORDER BY version LIMIT ?`,
  // With max(), SQLite takes the other columns from the row that has it.
  state: "SELECT key, value, max(height) FROM state GROUP BY key HAVING value IS NOT NULL",
  addChain: "INSERT INTO chain VALUES (?, ?, ?)",
  addBlock: "INSERT INTO blocks VALUES (?, ?, ?)",
  addTransaction: "INSERT INTO transactions VALUES (?, ?, ?, ?, ?, ?)",
  addValue: "INSERT INTO state VALUES (?, ?, ?)",
  signed: "SELECT slot, source FROM signed ORDER BY slot DESC LIMIT 1",
  addSigned: "INSERT INTO signed VALUES (?, ?)",
  addReorganisation: `INSERT INTO reorganisations (kept, old, new)
    SELECT ?1, hash, ?2 FROM blocks ORDER BY height DESC LIMIT 1`,
  abandonBlocks: `INSERT OR IGNORE INTO abandoned
    SELECT hash, height, block FROM blocks WHERE height > ?`,
  takeBackBlocks: "DELETE FROM blocks WHERE height > ?",
  takeBackTransactions: "DELETE FROM transactions WHERE height > ?",
  takeBackValues: "DELETE FROM state WHERE height > ?",
  forgetBlocks: "DELETE FROM blocks WHERE height < ?",
  forgetTransactions: "DELETE FROM transactions WHERE height < ?",
  forgetValues: `DELETE FROM state WHERE height < ?1 AND EXISTS (
    SELECT 1 FROM state AS newer
    WHERE newer.key = state.key AND newer.height > state.height AND newer.height <= ?1)`,
  forgetAbandoned: "DELETE FROM abandoned WHERE height < ?",
  forgetSigned: "DELETE FROM signed WHERE slot < (SELECT max(slot) FROM signed)",
} as const;

type Row = Readonly<Record<string, SQLOutputValue>>;
type Statements = Readonly<Record<keyof typeof SQL, StatementSync>>;

interface Opened {
  readonly database: DatabaseSync;
  readonly statements: Statements;
}

/**
 * Opens the chain in the file `path`, or prepares to keep one there. Throws `ChainStoreError`,
 * STORE_CONFLICT where another process has it open.
 */
export function openSqliteStore(path: string): ChainStore {
  const opened = guarded(() => open(path));
  const { database, statements } = opened;
  const answer = <T>(work: () => T): Promise<T> => {
    return new Promise((resolve) => {
      resolve(guarded(work));
    });
  };
  return {
    load: () => answer(() => loadChain(statements)),
    create: (identity, genesis) => answer(() => createChain(opened, identity, genesis)),
    extend: (change) => answer(() => extendBranch(opened, change)),
    blockAt: (height) => answer(() => readBlock(statements, Number(height))),
    transactionByHash: (hash) =>
      answer(() => {
        const row = statements.byHash.get(hash);
        return row && transactionOf(row);
      }),
    transactionsFrom: (from, limit) =>
      answer(() => statements.from.all(Number(from), limit).map(transactionOf)),
    pruneBelow: (height) => answer(() => prune(opened, Number(height))),
    close: () => {
      if (database.isOpen) database.close();
      return Promise.resolve();
    },
  };
}

function open(path: string): Opened {
  const database = new DatabaseSync(path);
  try {
    database.exec(PRAGMAS);
    const layout = numberOf(database.prepare(SQL.layout).get(), "user_version");
    if (layout === 0) inTransaction(database, () => database.exec(TABLES));
    else if (layout !== LAYOUT) throw corrupt(`the file has layout ${layout}, not ${LAYOUT}`);
    const prepared = Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)]);
    return { database, statements: Object.fromEntries(prepared) as Statements };
  } catch (error) {
    database.close();
    throw error;
  }
}

function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    work();
    database.exec("COMMIT");
  } catch (error) {
    if (database.isOpen && database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function loadChain(statements: Statements): StoredChain | undefined {
  const chain = statements.chain.get();
  if (chain === undefined) return undefined;
  const secret = parseSecretKey(bytesOf(chain, "secret"));
  if (secret === undefined) throw corrupt("the producer's key is damaged");
  const config = decodeGenesisConfig(bytesOf(chain, "config"));
  const head = readBlock(statements, headHeight(statements) ?? 0);
  if (head === undefined) throw corrupt("the newest block is missing");
  const mark = statements.signed.get();
  return {
    identity: { config, producerSecret: secret },
    genesisHash: hashOf(bytesOf(chain, "genesis")),
    head,
    ...(mark === undefined ? {} : { signed: signedOf(mark) }),
    state: statements.state.all().map((row) => ({
      key: decodeBcs(bytesOf(row, "key"), readStateKey),
      value: bytesOf(row, "value"),
    })),
  };
}

function createChain(
  { database, statements }: Opened,
  { config, producerSecret }: ChainIdentity,
  genesis: StoredBlock,
): void {
  inTransaction(database, () => {
    if (statements.chain.get() !== undefined) throw conflict("a chain is already kept here");
    statements.addChain.run(encodeGenesisConfig(config), producerSecret, genesis.hash);
    addBlock(statements, genesis);
  });
}

function extendBranch({ database, statements }: Opened, change: BranchChange): void {
  inTransaction(database, () => {
    const head = headHeight(statements);
    if (head === undefined || !fitsBranch(change, BigInt(head))) {
      throw conflict("the blocks do not follow what is kept");
    }
    const { blocks, signed } = change;
    const kept = Number(change.keptHeight);
    if (kept < head) takeBack(statements, kept, blocks.at(-1)?.hash ?? hashAt(statements, kept));
    for (const block of blocks) addBlock(statements, block);
    if (signed === undefined) return;
    statements.addSigned.run(Number(signed.slot), Number(signed.sourceEpoch));
  });
}

/** The values of a branch are rows of its heights: without them, what they replaced counts. */
function takeBack(statements: Statements, kept: number, newHead: Hash): void {
  statements.addReorganisation.run(kept, newHead);
  statements.abandonBlocks.run(kept);
  statements.takeBackBlocks.run(kept);
  statements.takeBackTransactions.run(kept);
  statements.takeBackValues.run(kept);
}

function addBlock(statements: Statements, stored: StoredBlock): void {
  const height = Number(stored.block.header.height);
  statements.addBlock.run(height, stored.hash, encodeBlock(stored.block));
  for (const { timestampUs, bytes, receipt } of transactionsOf(stored)) {
    const [version, time] = [Number(receipt.version), Number(timestampUs)];
    const { transactionHash: hash } = receipt;
    const encoded = encodeReceipt(receipt);
    statements.addTransaction.run(version, hash, height, time, bytes ?? null, encoded);
  }
  for (const { encodedKey, value } of writesOf([stored])) {
    statements.addValue.run(encodedKey, height, value ?? null);
  }
}

function prune({ database, statements }: Opened, below: number): void {
  inTransaction(database, () => {
    const end = Math.min(below, headHeight(statements) ?? 0);
    statements.forgetBlocks.run(end);
    statements.forgetTransactions.run(end);
    statements.forgetValues.run(end);
    statements.forgetAbandoned.run(end);
    statements.forgetSigned.run();
  });
}

/** Undefined before there is a chain. */
function headHeight(statements: Statements): number | undefined {
  const height = statements.head.get()?.["height"];
  return typeof height === "number" ? height : undefined;
}

function hashAt(statements: Statements, height: number): Hash {
  return present(readBlock(statements, height), "a branch is cut where a block is kept").hash;
}

function readBlock(statements: Statements, height: number): StoredBlock | undefined {
  const row = statements.block.get(height);
  return (
    row && {
      hash: hashOf(bytesOf(row, "hash")),
      block: decodeBlock(bytesOf(row, "block")),
      receipts: statements.receipts.all(height).map((item) => {
        return decodeReceipt(bytesOf(item, "receipt"));
      }),
    }
  );
}

function transactionOf(row: Row): StoredTransaction {
  const { bytes } = row;
  return {
    height: BigInt(numberOf(row, "height")),
    timestampUs: BigInt(numberOf(row, "time")),
    receipt: decodeReceipt(bytesOf(row, "receipt")),
    ...(bytes instanceof Uint8Array ? { bytes } : {}),
  };
}

function signedOf(row: Row): SignedMark {
  return {
    slot: BigInt(numberOf(row, "slot")),
    sourceEpoch: BigInt(numberOf(row, "source")),
  };
}

function bytesOf(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (value instanceof Uint8Array) return value;
  throw corrupt(`column ${column} holds no bytes`);
}

function numberOf(row: Row | undefined, column: string): number {
  const value = row?.[column];
  if (typeof value === "number") return value;
  throw corrupt(`column ${column} holds no number`);
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

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asStoreError(error);
  }
}

/** SQLite's primary result codes. */
const BUSY = 5;
const LOCKED = 6;
const CORRUPT = 11;
const FULL = 13;
const NOT_A_DATABASE = 26;
const PRIMARY_CODE_MASK = 0xff;

function asStoreError(error: unknown): unknown {
  if (error instanceof ChainStoreError) return error;
  if (error instanceof BcsError) {
    return new ChainStoreError("STORE_CORRUPT", "a row cannot be read", error);
  }
  if (!(error instanceof Error) || !("code" in error)) return error;
  if (error.code === "ERR_INVALID_STATE") {
    return new ChainStoreError("STORE_CLOSED", "the store was closed", error);
  }
  if (!("errcode" in error) || typeof error.errcode !== "number") return error;
  switch (error.errcode & PRIMARY_CODE_MASK) {
    case BUSY:
    case LOCKED:
      return new ChainStoreError("STORE_CONFLICT", "another process has the file open", error);
    case CORRUPT:
    case NOT_A_DATABASE:
      return new ChainStoreError("STORE_CORRUPT", "the file is damaged", error);
    case FULL:
      return new ChainStoreError("STORE_FULL", "no room for the block", error);
    default:
      return new ChainStoreError("STORE_UNAVAILABLE", `SQLite says: ${error.message}`, error);
  }
}
