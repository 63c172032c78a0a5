/**
 * `bench failover`: the leader of four ends without a word, again and again, while the others go on
 * posting: how long until the next call is confirmed, and whether one that was confirmed is gone or
 * came twice. Three of four are a quorum: they change views without the chain, half a second after
 * the leader's last sign.
 */
import type { ChainNode } from "#chains";
import { type Clock, platformClock } from "#channel";
import { percentile } from "../measure.ts";
import { type Player, sitDown } from "./player.ts";
import { leave, openChain, plays, seat, type Table, until } from "./table.ts";

/** As few as go on at once when one is gone: three of four are a quorum. */
const MEMBERS = 4;
/** Between two calls of each member that plays. */
const POST_EVERY_MS = 1_000;

export interface FailoverBenchOptions {
  /** Channels, side by side. */
  readonly tables: number;
  /** Leaders that each of them loses, one after the other. */
  readonly rounds: number;
  /** The machine's where absent. */
  readonly clock?: Clock;
}

export interface FailoverMetrics {
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly kills: number;
  /** Calls that were confirmed to who made them, and are not in every member's log. */
  readonly lost: number;
  /** Calls that are in a member's log more than once. */
  readonly doubled: number;
}

interface Watched {
  readonly table: Table;
  readonly clock: Clock;
  /** Messages that their authors know to be confirmed. */
  readonly confirmed: Set<string>;
  posted: number;
}

export async function benchFailover({
  tables,
  rounds,
  clock = platformClock,
}: FailoverBenchOptions): Promise<FailoverMetrics> {
  const chain = await openChain(clock);
  const runs = Array.from({ length: tables }, (_, index) =>
    runTable(chain, clock, BigInt(index + 1), rounds),
  );
  const results = await Promise.all(runs);
  await chain.close();
  const times = results.flatMap(({ timesMs }) => timesMs);
  return {
    p50_ms: percentile(times, 0.5),
    p99_ms: percentile(times, 0.99),
    kills: times.length,
    lost: results.reduce((sum, { lost }) => sum + lost, 0),
    doubled: results.reduce((sum, { doubled }) => sum + doubled, 0),
  };
}

async function runTable(chain: ChainNode, clock: Clock, group: bigint, rounds: number) {
  const table = await seat(chain, MEMBERS, { clock, group });
  const watched: Watched = { table, clock, confirmed: new Set(), posted: 0 };
  const stopPosting = keepPosting(watched);
  const timesMs: number[] = [];
  for (let round = 0; round < rounds; round++) timesMs.push(await failOver(watched));
  stopPosting();
  await until(clock, () => areLevel(table));
  const { lost, doubled } = compare(watched);
  await leave(table);
  return { timesMs, lost, doubled };
}

/** Kills the leader; the time until a call of another member is confirmed. Then brings it back. */
async function failOver({ table, clock, confirmed }: Watched): Promise<number> {
  const { players, seats, room } = table;
  const isLeading = ({ machine }: Player) => machine.phase === "leading";
  await until(clock, () => players.some(isLeading));
  const index = players.findIndex(isLeading);
  const [leader, place] = [players[index], seats[index]];
  if (leader === undefined || place === undefined) throw new Error("somebody leads");
  await leader.stop();
  players.splice(index, 1);
  seats.splice(index, 1);
  const [survivor] = players;
  if (survivor === undefined) throw new Error("others are left");
  const killedAt = clock.now();
  const text = `after ${leader.name} of ${killedAt}`;
  await survivor.post(text);
  const tookMs = Number(clock.now() - killedAt);
  confirmed.add(text);
  players.push(await sitDown(room, place));
  seats.push(place);
  await until(clock, () => players.every(({ machine }) => plays(machine.phase)));
  return tookMs;
}

/** Every member that plays posts now and then, whoever leads. */
function keepPosting(watched: Watched): () => void {
  const { table, clock, confirmed } = watched;
  let cancel = () => {};

  async function post(player: Player): Promise<void> {
    watched.posted += 1;
    const text = `${watched.posted} by ${player.name}`;
    await player.post(text);
    confirmed.add(text);
  }

  function postAll(): void {
    for (const player of table.players) if (plays(player.machine.phase)) void post(player);
    cancel = clock.after(POST_EVERY_MS, postAll);
  }

  postAll();
  return () => cancel();
}

/** All have executed and confirmed the same, and nothing waits. */
function areLevel({ players }: Table): boolean {
  const heights = new Set(players.map(({ machine }) => machine.log.items.at(-1)?.height));
  const isDone = ({ machine: { own, log } }: Player) =>
    own.length === 0 && (log.items.at(-1)?.ref.number ?? 0n) - log.confirmed <= 1n;
  return heights.size === 1 && players.every(isDone);
}

function compare({ table, confirmed }: Watched): { lost: number; doubled: number } {
  const lost = new Set<string>();
  const doubled = new Set<string>();
  for (const { texts } of table.players) {
    const seen = new Set<string>();
    for (const text of texts.values()) (seen.has(text) ? doubled : seen).add(text);
    for (const text of confirmed) if (!seen.has(text)) lost.add(text);
  }
  return { lost: lost.size, doubled: doubled.size };
}
