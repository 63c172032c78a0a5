/** What is looked at where a chain is asked something: its newest blocks and what it keeps. */
import type { Hash } from "#core/hash.ts";
import type { BlockTree } from "./ledger/block-tree.ts";
import type { ExecutionEnvironment } from "./ledger/user-transaction.ts";
import type { ChainStore } from "./ports.ts";

export interface QuerySource {
  readonly environment: ExecutionEnvironment;
  readonly tree: BlockTree;
  readonly store: ChainStore;
  readonly genesisHash: Hash;
}
