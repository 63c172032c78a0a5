/**
 * In what the kinds of chains differ for a node that runs one: what it executes with, and what its
 * genesis publishes and sets up. Blocks, stores, queries and peers are the same for all.
 */
import { assert } from "#core/assert.ts";
import { rootEnvironment } from "./core/environment.ts";
import type { ChainPlace, GenesisModule } from "./genesis.ts";
import type { GenesisConfig } from "./ledger/genesis-config.ts";
import { ROOT_CHAIN_ID } from "./ledger/parameters.ts";
import type { ExecutionEnvironment } from "./ledger/user-transaction.ts";

export interface ChainKind {
  /** Throws `InvariantError` for the configuration of a chain of another kind. */
  environmentOf(config: GenesisConfig): ExecutionEnvironment;
  /** Where the chain stands, for its genesis. */
  placeOf(config: GenesisConfig): ChainPlace;
  /** What its genesis publishes, in publish order. */
  modules(): readonly GenesisModule[];
}

/** A chain of its own, whose genesis publishes these. */
export function rootKind(modules: () => readonly GenesisModule[]): ChainKind {
  return {
    environmentOf: ({ chainId, producers, slotMs }) => {
      assert(chainId === ROOT_CHAIN_ID, "this node runs root chains");
      return rootEnvironment(producers, slotMs);
    },
    placeOf: () => ({ type: "root" }),
    modules,
  };
}
