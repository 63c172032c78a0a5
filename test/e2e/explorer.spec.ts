// The chain seen closer, the invitation that another device takes, and leaving without the others.
import { expect, test } from "@playwright/test";
import {
  CHAIN_MS_MAX,
  expectMembers,
  expectStanding,
  expectTold,
  nameOf,
  openTab,
  requestLeaving,
  sitDown,
} from "./story/player.ts";

const room = "explorer";

test("the explorer shows blocks, the channel with its votes, accounts and shards", async ({
  context,
}) => {
  const player = await sitDown(context, { room, game: "editor" });
  const { page } = player;
  await page.getByTestId("add-paragraph").click();
  await page.locator('[data-testid="draft"]:visible').press("Escape");
  await page.getByTestId("explore").click();
  const explorer = page.getByTestId("explorer");
  const joined = explorer.getByTestId("transaction").filter({
    hasText: "0x21::editor::document_editor_open_with_stake",
  });
  await expect(joined).toContainText(await nameOf(player));
  await expect(joined).toContainText("executed");
  await expect(joined).toContainText(/[\d,]+ gas/);
  await expect(joined.getByRole("button", { name: "Copy the hash" })).toBeVisible();
  await expect(explorer.getByTestId("chain-channel")).toContainText("In escrow100");
  const account = explorer.getByTestId("chain-accounts").getByRole("row").nth(1);
  await expect(account).toContainText(await nameOf(player));
  await expect(account).toContainText(/[\d,]+ B, of 8,192 B/);
  await expect(explorer.getByTestId("no-shards")).toContainText("no contract for shards");
  await page.keyboard.press("Escape");
  await expect(explorer).toBeHidden();

  await page.getByTestId("settle").click();
  await expectTold(player, /took over everything up to move/);
  await page.getByTestId("explore").click();
  await expect(explorer.getByTestId("proposal")).toContainText("executed");
});

test("where browsers elsewhere can come in, the invite link is a QR code too", async ({
  context,
}) => {
  const { page } = await openTab(context, {
    room,
    game: "movecraft",
    signal: "ws://127.0.0.1:9",
  });
  await page.getByTestId("invite").click();
  const invitation = page.getByTestId("invitation");
  await expect(invitation.getByRole("img", { name: "QR code" })).toBeVisible();
  await expect(invitation.getByTestId("link")).toContainText("game=movecraft");
  await expect(invitation.getByTestId("link")).toContainText("signal=");
  await page.keyboard.press("Escape");
  await expect(invitation).toHaveCount(0);
});

test("who leaves without the others is told what it takes, and is paid", async ({ context }) => {
  const stays = await sitDown(context, { room });
  const leaves = await sitDown(context, { room });
  await expectMembers([stays, leaves], 2);
  await leaves.page.getByTestId("leave-menu").click();
  await leaves.page.getByTestId("exit").click();
  const question = leaves.page.getByRole("dialog");
  await expect(question).toContainText("a bond of 20,000");
  await expect(question).toContainText("waits 15 s");
  await leaves.page.keyboard.press("Escape");
  await requestLeaving(leaves, "exit");
  await expectTold(stays, /leaves without the others/);
  await expectStanding(leaves, "left", 2 * CHAIN_MS_MAX);
  await expect(leaves.page.getByTestId("returned")).toHaveAttribute("data-units", "100");
});
