// Machines that run a root node and a node of a parallel chain, each a process: started, killed and
// asked over HTTP.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const PROGRAM = join(import.meta.dirname, "node-process.ts");
const START_TIMEOUT_MS = 120_000;
const POLL_MS = 300;
const POLL_TIMEOUT_MS = 240_000;

/** Who makes the root's blocks, in turns of so many milliseconds. */
export const PRODUCERS = 6;
export const SLOT_MS = 300;

export function producerName(place: number): string {
  return `producer ${place}`;
}

/** What a process is told, as JSON. */
export interface Machine {
  readonly place: number;
  readonly folder: string;
  /** Of the root's API; 0 takes a free one. */
  readonly port: number;
  /** APIs of root nodes; a machine without any founds the root. */
  readonly peers: readonly string[];
  readonly hasPara: boolean;
}

export interface Running {
  readonly child: ChildProcess;
  /** API of its root node. */
  readonly root: string;
  /** API of its node of the parallel chain. */
  readonly para: string | undefined;
}

export async function startMachine(machine: Machine): Promise<Running> {
  const flags = ["--disable-warning=ExperimentalWarning", "--conditions=holdfast-source"];
  const child = spawn(process.execPath, [...flags, PROGRAM, JSON.stringify(machine)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, "exit").then(() => {
    throw new Error(`machine ${machine.place} ended before it was served`);
  });
  ended.catch(() => undefined);
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  const [line] = (await Promise.race([once(lines, "line", { signal }), ended])) as [string];
  return { child, ...(JSON.parse(line) as Omit<Running, "child">) };
}

/** At once, wherever it is. */
export async function killMachine({ child }: Running): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/**
 * A server closes a connection that was idle for long, perhaps just as it is used again: then it is
 * asked by another one.
 */
async function json(url: string, init?: RequestInit): Promise<unknown> {
  const answer = await fetch(url, init).catch(() => fetch(url, init));
  return answer.json();
}

export async function headOf(api: string): Promise<number> {
  const { block_height: height } = (await json(api)) as { readonly block_height: string };
  return Number(height);
}

export async function blockHashAt(api: string, height: number): Promise<string | undefined> {
  const block = await json(`${api}/blocks/by_height/${height}`);
  return (block as { readonly block_hash?: string }).block_hash;
}

/** What a root node shows as agreed on; -1 before anything is. */
export async function consensusAt(api: string, title: string): Promise<number> {
  const asked = {
    function: "0x40::consensus::consensus_height",
    type_arguments: [],
    arguments: [title],
  };
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify(asked);
  const [found] = (await json(`${api}/view`, { method: "POST", headers, body })) as [
    { readonly vec: readonly string[] },
  ];
  return Number(found.vec[0] ?? -1);
}

/** Sends a signed transaction and waits until a block has it. */
export async function commitAt(api: string, bytes: Uint8Array): Promise<void> {
  const headers = { "content-type": "application/x.aptos.signed_transaction+bcs" };
  const body = bytes.slice().buffer;
  const sent = await json(`${api}/transactions`, { method: "POST", headers, body });
  const { hash } = sent as { readonly hash?: string };
  if (hash === undefined) throw new Error(JSON.stringify(sent));
  await until("the transaction is in a block", async () => {
    const found = await json(`${api}/transactions/by_hash/${hash}`);
    const { success, vm_status: status } = found as { success?: boolean; vm_status?: string };
    if (success === false) throw new Error(status);
    return success === true;
  });
}

/** Rejects when it has not come true after a while. */
export async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + POLL_TIMEOUT_MS;
  while (!(await isTrue())) {
    if (performance.now() > deadlineMs) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
