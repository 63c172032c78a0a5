// A root chain with everything that people reach it by: REST API, faucet, and the one answer of an
// indexer.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type ChainNode,
  type ChainStore,
  createChainNode,
  createFaucetApi,
  createIndexerApi,
  createMemoryStore,
  createRestApi,
  type HttpHandler,
  type LedgerInfo,
  systemClock,
  systemEntropy,
} from "#chains";
import { type HttpServer, openSqliteStore, serveHttp } from "#chains-node";

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
  /** Called for every new block. */
  readonly onBlock: (ledger: LedgerInfo) => void;
}

export interface ChainServer {
  readonly apiUrl: string;
  readonly faucetUrl: string;
  readonly indexerUrl: string;
  readonly chainId: number;
  /** Stops serving, lets the block that is being written get to disk, and closes the store. */
  close(): Promise<void>;
}

/** Rejects with `ChainStoreError` or, when a port is taken, with the system's error. */
export async function startChainServer(options: ChainServerOptions): Promise<ChainServer> {
  const { host, ports } = options;
  const store = openStore(options.dataFolder);
  const closing: (() => Promise<void>)[] = [() => store.close()];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const node = await createChainNode({ clock: systemClock, entropy: systemEntropy, store });
    closing.push(() => node.close());
    const client = node.connect();
    closing.push(() => Promise.resolve(client.close()));
    // Whoever serves a chain watches it: its time moves on though nobody sends anything.
    client.onHead(options.onBlock);
    const serve = async (handler: HttpHandler, port: number): Promise<HttpServer> => {
      const server = await serveHttp(handler, { host, port });
      closing.push(() => server.close());
      return server;
    };
    const api = await serve(createRestApi(node), ports.api);
    const faucet = await serve(createFaucetApi(node), ports.faucet);
    const indexer = await serve(createIndexerApi(node), ports.indexer);
    return {
      apiUrl: `${api.url}/v1`,
      faucetUrl: faucet.url,
      indexerUrl: `${indexer.url}/v1/graphql`,
      chainId: chainIdOf(node),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function openStore(folder: string | undefined): ChainStore {
  if (folder === undefined) return createMemoryStore();
  // The producer's key is in there.
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return openSqliteStore(join(folder, DATA_FILE));
}

function chainIdOf({ source }: ChainNode): number {
  return source.environment.parameters.chainId;
}
