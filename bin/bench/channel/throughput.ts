/** `bench channel`: confirmed calls a second of a channel that is kept busy, against its floor. */
import { median } from "../measure.ts";
import { createFloor } from "./floor.ts";
import { postAll } from "./load.ts";
import { leave, openChain, seat } from "./table.ts";

export interface ChannelBenchOptions {
  readonly members: number;
  /** Calls in one round. */
  readonly calls: number;
  readonly rounds: number;
}

export interface ChannelMetrics {
  readonly confirmed_per_s: number;
  /** What the work that cannot be avoided leaves room for, in the same process. */
  readonly floor_per_s: number;
  readonly floor_ratio: number;
  /** With calls signed in bundles; null while the protocol has none. */
  readonly bundled_per_s: number | null;
}

export async function benchChannel({
  members,
  calls,
  rounds,
}: ChannelBenchOptions): Promise<ChannelMetrics> {
  const chain = await openChain();
  const table = await seat(chain, members);
  const [first] = table.players;
  if (first === undefined) throw new RangeError("a channel has members");
  const floor = await createFloor(first.loaded, members);
  const [channelMs, floorMs]: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    await postAll(table.players, calls);
    const playedMs = performance.now() - start;
    const unavoidableMs = floor.workMs(calls);
    await first.settle();
    // The first round compiles and warms; it counts for neither side.
    if (round === 0) continue;
    channelMs.push(playedMs);
    floorMs.push(unavoidableMs);
  }
  await leave(table);
  await chain.close();
  const perSecond = (ms: number) => (calls / ms) * 1_000;
  const [played, unavoidable] = [median(channelMs), median(floorMs)];
  return {
    confirmed_per_s: perSecond(played),
    floor_per_s: perSecond(unavoidable),
    floor_ratio: unavoidable / played,
    bundled_per_s: null,
  };
}
