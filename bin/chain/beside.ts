// What runs beside the root in one process: shards and parallel chains, each begun on the root.
import type { ChainNode } from "#chains";
import type { ChainOptions } from "./options.ts";

export interface Beside {
  /** What is told of each with every block of the root. */
  lines(): readonly string[];
  close(): Promise<void>;
}

interface Cluster {
  close(): Promise<void>;
}

/** Rejects as the clusters do; what had started is closed then. */
export async function startBeside(options: ChainOptions, root: ChainNode): Promise<Beside> {
  const told = new Map<string, string>();
  const clusters: Cluster[] = [];
  const close = async (): Promise<void> => {
    for (const cluster of clusters.splice(0).reverse()) await cluster.close();
  };
  try {
    await startShards(options, root, told, clusters);
    await startParas(options, root, told, clusters);
    await beginPara(options, root);
  } catch (error) {
    await close();
    throw error;
  }
  return { lines: () => [...told.values()], close };
}

async function startShards(
  { host, dataFolder, shards }: ChainOptions,
  root: ChainNode,
  told: Map<string, string>,
  clusters: Cluster[],
): Promise<void> {
  if (shards.length === 0) return;
  const { startShardCluster } = await import("./shard-cluster.ts");
  for (const { shardId, port } of shards) {
    const name = `shard ${shardId}`;
    console.log(`Opening ${name} …`);
    const cluster = await startShardCluster({
      host,
      port,
      dataFolder,
      shardId,
      root,
      onFarewell: (remote, reason) => {
        console.error(`Connection of ${name} to ${remote} ended: ${reason}`);
      },
      onBlock: ({ height }) => told.set(name, `${name}: block ${height}`),
    });
    clusters.push(cluster);
    console.log(`Shard ${shardId}, chain ${cluster.chainId}: ${listed(cluster.apiUrls)}`);
  }
}

async function startParas(
  { host, dataFolder, paras }: ChainOptions,
  root: ChainNode,
  told: Map<string, string>,
  clusters: Cluster[],
): Promise<void> {
  if (paras.length === 0) return;
  const { startParaCluster } = await import("./para-cluster.ts");
  for (const { number, port } of paras) {
    const name = `parallel chain ${number}`;
    console.log(`Opening ${name} …`);
    const cluster = await startParaCluster({
      host,
      port,
      dataFolder,
      number,
      root,
      onBlock: ({ height }) => told.set(name, `${name}: block ${height}`),
    });
    clusters.push(cluster);
    const where = listed(cluster.apiUrls);
    console.log(`Parallel chain ${cluster.title}, chain ${cluster.chainId}: ${where}`);
  }
}

/** For nodes in processes of their own: what only the root's producer can do for them. */
async function beginPara({ dataFolder, begins }: ChainOptions, root: ChainNode): Promise<void> {
  if (begins === undefined) return;
  const { foundPara, paraKeys } = await import("./para-founding.ts");
  const { title } = await foundPara(root, begins, paraKeys(dataFolder, begins));
  console.log(`Parallel chain ${title} has begun.`);
}

function listed([first, ...others]: readonly string[]): string {
  return `${first}, and ${others.join(", ")}`;
}
