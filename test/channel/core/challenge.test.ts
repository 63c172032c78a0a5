import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { domainHash } from "#core/hash.ts";
import type { ChainAnswer, ChainProposal } from "../../../src/channel/chain-view.ts";
import { encode, entries as entriesCodec } from "../../../src/channel/codec/objects.ts";
import { encodeAnswer, hashEntries, refOfHeader } from "../../../src/channel/codec.ts";
import type { Effect } from "../../../src/channel/core/effect.ts";
import { rootOfSteps } from "../../../src/channel/core/execution.ts";
import { voidedBy } from "../../../src/channel/core/verdict.ts";
import type { Batch, Entry } from "../../../src/channel/messages.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import {
  altered,
  answer,
  commands,
  handBatch,
  orders,
  sent,
  show,
  tickAfter,
  tipNumber,
  written,
} from "./handwork.ts";
import { answerOf, hidden, hiddenFraud, type Plot, plot, proposalOf } from "./plot.ts";

const HEADERS_MAX = 16n;

/** What is demanded: the first and the last header. */
function demanded(effects: readonly Effect[]): readonly (readonly [bigint, bigint])[] {
  return commands(effects, "demandData").map(({ first, last }) => [first, last] as const);
}

/** n2's patience: a third of the window, and its turn. */
function patience({ world, n2 }: Plot): number {
  const { disputeWindow } = n2.running.facts.settings;
  const part = Number(disputeWindow) / 3;
  const seats = world.status(n2).configuration.seats.length;
  return Math.floor(Math.min(part, 20_000) + Math.min(2_000, Math.floor(part / seats)));
}

function numberOf({ header }: Batch): bigint {
  return header.header.number;
}

interface Hidden {
  readonly all: Plot;
  readonly bad: Batch;
  readonly target: Batch;
  readonly proposal: ChainProposal;
}

/** A settlement of what stands two headers above a false one; n2 saw none of it. */
async function proposed(): Promise<Hidden> {
  const all = await plot();
  const bad = hiddenFraud(all);
  hidden(all);
  const target = hidden(all, "and on");
  const proposal = proposalOf(all, target, hidden(all));
  show(all.world, all.n2, { proposals: [proposal] });
  return { all, bad, target, proposal };
}

