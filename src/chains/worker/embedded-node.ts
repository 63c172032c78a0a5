/**
 * A node of a chain that people have to themselves: no shard and no parallel chain will ever stand
 * on it, so their contracts are left out, of its genesis and of what a page has to load.
 */
import { rootKind } from "../chain-kind.ts";
import { BYTECODE as FRAMEWORK } from "../contracts/framework/bytecode.ts";
import { BYTECODE as RESOURCE_MODEL } from "../contracts/resource_model/bytecode.ts";
import { BYTECODE as ROOCH } from "../contracts/rooch/bytecode.ts";
import { BYTECODE as ROOCH_DEMO } from "../contracts/rooch_demo/bytecode.ts";
import { modulesIn, modulesName } from "../genesis-modules.ts";
import { type ChainNode, type ChainNodeOptions, createNodeOf } from "../node.ts";

export const embeddedModules = modulesIn([FRAMEWORK, ROOCH, ROOCH_DEMO, RESOURCE_MODEL]);

/** A short name of exactly the contracts that the embedded chain begins with. */
export function embeddedContractsName(): string {
  return modulesName(embeddedModules());
}

/** Opens the store's chain, or begins one, and runs it. Rejects with `ChainStoreError`. */
export function createEmbeddedNode(options: ChainNodeOptions): Promise<ChainNode> {
  return createNodeOf(rootKind(embeddedModules), options);
}
