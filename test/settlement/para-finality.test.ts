// What a parallel chain's adapter tells of blocks that can still be undone, and of those that
// cannot: at both levels, on real nodes and on branches that the test makes.
import { describe, expect, it } from "vitest";
import type { ChainEvent } from "#channel";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { sha2_256 } from "#core/hash.ts";
import { parseModuleId } from "#core/identifier.ts";
import type { TypeTag } from "#core/type-tag.ts";
import type { BlockEvents, ChainLink, EventPlace, FinalityLevel } from "#settlement";
import type { Agreement } from "../../src/settlement/adapters/para/agreement.ts";
import { hardEvents, softEvents } from "../../src/settlement/adapters/para/finality.ts";
import { accountNamed } from "../chains/fixture.ts";
import { type ParaTestWorld, startParaWorld } from "./para-world.ts";
import { memberBy } from "./world.ts";

const MODULE = present(parseModuleId("0x20::events"), "a module");
const STAKE = 100n;

/** A chain of which only blocks and their events are told. */
function branches() {
  let blocks: BlockEvents[] = [];
  let agreed: { readonly height: bigint; readonly hash: ReturnType<typeof sha2_256> } | undefined;
  const place = (height: bigint) => ({ version: height * 10n, index: 0 });
  const link: Pick<ChainLink, "name" | "height" | "block" | "eventsIn" | "events"> = {
    name: "a node",
    height: () => Promise.resolve(BigInt(blocks.length) - 1n),
    block: (height) => Promise.resolve(blocks[Number(height)]?.block),
    eventsIn: (height) => Promise.resolve(blocks[Number(height)]),
    events: (_module, from) => {
      const events = blocks.flatMap((block) => block.events);
      const left = events.filter((event) => event.place.version >= from.version);
      return Promise.resolve({ events: left, next: place(BigInt(blocks.length)) });
    },
  };
  const agreement: Agreement = { hard: () => Promise.resolve(agreed) };
  return {
    link: link as ChainLink,
    agreement,
    /** Replaces what is at these heights and above. */
    grow: (from: number, names: readonly string[]) => {
      blocks = blocks.slice(0, from);
      for (const name of names) {
        const height = BigInt(blocks.length);
        const hash = sha2_256(utf8(name));
        const summary = { height, hash, transactionsCount: 1, timestampMs: 0n };
        const data = utf8(name);
        const event = { type: EVENT_TYPE, data, timestampMs: 0n, place: place(height) };
        // A block in brackets has no event.
        const events = name.startsWith("(") ? [] : [event];
        blocks.push({ block: { ...summary, lastVersion: height * 10n + 9n }, events });
      }
    },
    agree: (height: number) => {
      agreed = present(blocks[height], "a block").block;
    },
  };
}

const EVENT_TYPE: TypeTag = { kind: "u64" };

async function readAll(
  cursor: Pick<ChainLink, "events">,
  from: EventPlace,
): Promise<{ readonly names: readonly string[]; readonly next: EventPlace }> {
  const names: string[] = [];
  let next = from;
  for (let count = 0; count < 100; count++) {
    const page = await cursor.events(MODULE, next);
    names.push(...page.events.map(({ data }) => new TextDecoder().decode(data)));
    const isEnd = page.events.length === 0;
    next = page.next;
    if (isEnd) break;
  }
  return { names, next };
}

describe("a parallel chain's newest blocks", () => {
  it("are told of in order, each event once", async () => {
    const { link, agreement, grow } = branches();
    grow(0, ["genesis", "a", "(b)", "c"]);
    const cursor = softEvents(link, agreement);
    const first = await readAll(cursor, await cursor.eventEnd());
    expect(first.names).toEqual([]);
    grow(4, ["d", "(e)", "f"]);
    const second = await readAll(cursor, first.next);
    expect(second.names).toEqual(["d", "f"]);
    expect((await readAll(cursor, second.next)).names).toEqual([]);
  });

  it("are followed back to the fork when replaced, by longer or shorter ones", async () => {
    const { link, agreement, grow } = branches();
    grow(0, ["genesis", "a"]);
    const cursor = softEvents(link, agreement);
    const start = await cursor.eventEnd();
    grow(2, ["b", "c", "d"]);
    const before = await readAll(cursor, start);
    expect(before.names).toEqual(["b", "c", "d"]);
    grow(3, ["C", "D", "E"]);
    const longer = await readAll(cursor, before.next);
    expect(longer.names).toEqual(["C", "D", "E"]);
    grow(4, ["δ"]);
    const shorter = await readAll(cursor, longer.next);
    expect(shorter.names).toEqual(["δ"]);
    grow(5, ["e"]);
    expect((await readAll(cursor, shorter.next)).names).toEqual(["e"]);
  });

  it("are each followed back by everybody who reads them", async () => {
    const { link, agreement, grow } = branches();
    grow(0, ["genesis"]);
    const cursor = softEvents(link, agreement);
    const start = await cursor.eventEnd();
    grow(1, ["a", "b"]);
    const [one, other] = [await readAll(cursor, start), await readAll(cursor, start)];
    grow(2, ["B"]);
    expect((await readAll(cursor, one.next)).names).toEqual(["B"]);
    expect((await readAll(cursor, other.next)).names).toEqual(["B"]);
  });

  it("are read again from what is agreed on by a life that remembers no branch", async () => {
    const { link, agreement, grow, agree } = branches();
    grow(0, ["genesis", "a", "b", "c"]);
    const earlier = softEvents(link, agreement);
    const { next } = await readAll(earlier, await earlier.eventEnd());
    agree(1);
    grow(2, ["B", "C"]);
    const later = softEvents(link, agreement);
    expect((await readAll(later, next)).names).toEqual(["B", "C"]);
  });
});

