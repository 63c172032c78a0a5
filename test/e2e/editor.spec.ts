// The editor: one writer in each paragraph, and everybody sees who.
import { expect, type Locator, test } from "@playwright/test";
import { CHAIN_MS_MAX, expectMembers, expectTold, type Player, sitDown } from "./story/player.ts";

const room = "minutes";
const game = "editor";
const WORDS_MS_MAX = 20_000;

function paragraph({ page }: Player, text: string): Locator {
  return page.getByTestId("paragraph").filter({ hasText: text });
}

/** Writes a paragraph at the end by keys alone, and lets it go. */
async function write({ page }: Player, text: string): Promise<void> {
  await page.getByTestId("add-paragraph").press("Enter");
  const draft = page.locator('[data-testid="draft"]:visible');
  await expect(draft).toBeFocused({ timeout: WORDS_MS_MAX });
  await page.keyboard.type(text);
  await page.keyboard.press("Escape");
  const written = page.getByTestId("paragraph").filter({ hasText: text });
  await expect(written.getByTestId("edit")).toBeFocused({ timeout: WORDS_MS_MAX });
}

test("two write a document, one cannot have the other's paragraph, and the chain has it", async ({
  context,
}) => {
  const first = await sitDown(context, { room, game });
  const second = await sitDown(context, { room, game });
  await expectMembers([first, second], 2);
  await write(first, "Present: everybody.");
  for (const player of [first, second]) {
    await expect(paragraph(player, "Present: everybody.")).toHaveAttribute(
      "data-stage",
      "confirmed",
      { timeout: WORDS_MS_MAX },
    );
  }

  await paragraph(second, "Present").getByTestId("edit").click();
  const draft = second.page.locator('[data-testid="draft"]:visible');
  await draft.fill("Present: everybody but the captain.");
  const seen = paragraph(first, "but the captain");
  await expect(seen).toContainText("is writing", { timeout: WORDS_MS_MAX });
  await expect(seen.getByTestId("edit")).toBeDisabled();
  await draft.press("Escape");
  await expect(seen.getByTestId("edit")).toBeEnabled({ timeout: WORDS_MS_MAX });
  await write(first, "Nothing else.");
  await paragraph(first, "Nothing else").getByTestId("delete").click();
  await expect(second.page.getByTestId("paragraph")).toHaveCount(1, { timeout: WORDS_MS_MAX });

  await first.page.getByTestId("settle").click();
  await expectTold(second, /took over everything up to move/);
  const stored = second.page.getByTestId("stored");
  await expect(stored).toContainText("but the captain", { timeout: CHAIN_MS_MAX });
});
