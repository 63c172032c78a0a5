// All nodes of one parallel chain in this process: begins its title on the root where it is not
// there, then runs its nodes, each with a store and an API of its own.
import { join } from "node:path";
import {
  accountSigner,
  addressOfKey,
  beginParaChain,
  type ChainNode,
  createParaNode,
  createRestApi,
  keyWallet,
  type LedgerInfo,
  type ParaNode,
  paraMetrics,
  provideFor,
  rootAccess,
  systemClock,
  systemEntropy,
  withOperations,
} from "#chains";
import { serveHttp } from "#chains-node";
import { keyIn, openStoreIn } from "./store-folder.ts";

/** Nodes of a parallel chain: with four, one may fail. */
export const PARA_NODE_COUNT = 4;
const NODE_PORT_STEP = 10;
const TITLE = "user.p.holdfast.";
const CHAIN_FILE = "chain.sqlite";
const KEY_FILE = "node.key";

export interface ParaClusterOptions {
  readonly host: string;
  /** Of the first node; the others follow at a distance. 0 takes free ones. */
  readonly port: number;
  readonly dataFolder: string | undefined;
  /** From 1 on. */
  readonly number: number;
  /** The root's node, which is its only producer's. */
  readonly root: ChainNode;
  /** Called for every new block of the first node. */
  readonly onBlock: (ledger: LedgerInfo) => void;
}

export interface ParaCluster {
  readonly apiUrls: readonly string[];
  readonly chainId: number;
  readonly title: string;
  close(): Promise<void>;
}

/** Rejects with `ChainError`, `ChainStoreError`, or the system's error where a port is taken. */
export async function startParaCluster(options: ParaClusterOptions): Promise<ParaCluster> {
  const { dataFolder, number, root } = options;
  const client = root.connect();
  const closing: (() => Promise<void>)[] = [() => Promise.resolve(client.close())];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const folder = dataFolder && join(dataFolder, `para-${number}`);
    const places = Array.from({ length: PARA_NODE_COUNT }, (_, place) => {
      const own = folder && join(folder, `node-${place}`);
      return { place, own, secret: keyIn(own, KEY_FILE) };
    });
    const { producer, sign } = root;
    const signer = { address: addressOfKey(producer), publicKey: producer, sign };
    const config = await beginParaChain(client, systemClock, signer, {
      title: TITLE,
      number,
      owner: producer,
      nodes: places.map(({ secret }) => accountSigner(secret).address),
    });
    const apiUrls: string[] = [];
    for (const { place, own, secret } of places) {
      const node = await createParaNode({
        config,
        root: rootAccess(client, () => true),
        wallet: keyWallet(accountSigner(secret)),
        clock: systemClock,
        entropy: systemEntropy,
        store: openStoreIn(own, CHAIN_FILE),
      });
      closing.push(() => node.close());
      await provideFor(client, node.relay);
      const { server, url } = await serve(options, place, node);
      closing.push(() => server.close());
      apiUrls.push(url);
      if (place > 0) continue;
      const watcher = node.connect();
      closing.push(() => Promise.resolve(watcher.close()));
      watcher.onHead(options.onBlock);
    }
    return { apiUrls, chainId: config.chainId, title: config.title, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function serve({ host, port }: ParaClusterOptions, place: number, node: ParaNode) {
  const api = withOperations(createRestApi(node), { metrics: () => paraMetrics(node) });
  const own = port === 0 ? 0 : port + place * NODE_PORT_STEP;
  const server = await serveHttp(api, { host, port: own });
  return { server, url: `${server.url}/v1` };
}
