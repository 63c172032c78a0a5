// `holdfast chain` as a process: what it prints and serves, how it stops, and what a kill leaves.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { balance, type ChainProcess, HOLDFAST, startChain } from "./chain-process.ts";

/** A point of the curve. */
const KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const CASE_TIMEOUT_MS = 120_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-chain-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function fund({ faucet, api }: ChainProcess, address: string, amount: number): Promise<void> {
  const body = JSON.stringify({ address, amount });
  const answer = await fetch(`${faucet}/fund`, { method: "POST", body });
  const { txn_hashes } = (await answer.json()) as { readonly txn_hashes: readonly string[] };
  const waited = await fetch(`${api}/transactions/wait_by_hash/${txn_hashes[0]}`);
  expect(await waited.json()).toMatchObject({ type: "user_transaction", success: true });
}

describe("holdfast chain", () => {
  it(
    "serves API, faucet and indexer, makes blocks by itself, and stops when asked",
    async () => {
      const chain = await startChain();
      expect(chain.output()).toContain("Root chain 4, kept in memory");
      await fund(chain, "0xabc", 77);
      expect(await balance(chain, "0xabc")).toBe(77);
      const query = "query getProcessorStatus { processor_status { last_success_version } }";
      const body = JSON.stringify({ query });
      const status = await fetch(chain.indexer, { method: "POST", body });
      expect(await status.json()).toMatchObject({ data: { processor_status: [{}] } });
      const heightNow = async () =>
        Number(((await (await fetch(chain.api)).json()) as { block_height: string }).block_height);
      const metrics = /^Figures: (\S+)$/m.exec(chain.output())?.[1] ?? "";
      expect(await (await fetch(metrics)).text()).toContain('holdfast_block_height{chain="4"}');
      const before = await heightNow();
      await expect.poll(heightNow, { timeout: 10_000 }).toBeGreaterThan(before);
      expect(await chain.end("SIGTERM")).toBe(0);
      expect(chain.output()).toContain("Stopping");
      expect(chain.output()).not.toContain("Warning");
    },
    CASE_TIMEOUT_MS,
  );

  it(
    "has what it answered after it was killed, and keeps others out meanwhile",
    async () => {
      const data = join(folder, "kept");
      let chain = await startChain("--data", data);
      await fund(chain, "0xabc", 1);
      const second = spawn(process.execPath, [HOLDFAST, "chain", "--port", "0", "--data", data]);
      let refusal = "";
      second.stderr.on("data", (text: Buffer) => {
        refusal += text.toString();
      });
      expect(await once(second, "close")).toEqual([1, null]);
      expect(refusal).toMatch(/^STORE_CONFLICT: another process has the file open;/);
      for (let round = 1; round <= 3; round++) {
        await fund(chain, "0xabc", 10 ** round);
        expect(await chain.end("SIGKILL")).toBeNull();
        chain = await startChain("--data", data);
      }
      expect(await balance(chain, "0xabc")).toBe(1_111);
      expect(await chain.end("SIGINT")).toBe(0);
    },
    CASE_TIMEOUT_MS,
  );

  it.each([
    ["the root", 0],
    ["a node of its shard", 21],
  ])(
    "says so where the port of %s is taken, and ends",
    async (_whose, offset) => {
      const taken = createServer().listen(0, "127.0.0.1");
      await once(taken, "listening");
      const { port } = taken.address() as AddressInfo;
      const second = spawn(process.execPath, [HOLDFAST, "chain", "--port", String(port - offset)]);
      let refusal = "";
      second.stderr.on("data", (text: Buffer) => {
        refusal += text.toString();
      });
      expect(await once(second, "close")).toEqual([1, null]);
      expect(refusal).toMatch(new RegExp(`^PORT_TAKEN: .*127\\.0\\.0\\.1:${port};`));
      taken.close();
    },
    CASE_TIMEOUT_MS,
  );

  it.each([
    [["--port", "x"], "PORT_INVALID"],
    [["--port", "65530"], "PORT_INVALID"],
    [["--only", "moon"], "CHAIN_UNKNOWN"],
    [["--processes"], "DATA_MISSING"],
    [["--processes", "--data", "x", "--port", "0"], "PORT_INVALID"],
    [["--only", "shard", "--data", "x"], "PEER_MISSING"],
    [["--only", "shard", "--data", "x", "--shard", "0"], "SHARD_INVALID"],
    [["--only", "para", "--data", "x"], "PEER_MISSING"],
    [["--only", "para", "--data", "x", "--para", "156"], "PARA_INVALID"],
    [["--only", "root", "--para", "1"], "DATA_MISSING"],
    [["--only", "root", "--data", "x", "--para", "0"], "PARA_INVALID"],
    [["--peer", "moon"], "PEER_INVALID"],
    [["--peer", "ftp://127.0.0.1"], "PEER_INVALID"],
    [["--slot", "5"], "SLOT_INVALID"],
    [["--producers", "abc"], "PRODUCERS_INVALID"],
    [["--producers", `${KEY},${KEY}`], "PRODUCERS_INVALID"],
    [["--producers", KEY, "--peer", "http://127.0.0.1:1/v1"], "PRODUCERS_INVALID"],
    [["--key", "/nowhere/at/all"], "KEY_INVALID"],
    [["--speed"], "ERR_PARSE_ARGS_UNKNOWN_OPTION"],
  ])("is called wrongly with %j: %s", async (options, code) => {
    const child = spawn(process.execPath, [HOLDFAST, "chain", ...options]);
    let text = "";
    child.stderr.on("data", (data: Buffer) => {
      text += data.toString();
    });
    expect(await once(child, "close")).toEqual([2, null]);
    expect(text).toContain(`${code}: `);
  });
});
