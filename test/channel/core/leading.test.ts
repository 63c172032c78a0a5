import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import { hashCall, hashHeader } from "../../../src/channel/codec.ts";
import { cutBack } from "../../../src/channel/core/branch.ts";
import type { Effect } from "../../../src/channel/core/effect.ts";
import { lead } from "../../../src/channel/core/leader.ts";
import { tipOf } from "../../../src/channel/core/log.ts";
import { bestCertified } from "../../../src/channel/core/members.ts";
import { order } from "../../../src/channel/core/ordering.ts";
import type { JournalEntry } from "../../../src/channel/core/records.ts";
import type { Machine } from "../../../src/channel/core/state.ts";
import type { Message } from "../../../src/channel/messages/wire.ts";
import { toyFunction } from "../../simulation/model-link.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import { World } from "../../simulation/world.ts";
import { u64 } from "../toy-executor.ts";
import { noteOf } from "./handwork.ts";
import { see, sentBy, standIn, worldOf, writtenBy } from "./stand-in.ts";

const DEAF = { delayMin: 2, delayMax: 10, lost: 1_000, doubled: 0 };

/** Headers that wait for their certificate. */
function openCount(machine: Machine): bigint {
  return tipOf(machine.log).ref.number - bestCertified(machine).ref.number;
}

function propose(world: World, node: SimNode, maxGas: bigint, count: number): void {
  const target = { function: toyFunction("note"), typeArgs: [], args: [u64(1n)] };
  for (let request = 1; request <= count; request++) {
    world.give(node, { type: "propose", request: 1_000 + request, ...target, maxGas });
  }
}

interface Seen {
  readonly name: string;
  readonly at: bigint;
  readonly effects: readonly Effect[];
}

/** A channel of this many, and all that their machines have asked for. */
async function watched(
  count: number,
  seed: number,
): Promise<{ readonly world: World; readonly seen: Seen[] }> {
  const seen: Seen[] = [];
  const world = await World.begin({
    seed,
    tamper: (node, effects) => {
      seen.push({ name: node.name, at: world.clock.now, effects });
      return effects;
    },
  });
  await world.gather(count);
  await world.run(2_000);
  return { world, seen };
}

