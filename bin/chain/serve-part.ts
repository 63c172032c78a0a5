// Serves what `--processes` and `--only shard` ask for, until the process is asked to end.
import type { ParaNodePart, PartOptions, ProcessesPart, ShardNodePart } from "./part-options.ts";
import { createProgress } from "./progress.ts";
import { stopped } from "./stopping.ts";

const EXIT_DONE = 0;

/** @param command the program that was started, for more of it. */
export async function servePart(asked: PartOptions, command: readonly string[]): Promise<void> {
  switch (asked.type) {
    case "processes":
      return serveProcesses(asked, command);
    case "shardNode":
      return serveShardNode(asked);
    case "paraNode":
      return serveParaNode(asked);
  }
}

async function serveProcesses(asked: ProcessesPart, command: readonly string[]): Promise<void> {
  const stop = stopped();
  const { startProcesses } = await import("./processes.ts");
  const processes = startProcesses({
    ...asked,
    command,
    onLine: (name, line) => console.log(`[${name}] ${line}`),
    onServed: () => {
      console.log("All chains are served. Every API has figures for Prometheus at /metrics,");
      console.log("those of the shard's nodes what is broken, if anything, at /health/shards.");
    },
  });
  await stop;
  console.log("Stopping …");
  await processes.close();
}

async function serveShardNode(asked: ShardNodePart): Promise<void> {
  const stop = stopped();
  console.log(`Opening node ${asked.place} of shard ${asked.shardId} …`);
  const { startShardProcess } = await import("./shard-process.ts");
  const progress = createProgress(process.stdout, () => performance.now());
  const starting = startShardProcess({
    ...asked,
    onBlock: (ledger, peers) => progress.show(ledger, peers),
    onFarewell: (remote, reason) => console.error(`Connection to ${remote} ended: ${reason}`),
  });
  const node = await begun(starting, stop);
  console.log(`Shard ${asked.shardId}, chain ${node.chainId}: ${node.apiUrl}`);
  await stop;
  progress.end();
  console.log("Stopping …");
  await node.close();
}

async function serveParaNode(asked: ParaNodePart): Promise<void> {
  const stop = stopped();
  console.log(`Opening node ${asked.place} of parallel chain ${asked.number} …`);
  const { startParaProcess } = await import("./para-process.ts");
  const progress = createProgress(process.stdout, () => performance.now());
  const starting = startParaProcess({
    ...asked,
    onBlock: (ledger) => progress.show(ledger, 0),
    onFarewell: (remote, reason) => console.error(`Connection to ${remote} ended: ${reason}`),
  });
  const node = await begun(starting, stop);
  console.log(`Parallel chain ${asked.number}, chain ${node.chainId}: ${node.apiUrl}`);
  await stop;
  progress.end();
  console.log("Stopping …");
  await node.close();
}

/**
 * A node may wait for its chain to begin, and for ever. Asked to end meanwhile, the process ends at
 * once: what it has on disk stands that at any moment.
 */
async function begun<T>(starting: Promise<T>, stop: Promise<void>): Promise<T> {
  const isStopped = Symbol("stopped");
  const first = await Promise.race([starting, stop.then((): typeof isStopped => isStopped)]);
  if (first === isStopped) process.exit(EXIT_DONE);
  return first;
}
