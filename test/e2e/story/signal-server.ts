// A signalling server of a story's own, started as a user would start it, at a free port.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const COMMAND = join(import.meta.dirname, "..", "..", "..", "bin", "holdfast.mjs");

export interface SignalServer {
  readonly url: string;
  close(): Promise<void>;
}

export async function startSignalServer(): Promise<SignalServer> {
  const args = [COMMAND, "signal", "--host", "127.0.0.1", "--port", "0"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const url = await Promise.race([
    readUrl(createInterface(child.stdout)),
    exited.then(([code]: unknown[]) => {
      throw new Error(`the signalling server ended with ${String(code)} before it served`);
    }),
  ]);
  return {
    url,
    async close() {
      child.kill();
      await exited;
    },
  };
}

async function readUrl(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const found = /ws:\/\/\S+/.exec(line)?.[0];
    if (found !== undefined) return found.replace(/\/$/, "");
  }
  throw new Error("the signalling server never said where it serves");
}
