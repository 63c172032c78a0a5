/** What a parallel chain's node runs by: the seed's times and sizes, by name (SPEC.md). */

export interface ParaSettings {
  /** Root blocks without a transaction of the title after which an empty block is made. */
  readonly emptyBlockInterval: bigint;
  /** Blocks above the consensus at which no more are made until it moves on. */
  readonly unconfirmedBlocksMax: bigint;
  /** How often is looked whether something is to be sent. */
  readonly sendMs: bigint;
  /** How often a node that is not in step yet asks for the consensus. */
  readonly consensusQueryMs: bigint;
  /** How often one that is asks for it, to forget what is agreed on. */
  readonly pruneMs: bigint;
  /** After which a transaction is posted again that the root node did not take. */
  readonly repostMs: bigint;
  /** How often a wallet that cannot sign is asked again. */
  readonly walletPollMs: bigint;
  /** Root blocks without the transaction in flight beyond which it is made anew. */
  readonly resendAfterBlocks: number;
  /** Most statuses, or relayed transactions, in one root transaction. */
  readonly batchMax: number;
  /** Most bytes of them together: a root transaction holds 64 KiB. */
  readonly batchSizeMax: number;
  /** Prunings without progress after which what was sent is sent again. */
  readonly stalledPrunings: number;
  /** Final blocks that stay in memory, with their states. */
  readonly residentBlocks: number;
}

export const PARA_SETTINGS: ParaSettings = {
  emptyBlockInterval: 4n,
  unconfirmedBlocksMax: 100n,
  sendMs: 2_000n,
  consensusQueryMs: 16_000n,
  pruneMs: 20_000n,
  repostMs: 1_000n,
  walletPollMs: 2_000n,
  resendAfterBlocks: 2,
  batchMax: 20,
  batchSizeMax: 48 * 1024,
  stalledPrunings: 3,
  residentBlocks: 64,
};
