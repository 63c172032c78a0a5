// A tab's identity and journal outlive its page.
import { expect, test } from "@playwright/test";
import {
  expectEverywhere,
  expectMembers,
  expectMessage,
  expectSeated,
  nameOf,
  type Player,
  say,
  seatOf,
  sitDown,
} from "./story/player.ts";

const room = "reload";

async function expectToResume(player: Player): Promise<void> {
  const before = { name: await nameOf(player), seat: await seatOf(player) };
  await player.page.reload();
  await expectSeated(player);
  expect({ name: await nameOf(player), seat: await seatOf(player) }).toEqual(before);
}

test("a reload of any tab resumes it: the leader's and the followers'", async ({ context }) => {
  const leader = await sitDown(context, { room });
  const second = await sitDown(context, { room });
  const third = await sitDown(context, { room });
  const players = [leader, second, third];
  await expectMembers(players, 3);
  await say(second, "Before the reloads.");
  await expectEverywhere(players, "Before the reloads.");

  await expectToResume(third);
  await expectMessage(third, "Before the reloads.");
  await say(third, "The follower is back.");
  await expectEverywhere(players, "The follower is back.");

  await expectToResume(leader);
  await expectMessage(leader, "Before the reloads.");
  await say(second, "The leader is back.");
  await expectEverywhere(players, "The leader is back.", "confirmed", 60_000);
  await say(leader, "So I am.");
  await expectEverywhere(players, "So I am.");
});

test("a duplicated tab is another player", async ({ context }) => {
  const original = await sitDown(context, { room });
  const opened = context.waitForEvent("page");
  // A window that a page opens starts with a copy of its sessionStorage, as a duplicate does.
  await original.page.evaluate(() => window.open(location.href));
  const duplicate: Player = { page: await opened };
  await expectSeated(duplicate);
  expect(await seatOf(duplicate)).not.toBe(await seatOf(original));
  expect(await nameOf(duplicate)).not.toBe(await nameOf(original));
  await expectMembers([original, duplicate], 2);
  await say(duplicate, "I am somebody else.");
  await expectEverywhere([original, duplicate], "I am somebody else.");
});
