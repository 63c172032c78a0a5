// One node of a shard, with its API, its figures and its health, and the door by which the shard's
// other nodes reach it.
import { join } from "node:path";
import {
  type ChainClient,
  createRestApi,
  createShardNode,
  foundShard,
  keepDialled,
  type ProducerSecret,
  type ShardNode,
  shardHealth,
  shardMetrics,
  systemClock,
  systemEntropy,
  withOperations,
} from "#chains";
import { createPeerDoor, dialPeer } from "#chains-node";
import { serveApi } from "./serve-api.ts";
import { keyIn, openJournalIn, openStoreIn } from "./store-folder.ts";

const CHAIN_FILE = "chain.sqlite";
const JOURNAL_FILE = "journal.sqlite";
const KEY_FILE = "node.key";
const CREATOR_KEY_FILE = "creator.key";

export interface ShardServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The node's own folder; undefined keeps everything in memory. */
  readonly folder: string | undefined;
  readonly shardId: bigint;
  readonly secret: ProducerSecret;
  /** A node of the root that this one trusts; closed by whoever opened it. */
  readonly root: ChainClient;
  readonly onFarewell: (remote: string, reason: string) => void;
}

export interface ShardServer {
  readonly node: ShardNode;
  readonly apiUrl: string;
  /** Keeps connections to these nodes of the shard up. */
  dial(apiUrls: readonly string[]): void;
  close(): Promise<void>;
}

/** The folder of the node at `place` among those of a shard. */
export function shardFolder(
  dataFolder: string | undefined,
  shardId: bigint,
  place: number,
): string | undefined {
  return dataFolder && join(dataFolder, `shard-${shardId}`, `node-${place}`);
}

/** The key of who pays for the shard and admits its nodes. */
export function creatorKeyIn(dataFolder: string | undefined, shardId: bigint): ProducerSecret {
  return keyIn(dataFolder && join(dataFolder, `shard-${shardId}`), CREATOR_KEY_FILE);
}

export function shardKeyIn(folder: string | undefined): ProducerSecret {
  return keyIn(folder, KEY_FILE);
}

/** Rejects with `ChainError` while the shard has not begun, and with `ChainStoreError`. */
export async function startShardServer(options: ShardServerOptions): Promise<ShardServer> {
  const { host, port, folder, shardId, secret, root, onFarewell } = options;
  const store = openStoreIn(folder, CHAIN_FILE);
  const journal = openJournalIn(folder, JOURNAL_FILE);
  const closing: (() => Promise<void>)[] = [() => store.close(), () => journal.close()];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const node = await createShardNode({
      clock: systemClock,
      entropy: systemEntropy,
      store,
      journal,
      root,
      start: () => foundShard(root, shardId, secret),
      onFarewell,
    });
    closing.push(() => node.close());
    const own = node.node.connect();
    closing.push(() => Promise.resolve(own.close()));
    const api = withOperations(createRestApi(node.node), {
      metrics: () => shardMetrics(node),
      shards: () => shardHealth(node, root, own),
    });
    const door = createPeerDoor((link) => node.network.join(link));
    const server = await serveApi(api, { host, port, onUpgrade: door });
    closing.push(() => server.close());
    // Pushed behind the server, so that connections end before it waits for them.
    closing.push(() => Promise.resolve(node.network.close()));
    return {
      node,
      apiUrl: `${server.url}/v1`,
      dial: (urls) => {
        const stop = keepDialled(node.network, systemClock, dialPeer, urls);
        closing.push(() => Promise.resolve(stop()));
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
