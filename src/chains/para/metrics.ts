/** Figures of a parallel chain's node beside those that every chain's node has. */
import type { Metric } from "../http/metrics.ts";
import { nodeMetrics } from "../node-metrics.ts";
import type { ParaNode } from "./node.ts";

/** A consensus that there is not yet is -1, as the seed has it. */
export function paraMetrics(node: ParaNode): readonly Metric[] {
  const { config } = node;
  const { root, consensus, finished, alarms } = node.standing();
  const labels = { chain: String(config.chainId), title: config.title };
  const gauge = (name: string, help: string, value: bigint): Metric => {
    return { name: `holdfast_para_${name}`, help, type: "gauge", samples: [{ labels, value }] };
  };
  return [
    ...nodeMetrics(node, undefined),
    gauge("root_height", "Root block that the chain stands on.", root.height),
    gauge("consensus_height", "Height that the nodes agree on.", consensus ?? -1n),
    gauge("finished_height", "Height that the root chain has taken.", finished),
    {
      name: "holdfast_para_alarm",
      help: "What keeps the node from doing its part.",
      type: "gauge",
      samples: alarms.map(({ code }) => ({ labels: { ...labels, code }, value: 1 })),
    },
  ];
}