describe("who leads", () => {
  it("[LE1] orders only as the chain's leader, with a seat, in the current epoch", async () => {
    const world = await worldOf(2, 91);
    const node = world.node("n1");
    const ordersAs = (change: (machine: Machine) => void) => {
      const machine = standIn(node, { pool: new Map(node.running.pool) });
      machine.now += 1_000n;
      change(machine);
      lead(machine);
      return tipOf(machine.log).ref.number - tipOf(node.running.log).ref.number;
    };
    world.bank(node, "note", u64(1n));
    expect(node.running.pool.get(1n)?.size).toBe(1);
    expect(ordersAs((machine) => see(machine, { leader: 2n }))).toBe(0n);
    expect(ordersAs((machine) => see(machine, { leader: undefined }))).toBe(0n);
    expect(ordersAs((machine) => see(machine, { term: 2n }))).toBe(0n);
    const outside = (machine: Machine) => {
      const last = present(machine.log.items.at(-1), "an item");
      const seats = last.next.seats.filter(({ seat }) => seat !== 1n);
      const next = { number: last.next.number + 1n, seats };
      machine.log.items[machine.log.items.length - 1] = { ...last, configuration: next, next };
    };
    expect(ordersAs(outside)).toBe(0n);
    expect(ordersAs(() => undefined)).toBe(1n);
  });

  it("[LE2] keeps at most four headers open", async () => {
    const world = await worldOf(2, 92);
    const [leader, member] = [world.node("n1"), world.node("n2")];
    world.network.cut(leader.peer, member.peer);
    for (let at = 0n; at < 8n; at++) {
      world.bank(leader, "note", u64(at));
      await world.run(50);
    }
    expect(openCount(leader.running)).toBe(4n);
    expect(world.status(leader).pendingCalls).toBe(4);
  });

  it("[LE2] keeps one open while a change is pending", async () => {
    const world = await worldOf(2, 93);
    const leader = world.node("n1");
    world.node("n2").crash();
    (await world.enter("n3")).start();
    await world.until("an admission", () => openCount(leader.running) > 0n);
    for (let at = 0n; at < 3n; at++) {
      world.bank(leader, "note", u64(at));
      await world.run(100);
    }
    expect(openCount(leader.running)).toBe(1n);
    const [entry] = present(leader.running.log.items.at(-1), "an item").batch.entries;
    expect(entry?.type).toBe("admit");
  });

  it("[LE3] orders what waits after five milliseconds", async () => {
    const world = await worldOf(1, 94);
    const node = world.node("n1");
    const { number } = tipOf(node.running.log).ref;
    world.bank(node, "note", u64(1n));
    await world.run(4);
    expect(tipOf(node.running.log).ref.number).toBe(number);
    await world.run(1);
    expect(tipOf(node.running.log).ref.number).toBeGreaterThan(number);
  });

  it("[LE3] orders a full batch at once: 64 calls", async () => {
    const world = await World.begin({ seed: 95, parameters: { bundleCallsMax: 1 } });
    await world.gather(1);
    await world.run(2_000);
    const node = world.node("n1");
    const { height } = tipOf(node.running.log);
    propose(world, node, 1n, 63);
    expect(tipOf(node.running.log).height).toBe(height);
    propose(world, node, 1n, 1);
    expect(tipOf(node.running.log).height).toBe(height + 64n);
    for (const { batch } of node.running.log.items) {
      expect(batch.entries.length).toBeLessThanOrEqual(64);
    }
  });

  it("[LE10] leaves out an entry that may not be ordered, and no other", async () => {
    const node = (await worldOf(1, 96)).node("n1");
    const machine = standIn(node);
    const entries = [0, 1, 2].map((ahead) => noteOf(node, u64(BigInt(ahead)), ahead));
    const [first, , last] = entries;
    if (first?.type !== "call" || last?.type !== "call") throw new Error("calls");
    // The last one's signature does not hold, which nobody noticed when it came in.
    const bad = { call: last.call.call, signature: first.call.signature };
    const calls = entries.flatMap((entry) => (entry.type === "call" ? entry.call : []));
    const waiting = calls.map((each) => {
      const call = each === last.call ? bad : each;
      const submission = { type: "call", call } as const;
      return [
        call.call.nonce,
        { submission, subject: hashCall(call.call), from: node.peer },
      ] as const;
    });
    machine.pool.set(1n, new Map(waiting));
    machine.now += 10n;
    lead(machine);
    machine.now += 10n;
    lead(machine);
    const ordered = machine.log.items.flatMap(({ batch }) => batch.entries);
    expect(ordered.slice(-2)).toEqual(entries.slice(0, 2));
    expect(machine.pool.get(1n)?.size).toBe(0);
    const told = machine.effects.filter(
      (effect) => effect.type === "notify" && effect.notice.type === "error",
    );
    expect(told).toHaveLength(1);
  });

  it("[LE4] gives headers its clock's time, never before the header below", async () => {
    const node = (await worldOf(1, 97)).node("n1");
    const timed = (now: (parent: bigint) => bigint) => {
      const machine = standIn(node);
      const parent = tipOf(machine.log).time;
      machine.now = now(parent);
      const placed = order(machine, [], []);
      return placed.ok ? placed.value.header.header.time - parent : undefined;
    };
    expect(timed((parent) => parent + 7n)).toBe(7n);
    expect(timed((parent) => parent - 1_000n)).toBe(0n);
  });

  it("[LE5] puts everything that is signed on disk before it leaves", async () => {
    const { world, seen } = await watched(3, 98);
    for (const node of world.nodes) world.bank(node, "note", u64(1n));
    await world.run(1_000);
    world.node("n1").crash();
    await world.until("n2 removes it", () => world.chain.view().forced !== undefined);
    await world.run(10_000);
    const types = new Set<string>();
    for (const { name } of world.nodes) {
      const effects = seen.flatMap((one) => (one.name === name ? one.effects : []));
      const records = writtenBy({ effects });
      for (const { message, after } of sentBy({ effects })) {
        const holds = recordOf(message);
        if (holds === undefined) continue;
        types.add(message.type);
        const record = records.find(({ entry }) => holds(entry));
        expect(record?.sequence ?? Number.NaN).toBeLessThanOrEqual(after);
      }
    }
    expect([...types].toSorted()).toEqual(["ack", "batch", "call", "removal", "viewChange"]);
  });

  it("[LE6] adds an empty header once for what waits for its confirmation", async () => {
    const world = await worldOf(2, 99);
    const node = world.node("n1");
    const { number } = tipOf(node.running.log).ref;
    world.bank(node, "note", u64(1n));
    await world.run(5_000);
    const above = node.running.log.items.filter(({ ref }) => ref.number > number);
    expect(above.map(({ batch }) => batch.entries.length)).toEqual([1, 0]);
  });

  it("[LE6] adds none before the tip is certified", async () => {
    const world = await worldOf(2, 100);
    const node = world.node("n1");
    world.network.cut(node.peer, world.node("n2").peer);
    world.bank(node, "note", u64(1n));
    await world.run(5_000);
    expect(openCount(node.running)).toBe(1n);
    expect(tipOf(node.running.log).height).toBe(world.status(node).heights.certified + 1n);
  });

  it("[LE7] sends a header again, less and less often, where the ack is missing", async () => {
    const { world, seen } = await watched(3, 101);
    const [leader, missing] = [world.node("n1"), world.node("n3")];
    world.network.setLink(leader.peer, missing.peer, DEAF);
    const from = seen.length;
    world.bank(leader, "note", u64(1n));
    await world.run(8_000);
    const sent = seen.slice(from).flatMap(({ name, at, effects }) => {
      const batches = sentBy({ effects }).filter(({ message }) => message.type === "batch");
      return name === "n1" ? batches.map(({ to }) => ({ at, to })) : [];
    });
    const [first, ...again] = sent;
    expect(first?.to.toSorted()).toEqual([world.node("n2").peer, missing.peer].toSorted());
    expect(again.every(({ to }) => to.length === 1 && to[0] === missing.peer)).toBe(true);
    const gaps = sent.slice(1).map(({ at }, index) => at - present(sent[index], "one").at);
    expect(gaps).toEqual([500n, 1_000n, 2_000n]);
  });

  it("[LE8] sends the last certificate alone, once", async () => {
    const { world, seen } = await watched(2, 102);
    const from = seen.length;
    world.bank(world.node("n2"), "note", u64(1n));
    await world.run(2_000);
    const certificates = seen
      .slice(from)
      .flatMap(({ effects }) =>
        sentBy({ effects }).flatMap(({ message }) =>
          message.type === "certificate" ? [message.certificate.ack.header] : [],
        ),
      );
    const { log } = world.node("n2").running;
    expect(certificates.at(-1)).toEqual(tipOf(log).ref);
    expect(new Set(certificates.map(({ number }) => number)).size).toBe(certificates.length);
    expect(log.highest.ref).toEqual(tipOf(log).ref);
  });

  it("[LE9] orders no entries when its chain of reveals is used up", async () => {
    const world = await worldOf(1, 103);
    const node = world.node("n1");
    const { tools } = node.running;
    const signer = { ...tools.signer, reveal: () => undefined };
    const poor = standIn(node, { tools: { ...tools, signer } });
    const entries = [{ type: "suspend", seat: 1n } as const];
    const placed = order(poor, entries, []);
    expect(placed).toMatchObject({ error: { type: "leader", error: { name: "OUT_OF_REVEALS" } } });
    expect(tipOf(poor.log)).toBe(tipOf(node.running.log));
    expect(order(poor, [], []).ok).toBe(true);
  });
});

