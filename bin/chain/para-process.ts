// One node of a parallel chain in a process of its own: it follows the root by a node of its own,
// so that it trusts nobody about what the root says.
import { hasParaGroup, type LedgerInfo, type ParaConfig } from "#chains";
import { paraConfigOn } from "./para-founding.ts";
import { paraFolder, paraKeyIn, startParaServer } from "./para-server.ts";
import { followRootChain, type RootFollower } from "./root-follower.ts";

/** While the chain has not begun it is asked for again so often. */
const PAUSE_MS = 1_000;

export interface ParaProcessOptions {
  readonly host: string;
  readonly port: number;
  /** Of the whole network; the node's own folder is in it. */
  readonly dataFolder: string;
  /** Of the parallel chain, from 1 on. */
  readonly number: number;
  /** Among the chain's nodes. */
  readonly place: number;
  /** APIs of nodes of the root. */
  readonly rootUrls: readonly string[];
  readonly onBlock: (ledger: LedgerInfo) => void;
  readonly onFarewell: (remote: string, reason: string) => void;
}

export interface ParaProcess {
  readonly apiUrl: string;
  readonly chainId: number;
  close(): Promise<void>;
}

/** Rejects with `PeerError` where no node of the root answers, and with `ChainStoreError`. */
export async function startParaProcess(options: ParaProcessOptions): Promise<ParaProcess> {
  const { host, port, dataFolder, number, place, onBlock } = options;
  const folder = paraFolder(dataFolder, number, place);
  const secret = paraKeyIn(folder);
  const root = await followRootChain({ ...options, folder });
  const closing: (() => Promise<void>)[] = [() => root.close()];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const config = paraConfigOn(root.node, number);
    await begun(root, config);
    const shared = { host, port, folder, config, secret };
    const isSynced = (): boolean => root.isSynced();
    const server = await startParaServer({ ...shared, root: root.client, isSynced });
    closing.push(() => server.close());
    const watcher = server.node.connect();
    closing.push(() => Promise.resolve(watcher.close()));
    watcher.onHead(onBlock);
    return { apiUrl: server.apiUrl, chainId: config.chainId, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Waits for the root's process to begin the chain, and for our root to hear of that. */
async function begun(root: RootFollower, { title }: ParaConfig): Promise<void> {
  while (!(await hasParaGroup(root.client, title))) {
    await new Promise((resolve) => {
      setTimeout(resolve, PAUSE_MS);
    });
  }
}
