// One player as a story sees it: a tab of the demo, used and watched as a person would. Waits for
// what the page shows, and knows nothing of what is behind it.
import { type BrowserContext, expect, type Locator, type Page } from "@playwright/test";

/** Starting a chain and a node, staking and being let in, on a busy machine. */
const SEATED_MS_MAX = 90_000;
/** A message's way through everybody. */
const CONFIRMED_MS_MAX = 20_000;
/** What the chain has a say in: votes, settlements, departures. */
export const CHAIN_MS_MAX = 75_000;
/** The seed's rule: 15 s of silence; then the survivors' signatures and an election. */
export const SUCCESSION_MS_MAX = 75_000;

export type Stage = "sequenced" | "verified" | "confirmed" | "settled";
export type Standing = "playing" | "refused" | "banned" | "left" | "closed" | "stopped";

/** A message that is confirmed may be settled by the time one looks. */
const AT_LEAST: Readonly<Record<Stage, RegExp>> = {
  sequenced: /^(sequenced|verified|confirmed|settled)$/,
  verified: /^(verified|confirmed|settled)$/,
  confirmed: /^(confirmed|settled)$/,
  settled: /^settled$/,
};

export interface Player {
  readonly page: Page;
}

export interface Invitation {
  readonly room: string;
  /** The chat where absent. */
  readonly game?: "chat" | "editor" | "movecraft";
  readonly signal?: string;
  /** REST API and faucet of a chain that runs elsewhere. */
  readonly chain?: string;
  readonly faucet?: string;
  /** REST API of a shard of that chain, or of a parallel chain below it. */
  readonly shard?: string;
  readonly para?: string;
}

export function addressOf(invitation: Invitation): string {
  const query = new URLSearchParams({ room: invitation.room });
  for (const name of ["game", "signal", "chain", "faucet", "shard", "para"] as const) {
    const value = invitation[name];
    if (value !== undefined) query.set(name, value);
  }
  return `/?${query}`;
}

/** Opens a tab and waits until it plays. */
export async function sitDown(context: BrowserContext, invitation: Invitation): Promise<Player> {
  const player = await openTab(context, invitation);
  await expectSeated(player);
  return player;
}

export async function openTab(context: BrowserContext, invitation: Invitation): Promise<Player> {
  const page = await context.newPage();
  await page.goto(addressOf(invitation));
  return { page };
}

export async function expectSeated(player: Player): Promise<void> {
  await expectStanding(player, "playing", SEATED_MS_MAX);
  await expect(ownMember(player)).toHaveAttribute("data-presence", "here", {
    timeout: SEATED_MS_MAX,
  });
}

export async function expectStanding(
  { page }: Player,
  standing: Standing,
  timeout = CHAIN_MS_MAX,
): Promise<void> {
  await expect(page.locator("#app")).toHaveAttribute("data-state", standing, { timeout });
}

export async function say({ page }: Player, text: string): Promise<void> {
  await page.getByTestId("composer").fill(text);
  await page.getByTestId("send").click();
}

export function message({ page }: Player, text: string): Locator {
  return page.getByTestId("message").filter({ hasText: text });
}

/** The message is there once, and has come at least so far. */
export async function expectMessage(
  player: Player,
  text: string,
  stage: Stage = "confirmed",
  timeout = CONFIRMED_MS_MAX,
): Promise<void> {
  const shown = message(player, text);
  await expect(shown).toHaveCount(1, { timeout });
  await expect(shown).toHaveAttribute("data-stage", AT_LEAST[stage], { timeout });
}

/** Everybody has the message, at least so far on its way. */
export async function expectEverywhere(
  players: readonly Player[],
  text: string,
  stage: Stage = "confirmed",
  timeout = CONFIRMED_MS_MAX,
): Promise<void> {
  await Promise.all(players.map((player) => expectMessage(player, text, stage, timeout)));
}

/** Those at the table: who is out may still have a stake to fetch. */
export function members({ page }: Player): Locator {
  return page.locator('[data-testid="member"]:not([data-presence="out"])');
}

function ownMember({ page }: Player): Locator {
  return page.locator('[data-testid="member"][data-you]');
}

/** This many sit at the table, all of them let in. */
export async function expectMembers(
  players: readonly Player[],
  count: number,
  timeout = SEATED_MS_MAX,
): Promise<void> {
  for (const player of players) {
    await expect(members(player)).toHaveCount(count, { timeout });
    await expect(player.page.locator('[data-presence="joining"]')).toHaveCount(0, { timeout });
  }
}

export async function nameOf(player: Player): Promise<string> {
  return (await ownMember(player).getAttribute("data-name")) ?? "";
}

export async function seatOf(player: Player): Promise<string> {
  return (await ownMember(player).getAttribute("data-seat")) ?? "";
}

/** The one of these who leads by its own account. */
export async function leaderAmong(players: readonly Player[], timeout: number): Promise<Player> {
  const leads = ({ page }: Player) =>
    page.locator('[data-testid="member"][data-you][data-leader]').count();
  let leader: Player | undefined;
  await expect
    .poll(
      async () => {
        const counts = await Promise.all(players.map(leads));
        leader = players[counts.indexOf(1)];
        return counts.filter((count) => count === 1).length;
      },
      { timeout, message: "exactly one of them leads" },
    )
    .toBe(1);
  if (leader === undefined) throw new Error("a leader was counted and not found");
  return leader;
}

/** The number of the configuration that this tab's node plays in. */
export async function configurationOf({ page }: Player): Promise<number> {
  return Number(await page.getByTestId("facts").getAttribute("data-configuration"));
}

export async function stirTrouble(
  { page }: Player,
  trouble: "cheat" | "cut" | "crash",
): Promise<void> {
  await page.getByTestId("trouble-menu").click();
  await page.getByTestId(trouble).click();
}

export async function requestLeaving(
  { page }: Player,
  request: "leave" | "exit" | "close",
): Promise<void> {
  await page.getByTestId("leave-menu").click();
  await page.getByTestId(request).click();
  await page.getByTestId("confirm").click();
}

/** The log tells it. */
export async function expectTold(
  { page }: Player,
  text: RegExp,
  timeout = CHAIN_MS_MAX,
): Promise<void> {
  await expect(page.getByTestId("log").filter({ hasText: text }).first()).toBeVisible({ timeout });
}
