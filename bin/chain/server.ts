// A root chain with everything that people reach it by: REST API, faucet, and the one answer of an
// indexer.
import {
  type ChainNode,
  type ChainStart,
  createChainNode,
  createFaucetApi,
  createIndexerApi,
  createPeerNetwork,
  createRestApi,
  type Founding,
  foundChain,
  type HttpHandler,
  joinChain,
  keepDialled,
  type LedgerInfo,
  nodeMetrics,
  producerKeyText,
  systemClock,
  systemEntropy,
  withOperations,
} from "#chains";
import { createPeerDoor, dialPeer, type HttpServer, type UpgradeHandler } from "#chains-node";
import { serveApi } from "./serve-api.ts";
import { openStoreIn } from "./store-folder.ts";

const DATA_FILE = "root.sqlite";

export interface ChainPorts {
  readonly api: number;
  readonly faucet: number;
  readonly indexer: number;
}

export interface ChainServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly ports: ChainPorts;
  /** The folder the chain is kept in; undefined keeps it in memory. */
  readonly dataFolder: string | undefined;
  /** APIs of other nodes of this chain; where nothing is kept yet, of the chain to join. */
  readonly peers: readonly string[];
  /** What is begun with where nothing is kept yet; of a chain that is joined, the key alone. */
  readonly founding: Founding;
  /** Called for every new block. */
  readonly onBlock: (ledger: LedgerInfo, peers: number) => void;
  /** Called when a connection to another node ends for a reason. */
  readonly onFarewell: (remote: string, reason: string) => void;
}

export interface ChainServer {
  /** The node itself, for what runs beside it in this process. */
  readonly node: ChainNode;
  readonly apiUrl: string;
  readonly faucetUrl: string;
  readonly indexerUrl: string;
  readonly chainId: number;
  /** The key that this node makes blocks with, as text, and whether the chain gives it turns. */
  readonly producer: string;
  readonly isProducer: boolean;
  /** Stops serving, lets the block that is being written get to disk, and closes the store. */
  close(): Promise<void>;
}

/** Rejects with `ChainStoreError`, `PeerError`, or a `CommandError` when a port is taken. */
export async function startChainServer(options: ChainServerOptions): Promise<ChainServer> {
  const { host, ports } = options;
  const store = openStoreIn(options.dataFolder, DATA_FILE);
  const closing: (() => Promise<void>)[] = [() => store.close()];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const node = await createChainNode({
      clock: systemClock,
      entropy: systemEntropy,
      store,
      start: () => startOf(options),
    });
    closing.push(() => node.close());
    const client = node.connect();
    closing.push(() => Promise.resolve(client.close()));
    const network = createPeerNetwork(node, systemClock, { onFarewell: options.onFarewell });
    closing.push(() => Promise.resolve(network.close()));
    // Whoever serves a chain watches it: its time moves on though nobody sends anything.
    client.onHead((ledger) => options.onBlock(ledger, network.count()));
    const serve = async (
      handler: HttpHandler,
      port: number,
      onUpgrade?: UpgradeHandler,
    ): Promise<HttpServer> => {
      const upgrading = onUpgrade === undefined ? {} : { onUpgrade };
      const server = await serveApi(handler, { host, port, ...upgrading });
      closing.push(() => server.close());
      return server;
    };
    const door = createPeerDoor((link) => network.join(link));
    const rest = withOperations(createRestApi(node), {
      metrics: () => nodeMetrics(node, network.count()),
    });
    const api = await serve(rest, ports.api, door);
    // Here once more, so that connections end before the server waits for them.
    closing.push(() => Promise.resolve(network.close()));
    const stopDialling = keepDialled(network, systemClock, dialPeer, options.peers);
    closing.push(() => Promise.resolve(stopDialling()));
    const faucet = await serve(createFaucetApi(node), ports.faucet);
    const indexer = await serve(createIndexerApi(node), ports.indexer);
    return {
      node,
      apiUrl: `${api.url}/v1`,
      faucetUrl: faucet.url,
      indexerUrl: `${indexer.url}/v1/graphql`,
      chainId: chainIdOf(node),
      producer: producerKeyText(node.producer),
      isProducer: node.isProducer,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What an empty store begins with. */
async function startOf({ peers, founding }: ChainServerOptions): Promise<ChainStart> {
  if (peers.length === 0) return foundChain(systemClock, systemEntropy, founding);
  return joinChain(dialPeer, peers, systemClock, systemEntropy, founding.producerSecret);
}

function chainIdOf({ source }: ChainNode): number {
  return source.environment.parameters.chainId;
}
