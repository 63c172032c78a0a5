// Identities of tabs, each held from a worker, with the browser's own locks.
import { afterEach, describe, expect, it } from "vitest";

const workers: Worker[] = [];

function claim(remembered: string | null) {
  const worker = new Worker(new URL("./owner.worker.ts", import.meta.url), { type: "module" });
  workers.push(worker);
  const identity = new Promise<string>((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<string>) => resolve(data);
  });
  worker.postMessage(remembered);
  return { identity, end: () => worker.terminate() };
}

afterEach(() => {
  for (const worker of workers.splice(0)) worker.terminate();
});

describe("identity of a tab, in a browser", () => {
  it("is new where none is remembered, and comes back after a reload", async () => {
    const first = claim(null);
    const identity = await first.identity;
    expect(identity).toMatch(/^[0-9a-f]{32}$/);
    first.end();
    expect(await claim(identity).identity).toBe(identity);
  });

  it("is new in a duplicated tab, and the first keeps its own", async () => {
    const first = claim(null);
    const identity = await first.identity;
    const copies = [claim(identity), claim(identity)];
    const made = await Promise.all(copies.map((copy) => copy.identity));
    expect(new Set([identity, ...made]).size).toBe(3);
    first.end();
    expect(await claim(identity).identity).toBe(identity);
  });

  it("is waited for when the reloaded page is faster than the old one's end", async () => {
    const first = claim(null);
    const identity = await first.identity;
    const reloaded = claim(identity);
    setTimeout(first.end, 100);
    expect(await reloaded.identity).toBe(identity);
  });
});
