// Nodes of a real browser: each in its worker, over BroadcastChannel, IndexedDB and the embedded
// chain.
import { afterEach, describe, expect, it, vi } from "vitest";
import { joinChat } from "../../examples/chat.ts";
import {
  browserWorld,
  type CallHandle,
  type Channel,
  type ChatCalls,
  type ChatState,
  chat,
  createNode,
} from "../../src/index.ts";

const WAIT = { timeout: 40_000, interval: 20 };
const closing: (() => Promise<void>)[] = [];
let rooms = 0;

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function enter(room: string, name: string) {
  const node = await createNode({ app: chat, name });
  closing.push(() => node.close());
  const channel = await node.open(room);
  return { node, channel };
}

const texts = (channel: Channel<ChatState, ChatCalls>) =>
  channel.state?.messages.map(({ text }) => text);

describe("a node in a browser", () => {
  it("runs the chat example between two players", async () => {
    const room = `example ${rooms++}`;
    let lines: string[] = [];
    const player = await joinChat(room, (shown) => {
      lines = shown;
    });
    closing.push(player.close);
    const { channel } = await enter(room, "other");
    await channel.call("post", "hello").confirmed;
    await player.say("hello yourself");
    await vi.waitFor(() => expect(lines).toHaveLength(2), WAIT);
    expect(lines[1]).toMatch(/^0x[0-9a-f]{6}: hello yourself$/);
    expect(channel.status?.members).toHaveLength(2);
  });

  it("goes on after a restart as the same player with the same state", async () => {
    const room = `restart ${rooms++}`;
    const name = `restart ${rooms++}`;
    const first = await enter(room, name);
    await first.channel.call("post", "before").confirmed;
    await first.node.close();
    const again = await enter(room, name);
    expect(again.node.address).toBe(first.node.address);
    expect(again.channel.id).toBe(first.channel.id);
    await vi.waitFor(() => expect(texts(again.channel)).toEqual(["before"]), WAIT);
    await again.channel.call("post", "after").confirmed;
    await vi.waitFor(() => expect(texts(again.channel)).toEqual(["before", "after"]), WAIT);
  });

  it("is another player in a duplicated tab, and the same one in a tab opened later", async () => {
    const name = `tabs ${rooms++}`;
    const first = await createNode({ app: chat, name });
    closing.push(first.close);
    // A duplicated tab has the same storage as this one.
    const copy = await createNode({ app: chat, name });
    closing.push(copy.close);
    expect(copy.address).not.toBe(first.address);
    await first.close();
    sessionStorage.clear();
    const later = await createNode({ app: chat, name });
    closing.push(later.close);
    expect(later.address).toBe(first.address);
  });

  it("[WORKER_FAILED] says that its worker cannot run", async () => {
    const createWorker = () => new Worker("/there-is-no-such-script.js", { type: "module" });
    const world = browserWorld({ createWorker });
    const node = createNode({ app: chat, world });
    await expect(node).rejects.toMatchObject({ name: "HoldfastError", code: "WORKER_FAILED" });
  });

  it("[PARTY_INVALID] [SIGNALLING_UNREACHABLE] says why a party cannot be joined", async () => {
    expect(() => browserWorld({ signal: "ws://localhost:1/", party: "no party!" })).toThrow(
      expect.objectContaining({ code: "PARTY_INVALID" }),
    );
    const world = browserWorld({ signal: "ws://localhost:1/", party: "nobody" });
    await expect(createNode({ app: chat, world })).rejects.toMatchObject({
      code: "SIGNALLING_UNREACHABLE",
    });
  });

  it("refuses a call that makes no sense before anything is signed", async () => {
    const { channel } = await enter(`wrong ${rooms++}`, "player");
    const call = channel.call as (name: string, ...args: unknown[]) => CallHandle;
    await expect(call("post", 7).confirmed).rejects.toMatchObject({ code: "CALL_INVALID" });
    await expect(call("shout", "x").confirmed).rejects.toMatchObject({ code: "CALL_INVALID" });
    await expect(channel.call("post", "").confirmed).rejects.toMatchObject({
      code: "EXECUTION_ABORTED",
    });
  });
});
