/**
 * What a shard begins with: the facts that the root has fixed when it was activated, as the
 * configuration that the shard's genesis commits to. Every node builds the same from the same root.
 */

import { present } from "#core/assert.ts";
import { type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import type { PublicKey } from "#core/ed25519.ts";
import type { Hash } from "#core/hash.ts";
import { type GenesisConfig, SLOT_MS_USUAL } from "../ledger/genesis-config.ts";
import { readHash } from "../ledger/receipt.ts";
import { readPeerKeys, SHARD_ADDRESS, type ShardFacts, shardChainId } from "./contract.ts";

/** The root's `shard_mgmt::get_genesis`. */
export interface ShardGenesis {
  readonly shardId: bigint;
  /** Of the root's block that activated the shard. */
  readonly rootHeight: bigint;
  readonly timestampUs: bigint;
  readonly k: number;
  readonly c: number;
  readonly epochBlocks: bigint;
  /** Keys of the nodes in office, in the order in which they propose. */
  readonly peers: readonly PublicKey[];
}

/** BCS as the view returns it; throws `BcsError`. */
export function readShardGenesis(bytes: Uint8Array): ShardGenesis {
  return decodeBcs(bytes, (reader) => {
    const shardId = reader.u64();
    const rootHeight = reader.u64();
    const timestampUs = reader.u64();
    const config = readConfig(reader);
    return { shardId, rootHeight, timestampUs, ...config, peers: readPeerKeys(reader) };
  });
}

function readConfig(reader: BcsReader): Pick<ShardGenesis, "k" | "c" | "epochBlocks"> {
  // How many peers there may be is the root's business, not the shard's.
  reader.u32();
  const k = reader.u32();
  const c = reader.u32();
  // The length of VBFT's table and its three delays: this committee has others.
  for (let field = 0; field < 4; field++) reader.u32();
  const epochBlocks = reader.u64();
  // Least stake, gas price and gas limit.
  for (let field = 0; field < 3; field++) reader.u64();
  return { k, c, epochBlocks };
}

/** @param rootGenesis names the root that the shard belongs to. */
export function shardConfig(rootGenesis: Hash, genesis: ShardGenesis): GenesisConfig {
  const { shardId, timestampUs, k, c, epochBlocks, peers } = genesis;
  return {
    chainId: shardChainId(shardId),
    timestampUs,
    producers: peers,
    slotMs: SLOT_MS_USUAL,
    faucet: SHARD_ADDRESS,
    facts: encodeBcs((writer) => {
      writer.fixed(rootGenesis).u64(shardId).u64(epochBlocks).u32(k).u32(c);
    }),
  };
}

/** Throws `BcsError` for the configuration of a chain that is no shard. */
export function readShardFacts({ facts, producers }: GenesisConfig): ShardFacts {
  return decodeBcs(present(facts, "a shard's configuration has facts"), (reader) => {
    readHash(reader);
    const shardId = reader.u64();
    const epochBlocks = reader.u64();
    return { shardId, epochBlocks, k: reader.u32(), c: reader.u32(), peers: producers };
  });
}
