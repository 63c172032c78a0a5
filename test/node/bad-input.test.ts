// What a game may do wrong, through the public API alone: the code and number of docs/ERRORS.md,
// nothing changed for anybody, nothing lost, and the channel goes on.
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  type Channel,
  type ChatCalls,
  type ChatState,
  chat,
  createLocalWorld,
  createNode,
  HoldfastError,
  type LocalWorld,
} from "../../src/index.ts";

const WAIT = { timeout: 25_000, interval: 10 };
const KIB = 1024;

type ChatChannel = Channel<ChatState, ChatCalls>;

let world: LocalWorld;
let alice: ChatChannel;
let bob: ChatChannel;
const closing: (() => Promise<void>)[] = [];

async function enter(name: string): Promise<ChatChannel> {
  const node = await createNode({ app: chat, stake: 100n, world, name });
  closing.push(node.close);
  return node.open("room");
}

function admitted({ status }: ChatChannel): number {
  return (status?.members ?? []).filter(({ isAdmitted }) => isAdmitted).length;
}

beforeAll(async () => {
  world = await createLocalWorld();
  alice = await enter("alice");
  bob = await enter("bob");
  await vi.waitUntil(() => admitted(alice) === 2 && admitted(bob) === 2, WAIT);
});

afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  await world.close();
});

async function errorOf(doing: Promise<unknown>): Promise<HoldfastError> {
  const caught: unknown = await doing.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(caught instanceof HoldfastError)) throw new Error(`no HoldfastError: ${String(caught)}`);
  return caught;
}

const texts = ({ state }: ChatChannel) => (state?.messages ?? []).map(({ text }) => text);

/** Everybody hears what is said now, after all that was said before. */
async function goesOn(before: readonly string[], text: string): Promise<void> {
  await bob.call("post", text).confirmed;
  for (const one of [alice, bob]) {
    await vi.waitFor(() => expect(texts(one)).toEqual([...before, text]), WAIT);
  }
}

/** A call that TypeScript would not let through. */
function wrongly(channel: ChatChannel, name: string, ...args: readonly unknown[]) {
  const call = channel.call as (
    name: string,
    ...args: readonly unknown[]
  ) => {
    readonly confirmed: Promise<unknown>;
  };
  return call(name, ...args).confirmed;
}

const CALLS: readonly (readonly [string, string, number | undefined, () => Promise<unknown>])[] = [
  ["a function that is not there", "CALL_INVALID", undefined, () => wrongly(bob, "nothing")],
  ["a name that is none", "CALL_INVALID", undefined, () => wrongly(bob, "no name", "x")],
  ["an argument of another type", "CALL_INVALID", undefined, () => wrongly(bob, "post", { a: 1 })],
  ["too many arguments", "CALL_INVALID", undefined, () => wrongly(bob, "post", "one", "two")],
  ["no argument", "CALL_INVALID", undefined, () => wrongly(bob, "post")],
  [
    "an argument above the limit",
    "MESSAGE_TOO_LARGE",
    100_010,
    () => bob.call("post", "x".repeat(17 * KIB)).confirmed,
  ],
  ["what the contract aborts", "EXECUTION_ABORTED", 100_004, () => bob.call("post", "").confirmed],
  ["a close by another than the creator", "NOT_ALLOWED", 100_016, () => bob.close()],
];

const ERRORS = new URL("../../docs/ERRORS.md", import.meta.url);

describe("a game's mistake", () => {
  it.each(CALLS)("%s is %s", async (what, code, number, act) => {
    const before = texts(bob);
    const error = await errorOf(act());
    expect([error.code, error.number]).toEqual([code, number]);
    expect(error.message.length).toBeGreaterThan(10);
    expect(texts(bob)).toEqual(before);
    await goesOn(before, `after ${what}`);
  });

  it("a settlement of nothing is NOTHING_TO_SETTLE, and the next one is carried out", async () => {
    await alice.settle();
    const error = await errorOf(alice.settle());
    expect([error.code, error.number]).toEqual(["NOTHING_TO_SETTLE", 100_013]);
    const before = texts(bob);
    await goesOn(before, "something to settle");
    await bob.settle();
  });

  it("two settlements at once are one settlement, for both", async () => {
    await goesOn(texts(bob), "settled by two");
    await Promise.all([alice.settle(), bob.settle()]);
    expect(alice.progress.settled).toBe(alice.progress.confirmed);
  });

  it("every code that a game can see here stands in docs/ERRORS.md", () => {
    expect(existsSync(ERRORS)).toBe(true);
    const listed = readFileSync(ERRORS, "utf8");
    for (const [, code, number] of CALLS) {
      expect(listed).toContain(`| \`${code}\` |${number === undefined ? "" : ` ${number} |`}`);
    }
  });

  it("a channel that was never opened is NO_CHANNEL", async () => {
    const { host, end } = await world.lodge("carol", () => {});
    await host.start({ binding: chat.binding, stake: 100n, remembered: null, known: [] });
    closing.push(() => host.stop());
    const call = { request: 1, function: "post", typeArgs: [], args: ["x"] };
    for (const doing of [host.call(7, call), host.wish(7, 2, "leave"), host.status(7)]) {
      await expect(doing).rejects.toMatchObject({ code: "NO_CHANNEL", number: 100_001 });
    }
    end();
    await goesOn(texts(bob), "nothing happened");
  });

  it("a call after the channel was left is NOT_MEMBER", async () => {
    await bob.leave();
    const error = await errorOf(bob.call("post", "too late").confirmed);
    expect([error.code, error.number]).toEqual(["NOT_MEMBER", 100_002]);
    await alice.call("post", "alone").confirmed;
  });

  it("a leave of the last member is LAST_MEMBER", async () => {
    const error = await errorOf(alice.leave());
    expect([error.code, error.number]).toEqual(["LAST_MEMBER", 100_015]);
    await alice.call("post", "still here").confirmed;
  });
});
