/**
 * `bench channel`: confirmed calls a second of a channel that is kept busy, with a signature for
 * each call and with one for all that come together, each against its floor.
 */
import { DEFAULT_PARAMETERS, type Parameters } from "#channel";
import { median } from "../measure.ts";
import { createFloor, type Floor } from "./floor.ts";
import { postAll } from "./load.ts";
import type { Player } from "./player.ts";
import { leave, openChain, seat, type Table } from "./table.ts";

export interface ChannelBenchOptions {
  readonly members: number;
  /** Calls in one round. */
  readonly calls: number;
  readonly rounds: number;
}

export interface ChannelMetrics {
  /** With a signature for each call. */
  readonly confirmed_per_s: number;
  /** What the work that cannot be avoided leaves room for, in the same process. */
  readonly floor_per_s: number;
  readonly floor_ratio: number;
  /** With calls signed in bundles, as many in each as a client's node puts together. */
  readonly bundled_per_s: number;
  /** The same floor, with one signature for the calls of a full bundle. */
  readonly bundled_floor_per_s: number;
  readonly bundled_floor_ratio: number;
}

/** A channel whose members sign in one of the two ways, and what its rounds took. */
interface Contender {
  readonly table: Table;
  readonly first: Player;
  readonly floor: Floor;
  readonly together: number;
  readonly playedMs: number[];
  readonly unavoidableMs: number[];
}

export async function benchChannel({
  members,
  calls,
  rounds,
}: ChannelBenchOptions): Promise<ChannelMetrics> {
  const chain = await openChain();
  const contenders: Contender[] = [];
  for (const together of [1, DEFAULT_PARAMETERS.bundleCallsMax]) {
    const parameters: Parameters = { ...DEFAULT_PARAMETERS, bundleCallsMax: together };
    const group = BigInt(contenders.length + 1);
    const table = await seat(chain, members, { group, parameters });
    const [first] = table.players;
    if (first === undefined) throw new RangeError("a channel has members");
    const floor = await createFloor(first.loaded, members);
    contenders.push({ table, first, floor, together, playedMs: [], unavoidableMs: [] });
  }
  for (let round = 0; round <= rounds; round++) {
    for (const contender of contenders) await play(contender, calls);
  }
  for (const { table } of contenders) await leave(table);
  await chain.close();
  const [alone, bundled] = contenders.map((contender) => figuresOf(contender, calls));
  if (alone === undefined || bundled === undefined) throw new RangeError("two ways to sign");
  return {
    confirmed_per_s: alone.perSecond,
    floor_per_s: alone.floorPerSecond,
    floor_ratio: alone.ratio,
    bundled_per_s: bundled.perSecond,
    bundled_floor_per_s: bundled.floorPerSecond,
    bundled_floor_ratio: bundled.ratio,
  };
}

async function play(contender: Contender, calls: number): Promise<void> {
  const { table, first, floor, together, playedMs, unavoidableMs } = contender;
  const start = performance.now();
  await postAll(table.players, calls);
  playedMs.push(performance.now() - start);
  unavoidableMs.push(floor.workMs(calls, together));
  await first.settle();
}

interface Figures {
  readonly perSecond: number;
  readonly floorPerSecond: number;
  readonly ratio: number;
}

/** The first round compiles and warms; it counts for neither side. */
function figuresOf({ playedMs, unavoidableMs }: Contender, calls: number): Figures {
  const perSecond = (ms: number) => (calls / ms) * 1_000;
  const [played, unavoidable] = [median(playedMs.slice(1)), median(unavoidableMs.slice(1))];
  return {
    perSecond: perSecond(played),
    floorPerSecond: perSecond(unavoidable),
    ratio: unavoidable / played,
  };
}
