// All nodes of one shard in this process: begins the shard on the root where it is not there, then
// runs its nodes, each with a store, a journal and an API of its own.
import {
  accountSigner,
  beginShard,
  type ChainNode,
  faucetSigner,
  type LedgerInfo,
  systemClock,
} from "#chains";
import {
  creatorKeyIn,
  type ShardServer,
  shardFolder,
  shardKeyIn,
  startShardServer,
} from "./shard-server.ts";

/** Shard i is the chain with id 10 + i (decisions, section 8). */
const SHARD_CHAIN_ID_BASE = 10n;
/** Consensus nodes of a shard: four withstand one that fails. */
export const SHARD_NODE_COUNT = 4;
/** Between the ports of two nodes of one shard. */
const NODE_PORT_STEP = 10;
export const EPOCH_BLOCKS = 1_000n;

export interface ShardClusterOptions {
  readonly host: string;
  /** Of the first node; the others follow at a distance. 0 takes free ones. */
  readonly port: number;
  readonly dataFolder: string | undefined;
  readonly shardId: bigint;
  readonly root: ChainNode;
  readonly onFarewell: (remote: string, reason: string) => void;
  /** Called for every new block of the first node. */
  readonly onBlock: (ledger: LedgerInfo) => void;
}

export interface ShardCluster {
  readonly apiUrls: readonly string[];
  readonly chainId: number;
  close(): Promise<void>;
}

export function shardNodePort(first: number, place: number): number {
  return first === 0 ? 0 : first + place * NODE_PORT_STEP;
}

/** Rejects with `ChainError`, `ChainStoreError`, or the system's error where a port is taken. */
export async function startShardCluster(options: ShardClusterOptions): Promise<ShardCluster> {
  const { host, port, dataFolder, shardId, root, onFarewell, onBlock } = options;
  const client = root.connect();
  const servers: ShardServer[] = [];
  const closing: (() => void)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closing) end();
    for (const server of servers.splice(0).reverse()) await server.close();
    client.close();
  };
  try {
    const places = Array.from({ length: SHARD_NODE_COUNT }, (_, place) => {
      const folder = shardFolder(dataFolder, shardId, place);
      return { folder, secret: shardKeyIn(folder), port: shardNodePort(port, place) };
    });
    const nodes = places.map(({ secret }) => accountSigner(secret));
    const creator = accountSigner(creatorKeyIn(dataFolder, shardId));
    const founders = { operator: faucetSigner(), creator, nodes };
    await beginShard(client, systemClock, { shardId, epochBlocks: EPOCH_BLOCKS }, founders);
    for (const place of places) {
      const shared = { host, shardId, root: client, onFarewell };
      servers.push(await startShardServer({ ...shared, ...place }));
    }
    const apiUrls = servers.map(({ apiUrl }) => apiUrl);
    // Each dials those before it: one connection between any two.
    for (const [place, server] of servers.entries()) server.dial(apiUrls.slice(0, place));
    const [first] = servers;
    if (first !== undefined) {
      const watcher = first.node.node.connect();
      closing.push(() => watcher.close());
      watcher.onHead(onBlock);
    }
    return { apiUrls, chainId: Number(SHARD_CHAIN_ID_BASE + shardId), close };
  } catch (error) {
    await close();
    throw error;
  }
}
