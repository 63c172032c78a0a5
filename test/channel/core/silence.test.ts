import { beforeAll, describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { removalMessage } from "../../../src/channel/codec.ts";
import { acknowledge } from "../../../src/channel/core/acknowledgement.ts";
import { lead } from "../../../src/channel/core/leader.ts";
import { tipOf } from "../../../src/channel/core/log.ts";
import { receiveRemoval, removeSilent, silentSeat } from "../../../src/channel/core/removal.ts";
import type { Machine } from "../../../src/channel/core/state.ts";
import type { SignedRemoval } from "../../../src/channel/messages.ts";
import type { World } from "../../simulation/world.ts";
import {
  commandsOf,
  lastAliveOf,
  quieten,
  see,
  seeMember,
  sentBy,
  standIn,
  worldOf,
  writtenBy,
} from "./stand-in.ts";

const SILENT = { hereMs: 15_000n, chainMs: 15_001n };

let three: World;
let four: World;

beforeAll(async () => {
  three = await worldOf(3, 61);
  four = await worldOf(4, 62);
});

/** A node of three to whom these seats have fallen silent. */
function alone(name: string, ...silent: readonly bigint[]): Machine {
  const machine = standIn(three.node(name));
  for (const seat of silent) quieten(machine, seat, SILENT);
  return machine;
}

/** A node of three after it has signed a wish. */
function wishing(name: string, accused = 3n): { readonly machine: Machine; wish: SignedRemoval } {
  const machine = alone(name, accused);
  removeSilent(machine);
  const [wish] = machine.promises.removals;
  return { machine, wish: present(wish, "a wish") };
}

/** The wish of another seat, which names a certificate some headers below the tip. */
function wishOf(machine: Machine, like: SignedRemoval, seat: bigint, below: number): SignedRemoval {
  const highest = present(machine.log.items.at(-1 - below), "an item").ref;
  const removal = { ...like.removal, highest };
  const { keys } = three.node(`n${seat}`);
  return { removal, seat, signature: keys.signAsNode(removalMessage(removal)) };
}

describe("the seat to remove", () => {
  it("[CF11] is the lowest silent one, where the others are no quorum", () => {
    expect(silentSeat(alone("n1"))).toBeUndefined();
    expect(silentSeat(alone("n1", 3n))).toBe(3n);
    expect(silentSeat(alone("n1", 3n, 2n))).toBe(2n);
    expect(silentSeat(alone("n3", 2n, 1n))).toBe(1n);
  });

  it("[CF11] is silent here and on chain", () => {
    const here = standIn(three.node("n1"));
    quieten(here, 3n, { ...SILENT, chainMs: 15_000n });
    expect(silentSeat(here)).toBeUndefined();
    const chain = standIn(three.node("n1"));
    quieten(chain, 3n, { ...SILENT, hereMs: 14_999n });
    expect(silentSeat(chain)).toBeUndefined();
  });

  it("[CF11] is none where the others are a quorum, who suspend it", () => {
    const machine = standIn(four.node("n1"));
    quieten(machine, 4n, SILENT);
    expect(silentSeat(machine)).toBeUndefined();
    quieten(machine, 2n, SILENT);
    expect(silentSeat(machine)).toBe(2n);
  });

  it("[CF11] stands in a signed wish with its last keep_alive, on disk before it is sent", () => {
    const { machine, wish } = wishing("n1");
    expect(wish.removal).toMatchObject({ accused: 3n, lastAlive: lastAliveOf(machine, 3n) });
    const { nodeKey } = three.node("n1").keys;
    expect(three.ring.verify(removalMessage(wish.removal), wish.signature, nodeKey)).toBe(true);
    const [record] = writtenBy(machine);
    expect(record?.entry).toEqual({ type: "removals", removals: [wish] });
    const [sent] = sentBy(machine);
    expect(sent?.message).toMatchObject({ type: "removal", removal: wish });
    expect(sent?.after).toBeGreaterThanOrEqual(record?.sequence ?? Number.NaN);
  });
});

describe("who has signed a wish", () => {
  it("[CF12] acks nothing", () => {
    const unacked = (machine: Machine) => {
      const [before, last] = machine.log.items.slice(-2);
      const acked = present(before, "an item").ref;
      const locked = present(last, "an item").header.header.justify;
      Object.assign(machine.promises, { acked, locked: { ...locked, number: 0n } });
      machine.effects = [];
      acknowledge(machine);
      return sentBy(machine).map(({ message }) => message.type);
    };
    expect(unacked(standIn(three.node("n2")))).toEqual(["ack"]);
    expect(unacked(wishing("n2").machine)).toEqual([]);
  });

  it("[CF12] orders nothing", async () => {
    const world = await worldOf(1, 63);
    const node = world.node("n1");
    world.bank(node, "note");
    expect(tipOf(node.running.log).ref.number).toBeGreaterThan(0n);
    const { wish } = wishing("n1");
    const machine = standIn(node, { pool: node.running.pool });
    machine.promises.removals = [wish];
    machine.now += 1_000n;
    const tip = tipOf(machine.log).ref;
    machine.effects = [];
    lead(machine);
    expect(tipOf(machine.log).ref).toEqual(tip);
    machine.promises.removals = [];
    lead(machine);
    expect(tipOf(machine.log).ref.number).toBe(tip.number + 2n);
  });
});

describe("a wish", () => {
  it.each<[string, (machine: Machine) => void]>([
    ["the accused has been alive since", (it) => seeMember(it, 3n, { lastAlive: it.chain.now })],
    ["the accused is out", (it) => seeMember(it, 3n, { standing: "removed" })],
    ["the accused has left", (it) => see(it, { members: it.chain.members.slice(0, 2) })],
    [
      "the chain's configuration has a higher number",
      (it) => see(it, { configuration: { ...it.chain.configuration, number: 99n } }),
    ],
  ])("[CF13] is void when %s", (_what, change) => {
    const { machine, wish } = wishing("n1");
    removeSilent(machine);
    expect(machine.promises.removals).toEqual([wish]);
    change(machine);
    machine.effects = [];
    removeSilent(machine);
    expect(machine.promises.removals.includes(wish)).toBe(false);
    expect(writtenBy(machine)[0]?.entry).toEqual({ type: "removals", removals: [] });
    expect(machine.wishes.get(3n)?.get(1n)).not.toBe(wish);
  });

  it("[CF13] that is void is not taken from another either", () => {
    const { machine, wish } = wishing("n1");
    const removal = wishOf(machine, wish, 2n, 0);
    receiveRemoval(machine, { type: "removal", removal });
    expect(machine.wishes.get(3n)?.has(2n)).toBe(true);
    machine.wishes.clear();
    seeMember(machine, 3n, { lastAlive: machine.chain.now });
    receiveRemoval(machine, { type: "removal", removal });
    expect(machine.wishes.size).toBe(0);
  });

  it("[CF13] of another's making is not taken", () => {
    const { machine, wish } = wishing("n1");
    const removal = { ...wishOf(machine, wish, 2n, 0), signature: wish.signature };
    receiveRemoval(machine, { type: "removal", removal });
    expect(machine.wishes.get(3n)?.has(2n)).toBe(false);
  });
});

describe("wishes", () => {
  it("[CF14] of half and less wait for those who could still sign", () => {
    const { machine, wish } = wishing("n1");
    machine.now += 60_000n;
    quieten(machine, 2n, { hereMs: 0n, chainMs: 0n });
    removeSilent(machine);
    expect(commandsOf(machine)).toEqual([]);
    receiveRemoval(machine, { type: "removal", removal: wishOf(machine, wish, 2n, 0) });
    removeSilent(machine);
    const [command] = commandsOf(machine);
    if (command?.type !== "removeSilent") throw new Error("no removal");
    expect(command.evidence.removals.map(({ seat }) => seat)).toEqual([1n, 2n]);
  });

  it("[CF14] go to the chain though few when nobody else could sign", () => {
    const machine = alone("n1", 2n, 3n);
    removeSilent(machine);
    const [command] = commandsOf(machine);
    if (command?.type !== "removeSilent") throw new Error("no removal");
    expect(command.evidence.removals.map(({ seat, removal }) => [seat, removal.accused])).toEqual([
      [1n, 2n],
    ]);
  });

  it("[CF14] are given in turns, two seconds apart by seat", () => {
    const { machine, wish } = wishing("n2");
    receiveRemoval(machine, { type: "removal", removal: wishOf(machine, wish, 1n, 0) });
    removeSilent(machine);
    expect(commandsOf(machine)).toEqual([]);
    machine.now += 1_999n;
    removeSilent(machine);
    expect(commandsOf(machine)).toEqual([]);
    machine.now += 1n;
    removeSilent(machine);
    expect(commandsOf(machine).length).toBe(1);
  });

  it.each([
    ["this node's", 0, 3],
    ["another's", 3, 0],
  ])("[CF15] carry the highest certificate that one names: %s", (_whose, own, other) => {
    const { machine, wish } = wishing("n1");
    machine.promises.removals = [wishOf(machine, wish, 1n, own)];
    machine.wishes.get(3n)?.set(1n, wishOf(machine, wish, 1n, own));
    machine.wishes.get(3n)?.set(2n, wishOf(machine, wish, 2n, other));
    machine.effects = [];
    removeSilent(machine);
    const [command] = commandsOf(machine);
    if (command?.type !== "removeSilent") throw new Error("no removal");
    expect(command.evidence.certificate?.ack.header).toEqual(tipOf(machine.log).ref);
  });

  it("[CF15] whose certificate becomes the fence above which the chain's own starts", async () => {
    const world = await worldOf(2, 64);
    const { log } = world.node("n1").running;
    const highest = log.highest.ref;
    world.node("n2").crash();
    await world.until("the chain acts", () => world.chain.view().forced !== undefined);
    expect(world.chain.view().forced?.fence).toEqual(highest);
  });
});