describe("a member that is not shown what is to be settled", () => {
  it("[DD2] asks the others, and demands it after a third of the window and its turn", async () => {
    const { all, bad, target } = await proposed();
    const { n2 } = all;
    const wait = patience(all);
    const asking = tickAfter(n2, 1_000);
    expect(sent(asking, "syncRequest")).toHaveLength(1);
    expect(demanded(tickAfter(n2, wait - 1_001))).toEqual([]);
    expect(demanded(tickAfter(n2, 1))).toEqual([[numberOf(bad), numberOf(target)]]);
  });

  it("[DD2] waits anew when a header comes in", async () => {
    const all = await plot();
    const shown = hidden(all);
    const target = hidden(all, "and on");
    const proposal = proposalOf(all, target, hidden(all));
    show(all.world, all.n2, { proposals: [proposal] });
    tickAfter(all.n2, patience(all) - 1);
    handBatch(all.world, all.n2, shown);
    expect(tipNumber(all.n2)).toBe(numberOf(shown));
    expect(demanded(tickAfter(all.n2, patience(all) - 1))).toEqual([]);
    const rest = [[numberOf(target), numberOf(target)]];
    expect(demanded(tickAfter(all.n2, 1))).toEqual(rest);
  });

  it("[DD2] demands nothing that it holds, or without a vote", async () => {
    const { all, proposal } = await proposed();
    const { world, n1, n2 } = all;
    show(world, n1, { proposals: [proposal] });
    expect(demanded(tickAfter(n1, patience(all) * 3))).toEqual([]);
    show(world, n2, { proposals: [{ ...proposal, voters: [1n, 3n, 4n] }] });
    expect(demanded(tickAfter(n2, patience(all) * 3))).toEqual([]);
  });

  it("[DD3] demands nothing twice, and nothing that is demanded already", async () => {
    const { all, bad, target } = await proposed();
    const { world, n2 } = all;
    const challenger = present(n2.running.chain.members[2], "n3").address;
    const [next, last] = [numberOf(bad), numberOf(target)];
    const due = n2.running.chain.now + 60_000n;
    const demand = { id: 1n, proposal: 5n, challenger, next, last, due };
    show(world, n2, { demands: [demand] });
    expect(demanded(tickAfter(n2, patience(all)))).toEqual([]);
    expect(demanded(show(world, n2, { demands: [{ ...demand, next: last }] }))).toHaveLength(1);
    expect(demanded(tickAfter(n2, 1_000))).toEqual([]);
  });

  it("[DD3] demands at most sixteen headers at a time, and twice", async () => {
    const all = await plot();
    const { world, n2 } = all;
    const first = tipNumber(n2) + 1n;
    for (let count = 0; count < 40; count++) hidden(all);
    const target = hidden(all, "and on");
    const proposal = proposalOf(all, target, hidden(all));
    show(world, n2, { proposals: [proposal] });
    const next = first + HEADERS_MAX;
    const ranges = [
      [first, next - 1n],
      [next, next + HEADERS_MAX - 1n],
    ] as const;
    const answers = ranges.map(([from, to]) => answerOf(all, proposal, from, to));
    const inTurn = ranges.map((_, at) => {
      show(world, n2, { answers: answers.slice(0, at) });
      const effects = tickAfter(n2, patience(all));
      answer(n2, effects);
      return demanded(effects);
    });
    expect(inTurn).toEqual(ranges.map((range) => [range]));
    show(world, n2, { answers });
    expect(demanded(tickAfter(n2, patience(all) * 3))).toEqual([]);
  });

  it("[DD3] goes on where another has spent its demands, page by page", async () => {
    const all = await plot();
    const { world, n2 } = all;
    const first = tipNumber(n2) + 1n;
    for (let count = 0; count < 60; count++) hidden(all);
    const bad = hiddenFraud(all);
    const target = hidden(all, "and on");
    const proposal = proposalOf(all, target, hidden(all));
    const n3 = world.node("n3");
    const { configuration } = world.status(n3);
    const fence = n3.running.log.highest.ref;
    show(world, n3, { judges: true, fence, configuration });
    const members = [n2, n3];
    const answers: ChainAnswer[] = [];
    const pages: (readonly [bigint, bigint])[] = [];
    const look = (node: SimNode) => {
      show(world, node, { proposals: [proposal], answers: [...answers] });
      // Whose turn comes later has waited as long.
      const effects = tickAfter(node, patience(all) * 2);
      answer(node, effects);
      return demanded(effects);
    };
    for (const node of [...members, ...members, ...members]) {
      for (const [from, to] of look(node)) {
        pages.push([from, to]);
        answers.push(answerOf(all, proposal, from, to));
      }
    }
    const expected = [0n, 1n, 2n, 3n].map((page) => {
      const from = first + page * HEADERS_MAX;
      const to = from + HEADERS_MAX - 1n;
      return [from, to < numberOf(target) ? to : numberOf(target)];
    });
    expect(pages).toEqual(expected);
    const found = members.flatMap((node) => show(world, node, { answers: [...answers] }));
    const reports = [...found, ...tickAfter(n3, 20_000)].flatMap((effect) =>
      commands([effect], "proveFraud"),
    );
    expect(reports.map(({ evidence }) => evidence.header)).toContainEqual(bad.header);
    for (const { running } of members) expect(running.disproofs).toHaveLength(1);
  });

  it("[DD3] demands nothing of what it knows to build on a false header", async () => {
    const { all, bad, target } = await proposed();
    const { world, n2 } = all;
    handBatch(world, n2, bad);
    const between = present(all.n1.running.log.items.at(-3), "the header between").batch;
    handBatch(world, n2, between);
    expect(numberOf(between)).toBe(numberOf(target) - 1n);
    expect(demanded(tickAfter(n2, patience(all) * 2))).toEqual([]);
  });
});

