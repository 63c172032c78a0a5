// The example of docs/YOUR-OWN-GAME.md: a contract that no chain begins with is published on one,
// played by three, and settled.
import { readFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { play, type Shown } from "../../examples/twenty-one/play.ts";
import { publishTwentyOne } from "../../examples/twenty-one/publish.ts";
import { ADDRESS, type Game } from "../../examples/twenty-one/twenty-one.ts";
import { STORY_MS, servedParty } from "../node/served-party.ts";

const WAIT = { timeout: 40_000, interval: 50 };
const NOT_YOUR_TURN = 0x3_0002n;
/** Of Game as BCS: a byte, an address, then these. */
const ROUNDS_AT = 1 + 32;
const WINNER_AT = ROUNDS_AT + 8;
const ROOT = joinPath(import.meta.dirname, "..", "..");

const party = servedParty();

async function sitDown() {
  const seen = { games: [] as Game[], winners: [] as string[] };
  const shown: Shown = {
    game: (game) => seen.games.push(game),
    won: (player) => seen.winners.push(player),
  };
  const { world, close } = party();
  const player = await play(world, "evening", shown);
  close(player.close);
  return { ...player, seen };
}

describe("a game of one's own", () => {
  it("is shown in its guide as it is", () => {
    const guide = readFileSync(joinPath(ROOT, "docs", "YOUR-OWN-GAME.md"), "utf8");
    for (const name of ["twenty-one.ts", "play.ts"]) {
      const example = readFileSync(joinPath(ROOT, "examples", "twenty-one", name), "utf8");
      expect(guide).toContain(example);
    }
  });

  it(
    "is published, played and settled, and its rules hold",
    async () => {
      const { chain } = party();
      expect(await publishTwentyOne(chain.url, chain.faucet)).toBe(ADDRESS);
      const [alice, bob, carol] = [await sitDown(), await sitDown(), await sitDown()];
      await alice.add(3);
      const again = alice.add(1);
      await expect(again).rejects.toMatchObject({ abortCode: NOT_YOUR_TURN });
      for (const player of [bob, carol, alice, bob, carol]) await player.add(3);
      expect(await carol.missing()).toBe(3);
      await alice.add(3);
      for (const { seen } of [alice, bob, carol]) {
        await vi.waitFor(() => expect(seen.winners).toEqual([alice.address]), WAIT);
        await vi.waitFor(() => expect(seen.games.at(-1)?.rounds).toBe(1n), WAIT);
        expect(seen.games.at(-1)).toMatchObject({ total: 0, winner: alice.address });
      }
      await bob.settle();
      expect(await settledGame(alice.channelId)).toEqual({ rounds: 1n, winner: alice.address });
    },
    STORY_MS,
  );
});

/** The game in escrow, as anybody reads it on chain. */
async function settledGame(channelId: bigint) {
  const answer = await fetch(`${party().chain.url}/view`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      function: "0x20::state_channel::get_state",
      type_arguments: [`${ADDRESS}::twenty_one::Game`],
      arguments: [`${channelId}`],
    }),
  });
  const [hex = ""] = (await answer.json()) as readonly string[];
  const bytes = Buffer.from(hex.slice("0x".length), "hex");
  return {
    rounds: bytes.readBigUInt64LE(ROUNDS_AT),
    winner: `0x${bytes.subarray(WINNER_AT).toString("hex")}`,
  };
}
