// `holdfast chain --processes`: a root and the four nodes of a shard, each a process; one of them
// killed without warning comes back with what it had, and the shard goes on meanwhile.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blockHashAt, HOLDFAST, json } from "./chain-process.ts";

const CASE_TIMEOUT_MS = 240_000;
const START = { timeout: 120_000, interval: 500 };
const SOON = { timeout: 60_000, interval: 500 };
const SHARDS_OFFSET = 21;
const NODE_STEP = 10;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-processes-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A port above which there is room for all. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? Math.min(address.port, 65_000) : 0;
}

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
  output(): string;
}

async function start(): Promise<Running> {
  const port = await freePort();
  const args = [HOLDFAST, "chain", "--processes", "--data", folder, "--port", String(port)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => {
      output += data.toString();
    });
  }
  return { child, port, output: () => output };
}

function apiOf({ port }: Running, place: number): string {
  return `http://127.0.0.1:${port + SHARDS_OFFSET + place * NODE_STEP}/v1`;
}

/** -1 while nobody answers. */
async function heightOf(api: string): Promise<number> {
  try {
    return Number(((await json(api)) as { readonly block_height: string }).block_height);
  } catch {
    return -1;
  }
}

/** The newest process of a part. */
function processOf(running: Running, name: string): number {
  const all = running.output().matchAll(new RegExp(`\\[${name}\\] is process (\\d+)`, "g"));
  return Number([...all].at(-1)?.[1]);
}

describe("a shard whose nodes are processes", () => {
  it(
    "goes on while one of them is killed, and has it back with the same blocks",
    async () => {
      const running = await start();
      try {
        for (const place of [0, 1, 2, 3]) {
          await expect.poll(() => heightOf(apiOf(running, place)), START).toBeGreaterThan(2);
        }
        const hash = await blockHashAt({ api: apiOf(running, 2) }, 2);
        const killed = processOf(running, "shard 1 node 2");
        const before = await heightOf(apiOf(running, 0));
        process.kill(killed, "SIGKILL");
        await expect.poll(() => heightOf(apiOf(running, 0)), SOON).toBeGreaterThan(before + 2);
        await expect.poll(() => heightOf(apiOf(running, 2)), SOON).toBeGreaterThan(before + 2);
        expect(processOf(running, "shard 1 node 2")).not.toBe(killed);
        expect(await blockHashAt({ api: apiOf(running, 2) }, 2)).toBe(hash);
        expect(await blockHashAt({ api: apiOf(running, 0) }, 2)).toBe(hash);
      } finally {
        const ended = once(running.child, "exit");
        running.child.kill("SIGTERM");
        await ended;
      }
      expect(running.output()).toContain("Stopping");
    },
    CASE_TIMEOUT_MS,
  );
});
