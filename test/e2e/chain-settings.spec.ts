// Which chain a room settles on, chosen on the page: any of them, and back.
import { expect, type Page, test } from "@playwright/test";
import { expectStanding, openTab } from "./story/player.ts";

const room = "chain-settings";
const ROOT = "http://127.0.0.1:9";
const FAUCET = "http://127.0.0.1:10";
const SHARD = "http://127.0.0.1:11";
const PARA = "http://127.0.0.1:12";

/** What is asked for beside the kind of chain, by the field's name. */
const KINDS = {
  shard: { "root-url": ROOT, "faucet-url": FAUCET, "shard-url": SHARD },
  para: { "root-url": ROOT, "faucet-url": FAUCET, "para-url": PARA },
  root: { "root-url": ROOT, "faucet-url": FAUCET },
  embedded: {},
} as const;
const FIELDS = ["root-url", "faucet-url", "shard-url", "para-url"];

/** Chooses a chain in the settings, and returns what the page's address then says of it. */
async function choose(page: Page, kind: keyof typeof KINDS): Promise<Record<string, string>> {
  const asked: Readonly<Record<string, string>> = KINDS[kind];
  await page.getByTestId("chain-settings").click();
  await page.getByTestId("chain-kind").selectOption(kind);
  for (const field of FIELDS) {
    const input = page.getByTestId(field);
    const value = asked[field];
    if (value === undefined) await expect(input).toBeHidden();
    else await input.fill(value);
  }
  const before = page.url();
  await page.getByTestId("confirm").click();
  await page.waitForURL((url) => url.href !== before);
  return Object.fromEntries(new URL(page.url()).searchParams);
}

test("any chain is chosen in the settings, and stands in the address and on the page", async ({
  context,
}) => {
  const tab = await openTab(context, { room });
  const { page } = tab;
  const served = { room, chain: ROOT, faucet: FAUCET };
  expect(await choose(page, "shard")).toEqual({ ...served, shard: SHARD });
  // Nobody serves any of them here, which is said with the chain's name.
  await expectStanding(tab, "refused");
  await expect(page.getByTestId("chain-place")).toContainText(SHARD);
  expect(await choose(page, "para")).toEqual({ ...served, para: PARA });
  await expectStanding(tab, "refused");
  await expect(page.getByTestId("chain-place")).toContainText(PARA);
  expect(await choose(page, "root")).toEqual(served);
  await expectStanding(tab, "refused");
  await expect(page.getByTestId("chain-place")).toContainText(ROOT);
  expect(await choose(page, "embedded")).toEqual({ room });
  await expectStanding(tab, "playing");
});
