// `holdfast chain` without options: a root, a shard and a parallel chain of four nodes each, their
// health and figures, and what a kill leaves of them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blockHashAt, type ChainProcess, json, startNetwork } from "./chain-process.ts";

const CASE_TIMEOUT_MS = 240_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-shard-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SHARD = /^Shard 1, chain 11: (.+)$/m;
const PARA = /^Parallel chain user\.p\.holdfast\., chain 101: (.+)$/m;

/** The APIs of a chain's nodes, as the process has printed them. */
async function apisOf(network: ChainProcess, line: RegExp): Promise<readonly string[]> {
  await expect.poll(() => line.test(network.output()), { timeout: 90_000 }).toBe(true);
  return (line.exec(network.output())?.[1] ?? "").split(/, and |, /);
}

async function heightOf(api: string): Promise<number> {
  return Number(((await json(api)) as { readonly block_height: string }).block_height);
}

async function text(url: string): Promise<{ readonly status: number; readonly body: string }> {
  const answer = await fetch(url);
  return { status: answer.status, body: await answer.text() };
}

describe("holdfast chain without options", () => {
  it(
    "runs a shard and a parallel chain beside the root, and takes up what a kill has left",
    async () => {
      const network = await startNetwork("--data", folder);
      const apis = await apisOf(network, SHARD);
      expect(apis).toHaveLength(4);
      const [first = ""] = apis;
      expect(await json(first)).toMatchObject({ chain_id: 11 });
      await expect.poll(() => heightOf(first), { timeout: 30_000 }).toBeGreaterThan(3);
      const base = first.slice(0, -"/v1".length);
      const health = await text(`${base}/health/shards`);
      expect(JSON.parse(health.body)).toMatchObject({ healthy: true, shard: "1", violations: [] });
      expect(health.status).toBe(200);
      const { body } = await text(`${base}/metrics`);
      expect(body).toMatch(/^holdfast_block_height\{chain="11"\} \d+$/m);
      expect(body).toMatch(/^holdfast_shard_root_height\{shard="1"\} \d+$/m);
      const rootFigures = await text(`${network.api.slice(0, -"/v1".length)}/metrics`);
      expect(rootFigures.body).toMatch(/^holdfast_block_height\{chain="4"\} \d+$/m);
      const [genesis, early] = await Promise.all([0, 2].map((height) => hashAt(first, height)));
      const [para = "", ...others] = await apisOf(network, PARA);
      expect(others).toHaveLength(3);
      expect(await json(para)).toMatchObject({ chain_id: 101 });
      await expect.poll(() => heightOf(para), { timeout: 30_000 }).toBeGreaterThan(1);
      const paraEarly = await hashAt(para, 1);
      const paraFigures = await text(`${para.slice(0, -"/v1".length)}/metrics`);
      const agreed = /^holdfast_para_consensus_height\{chain="101",title="[\w.]+"\} -?\d+$/m;
      expect(paraFigures.body).toMatch(agreed);
      await network.end("SIGKILL");

      const again = await startNetwork("--data", folder);
      const [resumed = ""] = await apisOf(again, SHARD);
      const [resumedPara = ""] = await apisOf(again, PARA);
      expect(await hashAt(resumedPara, 1)).toBe(paraEarly);
      expect(await hashAt(resumed, 0)).toBe(genesis);
      expect(await hashAt(resumed, 2)).toBe(early);
      const before = await heightOf(resumed);
      await expect.poll(() => heightOf(resumed), { timeout: 30_000 }).toBeGreaterThan(before + 2);
      expect(await again.end("SIGTERM")).toBe(0);
    },
    CASE_TIMEOUT_MS,
  );
});

function hashAt(api: string, height: number): Promise<string> {
  return blockHashAt({ api }, height);
}
