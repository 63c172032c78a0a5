// A chain of a story's own, started as a user would start it, at free ports.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const COMMAND = join(import.meta.dirname, "..", "..", "..", "bin", "holdfast.mjs");

export interface ChainServer {
  /** Of the REST API, with its version. */
  readonly url: string;
  readonly faucet: string;
  close(): Promise<void>;
}

/** A root with its shard and its parallel chain. */
export interface ChainsServer extends ChainServer {
  readonly shard: string;
  readonly para: string;
}

/** What the command says of each, with the URL that counts. */
const LINES = {
  url: /^API: +(http:\/\/\S+)$/,
  faucet: /^Faucet: +(http:\/\/\S+)$/,
  shard: /^Shard 1, .*?: (http:\/\/[^,\s]+)/,
  para: /^Parallel chain .*?: (http:\/\/[^,\s]+)/,
} as const;

type Place = keyof typeof LINES;

/** The root alone. */
export async function startChainServer(): Promise<ChainServer> {
  const { found, close } = await start(["--only", "root"], ["url", "faucet"]);
  return { url: found("url"), faucet: found("faucet"), close };
}

export async function startChainsServer(): Promise<ChainsServer> {
  const { found, close } = await start([], ["url", "faucet", "shard", "para"]);
  const [url, faucet] = [found("url"), found("faucet")];
  return { url, faucet, shard: found("shard"), para: found("para"), close };
}

async function start(options: readonly string[], places: readonly Place[]) {
  const args = [COMMAND, "chain", "--port", "0", ...options];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const lines = createInterface(child.stdout);
  const urls = await Promise.race([
    readUrls(lines, places),
    exited.then(([code]: unknown[]) => {
      throw new Error(`the chain ended with ${String(code)} before it served`);
    }),
  ]);
  // What it says afterwards is not read, and must not stop it.
  child.stdout.resume();
  return {
    found: (place: Place): string => {
      const url = urls.get(place);
      if (url === undefined) throw new Error(`the chain never said where its ${place} is`);
      return url;
    },
    close: async (): Promise<void> => {
      child.kill();
      await exited;
    },
  };
}

async function readUrls(
  lines: AsyncIterable<string>,
  places: readonly Place[],
): Promise<ReadonlyMap<Place, string>> {
  const found = new Map<Place, string>();
  for await (const line of lines) {
    for (const place of places) {
      const [, url] = LINES[place].exec(line) ?? [];
      if (url !== undefined) found.set(place, url);
    }
    if (found.size === places.length) break;
  }
  return found;
}
