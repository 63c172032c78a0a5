import { afterEach, describe, expect, it, vi } from "vitest";
import { assert, present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import type { StateKey } from "#core/effects.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { makeStructTag } from "#core/type-tag.ts";
import { decode, decodeMessage, encode, refOfHeader } from "../../../src/channel/codec.ts";
import { RESERVED_ADDRESS, readControl, readSeat } from "../../../src/channel/core/control.ts";
import type { Effect } from "../../../src/channel/core/effect.ts";
import { sameHeader, tipOf } from "../../../src/channel/core/log.ts";
import { step } from "../../../src/channel/core/machine.ts";
import { type JournalEntry, journalEntry } from "../../../src/channel/core/records.ts";
import { restoreMachine } from "../../../src/channel/core/recovery.ts";
import type { Machine } from "../../../src/channel/core/state.ts";
import { statusOf } from "../../../src/channel/core/status.ts";
import type { HeaderRef } from "../../../src/channel/messages.ts";
import type { Verify } from "../../../src/channel/ports.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import type { World } from "../../simulation/world.ts";
import { ToyExecutor } from "../toy-executor.ts";
import { altered, calm, orders, settle, tickAfter } from "./handwork.ts";
import { see, standIn } from "./stand-in.ts";

function journal(node: SimNode): readonly JournalEntry[] {
  return node.disk.map(({ bytes }) => decode(journalEntry, bytes));
}

/** Another machine from what a node has on disk. */
function restored(node: SimNode): Machine {
  const { tools, chain, now } = node.running;
  const { signer, verify, parameters } = tools;
  const executor = node.options.makeExecutor();
  return restoreMachine({ executor, signer, verify, parameters, chain, now }, node.disk);
}

/** What a machine must not lose. */
function kept({ log, promises, tools, own, ordered }: Machine) {
  return {
    base: log.base.ref,
    items: log.items.map(({ ref, certificate, configuration, next, height }) => {
      return { ref, certificate, configuration, next, height };
    }),
    confirmed: log.confirmed,
    highest: log.highest.ref,
    steps: log.steps,
    promises,
    stateRoot: tools.executor.stateRoot(),
    own: own.map(({ submission }) => submission),
    ordered: [...ordered.keys()],
  };
}

async function busy(world: World): Promise<void> {
  for (const node of world.nodes) {
    world.bank(node, "note", utf8(node.name));
    await world.run(300);
  }
}

afterEach(() => vi.restoreAllMocks());

describe("what is in the state", () => {
  it("[ST1] Control and one record per seat stand under address 0x0", async () => {
    const world = await calm(3);
    await busy(world);
    const { running } = world.node("n2");
    const { executor } = running.tools;
    assert(executor instanceof ToyExecutor, "a toy bank");
    const changed = running.log.items.flatMap(({ changes }) => changes.map(({ key }) => key));
    const own = changed.filter((key: StateKey) =>
      key.kind === "resource" ? key.address === RESERVED_ADDRESS : true,
    );
    const resources = own.filter(({ kind }) => kind === "resource");
    const control = makeStructTag("0x0::channel::Control");
    for (const key of resources) {
      expect(key).toEqual({ kind: "resource", address: RESERVED_ADDRESS, type: control });
    }
    const items = own.filter((key) => key.kind === "tableItem");
    for (const item of items) expect(item.handle).toBe(RESERVED_ADDRESS);
    expect(new Set(items.map(({ key }) => String(key))).size).toBe(3);
    expect(readControl(executor)?.seats).toEqual([1n, 2n, 3n]);
    const seats = [1n, 2n, 3n].map((seat) => readSeat(executor, seat));
    const addresses = running.chain.members.map(({ address }) => address);
    expect(seats.map((seat) => seat?.address)).toEqual(addresses);
    expect(seats.map((seat) => seat?.nonce)).toEqual([1n, 1n, 1n]);
  });
});

describe("the core", () => {
  it("[ST2] is a function of machine and input", async () => {
    const lives: (readonly Effect[])[][] = [[], []];
    for (const life of lives) {
      const world = await calm(2, {
        tamper: (_node, effects) => {
          life.push(effects);
          return effects;
        },
      });
      await busy(world);
    }
    const [one, other] = lives;
    expect(one?.length).toBeGreaterThan(50);
    expect(one).toEqual(other);
  });

  it("[ST2] looks at no clock and asks for no chance", async () => {
    const world = await calm(2);
    const looked = [
      vi.spyOn(Date, "now"),
      vi.spyOn(performance, "now"),
      vi.spyOn(Math, "random"),
      vi.spyOn(crypto, "getRandomValues"),
    ];
    const { running } = world.node("n1");
    const now = running.now + 1_000n;
    step(running, { type: "settle", request: 1, now });
    tickAfter(world.node("n1"), 20_000);
    for (const spy of looked) expect(spy).not.toHaveBeenCalled();
    expect(running.now).toBe(now + 20_000n);
    step(running, { type: "tick", now });
    expect(running.now).toBe(now + 20_000n);
  });

  it("[ST3] names in each effect the last record before it", async () => {
    const last = new Map<string, number>();
    const named: (readonly [number, number])[] = [];
    const world = await calm(3, {
      tamper: ({ name, life }, effects) => {
        const key = `${name}/${life}`;
        for (const effect of effects) {
          if (effect.type === "persist") {
            const { sequence } = effect.record;
            named.push([sequence, (last.get(key) ?? 0) + 1]);
            last.set(key, sequence);
          } else if (effect.type !== "armTimer") {
            named.push([effect.after, last.get(key) ?? 0]);
          }
        }
        return effects;
      },
    });
    await busy(world);
    await settle(world);
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter(([is, expected]) => is !== expected)).toEqual([]);
  });
});

