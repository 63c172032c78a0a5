// The store in a file: what every store does, and what only a file can suffer.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSqliteStore } from "#chains-node";
import {
  blockAt,
  countingBlock,
  GENESIS_BLOCK,
  SECOND_BLOCK,
  TEST_IDENTITY,
} from "../../conformance/chain-blocks.ts";
import { chainStoreSuite } from "../../conformance/chain-store.suite.ts";

const WRITER = join(import.meta.dirname, "crash-writer.ts");
/** Blocks that the writer appends; it changes one value in each. */
const BLOCKS = 2;
/** More calls into SQLite than one run of the writer makes. */
const CALLS_MAX = 60;

let folder: string;
let lastFile = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-store-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function newFile(): string {
  lastFile += 1;
  return join(folder, `chain-${lastFile}.sqlite`);
}

chainStoreSuite("SQLite", () => {
  const path = newFile();
  return Promise.resolve({ reopen: () => Promise.resolve(openSqliteStore(path)) });
});

describe("the SQLite store", () => {
  it("belongs to one process, or one opener, at a time", async () => {
    const path = newFile();
    const store = openSqliteStore(path);
    await store.create(TEST_IDENTITY, GENESIS_BLOCK);
    expect(() => openSqliteStore(path)).toThrow(/^STORE_CONFLICT/);
    await store.close();
    const again = openSqliteStore(path);
    expect((await again.load())?.head).toEqual(GENESIS_BLOCK);
    await again.close();
    await expect(again.load()).rejects.toMatchObject({ code: "STORE_CLOSED" });
  });

  it("says so when the file is none of its own or cannot be there", () => {
    const path = newFile();
    writeFileSync(path, "this is no database, whatever its name says".repeat(100));
    expect(() => openSqliteStore(path)).toThrow(/^STORE_CORRUPT/);
    expect(() => openSqliteStore(join(folder, "missing", "x"))).toThrow(/^STORE_UNAVAILABLE/);
  });

  it("forgets blocks and the values they replaced, and keeps the state", async () => {
    const path = newFile();
    const store = openSqliteStore(path);
    await store.create(TEST_IDENTITY, GENESIS_BLOCK);
    await store.append(SECOND_BLOCK);
    const before = await store.load();
    await store.pruneBelow(1n);
    expect(await store.blockAt(0n)).toBeUndefined();
    expect(await store.load()).toEqual(before);
    await store.append(blockAt(2, []));
    await store.close();
  });

  it("has a block whole or not at all, at whichever call the process is killed", async () => {
    let wasKilled = true;
    let calls = 0;
    while (wasKilled) {
      calls += 1;
      expect(calls).toBeLessThan(CALLS_MAX);
      const path = newFile();
      const { told, killed } = await runWriter(path, calls);
      wasKilled = killed;
      const store = openSqliteStore(path);
      const kept = await store.load();
      const height = kept === undefined ? -1 : Number(kept.head.block.header.height);
      // What was told is kept; one block more may have come to the disk.
      expect([told, told + 1]).toContain(height);
      const counter = kept?.state.find(({ key }) => key.kind === "resource");
      expect(counter?.value[0]).toBe(height < 0 ? undefined : height + 1);
      for (let below = 0; below <= height; below++) {
        expect(await store.blockAt(BigInt(below))).toEqual(countingBlock(below));
      }
      expect(await store.blockAt(BigInt(height + 1))).toBeUndefined();
      if (height < 0) await store.create(TEST_IDENTITY, GENESIS_BLOCK);
      else await store.append(countingBlock(height + 1));
      await store.close();
    }
    expect(calls).toBeGreaterThan(6 * BLOCKS);
  }, 120_000);
});

/** Runs the writer until it ends or, at its nth call into SQLite, kills itself. */
async function runWriter(
  path: string,
  killAt: number,
): Promise<{ readonly told: number; readonly killed: boolean }> {
  const options = ["--disable-warning=ExperimentalWarning", "--conditions=holdfast-source"];
  const child: ChildProcess = spawn(
    process.execPath,
    [...options, WRITER, path, String(killAt), String(BLOCKS)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  expect([0, "SIGKILL"]).toContain(code ?? signal);
  const lines = output.split("\n").filter((line) => line !== "");
  return { told: lines.length - 1, killed: signal === "SIGKILL" };
}
