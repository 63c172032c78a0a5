// Serves what `--processes` and `--only shard` ask for, until the process is asked to end.
import type { PartOptions } from "./part-options.ts";
import { createProgress } from "./progress.ts";
import { stopped } from "./stopping.ts";

type Options<T extends PartOptions["type"]> = Extract<PartOptions, { readonly type: T }>;

/** @param command the program that was started, for more of it. */
export async function servePart(asked: PartOptions, command: readonly string[]): Promise<void> {
  if (asked.type === "processes") await serveProcesses(asked, command);
  else await serveShardNode(asked);
}

async function serveProcesses(
  asked: Options<"processes">,
  command: readonly string[],
): Promise<void> {
  const stop = stopped();
  const { startProcesses } = await import("./processes.ts");
  const processes = startProcesses({
    ...asked,
    command,
    onLine: (name, line) => console.log(`[${name}] ${line}`),
  });
  await stop;
  console.log("Stopping …");
  await processes.close();
}

async function serveShardNode(asked: Options<"shardNode">): Promise<void> {
  const stop = stopped();
  console.log(`Opening node ${asked.place} of shard ${asked.shardId} …`);
  const { startShardProcess } = await import("./shard-process.ts");
  const progress = createProgress(process.stdout, () => performance.now());
  const node = await startShardProcess({
    ...asked,
    onBlock: (ledger, peers) => progress.show(ledger, peers),
    onFarewell: (remote, reason) => console.error(`Connection to ${remote} ended: ${reason}`),
  });
  console.log(`Shard ${asked.shardId}, chain ${node.chainId}: ${node.apiUrl}`);
  await stop;
  progress.end();
  console.log("Stopping …");
  await node.close();
}
