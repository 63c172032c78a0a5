// Players in one process on a chain in another, which they reach over HTTP alone.
import { expect, it, vi } from "vitest";
import { chat, createNode } from "../../src/index.ts";
import { STORY_MS, servedParty } from "./served-party.ts";

const WAIT = { timeout: 40_000, interval: 50 };
const STAKE = 100n;

const party = servedParty();

async function enter(name: string) {
  const { world, close } = party();
  const node = await createNode({ app: chat, stake: STAKE, world, name });
  close(node.close);
  return { node, channel: await node.open("harbour") };
}

/** What anybody reads there. */
async function viewed(name: string, args: readonly string[]): Promise<readonly unknown[]> {
  const answer = await fetch(`${party().chain.url}/view`, {
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
