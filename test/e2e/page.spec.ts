// The page as a thing to use: on a phone, by keyboard, alone, and with its own figures.
import { expect, type Locator, test } from "@playwright/test";
import { expectEverywhere, type Player, say, sitDown } from "./story/player.ts";

const room = "page";
const PHONE = { width: 390, height: 844 };

async function expectInside({ page }: Player, shown: Locator): Promise<void> {
  const box = await shown.boundingBox();
  const size = page.viewportSize();
  if (box === null || size === null) throw new Error("nothing is shown");
  expect(box.x).toBeGreaterThanOrEqual(0);
  expect(box.y).toBeGreaterThanOrEqual(0);
  expect(box.x + box.width).toBeLessThanOrEqual(size.width);
  expect(box.y + box.height).toBeLessThanOrEqual(size.height);
}

test("on a phone the place to write is in sight, and no menu leaves the screen", async ({
  context,
}) => {
  const player = await sitDown(context, { room });
  const { page } = player;
  await page.setViewportSize(PHONE);
  for (const text of Array.from({ length: 12 }, (_, at) => `Line ${at + 1}, and some more.`)) {
    await say(player, text);
  }
  await expectEverywhere([player], "Line 12, and some more.");
  await expectInside(player, page.getByTestId("composer"));
  await expectInside(player, page.getByTestId("settle"));
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(PHONE.width);
  for (const [menu, entry] of [
    ["trouble-menu", "crash"],
    ["leave-menu", "close"],
  ] as const) {
    await page.getByTestId(menu).click();
    await expectInside(player, page.getByTestId(entry));
    await page.keyboard.press("Escape");
    await expect(page.getByTestId(entry)).toBeHidden();
  }
});

test("a menu opens, is left and does its work by keyboard alone", async ({ context }) => {
  const player = await sitDown(context, { room });
  const { page } = player;
  await page.getByTestId("trouble-menu").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("cut")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("trouble-menu")).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(page.getByTestId("cut")).toBeFocused();
  await page.keyboard.press("Enter");
  await page.getByTestId("trouble-menu").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("cut")).toContainText("Mend the network");
});

test("who is alone is offered another player, and sees how long a message takes", async ({
  context,
}) => {
  const player = await sitDown(context, { room });
  const { page } = player;
  const opening = context.waitForEvent("page");
  await page.getByTestId("another").click();
  const other = { page: await opening };
  await expect(other.page.locator("#app")).toHaveAttribute("data-state", "playing", {
    timeout: 45_000,
  });
  await say(player, "There you are.");
  await expectEverywhere([player, other], "There you are.");
  for (const stage of ["sequenced", "verified", "confirmed"]) {
    await expect(page.getByTestId(`delay-${stage}`)).toHaveText(/^\d+(\.\d)? m?s$/);
  }
});
