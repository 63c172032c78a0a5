// Which chain a room settles on, chosen on the page.
import { expect, test } from "@playwright/test";
import { expectStanding, openTab } from "./story/player.ts";

const room = "chain-settings";
const ROOT = "http://127.0.0.1:9";
const SHARD = "http://127.0.0.1:11";

test("the chain is chosen in the settings, and stands in the address and the invite", async ({
  context,
}) => {
  const { page } = await openTab(context, { room });
  await page.getByTestId("chain-settings").click();
  await expect(page.getByTestId("root-url")).toBeHidden();
  await page.getByTestId("chain-kind").selectOption("shard");
  await expect(page.getByTestId("para-url")).toBeHidden();
  await page.getByTestId("root-url").fill(ROOT);
  await page.getByTestId("faucet-url").fill(ROOT);
  await page.getByTestId("shard-url").fill(SHARD);
  await page.getByTestId("confirm").click();
  await page.waitForURL(/shard=/);
  const { searchParams } = new URL(page.url());
  const chosen = ["room", "chain", "faucet", "shard", "para"].map((name) => searchParams.get(name));
  expect(chosen).toEqual([room, ROOT, ROOT, SHARD, null]);
  await expectStanding({ page }, "refused");
  await expect(page.getByTestId("chain-place")).toContainText(SHARD);

  await page.getByTestId("chain-settings").click();
  await page.getByTestId("chain-kind").selectOption("embedded");
  await page.getByTestId("confirm").click();
  await page.waitForURL((url) => !url.searchParams.has("shard"));
  expect(new URL(page.url()).searchParams.get("chain")).toBeNull();
});
