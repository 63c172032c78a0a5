// A root chain and four nodes of a parallel chain as processes of their own, that speak to each
// other over HTTP and WebSockets and keep what they have in files; one of them is killed.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

const PROGRAM = join(import.meta.dirname, "node-process.ts");
const START_TIMEOUT_MS = 60_000;
const AGREE_TIMEOUT_MS = 60_000;
const TEST_TIMEOUT_MS = 240_000;
const POLL_MS = 500;

interface Served {
  readonly child: ChildProcess;
  readonly api: string;
}

const folders: string[] = [];
const children: ChildProcess[] = [];
afterEach(async () => {
  await Promise.all(children.splice(0).map(kill));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

async function start(...args: readonly string[]): Promise<Served> {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "--conditions=holdfast-source", PROGRAM, ...args],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  children.push(child);
  let output = "";
  const collect = (data: Buffer): void => {
    output += data.toString();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  for (;;) {
    const api = /^API: (\S+)$/m.exec(output)?.[1];
    if (api !== undefined) return { child, api };
    if (child.exitCode !== null) throw new Error(`the process ended: ${output}`);
    await Promise.race([once(child.stdout, "data", { signal }), once(child, "exit")]);
  }
}

interface Ledger {
  readonly chain_id: number;
  readonly block_height: string;
  readonly final_block_height: string;
}

async function json(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

async function ledger({ api }: Served): Promise<Ledger> {
  return (await json(api)) as Ledger;
}

async function hashAt({ api }: Served, height: number): Promise<string> {
  const block = await json(`${api}/blocks/by_height/${height}`);
  return (block as { readonly block_hash: string }).block_hash;
}

/** Waits until every node calls this height final. */
async function agreed(nodes: readonly Served[], height: number): Promise<void> {
  const deadlineMs = performance.now() + AGREE_TIMEOUT_MS;
  for (;;) {
    const ledgers = await Promise.all(nodes.map(ledger));
    if (ledgers.every((found) => Number(found.final_block_height) >= height)) return;
    if (performance.now() > deadlineMs) throw new Error(JSON.stringify(ledgers));
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

describe("nodes of a parallel chain as processes", () => {
  it(
    "agree over HTTP, and one that is killed comes back to the same chain",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "holdfast-para-"));
      folders.push(folder);
      const root = await start("root", join(folder, "root"));
      const node = (place: number) => {
        return start("node", join(folder, `node-${place}`), root.api, String(place));
      };
      const nodes = await Promise.all([0, 1, 2, 3].map(node));
      await agreed(nodes, 2);
      expect((await ledger(nodes[0] as Served)).chain_id).toBe(101);
      const hashes = await Promise.all(nodes.map((served) => hashAt(served, 2)));
      expect(new Set(hashes).size).toBe(1);

      const [last] = nodes.slice(-1);
      if (last === undefined) throw new Error("there are four nodes");
      await kill(last.child);
      const { final_block_height: final } = await ledger(nodes[0] as Served);
      // Three of four go on.
      await agreed(nodes.slice(0, 3), Number(final) + 1);
      const again = await node(3);
      await agreed([...nodes.slice(0, 3), again], Number(final) + 2);
      const height = Number(final) + 2;
      expect(await hashAt(again, height)).toBe(await hashAt(nodes[0] as Served, height));
      expect(await hashAt(again, 2)).toBe(hashes[0]);
    },
    TEST_TIMEOUT_MS,
  );
});
