// What protocol.md section 8 says must stay impossible, where it is the channel that keeps it so:
// each as a life of its own, under the eyes of the checkers. What rests on one rule alone is held
// to by that rule's tests; what the contract keeps is tested with the contract.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { toHex, utf8 } from "#core/bytes.ts";
import { type Hash, sha2_256 } from "#core/hash.ts";
import { PENDING_SIZE_MAX } from "../../src/channel/codec/limits.ts";
import { decodeMessage, encodeMessage } from "../../src/channel/codec.ts";
import type { Effect } from "../../src/channel/core/effect.ts";
import { seatLeading } from "../../src/channel/core/epoch.ts";
import { pendingToTip } from "../../src/channel/core/pending.ts";
import { statusOf } from "../../src/channel/core/status.ts";
import type { Message } from "../../src/channel/messages/wire.ts";
import { altered } from "../channel/core/handwork.ts";
import { u64 } from "../channel/toy-executor.ts";
import { liveWithForger } from "./bundle-forger.ts";
import { loseAckRound } from "./lost-ack-round.ts";
import type { SimNode } from "./sim-node.ts";
import { callsOf, entriesOf, isConfirmed, untilConfirmed, watched } from "./watched.ts";
import { START, type World } from "./world.ts";

const HOUR_MS = 3_600_000n;
const PAGE_SIZE = 8 * 1024;

function split(world: World, left: readonly SimNode[]): void {
  for (const a of left) {
    for (const b of world.nodes) if (!left.includes(b)) world.network.cut(a.peer, b.peer);
  }
}

function messageIn(effect: Effect): Message | undefined {
  if (effect.type !== "send") return undefined;
  const decoded = decodeMessage(effect.bytes);
  return decoded.ok ? decoded.value : undefined;
}

/** Commands by which somebody would be punished. */
function isAccusation(effect: Effect): boolean {
  if (effect.type !== "submit") return false;
  return effect.command.type === "punish" || effect.command.type === "proveEquivocation";
}

/**
 * Where a choice was made: a batch that reveals it, signed by its leader like any other. Each is
 * noted.
 */
function withChosenSeed(effect: Effect, leader: SimNode, chosen: Hash[]): Effect {
  const [reveal] = chosen;
  const message = messageIn(effect);
  if (reveal === undefined || effect.type !== "send" || message?.type !== "batch") return effect;
  if (message.batch.entries.length === 0) return effect;
  chosen.push(reveal);
  const batch = altered(message.batch, leader, { reveal });
  return { ...effect, bytes: encodeMessage({ type: "batch", batch }) };
}