describe("what was answered", () => {
  it("[DD4] is run again: a false header below is reported with the way up", async () => {
    const { all, bad, target, proposal } = await proposed();
    const { world, n2 } = all;
    const shown = answerOf(all, proposal, numberOf(bad), numberOf(bad));
    const effects = show(world, n2, { answers: [shown] });
    const [report] = commands(effects, "proveFraud");
    expect(report?.evidence.header).toEqual(bad.header);
    const hashes = [bad, target].map(({ header }) => refOfHeader(header.header).hash);
    expect(voidedBy(present(report, "a report").evidence)).toEqual(hashes);
    expect(n2.running.distrust?.accused).toBe(1n);
    expect(tipNumber(n2)).toBe(numberOf(bad) - 1n);
  });

  it("[DD5] is voted against where it is false", async () => {
    const { all, bad, target, proposal } = await proposed();
    const shown = answerOf(all, proposal, numberOf(bad), numberOf(target));
    const effects = show(all.world, all.n2, { answers: [shown] });
    expect(commands(effects, "vote").map(({ option }) => option)).toEqual([0]);
  });

  it("[DD5] is voted for once all of it is sound, and not before", async () => {
    const all = await plot();
    const { world, n2 } = all;
    const first = hidden(all, "what was said");
    const target = hidden(all, "and on");
    const proposal = proposalOf(all, target, hidden(all));
    const [one, two] = [first, target].map((batch) =>
      answerOf(all, proposal, numberOf(batch), numberOf(batch)),
    );
    const half = show(world, n2, { proposals: [proposal], answers: [present(one, "half")] });
    expect(commands(half, "vote")).toEqual([]);
    const whole = show(world, n2, { answers: [one, two].flatMap((given) => given ?? []) });
    expect(commands(whole, "vote").map(({ option }) => option)).toEqual([1]);
    // It is no part of the log: nobody showed that a quorum stands behind it.
    expect(tipNumber(n2)).toBe(numberOf(first) - 1n);
    expect(n2.running.tools.executor.stateRoot()).toEqual(n2.running.log.items.at(-1)?.stateRoot);
  });

  it.each([
    ["no entries", new Uint8Array([9, 9]), 1],
    ["fewer entries than the step counts", new Uint8Array([0]), 1],
  ])("[DD4] is fraud where a step covers %s", async (_, entries, count) => {
    const all = await plot();
    const { world, n1, n2 } = all;
    const good = hidden(all, "what was said");
    const [known] = good.steps;
    const entriesHash = domainHash("Entries", entries);
    const step = { ...present(known, "a step"), entriesHash, count };
    const bad = altered(good, n1, { stepsRoot: rootOfSteps([step]) });
    const proposal = proposalOf(all, bad, hidden(all));
    const data = encodeAnswer([{ header: bad.header, path: [], steps: [{ step, entries }] }]);
    const answers = [{ proposal: proposal.id, data }];
    const [report] = commands(show(world, n2, { proposals: [proposal], answers }), "proveFraud");
    expect(report?.evidence).toMatchObject({ header: bad.header, entries: [], unread: entries });
    // With bytes that the step does not cover it is nothing.
    const other = encodeAnswer([
      { header: bad.header, path: [], steps: [{ step, entries: new Uint8Array([7]) }] },
    ]);
    const n3 = world.node("n3");
    const { configuration } = world.status(n3);
    const fence = n3.running.log.highest.ref;
    const view = { judges: true, proposals: [proposal], fence, configuration };
    show(world, n3, { ...view, answers: [{ proposal: proposal.id, data: other }] });
    expect(n3.running.disproofs).toEqual([]);
  });

  it("[FR9] is accused by its header alone where no message carries its entries", async () => {
    const all = await plot();
    const { world, n1, n2 } = all;
    const good = hidden(all, "what was said");
    const { firstHeight } = good.header.header;
    const ticks = Array.from(
      { length: 320 },
      (_, tick): Entry => ({ type: "tick", tick: BigInt(tick) }),
    );
    const steps = Array.from({ length: 20 }, (_, at) => {
      const own = ticks.slice(at * 16, at * 16 + 16);
      const step = {
        ...present(good.steps[0], "a step"),
        firstHeight: firstHeight + BigInt(at * 16),
        count: own.length,
        entriesHash: hashEntries(own),
      };
      return { step, entries: encode(entriesCodec, own) };
    });
    const stepsRoot = rootOfSteps(steps.map(({ step }) => step));
    const bad = altered(good, n1, { stepsRoot, count: ticks.length });
    const proposal = proposalOf(all, bad, hidden(all));
    const data = encodeAnswer([{ header: bad.header, path: [], steps }]);
    const answers = [{ proposal: proposal.id, data }];
    const found = show(world, n2, { proposals: [proposal], answers });
    const [report] = commands(found, "proveFraud");
    expect(report?.evidence).toMatchObject({ header: bad.header, entries: ticks.slice(0, 16) });
    const told = commands(tickAfter(n2, 60_000), "punish").map(({ evidence }) => evidence);
    expect(told).toMatchObject([{ header: bad.header, entries: [], batchSteps: [] }]);
  });

  it("[DD6] is taken into the log where the chain goes on from it and it is sound", async () => {
    const all = await plot();
    const { world, n2 } = all;
    const before = tipNumber(n2);
    const good = hidden(all, "what was said");
    const bad = hiddenFraud(all);
    const target = hidden(all, "and on");
    const proposal = proposalOf(all, target, hidden(all));
    const answers = [answerOf(all, proposal, numberOf(good), numberOf(bad))];
    show(world, n2, { proposals: [proposal], answers });
    expect([tipNumber(n2), n2.running.disproofs.length]).toEqual([before, 1]);
    show(world, n2, { fence: refOfHeader(bad.header.header) });
    expect(tipNumber(n2)).toBe(before);
    const effects = show(world, n2, { proposals: [], fence: refOfHeader(good.header.header) });
    expect(tipNumber(n2)).toBe(numberOf(good));
    expect(written(effects).some(({ entry }) => entry.type === "batch")).toBe(true);
    expect(n2.running.tools.executor.stateRoot()).toEqual(good.header.header.stateRoot);
  });

  it("[DD6] takes the place of what ranks lower, and of nothing confirmed", async () => {
    const all = await plot();
    const { world, n1, n2 } = all;
    const own = orders(n1);
    const other = altered(own, n1, { time: own.header.header.time + 1n });
    const good = hidden(all, "what was said");
    const proposal = proposalOf(all, good, hidden(all));
    const answers = [answerOf(all, proposal, numberOf(own), numberOf(good))];
    handBatch(world, n2, other);
    const confirmed = n2.running.log.confirmed;
    n2.running.log.confirmed = numberOf(other);
    const fence = refOfHeader(good.header.header);
    show(world, n2, { answers, fence });
    expect(tipNumber(n2)).toBe(numberOf(other));
    n2.running.log.confirmed = confirmed;
    show(world, n2, {});
    expect(n2.running.log.items.at(-1)?.header).toEqual(good.header);
  });

  it("[DD4] that meets the log nowhere makes it ask for what is further down", async () => {
    const all = await plot();
    const { world, n1, n2 } = all;
    const common = tipNumber(n2);
    const own = altered(orders(n1), n1, {});
    // n2 has another header of n1 there.
    const other = altered(own, n1, { time: own.header.header.time + 1n });
    handBatch(world, n2, other);
    expect(tipNumber(n2)).toBe(common + 1n);
    const target = hidden(all, "and on");
    const proposal = proposalOf(all, target, hidden(all));
    show(world, n2, { proposals: [proposal] });
    const first = tickAfter(n2, patience(all));
    answer(n2, first);
    expect(demanded(first)).toEqual([[numberOf(target), numberOf(target)]]);
    const shown = answerOf(all, proposal, numberOf(target), numberOf(target));
    show(world, n2, { answers: [shown] });
    const least = numberOf(target) - HEADERS_MAX;
    const base = n2.running.log.base.ref.number + 1n;
    const second = demanded(tickAfter(n2, patience(all)));
    const from = least > base ? least : base;
    const most = from + HEADERS_MAX - 1n;
    expect(second).toEqual([[from, most < numberOf(target) ? most : numberOf(target)]]);
  });

  it("[DD4] and cannot be read, or shows other entries, is nothing", async () => {
    const { all, bad, proposal } = await proposed();
    const { world, n2 } = all;
    const { data } = answerOf(all, proposal, numberOf(bad), numberOf(bad));
    const cut = { proposal: 5n, data: data.slice(0, -1) };
    const effects = show(world, n2, { answers: [cut] });
    expect([...commands(effects, "proveFraud"), ...commands(effects, "vote")]).toEqual([]);
    const changed = data.slice();
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    const more = show(world, n2, { answers: [cut, { proposal: 5n, data: changed }] });
    expect([...commands(more, "proveFraud"), ...commands(more, "vote")]).toEqual([]);
    const named = tickAfter(n2, patience(all));
    expect(demanded(named)[0]?.[0]).toBe(numberOf(bad));
  });
});
