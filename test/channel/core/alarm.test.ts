// When a node asks to be woken: in time for what it must send again, and no more often.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { armTimer } from "../../../src/channel/core/alarm.ts";
import type { Machine } from "../../../src/channel/core/state.ts";
import { World } from "../../simulation/world.ts";
import { sent, three, tickAfter } from "./handwork.ts";
import { standIn, worldOf } from "./stand-in.ts";

function armed(machine: Machine): bigint | undefined {
  machine.effects = [];
  armTimer(machine);
  const [effect] = machine.effects;
  return effect?.type === "armTimer" ? effect.at : undefined;
}

describe("the alarm", () => {
  it.each([10, 490])(
    "[LE7] comes when headers are due again, each time later, whatever comes in every %i ms",
    async (everyMs) => {
      const world = await worldOf(3, 151);
      const [leader, second, third] = world.nodes;
      if (leader === undefined || second === undefined || third === undefined) throw new Error("3");
      world.network.setLink(leader.peer, third.peer, { ...LOSSY });
      const times: bigint[] = [];
      world.bank(leader, "note", utf8("again and again"));
      const { number } = present(leader.running.log.items.at(-1), "a header").ref;
      for (let ms = 10; ms <= 4_500; ms += 10) {
        await world.run(10);
        const state = present(leader.running.peers.get(third.peer), "a peer");
        if (times.at(-1) !== state.batchSentAt) times.push(state.batchSentAt);
        // A peer that comes again gives the leader something to do.
        if (ms % everyMs === 0) world.give(leader, { type: "peerUp", peer: second.peer });
      }
      expect(leader.running.log.highest.ref.number).toBeLessThanOrEqual(number);
      const gaps = times.slice(1).map((time, index) => Number(time - present(times[index], "one")));
      expect(gaps.slice(-3)).toEqual([500, 1_000, 2_000]);
    },
  );

  it("[ST2] is asked for anew after a tick, early or not", async () => {
    const { n2 } = await three();
    const at = present(n2.running.armedAt, "a time");
    const effects = tickAfter(n2, 1);
    expect(effects.some(({ type }) => type === "armTimer")).toBe(true);
    expect(n2.running.armedAt).toBeLessThanOrEqual(at);
    expect(sent(effects, "heartbeat")).toEqual([]);
  });

  it("[ST2] is not put off, and does not come for what waits for others", async () => {
    const world = await worldOf(2, 152);
    const machine = standIn(world.node("n1"), { armedAt: undefined });
    const at = present(armed(machine), "a time");
    expect(at).toBeGreaterThan(machine.now);
    expect(armed(machine)).toBeUndefined();
    const { leadership } = machine;
    if (leadership === undefined) throw new Error("n1 leads");
    // Waiting since long ago, and not ordered: for acks, say.
    leadership.waitingSince = machine.now - 1_000n;
    machine.armedAt = undefined;
    expect(armed(machine)).toBe(at);
  });

  it("[CL1] comes at once for what has not been given to the leader", async () => {
    const world = await World.begin({ seed: 153 });
    await world.gather(2);
    await world.run(2_000);
    const request = world.ask(world.node("n2"), "leave");
    await world.run(100);
    const { items } = world.node("n1").running.log;
    const isOrdered = items.some(({ batch }) => batch.entries.some(({ type }) => type === "leave"));
    expect(isOrdered).toBe(true);
    expect(world.stages(request)).toEqual([]);
  });
});

const LOSSY = { delayMin: 2, delayMax: 10, lost: 1_000, doubled: 0 };
