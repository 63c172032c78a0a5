/**
 * `bench join`: how long somebody new takes, once its seat is on chain, until it has the state that
 * the others have confirmed and plays, after so many calls; and what it is sent for that. What was
 * played is settled now and then, as games do: a newcomer gets the settled state and what came
 * after.
 */
import { platformClock } from "#channel";
import { median } from "../measure.ts";
import { postAll } from "./load.ts";
import type { Player } from "./player.ts";
import { addPlayer, leave, openChain, plays, seat, type Table, until } from "./table.ts";

/** Calls from one settlement to the next, and from the last one to the newcomer. */
const SETTLE_EVERY = 1_000;
const TAIL = 100;

export interface JoinBenchOptions {
  readonly few: number;
  readonly many: number;
  /** Newcomers at each, of whom the median counts; at most the seats beside the first. */
  readonly newcomers: number;
}

export interface JoinMetrics {
  readonly ms_at_1k: number;
  readonly ms_at_100k: number;
  /** That a newcomer receives after the larger number of calls. */
  readonly bytes: number;
}

interface Joining {
  readonly ms: number;
  readonly bytes: number;
}

export async function benchJoin({ few, many, newcomers }: JoinBenchOptions): Promise<JoinMetrics> {
  const short = await joinAfter(few, newcomers);
  const long = await joinAfter(many, newcomers);
  return { ms_at_1k: short.ms, ms_at_100k: long.ms, bytes: long.bytes };
}

async function joinAfter(calls: number, newcomers: number): Promise<Joining> {
  const chain = await openChain();
  const table = await seat(chain, 1);
  const [first] = table.players;
  if (first === undefined) throw new RangeError("a channel has members");
  await play(first, calls);
  const joinings: Joining[] = [];
  for (let count = 0; count < newcomers; count++) joinings.push(await join(table, first));
  await leave(table);
  await chain.close();
  return {
    ms: median(joinings.map(({ ms }) => ms)),
    bytes: median(joinings.map(({ bytes }) => bytes)),
  };
}

/** Ends with {@link TAIL} calls that are not settled. */
async function play(player: Player, calls: number): Promise<void> {
  const tail = Math.min(TAIL, calls - 1);
  for (let left = calls - tail; left > 0; left -= SETTLE_EVERY) {
    await postAll([player], Math.min(left, SETTLE_EVERY));
    await player.settle();
  }
  await postAll([player], tail);
}

async function join(table: Table, first: Player): Promise<Joining> {
  const { log } = first.machine;
  const confirmed = log.items.find(({ ref }) => ref.number === log.confirmed) ?? log.base;
  const newcomer = await addPlayer(table);
  const { machine, startedAt, counts } = newcomer;
  await until(platformClock, () => {
    const tip = machine.log.items.at(-1) ?? machine.log.base;
    return machine.isLoaded && tip.height >= confirmed.height && plays(machine.phase);
  });
  return { ms: performance.now() - startedAt, bytes: counts.receivedSize };
}
