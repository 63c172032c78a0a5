// Coming back to a channel, over the real chain on a virtual clock.
import { describe, expect, it } from "vitest";
import { assert, present } from "#core/assert.ts";
import { SettlementError } from "#settlement";
import { Cheats } from "./cheat.ts";
import { post, RealLink } from "./real-link.ts";
import type { SimNode } from "./sim-node.ts";
import { World } from "./world.ts";

const BAN_MS = 300_000n;
/** Ten minutes of virtual time, on a machine that is busy with other things. */
const STORY_TIMEOUT_MS = 120_000;
/** What funding and joining take at least, and at most, in blocks of a second. */
const JOIN_MS_MAX = 4_000n;

async function untilConfirmed(world: World, node: SimNode, text: string): Promise<void> {
  const request = world.call(node, post(text));
  await world.until(text, () => world.stages(request).includes("confirmed"));
}

/** A leader that cheats, until it is out and has fetched what is left of its own. */
async function banned() {
  const cheats = new Cheats();
  const world = await World.begin({
    seed: 301,
    chain: "real",
    wrapExecutor: (name, executor) => cheats.wrap(name, executor),
  });
  const { chain } = world;
  assert(chain instanceof RealLink, "the real chain");
  await world.gather(3);
  const cheater = world.node("n1");
  cheats.start(cheater.name);
  world.call(world.node("n2"), post("what the leader makes of it"));
  await world.until("punished", () => chain.bans.has(1n), 90_000);
  // What it brought comes back to it by the settlement that takes it out.
  const request = world.ask(cheater, "leave");
  await untilConfirmed(world, world.node("n2"), "we go on");
  world.ask(world.node("n2"), "settle");
  await world.until("fetched", () => world.stages(request).includes("done"), 90_000);
  cheater.crash();
  cheats.stop(cheater.name);
  return { world, chain, cheater, until: present(chain.bans.get(1n), "a ban") };
}

describe("a rejoin after the ban of five minutes", () => {
  it(
    "is refused with its code at 4:59, and accepted after 5:00",
    async () => {
      const { world, chain, cheater, until } = await banned();
      const began = until - BAN_MS;
      expect(world.clock.now).toBeLessThan(until - JOIN_MS_MAX);
      await world.clock.runUntil(until - JOIN_MS_MAX);
      const early = await chain.enter(cheater.keys).catch((error: unknown) => error);
      expect(world.clock.now).toBeLessThan(until);
      expect(world.clock.now - began).toBeGreaterThan(BAN_MS - JOIN_MS_MAX);
      assert(early instanceof SettlementError, "it was refused");
      expect(early.code).toBe("BANNED");
      expect(chain.view().members.map(({ seat }) => seat)).toEqual([2n, 3n]);

      await world.clock.runUntil(until + 1n);
      await chain.enter(cheater.keys);
      const seats = chain.view().members.map(({ seat }) => seat);
      expect(seats).toEqual([2n, 3n, 4n]);
      // With the journal of its earlier seat: nothing of that counts for the new one.
      cheater.start();
      const isIn = () => world.status(cheater).configuration.seats.some(({ seat }) => seat === 4n);
      await world.until("admitted", isIn);
      await untilConfirmed(world, cheater, "back, and honest");
    },
    STORY_TIMEOUT_MS,
  );
});
