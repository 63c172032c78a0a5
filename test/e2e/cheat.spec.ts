// A leader whose sandbox runs an altered contract: the others' own re-execution catches it.
import { type BrowserContext, expect, test } from "@playwright/test";
import { type ChainServer, startChainServer } from "./story/chain-server.ts";
import {
  CHAIN_MS_MAX,
  expectEverywhere,
  expectMembers,
  expectStanding,
  expectTold,
  type Invitation,
  leaderAmong,
  message,
  nameOf,
  SUCCESSION_MS_MAX,
  say,
  sitDown,
  stirTrouble,
} from "./story/player.ts";

const room = "cheat";
const STORY_MS = 240_000;
const BAN_MS = 300_000;

/** The chain of the browser, and one that is reached over HTTP alone: both judge the evidence. */
const CHAINS = ["embedded", "served"] as const;

let server: ChainServer | undefined;
test.afterEach(async () => {
  await server?.close();
  server = undefined;
});

for (const where of CHAINS) {
  test(`a cheating leader is caught, fined and banned, and play goes on: ${where}`, async ({
    context,
  }) => {
    test.setTimeout(STORY_MS);
    if (where === "served") server = await startChainServer();
    const chain = server === undefined ? {} : { chain: server.url, faucet: server.faucet };
    await catchTheCheater(context, { room, ...chain });
  });
}

async function catchTheCheater(context: BrowserContext, invitation: Invitation): Promise<void> {
  const cheater = await sitDown(context, invitation);
  const second = await sitDown(context, invitation);
  const third = await sitDown(context, invitation);
  const honest = [second, third];
  await expectMembers([cheater, ...honest], 3);
  await say(second, "I never agreed to that.");
  await expectEverywhere([cheater, ...honest], "I never agreed to that.");
  expect(await leaderAmong([cheater, ...honest], 10_000)).toBe(cheater);
  const name = await nameOf(cheater);

  await stirTrouble(cheater, "cheat");
  await Promise.all(honest.map((player) => expectTold(player, /caught .* cheating/)));
  await Promise.all(
    honest.map((player) =>
      expectTold(
        player,
        new RegExp(`${name} cheated and is banned until .* loses its stake of 100`),
      ),
    ),
  );
  await expectStanding(cheater, "banned", CHAIN_MS_MAX);
  const until = cheater.page.getByTestId("banned-until");
  const untilMs = Number(await until.getAttribute("data-until"));
  const nowMs = await cheater.page.evaluate(() => Date.now());
  expect(untilMs).toBeGreaterThan(nowMs);
  expect(untilMs).toBeLessThanOrEqual(nowMs + BAN_MS);
  await expect(cheater.page.getByTestId("standing")).toContainText("stake of 100 is forfeited");

  await leaderAmong(honest, SUCCESSION_MS_MAX);
  await expectMembers(honest, 2);
  await say(third, "Glad that is over.");
  await expectEverywhere(honest, "Glad that is over.");
  await expectEverywhere(honest, "I never agreed to that.");
  for (const player of honest) await expect(message(player, "owe you a drink")).toHaveCount(0);

  await cheater.page.getByTestId("restart").click();
  await expectStanding(cheater, "refused");
  await expect(cheater.page.getByTestId("standing")).toContainText("BANNED");
}
