// Two browsers that share nothing but a link: they meet through a signalling server, and then
// talk to each other directly, by WebRTC.
import { expect, test } from "@playwright/test";
import { expectEverywhere, expectMembers, leaderAmong, say, sitDown } from "./story/player.ts";
import { type SignalServer, startSignalServer } from "./story/signal-server.ts";

const room = "two-browsers";

let server: SignalServer;
test.beforeEach(async () => {
  server = await startSignalServer();
});
test.afterEach(async () => {
  await server.close();
});

test("two browsers play by WebRTC", async ({ browser }) => {
  const host = await browser.newContext();
  const guest = await browser.newContext();
  const first = await sitDown(host, { room, signal: server.url });
  await say(first, "Can you hear me over there?");
  await expectEverywhere([first], "Can you hear me over there?");

  const second = await sitDown(guest, { room, signal: server.url });
  await expectMembers([first, second], 2);
  expect(await leaderAmong([first, second], 10_000)).toBe(first);
  await expectEverywhere([second], "Can you hear me over there?");
  await say(second, "Loud and clear.");
  await expectEverywhere([first, second], "Loud and clear.");
  await host.close();
  await guest.close();
});
