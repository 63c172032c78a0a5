// The main job: tabs of one browser play one staked channel.
import { expect, test } from "@playwright/test";
import {
  expectEverywhere,
  expectMembers,
  expectStanding,
  leaderAmong,
  message,
  openTab,
  say,
  sitDown,
} from "./story/player.ts";

const room = "play";

test("three tabs chat, and every message reaches confirmed everywhere", async ({ context }) => {
  const first = await sitDown(context, { room });
  await say(first, "Anybody here?");
  await expectEverywhere([first], "Anybody here?");

  const second = await sitDown(context, { room });
  const third = await sitDown(context, { room });
  const players = [first, second, third];
  await expectMembers(players, 3);
  expect(await leaderAmong(players, 10_000)).toBe(first);

  await say(second, "The second tab is.");
  await say(third, "And the third.");
  await say(first, "Good.");
  for (const text of ["Anybody here?", "The second tab is.", "And the third.", "Good."]) {
    await expectEverywhere(players, text);
  }
  const texts = async (index: number) =>
    players[index]?.page.getByTestId("message").locator(".message-text").allTextContents();
  expect(await texts(1)).toEqual(await texts(0));
  expect(await texts(2)).toEqual(await texts(0));
  await expect(message(first, "Good.").locator(".stage")).toHaveAttribute("title", /vouch/);
});

test("the page says what is at stake, and what an embedded chain is worth", async ({ context }) => {
  const { page } = await sitDown(context, { room });
  await expect(page.getByTestId("stake")).toHaveText("100");
  await expect(page.getByText("play money", { exact: true })).toBeVisible();
  await expect(page.getByText(/as honest as the browser that hosts it/)).toBeVisible();
});

test("a sixth tab is refused, and the page says why", async ({ context }) => {
  const players = [];
  for (let count = 0; count < 5; count++) players.push(await sitDown(context, { room }));
  await expectMembers(players, 5);

  const sixth = await openTab(context, { room });
  await expectStanding(sixth, "refused");
  const standing = sixth.page.getByTestId("standing");
  await expect(standing).toContainText("CHANNEL_FULL");
  await expect(standing).toContainText("as many members as it may");
  await expect(standing).toContainText(/until (one|a member) leaves/);

  const [first] = players;
  if (first === undefined) throw new Error("five sat down");
  await say(first, "Sorry, full house.");
  await expectEverywhere(players, "Sorry, full house.");
});
