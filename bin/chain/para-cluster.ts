// All nodes of one parallel chain in this process: begins its title on the root where it is not
// there, then runs its nodes, each with a store and an API of its own.
import type { ChainNode, LedgerInfo } from "#chains";
import { foundPara, paraKeys } from "./para-founding.ts";
import { type ParaServer, paraFolder, paraNodePort, startParaServer } from "./para-server.ts";

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
  const { host, port, dataFolder, number, root, onBlock } = options;
  const client = root.connect();
  const servers: ParaServer[] = [];
  const closing: (() => void)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closing) end();
    for (const server of servers.splice(0).reverse()) await server.close();
    client.close();
  };
  try {
    const secrets = paraKeys(dataFolder, number);
    const config = await foundPara(root, number, secrets);
    const shared = { host, config, root: client, isSynced: () => true };
    for (const [place, secret] of secrets.entries()) {
      const folder = paraFolder(dataFolder, number, place);
      const own = { folder, secret, port: paraNodePort(port, place) };
      servers.push(await startParaServer({ ...shared, ...own }));
    }
    const [first] = servers;
    if (first !== undefined) {
      const watcher = first.node.connect();
      closing.push(() => watcher.close());
      watcher.onHead(onBlock);
    }
    const apiUrls = servers.map(({ apiUrl }) => apiUrl);
    return { apiUrls, chainId: config.chainId, title: config.title, close };
  } catch (error) {
    await close();
    throw error;
  }
}
