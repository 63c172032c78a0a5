import { describe, expect, it } from "vitest";
import { ZERO_HASH } from "#core/hash.ts";
import type { ChainChannel } from "../../../src/channel/chain-view.ts";
import { step } from "../../../src/channel/core/machine.ts";
import { statusOf } from "../../../src/channel/core/status.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import { calm, complaints, show } from "./handwork.ts";

describe("views of the chain", () => {
  it("[CV1] of another channel change nothing, and the client is told", async () => {
    const world = await calm(2);
    const n2 = world.node("n2");
    const before = n2.running.chain;
    const effects = show(world, n2, { channel: ZERO_HASH, term: before.term + 1n });
    expect(n2.running.chain).toBe(before);
    expect(complaints(effects).join()).toContain("NO_CHANNEL");
  });

  const OLDER: readonly (readonly [string, (chain: ChainChannel) => Partial<ChainChannel>])[] = [
    ["term", ({ term }) => ({ term: term - 1n, leader: 2n })],
    ["settlement", ({ settled }) => ({ settled: { ...settled, index: settled.index - 1n } })],
    ["time", ({ now }) => ({ now: now - 1n, leader: 2n })],
  ];
  it.each(OLDER)("[CV1] of an older %s change nothing", async (_what, older) => {
    const world = await calm(2);
    const n2 = world.node("n2");
    const before = n2.running.chain;
    show(world, n2, older(before));
    expect(n2.running.chain).toBe(before);
    show(world, n2, { now: before.now + 1n });
    expect(n2.running.chain.now).toBe(before.now + 1n);
  });

  /** Where a node stands by what the chain has told it. */
  function standing({ running }: SimNode) {
    const { promises, log, distrust, vacantSince } = running;
    const refs = log.items.map(({ ref }) => ref);
    return { status: statusOf(running), promises, refs, base: log.base.ref, distrust, vacantSince };
  }

  it("[CV2] that were missed are made good by the next one", async () => {
    const [seeing, missing] = [await calm(3), await calm(3)];
    const [sees, misses] = [seeing.node("n2"), missing.node("n2")];
    const { chain, log } = sees.running;
    const item = log.items.find(({ ref }) => ref.number === log.confirmed);
    const settled = {
      ...chain.settled,
      header: item?.ref ?? chain.settled.header,
      height: item?.height ?? 0n,
      index: chain.settled.index + 1n,
    };
    const changes: readonly Partial<ChainChannel>[] = [
      { term: chain.term + 1n, leader: 3n },
      { settled },
      { term: chain.term + 2n, leader: undefined },
      { term: chain.term + 3n, leader: 1n },
    ];
    for (const change of changes) show(seeing, sees, change);
    show(missing, misses, Object.assign({}, ...changes));
    expect(misses.running.log.base.ref).toEqual(settled.header);
    expect(standing(misses)).toEqual(standing(sees));
  });

  it("[CV2] say the same with and without the event that made them", async () => {
    const [telling, silent] = [await calm(2), await calm(2)];
    const [told, untold] = [telling.node("n2"), silent.node("n2")];
    const change = { term: told.running.chain.term + 1n, leader: 2n };
    const channel = { ...told.running.chain, ...change };
    const { now } = telling.clock;
    const event = { type: "leaderChanged", ...change } as const;
    const effects = step(told.running, { type: "chain", event, channel, now });
    expect(effects).toEqual(show(silent, untold, change));
    expect(standing(told)).toEqual(standing(untold));
  });
});
