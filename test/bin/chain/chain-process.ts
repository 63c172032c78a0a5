// `holdfast chain` as a process of its own, and what is asked of it over HTTP.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export const HOLDFAST = join(import.meta.dirname, "..", "..", "..", "bin", "holdfast.mjs");
const START_TIMEOUT_MS = 40_000;

export interface ChainProcess {
  readonly child: ChildProcess;
  readonly api: string;
  readonly faucet: string;
  readonly indexer: string;
  output(): string;
  /** Ends it by a signal and returns its exit code, null for a kill. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** A node of the root chain alone. */
export function startChain(...options: string[]): Promise<ChainProcess> {
  return startNetwork("--only", "root", ...options);
}

/** What `holdfast chain` runs with these options. */
export async function startNetwork(...options: string[]): Promise<ChainProcess> {
  const child = spawn(process.execPath, [HOLDFAST, "chain", "--port", "0", ...options], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const collect = (data: Buffer): void => {
    output += data.toString();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const deadline = AbortSignal.timeout(START_TIMEOUT_MS);
  while (!/^Indexer: /m.test(output)) await once(child.stdout, "data", { signal: deadline });
  const url = (name: string): string => {
    const found = new RegExp(`^${name}: +(\\S+)$`, "m").exec(output)?.[1];
    if (found === undefined) throw new Error(`${name} is missing in: ${output}`);
    return found;
  };
  return {
    child,
    api: url("API"),
    faucet: url("Faucet"),
    indexer: url("Indexer"),
    output: () => output,
    end: async (signal) => {
      const ended = once(child, "exit");
      child.kill(signal);
      const [code] = (await ended) as [number | null];
      return code;
    },
  };
}

/** Writes a producer's key to a file and returns its public half. */
export function newKey(path: string): string {
  const { stdout } = spawnSync(process.execPath, [HOLDFAST, "chain", "--new-key", path]);
  return stdout.toString().trim();
}

export async function json(url: string, body?: unknown): Promise<unknown> {
  const answer =
    body === undefined
      ? await fetch(url)
      : await fetch(url, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
  return answer.json();
}

/** Asks the faucet; returns the hash of its payment. */
export async function askFaucet(
  { faucet }: ChainProcess,
  address: string,
  amount: number,
): Promise<string> {
  const answer = await json(`${faucet}/fund`, { address, amount });
  const [hash] = (answer as { readonly txn_hashes: readonly string[] }).txn_hashes;
  if (hash === undefined) throw new Error("the faucet gives no hash");
  return hash;
}

export function balance({ api }: ChainProcess, address: string): Promise<unknown> {
  return json(`${api}/accounts/${address}/balance/0xa`);
}

/** What a view function returns first, as a number. */
export async function viewNumber(
  { api }: ChainProcess,
  name: string,
  ...args: readonly string[]
): Promise<number> {
  const [value] = (await json(`${api}/view`, {
    function: name,
    type_arguments: [],
    arguments: args,
  })) as readonly string[];
  return Number(value);
}

export async function blockHashAt(
  { api }: Pick<ChainProcess, "api">,
  height: number,
): Promise<string> {
  const block = await json(`${api}/blocks/by_height/${height}`);
  return (block as { readonly block_hash: string }).block_hash;
}