describe("it stays impossible that", () => {
  it("a minority of valid members confirms", async () => {
    const world = await watched(5, { seed: 401 });
    const [first, second, third] = world.nodes;
    if (first === undefined || second === undefined || third === undefined) throw new Error("5");
    // The leader is on the smaller side, and all are valid on a chain that makes no blocks.
    world.chain.isHalted = true;
    split(world, [first, second]);
    const few = [world.bank(first, "note", utf8("one")), world.bank(second, "note", utf8("two"))];
    const three = world.bank(third, "note", utf8("not even three of five"));
    await world.run(20_000);
    const all = [...few, three];
    expect(all.map((request) => isConfirmed(world, request))).toEqual([false, false, false]);
    // With the chain, four elect and go on; the one that led still confirms nothing.
    world.chain.isHalted = false;
    world.network.healAll();
    split(world, [first]);
    const many = world.bank(third, "note", utf8("three"));
    await untilConfirmed(world, many, 90_000);
    expect(few.map((request) => isConfirmed(world, request))[0]).toBe(false);
    world.network.healAll();
    for (const request of few) await untilConfirmed(world, request);
    expect(callsOf(third, 1n)).toEqual([0n]);
  });

  it("one ack round is lost with the leader's certificate", async () => {
    const { world, first, second, request, speak } = await loseAckRound();
    const seen = callsOf(second, 1n).length;
    speak();
    first.start();
    await world.until("it caught up", () => callsOf(first, 2n).length === 1);
    // What was certified is ordered once, and at one place for all; its owner's client is told.
    await world.until("ordered", () => world.nodes.every((node) => callsOf(node, 1n).length === 1));
    expect(seen).toBeLessThanOrEqual(1);
    expect(world.stages(request)).not.toContain("BAD_SIGNATURE_OR_NONCE");
  });

  it("two lead in one epoch, by the chain and by a view change", async () => {
    const leaders = new Map<string, bigint>();
    const byView = new Set<string>();
    const world = await watched(4, {
      seed: 403,
      tamper: (_node, effects) => {
        for (const effect of effects) {
          const message = messageIn(effect);
          if (message?.type !== "batch") continue;
          const { epoch, leader } = message.batch.header.header;
          const key = `${epoch.term}.${epoch.view}`;
          expect(leaders.get(key) ?? leader).toBe(leader);
          leaders.set(key, leader);
          if (seatLeading(epoch) !== undefined) byView.add(key);
        }
        return effects;
      },
    });
    // A view replaces each at once; the chain does too where one is dead for longer than its lease.
    for (const [name, deadMs] of [
      ["n1", 0],
      ["n2", 0],
      ["n1", 17_000],
      ["n3", 0],
    ] as const) {
      const node = world.node(name);
      split(world, [node]);
      if (deadMs > 0) node.crash();
      const request = world.bank(world.node("n4"), "note", utf8(`without ${name}`));
      await untilConfirmed(world, request, 5_000);
      await world.run(deadMs);
      world.network.healAll();
      if (deadMs > 0) node.start();
      await world.run(3_000);
    }
    expect(byView.size).toBeGreaterThan(1);
    expect(leaders.size - byView.size).toBeGreaterThan(1);
    expect(world.chain.view().term).toBeGreaterThan(1n);
  });

  it("a call is replayed after its seat has joined again", async () => {
    const calls: Uint8Array[] = [];
    const world = await watched(3, {
      seed: 404,
      tamper: (node, effects) => {
        for (const effect of effects) {
          const message = node.name === "n3" ? messageIn(effect) : undefined;
          if (message?.type === "call") calls.push(encodeMessage(message));
        }
        return effects;
      },
    });
    const [first, , third] = world.nodes;
    if (first === undefined || third === undefined) throw new Error("three nodes");
    await untilConfirmed(world, world.bank(third, "note", utf8("of the third seat")));
    const left = world.ask(third, "leave");
    await world.until("left", () => world.stages(left).includes("done"));
    third.crash();
    await world.chain.enter(third.keys);
    third.start();
    const seats = () => world.status(first).configuration.seats.map(({ seat }) => seat);
    await world.until("back", () => seats().includes(4n));
    const bytes = present(calls[0], "a call of the third seat");
    const before = world.notices.length;
    world.give(first, { type: "message", from: third.peer, bytes });
    await world.run(2_000);
    const told = world.notices.slice(before).map(({ notice }) => notice);
    expect(told).toContainEqual(
      expect.objectContaining({ type: "error", error: expect.objectContaining({ code: 100_002 }) }),
    );
    expect(callsOf(first, 4n)).toEqual([]);
    // The new seat's own nonces begin at zero, and its calls count.
    await untilConfirmed(world, world.bank(third, "note", utf8("of the fourth")));
    expect(callsOf(first, 4n)).toEqual([0n]);
  });

  it("a settlement that the chain refuses for ever stops the others, or the game", async () => {
    const world = await watched(3, { seed: 410 });
    const [first, second] = world.nodes;
    if (first === undefined || second === undefined) throw new Error("three nodes");
    const { chain } = world;
    const submit = chain.submit.bind(chain);
    chain.submit = (by, command, done) => {
      if (by !== first.keys || command.type !== "propose") submit(by, command, done);
      else world.clock.after(500, () => done({ ok: false, code: "7", detail: "propose" }));
    };
    await untilConfirmed(world, world.bank(first, "note", utf8("to settle")));
    const refused = world.ask(first, "settle");
    await world.run(20_000);
    expect(world.stages(refused)).toEqual([]);
    expect(chain.view().settled.index).toBe(0n);
    await untilConfirmed(world, world.bank(second, "note", utf8("the game goes on")));
    // Another's takes its place, and ends the wish of the one that was refused too.
    const taken = world.ask(second, "settle");
    const isDone = (request: number) => world.stages(request).includes("done");
    await world.until("settled", () => isDone(taken) && isDone(refused));
    expect(chain.view().settled.index).toBe(1n);
  });

  it("more is ordered than one settlement carries, whoever leads", async () => {
    const world = await watched(4, { seed: 418 });
    const [first, second, third] = world.nodes;
    if (first === undefined || second === undefined || third === undefined) throw new Error("4");
    world.chain.isHalted = true;
    const pages = Array.from({ length: 12 }, (_, page) =>
      world.bank(third, "page", u64(BigInt(page)), new Uint8Array(PAGE_SIZE).fill(page + 1)),
    );
    const count = () => pages.filter((request) => isConfirmed(world, request)).length;
    await world.run(8_000);
    // Without the chain, as many as one settlement has room for, and no more.
    expect(count()).toBe(4);
    expect(statusOf(first.running).awaited.map(({ what }) => what)).toContain("settlement");
    first.crash();
    world.chain.isHalted = false;
    await world.until("all confirmed", () => count() === pages.length, 120_000);
    await world.run(5_000);
    for (const node of [second, third]) {
      expect(pendingToTip(node.running).size).toBeLessThanOrEqual(PENDING_SIZE_MAX);
      expect(callsOf(node, 3n).length).toBeLessThanOrEqual(4);
    }
  });

  it("a leader whose clock is far ahead takes the channel with it", async () => {
    const world = await watched(4, { seed: 405 });
    const first = world.node("n1");
    const honest = first.input.bind(first);
    first.input = (input) => honest({ ...input, now: input.now + HOUR_MS });
    const before = present(world.node("n2").running.log.items.at(-1), "a header").time;
    const request = world.bank(world.node("n2"), "note", utf8("at the right time"));
    await untilConfirmed(world, request, 120_000);
    expect(world.status(world.node("n2")).leader).not.toBe(1n);
    expect(world.chain.view().members).toHaveLength(4);
    const { items } = world.node("n2").running.log;
    const times = items.map(({ time }) => time);
    expect(times.filter((time) => time > world.clock.now)).toEqual([]);
    expect(times.at(-1)).toBeGreaterThan(before);
  });

  it("a tick is free: none comes early, twice, or after ten others that are overdue", async () => {
    const interval = 1_000n;
    const tick = { start: START, interval };
    const world = await watched(3, { seed: 406, settings: { tick } });
    const ticksOf = () =>
      entriesOf(world.node("n1")).flatMap((entry) => (entry.type === "tick" ? [entry.tick] : []));
    await world.run(10_000);
    const early = ticksOf();
    expect(early.length).toBeGreaterThan(5);
    for (const node of world.nodes) node.crash();
    await world.run(40_000);
    const due = (world.clock.now - START) / interval;
    for (const node of world.nodes) node.start();
    await world.run(5_000);
    const ticks = ticksOf();
    expect(ticks).toEqual(ticks.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(new Set(ticks).size).toBe(ticks.length);
    expect(present(ticks.at(-1), "a tick")).toBeLessThanOrEqual(
      (world.clock.now - START) / interval,
    );
    const skipped = ticks.filter((each) => each > (early.at(-1) ?? 0n) && each <= due - 10n);
    expect(skipped).toEqual([]);
  });

  it("a chosen seed is taken: what is revealed is the next of the leader's chain", async () => {
    const chosen: Hash[] = [];
    const world = await watched(4, {
      seed: 411,
      tamper: (node, effects) =>
        node.name === "n1"
          ? effects.map((effect) => withChosenSeed(effect, node, chosen))
          : effects,
    });
    const [first, second] = world.nodes;
    if (first === undefined || second === undefined) throw new Error("4");
    expect(chosen).toEqual([]);
    chosen.push(sha2_256(utf8("heads I win")));
    await untilConfirmed(world, world.bank(second, "note", utf8("a throw")), 120_000);
    for (const { running } of world.nodes.slice(1)) {
      const reveals = running.log.items.map(({ header }) => toHex(header.header.reveal));
      expect(reveals).not.toContain(toHex(present(chosen[0], "a choice")));
    }
    expect(chosen.length).toBeGreaterThan(1);
    const accused = world.chain.view().members.find(({ seat }) => seat === 1n);
    expect(accused?.standing).not.toBe("joined");
  });

  it("a black-hole relay is blamed on the leader", async () => {
    const accusations: Effect[] = [];
    let isHole = false;
    const world = await watched(4, {
      seed: 407,
      tamper: (node, effects) => {
        accusations.push(...effects.filter(isAccusation));
        if (node.name !== "n2" || !isHole) return effects;
        return effects.filter((effect) => messageIn(effect)?.type !== "relay");
      },
    });
    const [first, second, third] = world.nodes;
    if (first === undefined || second === undefined || third === undefined) throw new Error("4");
    const slow = { delayMin: 400, delayMax: 450, lost: 0, doubled: 0 };
    world.network.setLink(first.peer, third.peer, slow);
    await world.until("by relay", () => world.status(third).route.via === 2n, 30_000);
    isHole = true;
    await untilConfirmed(world, world.bank(third, "note", utf8("through the hole")));
    expect(world.status(third).route.via).not.toBe(2n);
    expect(world.chain.view().term).toBe(1n);
    expect(accusations).toEqual([]);
  });

  it("a join is locked for ever, or counted twice", async () => {
    const world = await watched(3, { seed: 408 });
    const first = world.node("n1");
    // It joins on chain and does not come: the others do not wait for it.
    const late = await world.enter("n4");
    await world.run(20_000);
    expect(world.status(first).configuration.seats).toHaveLength(3);
    await untilConfirmed(world, world.bank(first, "note", utf8("without the fourth")));
    // It comes, dies while it is being admitted, and comes again.
    late.start();
    await world.run(1_500);
    late.crash();
    late.start();
    const seats = () => world.status(first).configuration.seats.map(({ seat }) => seat);
    await world.until("admitted", () => seats().length === 4, 60_000);
    const admitted = entriesOf(first).filter((one) => one.type === "admit" && one.seat.seat === 4n);
    expect(admitted).toHaveLength(1);
    await untilConfirmed(world, world.bank(late, "note", utf8("of the fourth")));
  });

  it("an honest leader is slashed after it has lost its disk", async () => {
    const accusations: Effect[] = [];
    const world = await watched(3, {
      seed: 409,
      tamper: (_node, effects) => {
        accusations.push(...effects.filter(isAccusation));
        return effects;
      },
    });
    const lost = world.node("n1");
    world.bank(lost, "note", utf8("last words"));
    await world.run(20);
    // With the journal go the keys that were made with it: whoever comes back is somebody else.
    lost.crash();
    lost.disk.length = 0;
    const again = await world.enter("n1 again");
    again.start();
    const isIn = () => world.status(again).configuration.seats.some(({ seat }) => seat === 4n);
    await world.until("in again", isIn, 120_000);
    await untilConfirmed(world, world.bank(again, "note", utf8("as another")));
    expect(accusations).toEqual([]);
    const old = world.chain.view().members.find(({ seat }) => seat === 1n);
    expect(old?.stake).toBe(world.chain.view().stake);
  });

  it("[BU2] a member speaks for another by a bundle that the other signed", async () => {
    const { forgeries, confirmed } = await liveWithForger();
    expect(forgeries).toBeGreaterThan(0);
    expect(confirmed).toBe(40);
  });
});
