// The life of players in one process, through the public API alone.
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type Channel,
  type ChatCalls,
  type ChatState,
  chat,
  createLocalWorld,
  createNode,
  type LocalWorld,
} from "../../src/index.ts";

const WAIT = { timeout: 25_000, interval: 10 };

let world: Promise<LocalWorld> | undefined;
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  await (await world)?.close();
  world = undefined;
});

async function start(name: string) {
  world ??= createLocalWorld();
  const node = await createNode({ app: chat, stake: 100n, world: await world, name });
  closing.push(node.close);
  return node;
}

type ChatChannel = Channel<ChatState, ChatCalls>;

const texts = (channel: ChatChannel) => channel.state?.messages.map(({ text }) => text);
const shows = (channel: ChatChannel, ...wanted: string[]) =>
  vi.waitFor(() => expect(texts(channel)).toEqual(wanted), WAIT);
const membersCount = (channel: ChatChannel, count: number) =>
  vi.waitFor(() => {
    const { members = [] } = channel.status ?? {};
    expect(members.filter(({ isAdmitted }) => isAdmitted)).toHaveLength(count);
  }, WAIT);

describe("a player's life", () => {
  it("is shown as it goes: entries, heights, status and stages", async () => {
    const channel = await (await start("alice")).open("room");
    const call = channel.call("post", "hello");
    const stages: string[] = [];
    call.onStage((stage) => stages.push(stage));
    expect(await call.confirmed).toEqual({ stage: "confirmed", height: 1n });
    expect(stages.at(-1)).toBe("confirmed");
    await vi.waitFor(() => expect(channel.progress.confirmed).toBe(1n), WAIT);
    expect(channel.entries).toMatchObject([
      {
        height: 1n,
        type: "call",
        seat: 1n,
        function: "post",
        args: ["hello"],
        outcome: { ok: true },
        events: [{ type: "0x21::chat::Posted" }],
      },
    ]);
    await vi.waitFor(() => expect(channel.status?.phase).toBe("leading"), WAIT);
    expect(channel.status).toMatchObject({ seat: 1n, leader: 1n, term: 1n });
    await channel.settle();
    await expect(call.settled).resolves.toMatchObject({ height: 1n });
    await vi.waitFor(() => expect(channel.progress.settled).toBe(1n), WAIT);
  });

  it("goes on after a restart: same seat, same state, leading or following", async () => {
    const [alice, bob] = [await start("alice"), await start("bob")];
    const [first, second] = [await alice.open("room"), await bob.open("room")];
    await first.call("post", "one").confirmed;
    await second.call("post", "two").confirmed;
    await bob.close();
    const bobAgain = await (await start("bob")).open("room");
    await shows(bobAgain, "one", "two");
    await alice.close();
    const aliceAgain = await (await start("alice")).open("room");
    await shows(aliceAgain, "one", "two");
    expect(aliceAgain.id).toBe(first.id);
    await aliceAgain.call("post", "three").confirmed;
    await bobAgain.call("post", "four").confirmed;
    await shows(aliceAgain, "one", "two", "three", "four");
    expect(aliceAgain.status).toMatchObject({ seat: 1n });
    expect(bobAgain.status).toMatchObject({ seat: 2n });
  });

  it("ends with a leave that returns the stake, and begins again with another seat", async () => {
    const [alice, bob] = [await start("alice"), await start("bob")];
    const [stays, leaves] = [await alice.open("room"), await bob.open("room")];
    await leaves.call("post", "bye").confirmed;
    await leaves.leave();
    await vi.waitFor(() => expect(leaves.status?.phase).toBe("departed"), WAIT);
    await membersCount(stays, 1);
    await expect(leaves.call("post", "late").confirmed).rejects.toMatchObject({
      code: "NOT_MEMBER",
    });
    const back = await bob.open("room");
    expect(back).not.toBe(leaves);
    await back.call("post", "hello again").confirmed;
    await shows(stays, "bye", "hello again");
    expect(back.status?.seat).toBe(3n);
  });

  it("ends for all when its creator closes the channel; the room can be opened anew", async () => {
    const [alice, bob] = [await start("alice"), await start("bob")];
    const [creator, other] = [await alice.open("room"), await bob.open("room")];
    await other.call("post", "last words").confirmed;
    await expect(other.close()).rejects.toMatchObject({ code: "NOT_ALLOWED" });
    await creator.close();
    for (const channel of [creator, other]) {
      await vi.waitFor(() => expect(channel.status?.phase).toBe("closed"), WAIT);
    }
    const next = await alice.open("room");
    expect(next.id).not.toBe(creator.id);
    await shows(next, "last words");
    await next.call("post", "a new session").confirmed;
  });

  it("[CHANNEL_FULL] is refused to the sixth, with the reason", async () => {
    const players = await Promise.all(["a", "b", "c", "d", "e", "f"].map(start));
    for (const player of players.slice(0, 5)) await player.open("room");
    await expect(players[5]?.open("room")).rejects.toMatchObject({
      name: "HoldfastError",
      code: "CHANNEL_FULL",
    });
  });

  it("may be in several rooms at once, and opens each once", async () => {
    const alice = await start("alice");
    const [one, two, again] = await Promise.all(
      ["one", "two", "one"].map((room) => alice.open(room)),
    );
    expect(again).toBe(one);
    await Promise.all([one?.call("post", "1").confirmed, two?.call("post", "2").confirmed]);
    if (one !== undefined && two !== undefined) {
      await shows(one, "1");
      await shows(two, "2");
    }
  });
});
