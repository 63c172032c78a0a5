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

export async function startChainServer(): Promise<ChainServer> {
  const args = [COMMAND, "chain", "--port", "0", "--only", "root"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const urls = await Promise.race([
    readUrls(createInterface(child.stdout)),
    exited.then(([code]: unknown[]) => {
      throw new Error(`the chain ended with ${String(code)} before it served`);
    }),
  ]);
  return {
    ...urls,
    async close() {
      child.kill();
      await exited;
    },
  };
}

async function readUrls(lines: AsyncIterable<string>): Promise<{ url: string; faucet: string }> {
  const found = new Map<string, string>();
  for await (const line of lines) {
    const [, name, at] = /^(API|Faucet): +(http:\/\/\S+)$/.exec(line) ?? [];
    if (name !== undefined && at !== undefined) found.set(name, at);
    const [url, faucet] = [found.get("API"), found.get("Faucet")];
    if (url !== undefined && faucet !== undefined) return { url, faucet };
  }
  throw new Error("the chain never said where it serves");
}
