/**
 * The chain that somebody names by URLs: a root, or a shard or parallel chain below one. Which
 * shard it is, or which title it has, the chain says itself.
 */
import type { Clock } from "#channel";
import { aptosLink } from "./adapters/aptos/link.ts";
import { paraLink } from "./adapters/para/link.ts";
import { shardLink } from "./adapters/shard/link.ts";
import type { ChainLink } from "./chain-access.ts";
import { trouble } from "./settlement-error.ts";

/** URLs of REST APIs: of the root, and of the chain below it that is played on, if it is one. */
export interface ChainAddress {
  readonly url: string;
  /** The root's; where absent, the port after its API's. */
  readonly faucet?: string | undefined;
  readonly shard?: string | undefined;
  readonly para?: string | undefined;
}

/** Throws SettlementError BAD_ANSWER where a URL is none, or two chains are named to play on. */
export function servedLink({ url, faucet, shard, para }: ChainAddress, clock: Clock): ChainLink {
  const root = aptosLink({ url, faucet, clock });
  if (shard !== undefined && para !== undefined) {
    throw trouble("BAD_ANSWER", "a channel is played on a shard or on a parallel chain, not both");
  }
  if (shard !== undefined)
    return shardLink({ root, shard: aptosLink({ url: shard, clock }), clock });
  if (para !== undefined) return paraLink({ root, para: aptosLink({ url: para, clock }), clock });
  return root;
}