describe("a leader that has lost what it ordered", () => {
  it("[LE12] orders nothing in that epoch any more", async () => {
    const { node, world } = await alone(91);
    const { running } = node;
    world.bank(node, "note", u64(1n));
    await world.run(200);
    const lost = tipOf(running.log).ref;
    expect(running.promises.acked).toEqual(lost);
    cutBack(running, lost.number - 1n);
    world.bank(node, "note", u64(2n));
    await world.run(1_000);
    expect(tipOf(running.log).ref.number).toBe(lost.number - 1n);
  });
});

/** A leader whose two followers have died. */
async function alone(seed: number): Promise<{ readonly world: World; readonly node: SimNode }> {
  const world = await worldOf(3, seed);
  const [node, ...others] = world.nodes;
  for (const other of others) other.crash();
  return { world, node: present(node, "the leader") };
}

/** Which record has to be on disk before a node sends this; undefined where it signs nothing. */
function recordOf(message: Message): ((entry: JournalEntry) => boolean) | undefined {
  const isSame = (a: unknown, b: unknown) => JSON.stringify(a, text) === JSON.stringify(b, text);
  switch (message.type) {
    case "batch": {
      const hash = hashHeader(message.batch.header.header);
      return (entry) =>
        entry.type === "batch" && equalBytes(hashHeader(entry.batch.header.header), hash);
    }
    case "ack":
      return (entry) => entry.type === "ack" && isSame(entry.header, message.ack.header);
    case "viewChange": {
      const { epoch } = message.viewChange.viewChange;
      return (entry) => entry.type === "viewChange" && isSame(entry.epoch, epoch);
    }
    case "removal":
      return (entry) =>
        entry.type === "removals" && entry.removals.some((one) => isSame(one, message.removal));
    case "call":
      return (entry) =>
        entry.type === "own" &&
        entry.submission.type === "call" &&
        isSame(entry.submission.call, message.call);
    default:
      return undefined;
  }
}

function text(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
