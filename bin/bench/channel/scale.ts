/** `bench scale`: what each further member costs the leader in messages and a follower in work. */
import { MEMBERS_MAX } from "#channel";
import { ONE_HEADER, postAll } from "./load.ts";
import type { Player } from "./player.ts";
import { leave, openChain, seat } from "./table.ts";

const MEMBERS_MIN = 2;
const US_PER_MS = 1_000;

export interface ScaleBenchOptions {
  /** Calls that are counted, for each number of members. */
  readonly calls: number;
  /** Calls before them. */
  readonly warmUps: number;
}

interface Share {
  /**
   * Messages of all kinds that the leader sends for every header with calls, of which one at a time
   * is under way: with it go the empty header that confirms it, and that one's certificate.
   */
  readonly leader_messages_per_batch: number;
  /** Time that a follower which makes no calls is at work, for every call. */
  readonly follower_us_per_call: number;
}

export interface ScaleMetrics {
  readonly members: Readonly<Record<string, Share>>;
}

export async function benchScale({ calls, warmUps }: ScaleBenchOptions): Promise<ScaleMetrics> {
  const members: Record<string, Share> = {};
  for (let count = MEMBERS_MIN; count <= MEMBERS_MAX; count++) {
    members[count] = await shareOf(count, calls, warmUps);
  }
  return { members };
}

async function shareOf(count: number, calls: number, warmUps: number): Promise<Share> {
  const chain = await openChain();
  const table = await seat(chain, count);
  const [leader, follower] = table.players;
  if (leader === undefined || follower === undefined) throw new RangeError("two members at least");
  await postAll([leader], warmUps, ONE_HEADER);
  const [batches, sent, workMs] = [batchesOf(leader), leader.counts.sent, follower.counts.workMs];
  await postAll([leader], calls, ONE_HEADER);
  const share = {
    leader_messages_per_batch: (leader.counts.sent - sent) / (batchesOf(leader) - batches),
    follower_us_per_call: ((follower.counts.workMs - workMs) / calls) * US_PER_MS,
  };
  await leave(table);
  await chain.close();
  return share;
}

/** Headers with calls in the log, of which nothing is settled meanwhile. */
function batchesOf({ machine }: Player): number {
  return machine.log.items.filter(({ receipts }) => receipts.length > 0).length;
}
