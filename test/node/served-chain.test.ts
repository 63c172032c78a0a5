// Players in one process on a chain in another, which they reach over HTTP alone.
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { chat, createLocalWorld, createNode, type LocalWorld } from "../../src/index.ts";
import { type ChainServer, startChainServer } from "../e2e/story/chain-server.ts";

const WAIT = { timeout: 40_000, interval: 50 };
const STORY_MS = 120_000;
const STAKE = 100n;

let chain: ChainServer;
let world: LocalWorld;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  chain = await startChainServer();
  world = await createLocalWorld(undefined, chain);
}, STORY_MS);
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  await world.close();
  await chain.close();
});

async function enter(name: string) {
  const node = await createNode({ app: chat, stake: STAKE, world, name });
  closing.push(node.close);
  return { node, channel: await node.open("harbour") };
}

/** What anybody reads there. */
async function viewed(name: string, args: readonly string[]): Promise<readonly unknown[]> {
  const answer = await fetch(`${chain.url}/view`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ function: name, type_arguments: [], arguments: args }),
  });
  return (await answer.json()) as readonly unknown[];
}

it(
  "they play, settle, leave and close on `holdfast chain`",
  async () => {
    const { channel: alice } = await enter("alice");
    const { node: bobsNode, channel: bob } = await enter("bob");
    await alice.call("post", "over the wire").confirmed;
    await bob.call("post", "and back").confirmed;
    await alice.settle();
    await vi.waitFor(() => expect(bob.progress.settled).toBeGreaterThan(0n), WAIT);
    const [onChain] = await viewed("0x20::state_channel::get_channel", [`${alice.id}`]);
    expect(onChain).toMatchObject({ closed: false, members: [{ stake: "100" }, { stake: "100" }] });
    await bob.leave();
    await vi.waitFor(() => expect(bob.status?.phase).toBe("departed"), WAIT);
    await vi.waitFor(async () => {
      const [left] = await viewed("0x20::state_channel::get_channel", [`${alice.id}`]);
      expect(left).toMatchObject({ members: [{ stake: "100" }] });
    }, WAIT);
    expect(bobsNode.address).toMatch(/^0x/);
    await alice.close();
    await vi.waitFor(() => expect(alice.status?.phase).toBe("closed"), WAIT);
    const [closed] = await viewed("0x20::state_channel::get_channel", [`${alice.id}`]);
    expect(closed).toMatchObject({ closed: true });
  },
  STORY_MS,
);
