/** A node of a root, with every contract there is: shards and parallel chains may stand on it. */
import { type ChainKind, rootKind } from "./chain-kind.ts";
import { contractModules } from "./contract-modules.ts";
import { type ChainNode, type ChainNodeOptions, createNodeOf } from "./node.ts";

const ROOT_KIND: ChainKind = rootKind(contractModules);

/** Opens the store's chain, or begins one, and runs it. Rejects with `ChainStoreError`. */
export function createChainNode(options: ChainNodeOptions): Promise<ChainNode> {
  return createNodeOf(ROOT_KIND, options);
}
