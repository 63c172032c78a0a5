// A channel that settles on a chain outside of the browser, by nothing but its REST API.
import { expect, test } from "@playwright/test";
import { type ChainServer, startChainServer } from "./story/chain-server.ts";
import {
  CHAIN_MS_MAX,
  expectEverywhere,
  expectMembers,
  expectStanding,
  expectTold,
  openTab,
  requestLeaving,
  say,
  sitDown,
} from "./story/player.ts";

const room = "served-chain";
const STORY_MS = 180_000;

let server: ChainServer;
test.beforeEach(async () => {
  server = await startChainServer();
});
test.afterEach(async () => {
  await server.close();
});

test("players settle on `holdfast chain` over HTTP, and take their stakes home", async ({
  context,
}) => {
  test.setTimeout(STORY_MS);
  const invitation = { room, chain: server.url, faucet: server.faucet };
  const first = await sitDown(context, invitation);
  const second = await sitDown(context, invitation);
  await expectMembers([first, second], 2);
  await expect(first.page.getByTestId("chain-place")).toContainText(server.url);
  await say(second, "Which chain is this?");
  await expectEverywhere([first, second], "Which chain is this?");

  await first.page.getByTestId("settle").click();
  await expectEverywhere([first, second], "Which chain is this?", "settled", CHAIN_MS_MAX);
  for (const { page } of [first, second]) {
    const group = page.getByTestId("stored");
    await expect(group).toHaveAttribute("data-count", "1", { timeout: CHAIN_MS_MAX });
  }
  await expectTold(second, /took over everything up to move/);
  const onChain = first.page.getByTestId("on-chain");
  await expect(onChain).toContainText("200 in escrow");

  await requestLeaving(second, "leave");
  await expectStanding(second, "left");
  await expect(second.page.getByTestId("returned")).toHaveAttribute("data-units", "100");
  await requestLeaving(first, "close");
  await expectStanding(first, "closed");
});

test("a chain that does not answer is named, with what to do", async ({ context }) => {
  const { url, faucet } = server;
  await server.close();
  const player = await openTab(context, { room, chain: url, faucet });
  await expectStanding(player, "refused");
  const standing = player.page.getByTestId("standing");
  await expect(standing).toContainText("The chain is out of reach");
  await expect(standing).toContainText(url);
  await expect(standing).toContainText("CHAIN_UNREACHABLE");
});
