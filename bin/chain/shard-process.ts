// One node of a shard in a process of its own: it follows the root by a node of its own, so that it
// trusts nobody about what the root says.
import {
  accountSigner,
  beginShard,
  type ChainClient,
  ChainError,
  faucetSigner,
  type LedgerInfo,
  systemClock,
} from "#chains";
import { followRootChain } from "./root-follower.ts";
import { EPOCH_BLOCKS, SHARD_NODE_COUNT } from "./shard-cluster.ts";
import {
  creatorKeyIn,
  type ShardServer,
  shardFolder,
  shardKeyIn,
  startShardServer,
} from "./shard-server.ts";

/** While the shard has not begun it is asked for again so often. */
const PAUSE_MS = 1_000;

export interface ShardProcessOptions {
  readonly host: string;
  readonly port: number;
  /** Of the whole network; the node's own folder is in it. */
  readonly dataFolder: string;
  readonly shardId: bigint;
  /** Among the shard's nodes; the first one begins the shard. */
  readonly place: number;
  /** APIs of nodes of the root. */
  readonly rootUrls: readonly string[];
  /** APIs of the shard's other nodes. */
  readonly siblings: readonly string[];
  readonly onBlock: (ledger: LedgerInfo, peers: number) => void;
  readonly onFarewell: (remote: string, reason: string) => void;
}

export interface ShardProcess {
  readonly apiUrl: string;
  readonly chainId: number;
  close(): Promise<void>;
}

/** Rejects with `PeerError` where no node of the root answers, and with `ChainStoreError`. */
export async function startShardProcess(options: ShardProcessOptions): Promise<ShardProcess> {
  const { dataFolder, shardId, place, siblings, onBlock, onFarewell } = options;
  const folder = shardFolder(dataFolder, shardId, place);
  const secret = shardKeyIn(folder);
  const root = await followRootChain({ ...options, folder });
  const closing: (() => Promise<void>)[] = [() => root.close()];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    if (place === 0) await begin(root.client, dataFolder, shardId);
    const { host, port } = options;
    const server = await whenBegun(() => {
      const shared = { host, port, folder, shardId, secret, onFarewell };
      return startShardServer({ ...shared, root: root.client });
    });
    closing.push(() => server.close());
    server.dial(siblings);
    const { node, network } = server.node;
    const watcher = node.connect();
    closing.push(() => Promise.resolve(watcher.close()));
    watcher.onHead((ledger) => onBlock(ledger, network.count()));
    return { apiUrl: server.apiUrl, chainId: node.config.chainId, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function begin(root: ChainClient, dataFolder: string, shardId: bigint): Promise<void> {
  const nodes = Array.from({ length: SHARD_NODE_COUNT }, (_, place) => {
    return accountSigner(shardKeyIn(shardFolder(dataFolder, shardId, place)));
  });
  const creator = accountSigner(creatorKeyIn(dataFolder, shardId));
  const founders = { operator: faucetSigner(), creator, nodes };
  return beginShard(root, systemClock, { shardId, epochBlocks: EPOCH_BLOCKS }, founders);
}

/** Waits for the shard's first node to begin it, and for our root to hear of that. */
async function whenBegun(start: () => Promise<ShardServer>): Promise<ShardServer> {
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, PAUSE_MS);
    });
  }
}
