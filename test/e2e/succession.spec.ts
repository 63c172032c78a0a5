// The leader's death: the seed's rule on chain finds another one, and play goes on.
import { expect, test } from "@playwright/test";
import {
  configurationOf,
  expectEverywhere,
  expectMembers,
  expectTold,
  leaderAmong,
  SUCCESSION_MS_MAX,
  say,
  sitDown,
} from "./story/player.ts";

const room = "succession";
const STORY_MS = 180_000;

test("closing the leader's tab leads to a new leader and a new configuration", async ({
  context,
}) => {
  test.setTimeout(STORY_MS);
  const players = [];
  for (let count = 0; count < 3; count++) players.push(await sitDown(context, { room }));
  await expectMembers(players, 3);
  await say(players[1] ?? fail(), "All aboard.");
  await expectEverywhere(players, "All aboard.");

  const leader = await leaderAmong(players, 10_000);
  const survivors = players.filter((player) => player !== leader);
  const survivor = survivors[0] ?? fail();
  const configuration = await configurationOf(survivor);
  await leader.page.close();

  const successor = await leaderAmong(survivors, SUCCESSION_MS_MAX);
  expect(survivors).toContain(successor);
  await expectMembers(survivors, 2, SUCCESSION_MS_MAX);
  await expect.poll(() => configurationOf(survivor)).toBeGreaterThan(configuration);
  await expectTold(survivor, /leads now, in term 2/);

  await say(survivors[0] ?? fail(), "We sail on.");
  await say(survivors[1] ?? fail(), "So we do.");
  await expectEverywhere(survivors, "All aboard.");
  await expectEverywhere(survivors, "We sail on.");
  await expectEverywhere(survivors, "So we do.");
});

test("a crashed leader that starts again in time leads on", async ({ context }) => {
  const leader = await sitDown(context, { room });
  const follower = await sitDown(context, { room });
  await expectMembers([leader, follower], 2);
  await leader.page.getByTestId("trouble-menu").click();
  await leader.page.getByTestId("crash").click();
  await expect(leader.page.getByTestId("standing")).toContainText("has stopped");
  await leader.page.getByTestId("restart").click();
  expect(await leaderAmong([leader], SUCCESSION_MS_MAX)).toBe(leader);
  await say(follower, "Welcome back.");
  await expectEverywhere([leader, follower], "Welcome back.", "confirmed", 60_000);
});

function fail(): never {
  throw new Error("three sat down");
}
