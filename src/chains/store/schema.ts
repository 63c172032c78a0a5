/**
 * The IndexedDB layout of a chain, and its upgrades by version. Heights and versions are numbers
 * below 2^53.
 */
import type { DBSchema, IDBPDatabase } from "idb";

export const SCHEMA_VERSION = 3;

export interface BlockRow {
  readonly hash: Uint8Array;
  /** `encodeBlock`. */
  readonly block: Uint8Array;
}

export interface TransactionRow {
  /** Hex. */
  readonly hash: string;
  readonly height: number;
  readonly timestampUs: bigint;
  /** `encodeReceipt`. */
  readonly receipt: Uint8Array;
  /** The signed transaction; absent for the one that opens a block. */
  readonly bytes?: Uint8Array;
}

/** What the node has signed last. */
export interface SignedRow {
  readonly slot: number;
  readonly sourceEpoch: number;
}

export interface ChainRow {
  /** `encodeGenesisConfig`. */
  readonly config: Uint8Array;
  readonly producerSecret: Uint8Array;
  readonly genesisHash: Uint8Array;
  readonly headHeight: number;
  readonly signed?: SignedRow;
}

export interface ChainSchema extends DBSchema {
  /** One row, under {@link CHAIN_KEY}. */
  chain: { key: string; value: ChainRow };
  /** By height. */
  blocks: { key: number; value: BlockRow };
  /** By version. */
  transactions: {
    key: number;
    value: TransactionRow;
    indexes: { byHash: string; byHeight: number };
  };
  /** By the bytes of the encoded state key. */
  state: { key: Uint8Array<ArrayBuffer>; value: Uint8Array };
}

export const CHAIN_KEY = "chain";

/** Brings a database of any earlier version up to {@link SCHEMA_VERSION}. */
export function upgradeSchema(database: IDBPDatabase<ChainSchema>, oldVersion: number): void {
  if (oldVersion < 3) {
    // Blocks of earlier versions had other bytes: play money of a chain that is gone.
    for (const name of Array.from(database.objectStoreNames)) database.deleteObjectStore(name);
    database.createObjectStore("chain");
    database.createObjectStore("blocks");
    database.createObjectStore("state");
    const transactions = database.createObjectStore("transactions");
    transactions.createIndex("byHash", "hash", { unique: true });
    transactions.createIndex("byHeight", "height");
  }
}
