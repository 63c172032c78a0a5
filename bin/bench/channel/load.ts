/** Keeps members busy: so many calls are under way at any time. */
import { DEFAULT_PARAMETERS } from "#channel";
import type { Player } from "./player.ts";

/**
 * Calls that are under way at once: as many as a leader may have open. With many more each would
 * wait so long that its sender gives it to the leader again.
 */
const UNDER_WAY = DEFAULT_PARAMETERS.windowMax * DEFAULT_PARAMETERS.batchEntriesMax;
/** Of every message, so that each costs the same. */
const NUMBER_DIGITS = 12;

/** One full header: the next one leaves when this one is confirmed. */
export const ONE_HEADER: number = DEFAULT_PARAMETERS.batchEntriesMax;

/**
 * Posts `total` messages, divided among the members; resolves when all are confirmed.
 * @param underWay calls at any time
 */
export async function postAll(
  players: readonly Player[],
  total: number,
  underWay: number = UNDER_WAY,
): Promise<void> {
  let posted = 0;
  async function keepPosting(player: Player): Promise<void> {
    while (posted < total) {
      posted += 1;
      await player.post(message(posted));
    }
  }
  const lanes = Math.floor(underWay / players.length);
  const busy = players.flatMap((player) => Array.from({ length: lanes }, () => player));
  await Promise.all(busy.map(keepPosting));
}

export function message(number: number): string {
  return `message ${`${number}`.padStart(NUMBER_DIGITS, "0")}`;
}
