// Players who fall silent and come back, on a virtual clock.
import { afterEach, describe, expect, it } from "vitest";
import {
  type Channel,
  type ChatCalls,
  type ChatState,
  chat,
  createLocalWorld,
  createNode,
  type LocalWorld,
  type Node,
} from "../../src/index.ts";
import { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";

type ChatChannel = Channel<ChatState, ChatCalls>;

interface Table {
  readonly clock: VirtualClock;
  readonly world: LocalWorld;
}

let table: Table | undefined;
const nodes: Node<ChatState, ChatCalls>[] = [];

afterEach(async () => {
  const { clock, world } = table ?? {};
  if (clock !== undefined) await during(Promise.all(nodes.splice(0).map((node) => node.close())));
  await world?.close();
  table = undefined;
});

/** Lets time pass while something is under way. */
async function during<T>(act: Promise<T>, limitMs = 60_000): Promise<T> {
  let isDone = false;
  const watched = act.finally(() => {
    isDone = true;
  });
  watched.catch(() => {});
  await table?.clock.until(() => isDone, limitMs);
  return watched;
}

async function sit(name: string) {
  if (table === undefined) {
    const clock = createVirtualClock();
    table = { clock, world: await createLocalWorld(clock) };
  }
  const node = await during(createNode({ app: chat, world: table.world, name }));
  nodes.push(node);
  const channel = await during(node.open("room"));
  return { node, channel };
}

const posted = (channel: ChatChannel, text: string) => during(channel.call("post", text).confirmed);
const until = (isDone: () => boolean, limitMs = 90_000) => table?.clock.until(isDone, limitMs);
const seats = ({ status }: ChatChannel) =>
  status?.members.filter(({ isAdmitted }) => isAdmitted).map(({ seat }) => seat);

describe("a player who falls silent", () => {
  it("is replaced when it led, loses its seat, and comes back to another", async () => {
    const [alice, bob, carol] = [await sit("alice"), await sit("bob"), await sit("carol")];
    await posted(alice.channel, "one");
    await posted(carol.channel, "two");
    expect(alice.channel.status?.phase).toBe("leading");
    await during(alice.node.close());

    const leadingAgain = ({ status }: ChatChannel) => (status?.term ?? 0n) > 1n;
    await until(() => seats(bob.channel)?.length === 2 && leadingAgain(bob.channel));
    expect(seats(bob.channel)).toEqual([2n, 3n]);
    await posted(bob.channel, "three");
    await posted(carol.channel, "four");

    const again = await sit("alice");
    await posted(again.channel, "five");
    expect(again.channel.status?.seat).toBe(4n);
    await until(() => bob.channel.state?.messages.length === 5);
    const texts = bob.channel.state?.messages.map(({ text }) => text);
    expect(texts).toEqual(["one", "two", "three", "four", "five"]);
  });

  it("keeps its seat when it is back in time", async () => {
    const [alice, bob] = [await sit("alice"), await sit("bob")];
    await posted(alice.channel, "one");
    await during(bob.node.close());
    await table?.clock.pass(8_000);
    const again = await sit("bob");
    expect(again.node.address).toBe(bob.node.address);
    await posted(again.channel, "two");
    expect(again.channel.status).toMatchObject({ seat: 2n, leader: 1n, term: 1n });
  });
});
