// A player whose network is cut: the others see who is missing, and nothing is lost.
import { expect, test } from "@playwright/test";
import {
  expectEverywhere,
  expectMembers,
  expectMessage,
  message,
  nameOf,
  say,
  sitDown,
  stirTrouble,
} from "./story/player.ts";

const room = "outage";

test("what one cannot hear waits for it, the page says for whom, and mending helps", async ({
  context,
}) => {
  const leader = await sitDown(context, { room });
  const second = await sitDown(context, { room });
  const cut = await sitDown(context, { room });
  const players = [leader, second, cut];
  await expectMembers(players, 3);

  await stirTrouble(cut, "cut");
  await say(second, "Are we all here?");
  await expectMessage(leader, "Are we all here?", "verified");
  await expect(leader.page.getByTestId("waiting")).toContainText(await nameOf(cut));
  await expect(message(leader, "Are we all here?")).toHaveAttribute("data-stage", "verified");
  await expect(message(cut, "Are we all here?")).toHaveCount(0);

  await stirTrouble(cut, "cut");
  await expectEverywhere(players, "Are we all here?");
});
