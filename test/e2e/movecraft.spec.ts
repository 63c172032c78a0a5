// MoveCraft: two build on one land, both see what is certain, and the chain takes it over.
import { expect, test } from "@playwright/test";
import { CHAIN_MS_MAX, expectMembers, type Player, sitDown } from "./story/player.ts";

const room = "meadow";
const game = "movecraft";
const BLOCK_MS_MAX = 20_000;
const [RED_BRICK, BLUE_BRICK] = ["8", "12"];
/** Fourteen kinds, 32 of each. */
const CARRIED_FIRST = "448";
const CARRIED_AFTER = "447";

async function press({ page }: Player, ...keys: readonly string[]): Promise<void> {
  await page.getByTestId("land").focus();
  for (const key of keys) await page.keyboard.press(key);
}

/** What this tab's cursor is on: by place, kind, and whether it is certain. */
async function expectBlock({ page }: Player, at: string, kind: string): Promise<void> {
  const cursor = page.getByTestId("cursor");
  await expect(cursor).toHaveAttribute("data-at", at);
  await expect(cursor).toHaveAttribute("data-kind", kind, { timeout: BLOCK_MS_MAX });
  await expect(cursor).toHaveAttribute("data-certain", "", { timeout: BLOCK_MS_MAX });
}

/**
 * The hero stands on the meadow, where the page itself let it fall to. The cursor is there from the
 * beginning: that it is in reach says that the hero is, too.
 */
async function expectLanded(player: Player): Promise<void> {
  const cursor = player.page.getByTestId("cursor");
  await expect(cursor).toHaveAttribute("data-at", "9 4 8", { timeout: BLOCK_MS_MAX });
  await expect(cursor).not.toContainText("out of reach", { timeout: BLOCK_MS_MAX });
}

test("two place blocks, both see them confirmed, and settling puts them on chain", async ({
  context,
}) => {
  const first = await sitDown(context, { room, game });
  const second = await sitDown(context, { room, game });
  await expectMembers([first, second], 2);
  await Promise.all([expectLanded(first), expectLanded(second)]);

  await press(first, "Enter");
  await press(second, "PageUp");
  await second.page.getByTestId(`slot-${BLUE_BRICK}`).click();
  await press(second, "Enter");
  await expectBlock(first, "9 4 8", RED_BRICK);
  await expectBlock(second, "9 5 8", BLUE_BRICK);
  await press(first, "PageUp");
  await press(second, "PageDown");
  await expectBlock(first, "9 5 8", BLUE_BRICK);
  await expectBlock(second, "9 4 8", RED_BRICK);

  await press(second, "Enter");
  const problem = second.page.getByTestId("problem");
  await expect(problem).toContainText("That place is taken.", { timeout: BLOCK_MS_MAX });
  await expect(second.page.getByTestId(`slot-${BLUE_BRICK}`)).toContainText("31");

  await expect(first.page.getByTestId("stored")).toHaveAttribute("data-count", CARRIED_FIRST);
  await second.page.getByTestId("settle").click();
  for (const { page } of [first, second]) {
    await expect(page.getByTestId("stored")).toHaveAttribute("data-count", CARRIED_AFTER, {
      timeout: CHAIN_MS_MAX,
    });
  }
});

test("the land is seen in space and as a map, and a hero walks by keys and buttons", async ({
  context,
}) => {
  const player = await sitDown(context, { room, game });
  const { page } = player;
  await expectLanded(player);
  const land = page.getByTestId("land");
  await expect(land).toHaveAttribute("data-mode", "space");
  await expect(land.locator("canvas")).toBeVisible();
  await page.getByTestId("land-mode").click();
  await expect(land).toHaveAttribute("data-mode", "map");
  await press(player, "KeyW");
  await expect(page.getByTestId("cursor")).toHaveAttribute("data-at", "9 4 7");
  await page.getByRole("button", { name: "Walk right" }).click();
  await expect(page.getByTestId("cursor")).toHaveAttribute("data-at", "10 4 7");
  await expect(page.getByTestId("latest-move")).toHaveAttribute("data-stage", "confirmed", {
    timeout: BLOCK_MS_MAX,
  });

  const box = await land.locator("canvas").boundingBox();
  if (box === null) throw new Error("no map is shown");
  const side = box.width / 16;
  await page.mouse.click(box.x + 7.5 * side, box.y + 9.5 * side);
  await expect(page.getByTestId("cursor")).toHaveAttribute("data-at", "7 4 9");
  await expectBlock(player, "7 4 9", RED_BRICK);
});