describe("the journal", () => {
  it("[ST4] begins with the state at height 0", async () => {
    const world = await calm(2);
    for (const node of world.nodes) {
      const [first, ...rest] = journal(node);
      assert(first?.type === "start", "a start");
      expect(rest.some(({ type }) => type === "start" || type === "base")).toBe(false);
      expect(first.stateRoot).toEqual(new ToyExecutor().stateRoot());
      expect(new ToyExecutor().restore(first.stateRoot, first.chunks)).toBe(true);
      expect(first.configuration).toEqual(node.running.log.base.configuration);
    }
  });

  it("[ST4] begins with a settled base, where it was fetched too", async () => {
    const world = await calm(2);
    await settle(world);
    const late = await world.enter("n3");
    late.start();
    await world.until("n3 has a seat", () => world.status(late).phase === "following");
    const { header } = world.chain.view().settled;
    const entries = journal(late);
    const [first] = entries;
    assert(first?.type === "base", "a base");
    expect(refOfHeader(first.base.header.header)).toEqual(header);
    expect(entries.some(({ type }) => type === "start")).toBe(false);
  });

  it.each([
    ["from height 0", false],
    ["from a settled base", true],
  ] as const)("[ST5] restores log, certificates and promises %s", async (_from, isSettled) => {
    const world = await calm(3);
    if (isSettled) await settle(world);
    await busy(world);
    await world.run(2_000);
    for (const node of world.nodes) {
      expect(node.running.log.items.length).toBeGreaterThan(2);
      expect(node.running.promises.acked.number).toBeGreaterThan(0n);
      expect(kept(restored(node))).toEqual(kept(node.running));
    }
  });

  it("[ST5] is believed about signatures, and nothing after it", async () => {
    const world = await calm(3);
    await busy(world);
    for (const node of world.nodes) {
      const { signer, parameters } = node.running.tools;
      const verify = vi.fn<Verify>(node.running.tools.verify);
      const executor = node.options.makeExecutor();
      const { chain, now } = node.running;
      const options = { executor, signer, verify, parameters, chain, now };
      const machine = restoreMachine(options, node.disk);
      expect(machine.log.items.length).toBeGreaterThan(2);
      expect(verify).not.toHaveBeenCalled();
      const [message, signature] = [utf8("m"), signer.signAsNode(utf8("m"))];
      expect(machine.tools.verify(message, signature, signer.nodeKey)).toBe(true);
      expect(machine.tools.verify(message, signature, signer.memberKey)).toBe(false);
      expect(verify).toHaveBeenCalledTimes(2);
    }
  });

  it("[ST5] restores every moment of a life to something that it was", async () => {
    const world = await calm(2);
    const n2 = world.node("n2");
    const { disk } = n2;
    const numbers = disk.map((_record, index) => {
      const { tools, chain, now } = n2.running;
      const { signer, verify, parameters } = tools;
      const executor = n2.options.makeExecutor();
      const options = { executor, signer, verify, parameters, chain, now };
      return tipOf(restoreMachine(options, disk.slice(0, index + 1)).log).ref.number;
    });
    expect(numbers).toEqual(numbers.toSorted((a, b) => Number(a - b)));
    expect(numbers.at(-1)).toBe(tipOf(n2.running.log).ref.number);
  });

  it("[ST5] leaves out batches of a branch given up before its base was written", async () => {
    const world = await calm(3);
    await settle(world);
    await busy(world);
    const node = world.node("n2");
    const at = node.disk.findIndex(({ bytes }) => decode(journalEntry, bytes).type === "base");
    const above = present(node.running.log.items[0], "a header above the base").batch;
    // Pruning comes after the base is durable: a crash in between leaves what stood there before.
    const batch = altered(above, node, { previous: ZERO_HASH });
    const bytes = encode(journalEntry, { type: "batch", batch });
    node.disk.splice(at, 0, { sequence: 0, bytes });
    expect(kept(restored(node))).toEqual(kept(node.running));
  });

  it("[ST5] restores a configuration that has only its number from the one below", async () => {
    const world = await calm(3);
    const node = world.node("n1");
    const { running } = node;
    const { ref: fence, configuration: ordered } = tipOf(running.log);
    const configuration = { ...ordered, seats: ordered.seats.slice(0, 2) };
    running.chain = { ...running.chain, forced: { configuration, fence } };
    const batch = orders(node);
    const written = running.effects.flatMap((effect) =>
      effect.type === "persist" ? effect.record : [],
    );
    node.disk.push(present(written.at(-1), "the batch's record"));
    const tip = tipOf(restored(node).log);
    expect(tip.ref).toEqual(refOfHeader(batch.header.header));
    expect(tip.configuration).toEqual(configuration);
  });

  it("[ST6] holds whatever was sent", async () => {
    let count = 0;
    const holds = (node: SimNode, what: "ack" | "batch", ref: HeaderRef) => {
      count += 1;
      const isHeld = journal(node).some((entry) => {
        if (entry.type === "base") return entry.acked.number >= ref.number;
        if (entry.type === "ack") return what === "ack" && sameHeader(entry.header, ref);
        const isBatch = entry.type === "batch" && what === "batch";
        return isBatch && sameHeader(refOfHeader(entry.batch.header.header), ref);
      });
      expect(isHeld).toBe(true);
    };
    const world = await calm(3, {
      onSend: (node, bytes) => {
        const decoded = decodeMessage(bytes);
        assert(decoded.ok, "a message");
        const { value } = decoded;
        if (value.type === "ack") holds(node, "ack", value.ack.header);
        if (value.type === "batch") holds(node, "batch", refOfHeader(value.batch.header.header));
      },
    });
    await busy(world);
    const crashed = world.node("n2");
    world.bank(world.node("n1"), "note", utf8("in the middle"));
    crashed.effectsLeft = 2;
    await world.until("it crashed", () => !crashed.isUp);
    crashed.start();
    await busy(world);
    expect(count).toBeGreaterThan(30);
  });
});

