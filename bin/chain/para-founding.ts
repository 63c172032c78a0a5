// What the parallel chains of `holdfast chain` begin with on their root.
import {
  accountSigner,
  beginParaChain,
  type ChainNode,
  type ParaConfig,
  type ProducerSecret,
  paraConfig,
  systemClock,
} from "#chains";
import { paraFolder, paraKeyIn } from "./para-server.ts";

/** Nodes of a parallel chain: with four, one may fail. */
export const PARA_NODE_COUNT = 4;
const TITLE = "user.p.holdfast.";

/** The keys of a parallel chain's nodes, in their folders or fresh ones. */
export function paraKeys(
  dataFolder: string | undefined,
  number: number,
): readonly ProducerSecret[] {
  return Array.from({ length: PARA_NODE_COUNT }, (_, place) => {
    return paraKeyIn(paraFolder(dataFolder, number, place));
  });
}

/**
 * Begins parallel chain `number` for the nodes with these keys where the root does not show it.
 * Rejects with `ChainError`.
 *
 * @param root the node of the root's only producer.
 */
export async function foundPara(
  root: ChainNode,
  number: number,
  secrets: readonly ProducerSecret[],
): Promise<ParaConfig> {
  const client = root.connect();
  try {
    return await beginParaChain(client, systemClock, root.producerAccount, {
      title: TITLE,
      number,
      owner: root.producer,
      nodes: secrets.map((secret) => accountSigner(secret).address),
    });
  } finally {
    client.close();
  }
}

/** The same configuration, as any node of the root tells it. */
export function paraConfigOn(root: ChainNode, number: number): ParaConfig {
  const [owner] = root.config.producers;
  const { timestampUs } = root.config;
  const start = { height: 0n, timestampUs };
  const config = owner && paraConfig(TITLE, number, owner, start);
  if (config === undefined) throw new Error(`${TITLE} is no title, or nobody makes root blocks.`);
  return config;
}
