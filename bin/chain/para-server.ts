// One node of a parallel chain, with its API and its figures.
import { join } from "node:path";
import {
  accountSigner,
  type ChainClient,
  createParaNode,
  createRestApi,
  keyWallet,
  type ParaConfig,
  type ParaNode,
  type ProducerSecret,
  paraMetrics,
  provideFor,
  rootAccess,
  systemClock,
  systemEntropy,
  withOperations,
} from "#chains";
import { serveApi } from "./serve-api.ts";
import { keyIn, openStoreIn } from "./store-folder.ts";

const NODE_PORT_STEP = 10;
const CHAIN_FILE = "chain.sqlite";
const KEY_FILE = "node.key";

export interface ParaServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The node's own folder; undefined keeps everything in memory. */
  readonly folder: string | undefined;
  readonly config: ParaConfig;
  /** Of the account that the node commits by. */
  readonly secret: ProducerSecret;
  /** A node of the root that this one trusts; closed by whoever opened it. */
  readonly root: ChainClient;
  /** Whether that node has what its peers have. */
  readonly isSynced: () => boolean;
}

export interface ParaServer {
  readonly node: ParaNode;
  readonly apiUrl: string;
  close(): Promise<void>;
}

/** The folder of the node at `place` among those of a parallel chain. */
export function paraFolder(
  dataFolder: string | undefined,
  number: number,
  place: number,
): string | undefined {
  return dataFolder && join(dataFolder, `para-${number}`, `node-${place}`);
}

export function paraKeyIn(folder: string | undefined): ProducerSecret {
  return keyIn(folder, KEY_FILE);
}

export function paraNodePort(first: number, place: number): number {
  return first === 0 ? 0 : first + place * NODE_PORT_STEP;
}

/** Rejects as `createParaNode` does, and with the system's error where the port is taken. */
export async function startParaServer(options: ParaServerOptions): Promise<ParaServer> {
  const { host, port, folder, config, secret, root, isSynced } = options;
  const store = openStoreIn(folder, CHAIN_FILE);
  const closing: (() => Promise<void>)[] = [() => store.close()];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const node = await createParaNode({
      config,
      root: rootAccess(root, isSynced),
      wallet: keyWallet(accountSigner(secret)),
      clock: systemClock,
      entropy: systemEntropy,
      store,
    });
    closing.push(() => node.close());
    await provideFor(root, systemClock, node.relay);
    const api = withOperations(createRestApi(node), { metrics: () => paraMetrics(node) });
    const server = await serveApi(api, { host, port });
    closing.push(() => server.close());
    return { node, apiUrl: `${server.url}/v1`, close };
  } catch (error) {
    await close();
    throw error;
  }
}