describe("status", () => {
  it("[ST9] names who has not acknowledged, and since when", async () => {
    const world = await calm(3);
    const [n1, n3] = [world.node("n1"), world.node("n3")];
    n3.crash();
    const since = world.clock.now;
    world.bank(n1, "note", utf8("hello"));
    await world.run(1_000);
    const { awaited } = world.status(n1);
    const acks = present(
      awaited.find(({ what }) => what === "acks"),
      "acks are awaited",
    );
    expect(acks.seats).toEqual([3n]);
    expect(acks.since).toBeGreaterThanOrEqual(since);
    expect(acks.since).toBeLessThan(since + 100n);
  });

  it("[ST9] names the leader that does not order", async () => {
    const world = await calm(2);
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    expect(world.status(n2).awaited).toEqual([]);
    n1.crash();
    const since = world.clock.now;
    world.bank(n2, "note", utf8("hello"));
    await world.run(1_000);
    expect(world.status(n2).awaited).toContainEqual({ what: "order", seats: [1n], since });
  });

  it.each<[string, 1 | 2, readonly bigint[], readonly bigint[], readonly bigint[]]>([
    ["whoever held a seat since the last settlement", 1, [1n, 2n, 3n, 4n], [1n, 4n], [2n]],
    ["nobody who is accused", 2, [1n, 2n], [1n], [2n]],
    ["nobody who was thrown out", 2, [1n, 2n, 3n], [], [1n, 2n]],
  ])("[ST9] names as voters that are awaited %s", async (_, type, voters, voted, missing) => {
    const world = await calm(4);
    const node = world.node("n1");
    // n4 has left since the last settlement, and n3 was punished.
    const members = node.running.chain.members.map((member) => {
      if (member.seat === 3n) return { ...member, standing: "removed" as const };
      return member.seat === 4n ? { ...member, standing: "out" as const } : member;
    });
    const votes = voted.map((seat) => ({ seat, option: 1 as const }));
    const data = new Uint8Array();
    const proposal = { id: 5n, type, proposer: 1n, data, voters, votes, status: "open" as const };
    const machine = standIn(node);
    see(machine, { members, proposals: [proposal] });
    const { awaited } = statusOf(machine);
    const seats = awaited.flatMap((one) => (one.what === "votes" ? one.seats : []));
    expect(seats).toEqual(missing);
  });
});
