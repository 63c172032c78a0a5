// The embedded chain begins without the contracts of shards and parallel chains, and whatever loads
// it loads none of their bytecode.
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { createChainNode, createEmbeddedNode, createMemoryStore } from "#chains";
import { makeAddress } from "#core/address.ts";
import { START_MS } from "../fixture.ts";
import { manualClock } from "../manual-clock.ts";

const SOURCES = join(import.meta.dirname, "../../../src");
const WORKER = join(SOURCES, "chains/worker/embedded.worker.ts");
const LEFT_OUT = ["0x30", "0x40"].map(makeAddress);

/** What a file imports at run time, as paths of this repository. */
function importsOf(path: string): readonly string[] {
  const text = readFileSync(path, "utf8");
  const found = text.matchAll(/^(?:import|export) (?!type )[^;]*?from "([^"]+)";/gms);
  return [...found].flatMap(([, to = ""]) => {
    if (to.startsWith(".")) return [join(dirname(path), to)];
    if (to.startsWith("#core/")) return [join(SOURCES, "sandbox/core", to.slice("#core/".length))];
    return to === "#sandbox" ? [join(SOURCES, "sandbox/index.ts")] : [];
  });
}

function reachedFrom(start: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const left = [start];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    left.push(...importsOf(path));
  }
  return reached;
}

async function addressesWithCode(create: typeof createChainNode): Promise<ReadonlySet<string>> {
  const clock = manualClock(START_MS);
  const entropy = (size: number): Uint8Array => new Uint8Array(size).fill(7);
  const node = await create({ clock, entropy, store: createMemoryStore() });
  const { state } = node.source.tree.head;
  const found = new Set<string>();
  for (const { key } of state.entries()) if (key.kind === "module") found.add(key.module.address);
  await node.close();
  return found;
}

describe("the embedded chain", () => {
  it("begins without what shards and parallel chains need, and a root with it", async () => {
    const [own, root] = await Promise.all(
      [createEmbeddedNode, createChainNode].map(addressesWithCode),
    );
    for (const address of LEFT_OUT) {
      expect(own?.has(address)).toBe(false);
      expect(root?.has(address)).toBe(true);
    }
    expect(own?.has(makeAddress("0x20"))).toBe(true);
    expect(own?.has(makeAddress("0x50"))).toBe(true);
  });

  it("loads none of their bytecode", () => {
    const bytecode = [...reachedFrom(WORKER)]
      .map((path) => relative(join(SOURCES, "chains/contracts"), path))
      .filter((path) => path.endsWith("bytecode.ts"))
      .sort();
    expect(bytecode).toEqual(
      ["framework", "resource_model", "rooch", "rooch_demo"].map((name) => `${name}/bytecode.ts`),
    );
  });
});
