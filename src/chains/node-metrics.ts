/** Figures that every chain's node has. */

import type { AskedNode } from "./asked-node.ts";
import type { Metric } from "./http/metrics.ts";
import { lastVersion } from "./ledger/block.ts";

/** @param peers nodes that are spoken with; undefined where there are no others. */
export function nodeMetrics({ source }: AskedNode, peers: number | undefined): readonly Metric[] {
  const { tree, environment } = source;
  const labels = { chain: String(environment.parameters.chainId) };
  const gauge = (name: string, help: string, value: bigint | number): Metric => {
    return { name: `holdfast_${name}`, help, type: "gauge", samples: [{ labels, value }] };
  };
  const [head, final] = [tree.head.block.header, tree.final.block.header];
  return [
    gauge("block_height", "Height of the newest block.", head.height),
    gauge("block_final_height", "Height of the newest final block.", final.height),
    gauge("block_timestamp_us", "Time of the newest block, in microseconds.", head.timestampUs),
    gauge("transactions", "Transactions of the branch that counts.", lastVersion(head) + 1n),
    gauge("reorganisations", "Times that another branch came to count.", tree.reorganisations),
    ...(peers === undefined ? [] : [gauge("peers", "Nodes that are spoken with.", peers)]),
  ];
}
