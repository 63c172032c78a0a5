// Three processes make one chain: they take turns, check each other's blocks, live through a
// partition and the death of one of them, and agree afterwards.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  askFaucet,
  balance,
  blockHashAt,
  type ChainProcess,
  newKey,
  startChain,
  viewNumber,
} from "./chain-process.ts";
import { openGate, type TcpGate } from "./tcp-gate.ts";

const SLOT_MS = 400;
const POLL = { timeout: 60_000, interval: 300 };
const TEST_TIMEOUT_MS = 240_000;
const FINAL = "0x1::block::final_height";

let folder: string;
const running = new Set<ChainProcess>();
const gates: TcpGate[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-peers-"));
});
afterAll(async () => {
  await Promise.all([...running].map((node) => node.end("SIGKILL")));
  await Promise.all(gates.map((gate) => gate.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(name: string, ...options: string[]): Promise<ChainProcess> {
  const data = join(folder, name);
  const node = await startChain("--data", data, "--key", join(folder, `${name}.key`), ...options);
  running.add(node);
  return node;
}

async function end(node: ChainProcess, signal: NodeJS.Signals): Promise<number | null> {
  running.delete(node);
  return node.end(signal);
}

/** A way to a node that can be shut. */
async function gateTo({ api }: ChainProcess): Promise<TcpGate> {
  const gate = await openGate(Number(new URL(api).port));
  gates.push(gate);
  return gate;
}

function through({ port }: TcpGate): string {
  return `http://127.0.0.1:${port}/v1`;
}

/** Whether all have the same block at the lowest of their final heights. */
async function agree(nodes: readonly ChainProcess[]): Promise<boolean> {
  const finals = await Promise.all(nodes.map((node) => viewNumber(node, FINAL)));
  const common = Math.min(...finals);
  const hashes = await Promise.all(nodes.map((node) => blockHashAt(node, common)));
  expect(new Set(hashes).size).toBe(1);
  return common > 0;
}

describe("three nodes of one chain", () => {
  it(
    "take turns, part and meet again, and lose nothing that was final",
    async () => {
      const keys = ["a", "b", "c"].map((name) => newKey(join(folder, `${name}.key`)));
      const founding = ["--producers", keys.join(","), "--slot", String(SLOT_MS)];
      const a = await start("a", ...founding);
      const [bToA, cToA] = [await gateTo(a), await gateTo(a)];
      let b = await start("b", "--peer", through(bToA));
      const cToB = await gateTo(b);
      const c = await start("c", "--peer", through(cToA), "--peer", through(cToB));
      expect(c.output()).toContain(`${keys[2]} makes blocks`);

      await askFaucet(a, "0xa11ce", 77);
      for (const node of [a, b, c]) {
        await expect.poll(() => balance(node, "0xa11ce"), POLL).toBe(77);
      }
      const producers = () => viewNumber(c, "0x1::block::finalised_producer_count", "0");
      await expect.poll(producers, POLL).toBe(3);

      // C is alone: it goes on, and nothing of it becomes final.
      for (const gate of [cToA, cToB]) gate.shut();
      await askFaucet(c, "0xca401", 5);
      await expect.poll(() => balance(c, "0xca401"), POLL).toBe(5);
      await askFaucet(a, "0xb0b", 9);
      await expect.poll(() => balance(b, "0xb0b"), POLL).toBe(9);
      const [parted, alone] = [await viewNumber(a, FINAL), await viewNumber(c, FINAL)];
      await expect.poll(() => viewNumber(a, FINAL), POLL).toBeGreaterThan(parted + 6);
      expect(await viewNumber(c, FINAL)).toBeLessThanOrEqual(alone + 3);
      expect(await balance(c, "0xb0b")).toBe(0);

      for (const gate of [cToA, cToB]) gate.open();
      await expect.poll(() => balance(c, "0xb0b"), POLL).toBe(9);
      const healed = await viewNumber(a, FINAL);
      await expect.poll(() => viewNumber(c, FINAL), POLL).toBeGreaterThan(healed);
      await expect.poll(() => agree([a, b, c]), POLL).toBe(true);
      expect(await balance(c, "0xca401")).toBe(await balance(a, "0xca401"));

      // B dies at some moment and comes back with what it had.
      expect(await end(b, "SIGKILL")).toBeNull();
      await askFaucet(a, "0xdead", 3);
      await expect.poll(() => balance(c, "0xdead"), POLL).toBe(3);
      b = await start("b", "--peer", through(bToA));
      await expect.poll(() => balance(b, "0xdead"), POLL).toBe(3);
      const back = await viewNumber(b, FINAL);
      await expect.poll(() => viewNumber(b, FINAL), POLL).toBeGreaterThan(back + 3);
      await expect.poll(() => agree([a, b, c]), POLL).toBe(true);
      for (const node of [a, b, c]) expect(await end(node, "SIGTERM")).toBe(0);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    "follow a chain without making blocks, and refuse what is no chain of theirs",
    async () => {
      newKey(join(folder, "solo.key"));
      newKey(join(folder, "reader.key"));
      const solo = await start("solo");
      const reader = await start("reader", "--peer", solo.api);
      expect(reader.output()).toContain("follows, and makes no blocks");
      // What is handed to the reader is passed on to who makes blocks.
      await askFaucet(reader, "0xf00d", 11);
      await expect.poll(() => balance(solo, "0xf00d"), POLL).toBe(11);
      await expect.poll(() => balance(reader, "0xf00d"), POLL).toBe(11);
      newKey(join(folder, "other.key"));
      const other = await start("other");
      await end(other, "SIGTERM");
      const stranger = await start("other", "--peer", solo.api);
      await expect.poll(() => stranger.output(), POLL).toContain("OTHER_CHAIN");
      for (const node of [solo, reader, stranger]) expect(await end(node, "SIGTERM")).toBe(0);
    },
    TEST_TIMEOUT_MS,
  );
});
