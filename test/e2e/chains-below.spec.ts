// A channel that settles on a shard, and one on a parallel chain: the whole of `holdfast chain`
// runs, and the root only brings the coins.
import { expect, test } from "@playwright/test";
import { type ChainsServer, startChainsServer } from "./story/chain-server.ts";
import {
  CHAIN_MS_MAX,
  expectEverywhere,
  expectMembers,
  expectStanding,
  requestLeaving,
  say,
  sitDown,
} from "./story/player.ts";

const STORY_MS = 400_000;
/** A parallel chain's blocks count once its nodes have agreed and the root cannot undo it. */
const HARD_MS_MAX = 2 * CHAIN_MS_MAX;

let server: ChainsServer;
test.beforeEach(async () => {
  server = await startChainsServer();
});
test.afterEach(async () => {
  await server.close();
});

for (const below of ["shard", "para"] as const) {
  const name = below === "shard" ? "a shard" : "a parallel chain";
  test(`players settle on ${name}, and take their stakes home`, async ({ context }) => {
    test.setTimeout(STORY_MS);
    const { url: chain, faucet } = server;
    const invitation = { room: below, chain, faucet, [below]: server[below] };
    const first = await sitDown(context, invitation);
    const second = await sitDown(context, invitation);
    await expectMembers([first, second], 2);
    await expect(first.page.getByTestId("chain-place")).toContainText(server[below]);
    await say(second, "Whose chain is this?");
    await expectEverywhere([first, second], "Whose chain is this?");

    await first.page.getByTestId("settle").click();
    await expectEverywhere([first, second], "Whose chain is this?", "settled", HARD_MS_MAX);
    const group = second.page.getByTestId("stored");
    await expect(group).toHaveAttribute("data-count", "1", { timeout: CHAIN_MS_MAX });

    await requestLeaving(second, "leave");
    await expectStanding(second, "left", HARD_MS_MAX);
    await expect(second.page.getByTestId("returned")).toHaveAttribute("data-units", "100");
    await requestLeaving(first, "close");
    await expectStanding(first, "closed", HARD_MS_MAX);
  });
}
