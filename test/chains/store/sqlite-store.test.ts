// The store in a file: what every store does, and what only a file can suffer.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSqliteStore } from "#chains-node";
import { present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import { newValue } from "#core/effects.ts";
import type { StoredBlock, StoredChain } from "../../../src/chains/ports.ts";
import {
  after,
  blockAt,
  branchAfter,
  GENESIS_BLOCK,
  SECOND_BLOCK,
  STORE_LIFE,
  TEST_IDENTITY,
} from "../../conformance/chain-blocks.ts";
import { chainStoreSuite } from "../../conformance/chain-store.suite.ts";

const WRITER = join(import.meta.dirname, "crash-writer.ts");
/** More calls into SQLite than one run of the writer makes. */
const CALLS_MAX = 100;

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
    await store.extend(after(SECOND_BLOCK));
    const before = await store.load();
    await store.pruneBelow(1n);
    expect(await store.blockAt(0n)).toBeUndefined();
    expect(await store.load()).toEqual(before);
    await store.extend(after(blockAt(2, [])));
    await store.close();
  });

  it("has a change whole or not at all, at whichever call the process is killed", async () => {
    let wasKilled = true;
    let calls = 0;
    const seen = new Set<number>();
    while (wasKilled) {
      calls += 1;
      expect(calls).toBeLessThan(CALLS_MAX);
      const path = newFile();
      const { told, killed } = await runWriter(path, calls);
      wasKilled = killed;
      const store = openSqliteStore(path);
      const kept = await store.load();
      const changes = present(changesKept(kept), "what is kept was kept whole");
      seen.add(changes);
      // What was told is kept; one change more may have come to the disk.
      expect([told, told + 1]).toContain(changes);
      const branch = branchAfter(changes);
      const blocks = branch.map((_, height) => store.blockAt(BigInt(height)));
      expect(await Promise.all(blocks)).toEqual(branch);
      expect(await store.blockAt(BigInt(branch.length))).toBeUndefined();
      const counter = kept?.state.find(({ key }) => key.kind === "resource");
      expect(counter?.value).toEqual(counterAfter(branch));
      expect(kept?.signed?.slot).toBe(changes >= 2 ? 7n : undefined);
      if (changes < 0) await store.create(TEST_IDENTITY, GENESIS_BLOCK);
      else await store.extend(after(blockAt(branch.length, [])));
      await store.close();
    }
    expect([...seen].toSorted((a, b) => a - b)).toEqual([-1, 0, 1, 2, 3, 4]);
  }, 240_000);
});

/** How many changes of its life a store has seen; -1 before there was a chain. */
function changesKept(kept: StoredChain | undefined): number | undefined {
  if (kept === undefined) return -1;
  const counts = [0, ...STORE_LIFE.map((_, index) => index + 1)];
  return counts.find((count) => {
    return toHex(present(branchAfter(count).at(-1), "a head").hash) === toHex(kept.head.hash);
  });
}

function counterAfter(branch: readonly StoredBlock[]): Uint8Array | undefined {
  const [change] = branch.at(-1)?.receipts[1]?.changes ?? [];
  return change && newValue(change.op);
}

/** Runs the writer until it ends or, at its nth call into SQLite, kills itself. */
async function runWriter(
  path: string,
  killAt: number,
): Promise<{ readonly told: number; readonly killed: boolean }> {
  const options = ["--disable-warning=ExperimentalWarning", "--conditions=holdfast-source"];
  const child: ChildProcess = spawn(process.execPath, [...options, WRITER, path, String(killAt)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  expect([0, "SIGKILL"]).toContain(code ?? signal);
  const lines = output.split("\n").filter((line) => line !== "");
  return { told: lines.length - 1, killed: signal === "SIGKILL" };
}
