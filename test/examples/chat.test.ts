// The example of the README, played by three in one process.
import { readFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { joinChat } from "../../examples/chat.ts";
import { createLocalWorld, type LocalWorld } from "../../src/index.ts";

const WAIT = { timeout: 20_000, interval: 10 };

let world: LocalWorld | undefined;
const players: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const player of players.splice(0)) await player.close();
  await world?.close();
  world = undefined;
});

async function join() {
  world ??= await createLocalWorld();
  const log = { lines: [] as string[] };
  const player = await joinChat(
    "room",
    (lines) => {
      log.lines = lines;
    },
    world,
  );
  players.push(player);
  return { ...player, log };
}

const ROOT = joinPath(import.meta.dirname, "..", "..");
const LINES_MAX = 30;

describe("the chat example", () => {
  it("is a client in under 30 lines, and the README shows it as it is", () => {
    const example = readFileSync(joinPath(ROOT, "examples", "chat.ts"), "utf8");
    expect(example.trimEnd().split("\n").length).toBeLessThan(LINES_MAX);
    expect(readFileSync(joinPath(ROOT, "README.md"), "utf8")).toContain(example);
  });

  it("lets three players talk, and settles their talk", async () => {
    const alice = await join();
    await alice.say("anybody here?");
    const [bob, carol] = [await join(), await join()];
    await Promise.all([bob.say("me"), carol.say("me too")]);
    for (const { log } of [alice, bob, carol]) {
      await vi.waitFor(() => expect(log.lines).toHaveLength(3), WAIT);
      expect(log.lines[0]).toMatch(/: anybody here\?$/);
    }
    expect(alice.log.lines).toEqual(bob.log.lines);
    await alice.settle();
  });
});
