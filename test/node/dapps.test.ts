// The seed's other two dapps, played by real nodes over the real chain in one process: calls,
// ticks, settling, leaving with what was brought, and closing.
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  AIR,
  type App,
  type AppCalls,
  type Channel,
  createLocalWorld,
  createNode,
  editor,
  LAND_SIDE,
  type LocalWorld,
  movecraft,
  readLand,
  readTraveller,
} from "../../src/index.ts";

const WAIT = { timeout: 25_000, interval: 20 };
const STAKE = 10_000n;
/** Categories of `0x1::error`, in front of a contract's own number. */
const INVALID_STATE = 3 << 16;
const RESOURCE_EXHAUSTED = 9 << 16;
const SAND = 5;
const BRICK = 8;
/** Where heroes come down on a new land, and beside it. */
const [MIDDLE, MEADOW] = [8n, 4n];
const SITE = [MIDDLE + 1n, MEADOW, MIDDLE] as const;

let world: Promise<LocalWorld> | undefined;
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  await (await world)?.close();
  world = undefined;
});

async function sitDown<State, Calls extends AppCalls>(app: App<State, Calls>, name: string) {
  world ??= createLocalWorld();
  const node = await createNode({ app, stake: STAKE, world: await world, name });
  closing.push(node.close);
  return { channel: await node.open("room"), again: () => node.open("room") };
}

function told(channel: Channel<unknown, AppCalls>, event: string) {
  return channel.entries.flatMap(({ events }) => events.filter(({ type }) => type.endsWith(event)));
}

describe("the editor", () => {
  it("is written by two, each in a paragraph, settled, closed and opened again", async () => {
    const { channel: alice, again } = await sitDown(editor, "alice");
    await alice.call("paragraph_insert", 0n).confirmed;
    await alice.call("paragraph_edit", 1n, "Present: everybody.").confirmed;
    const { channel: bob } = await sitDown(editor, "bob");
    await expect(bob.call("paragraph_begin", 1n).confirmed).rejects.toThrow(
      `abort code ${INVALID_STATE + 12}`,
    );
    await bob.call("paragraph_insert", 1n).confirmed;
    await bob.call("paragraph_edit", 2n, "Nothing else.").confirmed;
    await bob.call("paragraph_end", 2n).confirmed;
    // What is confirmed shows in the state by then.
    expect(bob.state?.paragraphs.map((one) => one.editor === undefined)).toEqual([false, true]);
    const texts = (channel: typeof alice) => channel.state?.paragraphs.map(({ text }) => text);
    const whole = ["Present: everybody.", "Nothing else."];
    for (const channel of [alice, bob]) {
      await vi.waitFor(() => expect(texts(channel)).toEqual(whole), WAIT);
    }
    await alice.settle();
    await alice.close();
    for (const channel of [alice, bob]) {
      await vi.waitFor(() => expect(channel.status?.phase).toBe("closed"), WAIT);
    }
    const reopened = await again();
    expect(reopened.id).not.toBe(alice.id);
    await vi.waitFor(() => expect(texts(reopened)).toEqual(whole), WAIT);
  });
});

describe("movecraft", () => {
  it("is built by two, sand falls by its ticks, and what one carries goes home too", async () => {
    const { channel: alice } = await sitDown(movecraft, "alice");
    await alice.call("move_hero", MIDDLE, MIDDLE).confirmed;
    const { channel: bob, again } = await sitDown(movecraft, "bob");
    await bob.call("move_hero", MIDDLE, MIDDLE).confirmed;
    await alice.call("place_block", ...SITE, BRICK).confirmed;
    await expect(bob.call("place_block", ...SITE, SAND).confirmed).rejects.toThrow(
      `abort code ${INVALID_STATE + 3}`,
    );
    await bob.call("place_block", MIDDLE + 1n, MEADOW + 2n, MIDDLE, SAND).confirmed;
    await vi.waitFor(() => expect(told(alice, "BlockFell")).toHaveLength(1), WAIT);
    await alice.settle();
    const [x, y, z] = SITE.map(Number) as [number, number, number];
    const kindsAt = async (channel: typeof bob) => {
      const land = await readLand(channel);
      return [0, 1, 2].map((up) => land[((y + up) * LAND_SIDE + z) * LAND_SIDE + x]);
    };
    for (const channel of [alice, bob]) {
      await vi.waitFor(
        async () => expect(await kindsAt(channel)).toEqual([BRICK, SAND, AIR]),
        WAIT,
      );
    }
    const own = bob.status?.members.find(({ isSelf }) => isSelf)?.address ?? "";
    expect(await readTraveller(bob, own)).toMatchObject({ name: "Hero", at: [8, 4, 8] });
    await expect(readTraveller(bob, "0xdead")).rejects.toMatchObject({ code: "VIEW_FAILED" });
    await expect(bob.view("no_such")).rejects.toMatchObject({ code: "CALL_INVALID" });
    await bob.call("place_block", ...SITE, AIR).confirmed;
    expect((await readTraveller(bob, own)).carried[BRICK]).toBe(33);
    expect(bob.state).toMatchObject({ name: "room" });
    await bob.leave();
    await vi.waitFor(() => expect(bob.status?.phase).toBe("departed"), WAIT);
    // The hero comes back with what it took: 33 bricks can be placed, and no more.
    const back = await again();
    await back.call("move_hero", MIDDLE, MIDDLE).confirmed;
    const places = Array.from({ length: 34 }, (_, at) => {
      return [MIDDLE - 4n + BigInt(at % 8), MEADOW + BigInt(Math.floor(at / 8)), MIDDLE - 2n];
    });
    const placed = await Promise.allSettled(
      places.map(([x = 0n, y = 0n, z = 0n]) => back.call("place_block", x, y, z, BRICK).verified),
    );
    expect(placed.filter(({ status }) => status === "fulfilled")).toHaveLength(33);
    const last = `abort code ${RESOURCE_EXHAUSTED + 4}`;
    expect(placed[33]).toMatchObject({ reason: { message: expect.stringContaining(last) } });
  });
});
