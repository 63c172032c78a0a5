// What the chain takes over, and what it gives back.
import { expect, test } from "@playwright/test";
import {
  CHAIN_MS_MAX,
  expectEverywhere,
  expectMembers,
  expectStanding,
  expectTold,
  requestLeaving,
  say,
  sitDown,
} from "./story/player.ts";

const room = "settlement";
const STORY_MS = 180_000;

test("settle: all vote, the chain shows the new ChatGroup, messages show settled", async ({
  context,
}) => {
  const first = await sitDown(context, { room });
  const second = await sitDown(context, { room });
  const third = await sitDown(context, { room });
  const players = [first, second, third];
  await expectMembers(players, 3);
  await say(second, "Put this on the chain.");
  await expectEverywhere(players, "Put this on the chain.");

  await second.page.getByTestId("settle").click();
  await expectEverywhere(players, "Put this on the chain.", "settled", CHAIN_MS_MAX);
  for (const { page } of players) {
    const group = page.getByTestId("stored");
    await expect(group).toHaveAttribute("data-count", "1", { timeout: CHAIN_MS_MAX });
    await expect(group).toContainText("Put this on the chain.");
    await expect(page.locator('[data-kind="settlement"]').first()).toContainText("3 of 3 voted");
  }
  await expectTold(first, /proposes to settle/);
  await expectTold(first, /took over everything up to move/);

  await second.page.getByTestId("settle").click();
  const problem = second.page.getByTestId("problem");
  await expect(problem).toHaveAttribute("data-code", "100013 NOTHING_TO_SETTLE");
  await expect(problem).toContainText("Settle when something has been confirmed.");
});

test("leave returns the stake, and close ends the channel", async ({ context }) => {
  test.setTimeout(STORY_MS);
  const first = await sitDown(context, { room });
  const second = await sitDown(context, { room });
  const third = await sitDown(context, { room });
  await expectMembers([first, second, third], 3);
  await say(third, "I have to go.");
  await expectEverywhere([first, second, third], "I have to go.");

  const onChain = first.page.getByTestId("on-chain");
  await expect(onChain).toContainText("300 in escrow");
  await requestLeaving(third, "leave");
  await expectStanding(third, "left");
  await expect(third.page.getByTestId("returned")).toHaveAttribute("data-units", "100");
  await expect(third.page.getByTestId("returned")).toContainText(/Your purse holds [\d,]+/);
  await expect(onChain).toContainText("200 in escrow");
  await expectMembers([first, second], 2);
  await say(second, "Safe travels.");
  await expectEverywhere([first, second], "Safe travels.");

  await requestLeaving(first, "close");
  await expectStanding(first, "closed");
  await expectStanding(second, "closed");
  await expect(first.page.getByTestId("returned")).toHaveAttribute("data-units", "100");
});