describe("a parallel chain's blocks that are agreed on", () => {
  it("are told of up to the agreement and no further", async () => {
    const { link, agreement, grow, agree } = branches();
    grow(0, ["genesis", "a", "b", "c"]);
    const cursor = hardEvents(link, agreement);
    expect((await readAll(cursor, { version: 0n, index: 0 })).names).toEqual([]);
    agree(2);
    const { names, next } = await readAll(cursor, { version: 0n, index: 0 });
    expect(names).toEqual(["genesis", "a", "b"]);
    agree(3);
    expect((await readAll(cursor, next)).names).toEqual(["c"]);
  });

  it("are not taken from a node that has others", async () => {
    const { link, agreement, grow, agree } = branches();
    grow(0, ["genesis", "a", "b"]);
    agree(1);
    grow(1, ["another"]);
    const cursor = hardEvents(link, agreement);
    const reading = cursor.events(MODULE, { version: 0n, index: 0 });
    await expect(reading).rejects.toMatchObject({ code: "NOT_AGREED" });
  });
});

describe("a channel on four nodes of a parallel chain", () => {
  /** Follows alice's channel by another node, at a level; tells what was seen, and when. */
  function follow(world: ParaTestWorld, id: bigint, place: number, finality: FinalityLevel) {
    const access = world.link(place, { finality }).access(accountNamed("a watcher"));
    const { adapter } = memberBy(world.clock, "a watcher", access, () => Promise.resolve(0n));
    const seen: { readonly type: ChainEvent["type"] | "view"; readonly atMs: bigint }[] = [];
    adapter.subscribe(id, (event, { leader }) => {
      const atMs = world.clock.now();
      if (event !== undefined) seen.push({ type: event.type, atMs });
      if (leader !== undefined) seen.push({ type: "view", atMs });
    });
    return seen;
  }

  it("is soft in a block, and hard when three agree on it, though the fourth is gone", async () => {
    const world = await startParaWorld({}, 4);
    const alice = await world.member("alice");
    const { id } = await world.during(alice.adapter.enter(STAKE));
    await world.pass(world.tellingMs);
    await present(world.sites[3], "a node").node.close();
    const [soft, hard] = [follow(world, id, 1, "soft"), follow(world, id, 2, "hard")];
    await world.pass(world.tellingMs);
    await world.during(alice.adapter.applyLeader(id, { steps: [] }));
    const doneMs = world.clock.now();
    await world.pass(2 * world.tellingMs);
    const told = [soft, hard].map((seen) => seen.find(({ type }) => type === "leaderChanged"));
    const [early, late] = told.map((event) => present(event, "both are told").atMs);
    expect(present(early, "soft") - doneMs).toBeLessThan(2_000n);
    expect(present(late, "hard")).toBeGreaterThan(present(early, "soft"));
    expect(hard.filter(({ type }) => type === "leaderChanged")).toHaveLength(1);
    const heights = [await world.during(world.link(1).hardHeight()), headOf(world, 1)];
    expect(present(heights[0], "agreed")).toBeLessThan(present(heights[1], "a head"));
  });

  it("is told of nothing as hard while too few nodes are left to agree", async () => {
    const world = await startParaWorld({}, 4);
    const alice = await world.member("alice");
    const { id } = await world.during(alice.adapter.enter(STAKE));
    await world.pass(world.tellingMs);
    for (const place of [2, 3]) await present(world.sites[place], "a node").node.close();
    const [soft, hard] = [follow(world, id, 1, "soft"), follow(world, id, 1, "hard")];
    await world.pass(world.tellingMs);
    await world.during(alice.adapter.applyLeader(id, { steps: [] }));
    await world.pass(2 * world.tellingMs);
    const led = ({ type }: { readonly type: string }) => type === "leaderChanged";
    const shown = ({ type }: { readonly type: string }) => type === "view";
    expect([soft.filter(led).length, hard.filter(led).length]).toEqual([1, 0]);
    // No view shows what no event tells.
    expect([soft.some(shown), hard.some(shown)]).toEqual([true, false]);
    await world.restartPara(2);
    await world.pass(3 * world.tellingMs);
    expect([soft.filter(led).length, hard.filter(led).length]).toEqual([1, 1]);
    expect(hard.some(shown)).toBe(true);
  });
});

function headOf({ sites }: ParaTestWorld, place: number): bigint {
  return present(sites[place], "a node").node.standing().height;
}
