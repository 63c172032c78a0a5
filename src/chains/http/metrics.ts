/** Figures of a running node as Prometheus reads them: text, one line a sample. */

export interface Metric {
  /** In the form that Prometheus asks for: `holdfast_` and words with underscores. */
  readonly name: string;
  readonly help: string;
  /** A counter only grows in one life of a node. */
  readonly type: "gauge" | "counter";
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** What tells it from others of the name; values are escaped here. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: bigint | number;
}

export function formatMetrics(metrics: readonly Metric[]): string {
  const lines = metrics.flatMap(({ name, help, type, samples }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(({ labels, value }) => `${name}${formatLabels(labels)} ${value}`),
  ]);
  return `${lines.join("\n")}\n`;
}

function formatLabels(labels: Sample["labels"]): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
