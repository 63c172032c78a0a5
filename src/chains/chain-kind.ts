/**
 * In what the kinds of chains differ for a node that runs one: what it executes with, and what its
 * genesis sets up. Blocks, stores, queries and peers are the same for all.
 */
import { assert } from "#core/assert.ts";
import { rootEnvironment } from "./core/environment.ts";
import type { ChainPlace } from "./genesis.ts";
import type { GenesisConfig } from "./ledger/genesis-config.ts";
import { ROOT_CHAIN_ID } from "./ledger/parameters.ts";
import type { ExecutionEnvironment } from "./ledger/user-transaction.ts";

export interface ChainKind {
  /** Throws `InvariantError` for the configuration of a chain of another kind. */
  environmentOf(config: GenesisConfig): ExecutionEnvironment;
  /** Where the chain stands, for its genesis. */
  placeOf(config: GenesisConfig): ChainPlace;
}

export const ROOT_KIND: ChainKind = {
  environmentOf: ({ chainId, producers, slotMs }) => {
    assert(chainId === ROOT_CHAIN_ID, "this node runs root chains");
    return rootEnvironment(producers, slotMs);
  },
  placeOf: () => ({ type: "root" }),
};
