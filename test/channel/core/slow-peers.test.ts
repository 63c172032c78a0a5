// Peers that take their time: nobody drowns them in what they have been given already.
import { describe, expect, it } from "vitest";
import { decodeMessage } from "../../../src/channel/codec.ts";
import { giveAgain, sendingTime } from "../../../src/channel/core/own.ts";
import type { MessageType } from "../../../src/channel/messages/wire.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import type { World } from "../../simulation/world.ts";
import { u64 } from "../toy-executor.ts";
import { calm, three, tickAfter } from "./handwork.ts";

function typeOf(bytes: Uint8Array): MessageType | undefined {
  const decoded = decodeMessage(bytes);
  return decoded.ok ? decoded.value.type : undefined;
}

/** From now on the node takes this long for each message of the type, one after the other. */
function slowDown(world: World, node: SimNode, type: MessageType, ms: bigint): void {
  const { clock } = world;
  const input = node.input.bind(node);
  let free = clock.now;
  node.input = (event) => {
    if (event.type !== "message" || typeOf(event.bytes) !== type) return input(event);
    free = (free > clock.now ? free : clock.now) + ms;
    clock.plan(free, () => input({ ...event, now: clock.now }));
  };
}

/** How often each message of the type was sent, by its bytes. */
async function counted(
  count: number,
  type: MessageType,
): Promise<{ readonly world: World; readonly times: Map<string, number> }> {
  const times = new Map<string, number>();
  const world = await calm(count, {
    onSend: (_node, bytes) => {
      if (typeOf(bytes) !== type) return;
      const name = bytes.join();
      times.set(name, (times.get(name) ?? 0) + 1);
    },
  });
  times.clear();
  return { world, times };
}

describe("a slow peer", () => {
  it.each([2_000n, 5_000n])(
    "[LE7] that takes %i ms for a batch gets each a few times, and all are confirmed",
    async (ms) => {
      const { world, times } = await counted(2, "batch");
      const [n1, n2] = [world.node("n1"), world.node("n2")];
      slowDown(world, n2, "batch", ms);
      const requests: number[] = [];
      for (let at = 0n; at < 12n; at++) {
        requests.push(world.bank(n1, "note", u64(at)));
        await world.run(100);
      }
      await world.run(240_000);
      expect(requests.map((request) => world.stages(request).at(-1))).toEqual(
        requests.map(() => "confirmed"),
      );
      expect(times.size).toBeGreaterThan(4);
      expect(Math.max(...times.values())).toBeLessThanOrEqual(5);
    },
  );

  it("[CL8] a leader that takes long to order gets each call a few times", async () => {
    const { world, times } = await counted(2, "call");
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    slowDown(world, n1, "call", 1_500n);
    for (let at = 0n; at < 6n; at++) {
      world.bank(n2, "note", u64(at));
      await world.run(50);
    }
    await world.run(60_000);
    expect(n2.running.own).toEqual([]);
    expect(times.size).toBe(6);
    expect(Math.max(...times.values())).toBeLessThanOrEqual(4);
  });

  it("[CL8] another leader is given all at once, and asked soon again", async () => {
    const { n2, world } = await three();
    world.network.cut(n2.peer, world.node("n1").peer);
    world.network.cut(n2.peer, world.node("n3").peer);
    world.bank(n2, "note", u64(1n));
    const machine = n2.running;
    for (let asked = 0; asked < 5; asked++) tickAfter(n2, 10_000);
    expect(machine.handover.waitMs).toBe(8_000n);
    giveAgain(machine);
    expect(machine.handover.waitMs).toBe(1_000n);
    expect(machine.own.map((own) => sendingTime(machine, own))).toEqual([machine.now]);
  });

  it("[CL8] a leader that orders nothing is asked less and less often", async () => {
    const { world, times } = await counted(2, "call");
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    const input = n1.input.bind(n1);
    n1.input = (event) => {
      if (event.type !== "message" || typeOf(event.bytes) !== "call") input(event);
    };
    const at: bigint[] = [];
    const began = world.clock.now;
    world.bank(n2, "note", u64(1n));
    for (let ms = 0; ms < 29_000; ms += 100) {
      const before = [...times.values()][0];
      await world.run(100);
      if ([...times.values()][0] !== before) at.push((world.clock.now - began) / 1_000n);
    }
    expect(at).toEqual([0n, 1n, 3n, 7n, 15n, 23n]);
  });
});
