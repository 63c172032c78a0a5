/** What a node has in hand between two inputs, and the settings that it runs by. */
import type { BlockSigner } from "../ledger/block-execution.ts";
import type { BlockTree, HeadChange } from "../ledger/block-tree.ts";
import type { Mempool } from "../ledger/mempool.ts";
import type { ExecutionEnvironment } from "../ledger/user-transaction.ts";

export interface NodeSettings {
  /** Least time between two blocks while transactions wait, where there is one producer. */
  readonly blockIntervalMs: bigint;
  /**
   * Time after which a sole producer makes an empty block while somebody watches, so that chain
   * time moves on.
   */
  readonly idleBlockIntervalMs: bigint;
  /** Blocks above one that make it final; among several producers the least number of them. */
  readonly finalityDepth: number;
  /** Final blocks that stay in memory, with their states. */
  readonly residentBlocks: number;
}

export const NODE_SETTINGS: NodeSettings = {
  blockIntervalMs: 150n,
  idleBlockIntervalMs: 1_000n,
  finalityDepth: 0,
  residentBlocks: 64,
};

/** What a producer has signed: it never signs in that turn again, nor from an older source. */
export interface SignedMark {
  readonly slot: bigint;
  /** Epoch of the checkpoint that the block's vote started from. */
  readonly sourceEpoch: bigint;
}

export interface NodeMachine {
  readonly environment: ExecutionEnvironment;
  readonly settings: NodeSettings;
  readonly signer: BlockSigner;
  readonly tree: BlockTree;
  readonly pool: Mempool;
  nowMs: bigint;
  watchers: number;
  /** What was signed last, by this node in any of its lives. */
  signed: SignedMark | undefined;
  /** The change that the store is writing. */
  persisting: HeadChange | undefined;
}
