/**
 * What a chain node needs from the world, as interfaces: time, chance and a place to keep blocks.
 * The pure machine sees none of them; `node.ts` runs its effects against them.
 */
import type { SecretKey } from "#core/ed25519.ts";
import type { StateKey } from "#core/effects.ts";
import type { Hash } from "#core/hash.ts";
import type { SignedMark } from "./core/node-machine.ts";
import type { Block } from "./ledger/block.ts";
import type { GenesisConfig } from "./ledger/genesis-config.ts";
import type { Receipt } from "./ledger/receipt.ts";

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): bigint;
  /** Calls back once after `delayMs`; returns a cancel function. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Secret random bytes. */
export type Entropy = (size: number) => Uint8Array;

/** A block as it is kept: what was signed and what came of it. */
export interface StoredBlock {
  readonly hash: Hash;
  readonly block: Block;
  /** By version; the first is the prologue's. */
  readonly receipts: readonly Receipt[];
}

/** One transaction with the block it stands in. */
export interface StoredTransaction {
  readonly height: bigint;
  readonly timestampUs: bigint;
  /** Absent for the transaction that opens a block. */
  readonly bytes?: Uint8Array;
  readonly receipt: Receipt;
}

/** Who a node is: the chain it keeps and the key it makes blocks with. */
export interface ChainIdentity {
  readonly config: GenesisConfig;
  readonly producerSecret: SecretKey;
}

export interface StoredChain {
  readonly identity: ChainIdentity;
  readonly genesisHash: Hash;
  readonly head: StoredBlock;
  /** What this node has signed last, where it ever did. */
  readonly signed?: SignedMark;
  /** The state after the head, in any order. */
  readonly state: readonly { readonly key: StateKey; readonly value: Uint8Array }[];
}

/** The branch that counts from now on, where it differs from the one that is kept. */
export interface BranchChange {
  /** Height of the newest kept block that stays; the head's unless a branch is left. */
  readonly keptHeight: bigint;
  /** The blocks above it, in order; none where the branch only becomes shorter. */
  readonly blocks: readonly StoredBlock[];
  /** What the node has signed with the last of them, if it made it. */
  readonly signed?: SignedMark;
}

/**
 * Keeps the branch that counts. `create` and `extend` take effect whole or not at all, whatever
 * happens meanwhile, and are durable when they resolve. Every method may reject with a
 * `ChainStoreError`.
 */
export interface ChainStore {
  /** Undefined when nothing was ever created here. */
  load(): Promise<StoredChain | undefined>;
  /** Keeps a new chain with its genesis block. */
  create(identity: ChainIdentity, genesis: StoredBlock): Promise<void>;
  /**
   * Takes back what is kept above `keptHeight`, state included, and keeps the new blocks in its
   * place, with the changes their receipts carry.
   */
  extend(change: BranchChange): Promise<void>;
  /** Undefined above the head and where it was pruned. */
  blockAt(height: bigint): Promise<StoredBlock | undefined>;
  transactionByHash(hash: Hash): Promise<StoredTransaction | undefined>;
  /** Transactions in order from version `from` on, at most `limit`. */
  transactionsFrom(from: bigint, limit: number): Promise<readonly StoredTransaction[]>;
  /** Forgets blocks below `height`; the state stays. */
  pruneBelow(height: bigint): Promise<void>;
  close(): Promise<void>;
}
