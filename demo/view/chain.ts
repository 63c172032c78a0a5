// What the chain holds, as anybody could read it there, and what a closer look finds in it. Plain
// data.
import type { Problem } from "./problem.ts";
import type { StoredLine, StoredState } from "./stored.ts";

export interface BlockView {
  readonly height: bigint;
  readonly transactionsCount: number;
  readonly hash: string;
  readonly atMs: number;
}

export interface TransactionView {
  readonly version: bigint;
  readonly hash: string;
  readonly sender: string;
  /** `0x21::chat::chat_session_join`; undefined where it is no call of one function. */
  readonly function: string | undefined;
  readonly isExecuted: boolean;
  readonly status: string;
  readonly gasUsed: bigint;
}

export interface BlockDetails extends BlockView {
  readonly transactions: readonly TransactionView[];
}

export interface AccountView {
  readonly address: string;
  readonly balance: bigint | undefined;
  /** Bytes; the quota is undefined where there is no limit. */
  readonly ramUsed: bigint | undefined;
  readonly ramQuota: bigint | undefined;
  /** Units that it has put behind producers for RAM and votes. */
  readonly staked: bigint | undefined;
}

export interface ShardView {
  readonly id: bigint;
  readonly state: string;
  readonly creator: string;
  readonly epoch: bigint;
  readonly seatsCount: number;
  readonly peersCount: number;
  /** Units of the root's coin that lie here for its gas. */
  readonly gas: bigint | undefined;
}

/** What fees buy: by the chain's own resource contract. */
export interface ResourcePrices {
  readonly cpuMicroseconds: bigint;
  readonly netBytes: bigint;
  readonly freeRamBytes: bigint;
  readonly isRamLimited: boolean;
}

export interface ChainDetails {
  /** Newest first. */
  readonly blocks: readonly BlockDetails[];
  readonly accounts: readonly AccountView[];
  /** Undefined where the chain has no contract for shards. */
  readonly shards: readonly ShardView[] | undefined;
  /** The shard that this chain is; 0 for a root. */
  readonly shardId: bigint | undefined;
  readonly prices: ResourcePrices | undefined;
}

/** What the chain holds, as anybody could read it there. */
export interface ChainView {
  /** URL of a chain that runs elsewhere; undefined for the one embedded in the browser. */
  readonly url: string | undefined;
  /** Nothing was heard of the chain so far. */
  readonly isSilent: boolean;
  readonly blocks: readonly BlockView[];
  readonly settledHeight: bigint | undefined;
  readonly stateRoot: string | undefined;
  readonly escrow: bigint | undefined;
  /** The game as stored on chain. */
  readonly stored: StoredState;
  /** The same in a line; undefined before the channel exists. */
  readonly storedLine: StoredLine | undefined;
  /** What a closer look shows; undefined while nobody looks. */
  readonly details: ChainDetails | undefined;
  /** Why there is no news of it; undefined while there is. */
  readonly trouble: Problem | undefined;
}
