// `holdfast chain --processes`: a root, the four nodes of a shard and the four of a parallel chain,
// each a process; one of them killed without warning comes back with what it had, and the others go
// on meanwhile.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blockHashAt, HOLDFAST, json } from "./chain-process.ts";

/** Nine processes start at once, and share the machine with whatever else runs. */
const CASE_TIMEOUT_MS = 480_000;
const START = { timeout: 240_000, interval: 500 };
const SOON = { timeout: 120_000, interval: 500 };
const SHARDS_OFFSET = 21;
const PARAS_OFFSET = 121;
const NODE_STEP = 10;
const PLACES = [0, 1, 2, 3];

let folder: string;
let running: Running;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-processes-"));
  running = await start();
});
afterAll(async () => {
  await end();
  rmSync(folder, { recursive: true, force: true });
}, CASE_TIMEOUT_MS);

/** Asks all processes to end; does nothing where they have. */
async function end(): Promise<void> {
  const { child } = running;
  if (child.exitCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

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

function apiOf(offset: number, place: number): string {
  return `http://127.0.0.1:${running.port + offset + place * NODE_STEP}/v1`;
}

function shardApi(place: number): string {
  return apiOf(SHARDS_OFFSET, place);
}

function paraApi(place: number): string {
  return apiOf(PARAS_OFFSET, place);
}

interface Heights {
  readonly block_height: string;
  readonly final_block_height: string;
}

/** -1 while nobody answers. */
async function heightOf(api: string): Promise<number> {
  try {
    return Number(((await json(api)) as Heights).block_height);
  } catch {
    return -1;
  }
}

/** What the nodes of a parallel chain agree on; -1 while nobody answers. */
async function agreedAt(api: string): Promise<number> {
  try {
    return Number(((await json(api)) as Heights).final_block_height);
  } catch {
    return -1;
  }
}

/** The newest process of a part. */
function processOf(name: string): number {
  const all = running.output().matchAll(new RegExp(`\\[${name}\\] is process (\\d+)`, "g"));
  return Number([...all].at(-1)?.[1]);
}

/** Kills a part, and resolves when it has been started again. */
async function kill(name: string): Promise<void> {
  const killed = processOf(name);
  process.kill(killed, "SIGKILL");
  await expect.poll(() => processOf(name), SOON).not.toBe(killed);
  expect(running.output()).toContain(`[${name}] ended by SIGKILL; it is started again`);
}

describe("chains whose nodes are processes", { timeout: CASE_TIMEOUT_MS }, () => {
  it("say when all can be reached, and where their figures are", async () => {
    await expect.poll(() => running.output(), START).toContain("All chains are served.");
    const apis = PLACES.flatMap((place) => [shardApi(place), paraApi(place)]);
    for (const api of [apiOf(0, 0), ...apis]) {
      const figures = await (await fetch(new URL("/metrics", api))).text();
      expect(figures).toMatch(/^holdfast_block_height\{chain="\d+"\} \d+$/m);
    }
    expect(await json(new URL("/health/shards", shardApi(3)).href)).toMatchObject({
      violations: [],
      evidence: [],
    });
  });

  it("go on while a node of the shard is killed, and have it back", async () => {
    for (const place of PLACES) {
      await expect.poll(() => heightOf(shardApi(place)), START).toBeGreaterThan(2);
    }
    const hash = await blockHashAt({ api: shardApi(2) }, 2);
    const before = await heightOf(shardApi(0));
    await kill("shard 1 node 2");
    await expect.poll(() => heightOf(shardApi(0)), SOON).toBeGreaterThan(before + 2);
    await expect.poll(() => heightOf(shardApi(2)), SOON).toBeGreaterThan(before + 2);
    expect(await blockHashAt({ api: shardApi(2) }, 2)).toBe(hash);
    expect(await blockHashAt({ api: shardApi(0) }, 2)).toBe(hash);
  });

  it("go on while a node of the parallel chain is killed, and have it back", async () => {
    for (const place of PLACES) {
      await expect.poll(() => agreedAt(paraApi(place)), START).toBeGreaterThan(0);
    }
    const hash = await blockHashAt({ api: paraApi(1) }, 1);
    const before = await agreedAt(paraApi(0));
    await kill("parallel chain 1 node 1");
    // Three of four agree without it.
    await expect.poll(() => agreedAt(paraApi(0)), SOON).toBeGreaterThan(before);
    await expect.poll(() => agreedAt(paraApi(1)), SOON).toBeGreaterThan(before);
    expect(await blockHashAt({ api: paraApi(1) }, 1)).toBe(hash);
    expect(await blockHashAt({ api: paraApi(0) }, 1)).toBe(hash);
    const final = await agreedAt(paraApi(1));
    const [own, other] = await Promise.all(
      [1, 0].map((place) => blockHashAt({ api: paraApi(place) }, final)),
    );
    expect(own).toBe(other);
  });

  it("wait for a root that is killed, and go on with it", async () => {
    const rootApi = `http://127.0.0.1:${running.port}/v1`;
    const hash = await blockHashAt({ api: rootApi }, 5);
    const [shard, para] = await Promise.all([heightOf(shardApi(0)), agreedAt(paraApi(0))]);
    await kill("root");
    await expect.poll(() => agreedAt(paraApi(0)), SOON).toBeGreaterThan(para + 1);
    await expect.poll(() => heightOf(shardApi(0)), SOON).toBeGreaterThan(shard + 2);
    expect(await blockHashAt({ api: rootApi }, 5)).toBe(hash);
    const found = await blockHashAt({ api: paraApi(0) }, 1);
    expect(await blockHashAt({ api: paraApi(3) }, 1)).toBe(found);
  });

  it("end when they are asked to", async () => {
    await end();
    expect(running.child.exitCode).toBe(0);
    expect(await heightOf(shardApi(0))).toBe(-1);
    expect(await heightOf(paraApi(0))).toBe(-1);
  });
});
