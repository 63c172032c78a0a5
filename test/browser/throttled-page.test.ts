// A hidden page, whose timers the browser lets fire once a minute: its node lives on in its worker.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { chat, createNode, type Node } from "../../src/index.ts";

const THROTTLED_MS = 60_000;
/** The chain takes a leader for gone after 15 s without a sign of life. */
const LEASE_MS = 15_000;
const WAIT = { timeout: 30_000, interval: 50 };

const realTimeout = window.setTimeout.bind(window);
const realInterval = window.setInterval.bind(window);
const nodes: Pick<Node<unknown>, "close">[] = [];

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => {
    realTimeout(resolve, ms);
  });
}

beforeEach(() => {
  vi.stubGlobal("setTimeout", (run: () => void, ms = 0) =>
    realTimeout(run, Math.max(ms, THROTTLED_MS)),
  );
  vi.stubGlobal("setInterval", (run: () => void, ms = 0) =>
    realInterval(run, Math.max(ms, THROTTLED_MS)),
  );
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await Promise.all(nodes.splice(0).map((node) => node.close()));
});

async function enter(name: string) {
  const node = await createNode({ app: chat, name });
  nodes.push(node);
  return node.open("throttled");
}

describe("a page whose timers fire once a minute", () => {
  it("keeps the lead past the lease, and orders calls as fast as ever", {
    timeout: 90_000,
  }, async () => {
    const leader = await enter("leader");
    await leader.call("post", "first").confirmed;
    const follower = await enter("follower");
    await follower.call("post", "second").confirmed;
    const { leader: seat, term } = leader.status ?? {};
    expect(seat).toBe(1n);
    await pass(LEASE_MS + 5_000);
    const startedAt = performance.now();
    await follower.call("post", "third").confirmed;
    expect(performance.now() - startedAt).toBeLessThan(THROTTLED_MS / 10);
    await vi.waitFor(() => expect(leader.state?.messages).toHaveLength(3), WAIT);
    expect(follower.status).toMatchObject({ leader: seat, term, phase: "following" });
    expect(leader.status).toMatchObject({ leader: seat, term, phase: "leading" });
  });
});
