import { describe, expect, it } from "vitest";
import { assert, present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { ZERO_HASH } from "#core/hash.ts";
import type { ChainProposal } from "../../../src/channel/chain-view.ts";
import { decode, encode, refOfHeader, settlementEvidence } from "../../../src/channel/codec.ts";
import { learnCertificate } from "../../../src/channel/core/certificates.ts";
import type { Effect } from "../../../src/channel/core/effect.ts";
import { step } from "../../../src/channel/core/machine.ts";
import { journalEntry } from "../../../src/channel/core/records.ts";
import { SETTLE_HEADERS, settleable } from "../../../src/channel/core/settlement.ts";
import type { SettlementEvidence } from "../../../src/channel/evidence.ts";
import { toyFunction } from "../../simulation/model-link.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import type { World } from "../../simulation/world.ts";
import { ToyExecutor } from "../toy-executor.ts";
import {
  calm,
  certified,
  commands,
  handBatch,
  noteOf,
  notices,
  orders,
  ordersCertified,
  sent,
  settle,
  show,
  takeOver,
  three,
  tickAfter,
} from "./handwork.ts";

function askToSettle(world: World, node: SimNode): readonly Effect[] {
  return step(node.running, { type: "settle", request: 99, now: world.clock.now });
}

function evidenceBy(world: World, node: SimNode): SettlementEvidence {
  const [proposed] = commands(askToSettle(world, node), "propose");
  return present(proposed, "a proposal").evidence;
}

function proposal(
  evidence: SettlementEvidence,
  change: Partial<ChainProposal> = {},
): ChainProposal {
  const data = encode(settlementEvidence, evidence);
  const voters = [1n, 2n, 3n];
  return { id: 1n, type: 1, proposer: 1n, data, voters, votes: [], status: "open", ...change };
}

function voteOf(world: World, node: SimNode, proposed: ChainProposal): number | undefined {
  return commands(show(world, node, { proposals: [proposed] }), "vote")[0]?.option;
}

describe("settling", () => {
  it("[SE1] is of the highest header that a certified one of its epoch confirms", async () => {
    const cast = await three();
    const { world, n1 } = cast;
    const first = ordersCertified(cast, [noteOf(n1, utf8("one"))]);
    const second = orders(n1);
    const { number } = first.header.header;
    expect(settleable(n1.running)?.item.ref.number).toBeLessThan(number);
    learnCertificate(n1.running, certified(world, second));
    expect(settleable(n1.running)?.item.ref).toEqual(refOfHeader(first.header.header));
    expect(settleable(n1.running)?.confirming.ref).toEqual(refOfHeader(second.header.header));
  });

  it("[SE1] is not of what only another epoch's header names", async () => {
    const cast = await three();
    const { world, n3 } = cast;
    const before = present(settleable(n3.running), "the admissions");
    const opening = takeOver(cast);
    learnCertificate(n3.running, certified(world, opening));
    expect(opening.header.header.justify.number).toBeGreaterThan(before.item.ref.number);
    expect(settleable(n3.running)?.item.ref).toEqual(before.item.ref);
  });

  it("[SE1] is not of what is settled already", async () => {
    const world = await calm(2);
    await settle(world);
    expect(settleable(world.node("n1").running)).toBeUndefined();
  });

  it("[SE2] its change set leads from the settled state to the header's", async () => {
    const cast = await three();
    const { world, n1 } = cast;
    const entries = [0, 1, 2].map((ahead) => noteOf(n1, utf8(`note ${ahead}`), ahead));
    ordersCertified(cast, entries);
    const last = ordersCertified(cast, [noteOf(n1, utf8("in it"))]);
    ordersCertified(cast, [noteOf(n1, utf8("above it"))]);
    const { header, changes } = evidenceBy(world, n1);
    expect(header).toEqual(last.header);
    const executor = new ToyExecutor();
    executor.apply(changes);
    expect(executor.stateRoot()).toEqual(header.header.stateRoot);
  });

  it("[SE3] carries the steps of configuration that the chain lacks, and no others", async () => {
    const { world, n1, n2 } = await three();
    const numbers = (evidence: SettlementEvidence) =>
      evidence.steps.map(({ configuration }) => configuration.number);
    const evidence = evidenceBy(world, n1);
    expect(numbers(evidence)).toEqual([1n, 2n]);
    const configuration = present(evidence.steps[0], "a step").configuration;
    show(world, n2, { configuration });
    expect(numbers(evidenceBy(world, n2))).toEqual([2n]);
  });

  it("[SE4] has a yes from who has that header and the same changes", async () => {
    const { world, n1, n2, n3 } = await three();
    const evidence = evidenceBy(world, n1);
    expect(voteOf(world, n2, proposal(evidence))).toBe(1);
    expect(voteOf(world, n3, proposal(evidence))).toBe(1);
  });

  it("[SE4] has a no from who has another header or other changes", async () => {
    const { world, n1, n2 } = await three();
    const evidence = evidenceBy(world, n1);
    const other = { ...evidence, changes: evidence.changes.slice(1) };
    expect(voteOf(world, n2, proposal(other, { id: 1n }))).toBe(0);
    const { certificate } = evidence;
    const { ack } = certificate;
    const header = { ...ack.header, hash: ZERO_HASH };
    const wrong = { ...evidence, certificate: { ...certificate, ack: { ...ack, header } } };
    expect(voteOf(world, n2, proposal(wrong, { id: 2n }))).toBe(0);
    const higher = { ...evidence, toHeight: evidence.toHeight + 1n };
    expect(voteOf(world, n2, proposal(higher, { id: 3n }))).toBe(0);
  });

  it("[SE4] has no vote from who has not confirmed that far, until it has", async () => {
    const cast = await three();
    const { world, n1, n2 } = cast;
    const batches = [ordersCertified(cast, [noteOf(n1, utf8("one"))]), ordersCertified(cast)];
    const proposed = proposal(evidenceBy(world, n1));
    expect(voteOf(world, n2, proposed)).toBeUndefined();
    for (const batch of batches) handBatch(world, n2, batch);
    expect(commands(tickAfter(n2, 0), "vote")).toEqual([]);
    for (const batch of batches) learnCertificate(n2.running, certified(world, batch));
    expect(commands(tickAfter(n2, 0), "vote")).toEqual([{ type: "vote", proposal: 1n, option: 1 }]);
  });

  it("[SE5] is carried out by its proposer, after two seconds by the others in turn", async () => {
    const { world, n1, n2, n3 } = await three();
    const passed = proposal(evidenceBy(world, n1), { proposer: 3n, status: "passed" });
    const change = { proposals: [passed] };
    expect(commands(show(world, n3, change), "execute")).toEqual([
      { type: "execute", proposal: passed },
    ]);
    for (const [node, wait] of [
      [n1, 2_000],
      [n2, 4_000],
    ] as const) {
      expect(commands(show(world, node, change), "execute")).toEqual([]);
      expect(commands(tickAfter(node, wait - 1), "execute")).toEqual([]);
      expect(commands(tickAfter(node, 1), "execute")).toHaveLength(1);
    }
  });

  it("[SE6] makes the header the base of every node, on disk, with nothing older", async () => {
    const world = await calm(3);
    await settle(world);
    const { header, height, stateRoot } = world.chain.view().settled;
    expect(height).toBeGreaterThan(0n);
    for (const { running, disk } of world.nodes) {
      expect(running.log.base.ref).toEqual(header);
      expect(running.log.base.height).toBe(height);
      const entries = disk.map(({ bytes }) => decode(journalEntry, bytes));
      const base = entries.find((entry) => entry.type === "base");
      assert(base?.type === "base", "the base is on disk");
      expect(new ToyExecutor().restore(stateRoot, base.chunks)).toBe(true);
      expect(entries.filter(({ type }) => type === "start")).toEqual([]);
      for (const entry of entries) {
        if (entry.type !== "batch") continue;
        expect(entry.batch.header.header.number).toBeGreaterThan(header.number);
      }
      const { executor } = running.tools;
      assert(executor instanceof ToyExecutor, "a toy bank");
      expect(executor.markCount).toBe(running.log.items.length + 1);
    }
  });

  it("[SE7] is proposed by a leader whose log has 4096 headers", async () => {
    const world = await calm(1);
    const n1 = world.node("n1");
    const { running } = n1;
    ordersCertified({ world, n1 }, [noteOf(n1, utf8("to settle"))]);
    ordersCertified({ world, n1 });
    const base = running.log.items.length;
    for (let count = base; count < SETTLE_HEADERS - 1; count++) orders(n1);
    expect(commands(tickAfter(n1, 0), "propose")).toEqual([]);
    while (running.log.items.length < SETTLE_HEADERS) orders(n1);
    expect(commands(tickAfter(n1, 0), "propose")).toHaveLength(1);
    expect(SETTLE_HEADERS).toBe(4_096);
  });
});

interface Given {
  readonly by: string;
  readonly type: string;
  readonly settled: bigint;
}

/** A calm channel that keeps a list of what is given to the chain. */
async function watched(count: number): Promise<{ world: World; given: Given[] }> {
  const given: Given[] = [];
  const world: World = await calm(count, {
    tamper: ({ name, options }, effects) => {
      const settled = options.chain.view().settled.height;
      for (const effect of effects) {
        if (effect.type !== "submit") continue;
        given.push({ by: name, type: effect.command.type, settled });
      }
      return effects;
    },
  });
  return { world, given };
}

describe("leaving", () => {
  it("[DE1] is ordered, settled, told to the chain, and then done there", async () => {
    const { world, given } = await watched(3);
    const n3 = world.node("n3");
    const confirmed = world.status(n3).heights.confirmed;
    const request = world.ask(n3, "leave");
    await world.until("n3 is gone", () => world.stages(request).includes("done"));
    const { settled, members, configuration } = world.chain.view();
    expect(settled.height).toBeGreaterThan(confirmed);
    expect(members.map(({ seat }) => seat)).toEqual([1n, 2n]);
    expect(configuration.seats.map(({ seat }) => seat)).toEqual([1n, 2n]);
    const leaves = given.filter(({ by, type }) => by === "n3" && type === "leave");
    expect(leaves.length).toBeGreaterThan(0);
    for (const leave of leaves) expect(leave.settled).toBeGreaterThan(confirmed);
    expect(world.status(n3).phase).toBe("departed");
  });

  it("[DE2] closing is ordered, settled and closed; then everybody takes its own", async () => {
    const { world, given } = await watched(3);
    const n1 = world.node("n1");
    const confirmed = world.status(n1).heights.confirmed;
    const request = world.ask(n1, "close");
    await world.until("all closed", () =>
      world.nodes.every((node) => world.status(node).phase === "closed"),
    );
    expect(world.stages(request)).toEqual(["done"]);
    const close = present(
      given.find(({ type }) => type === "close"),
      "a close",
    );
    expect(close.settled).toBeGreaterThan(confirmed);
    const order = given.map(({ type }) => type);
    expect(order.indexOf("leave")).toBeGreaterThan(order.indexOf("close"));
    const leavers = given.filter(({ type }) => type === "leave").map(({ by }) => by);
    expect(new Set(leavers)).toEqual(new Set(["n1", "n2", "n3"]));
    expect(world.chain.view().members).toEqual([]);
  });

  it("[DE2] closing ends the calls of everybody", async () => {
    const { world } = await watched(2);
    const n2 = world.node("n2");
    world.ask(world.node("n1"), "close");
    await world.run(300);
    const request = world.call(n2, { function: toyFunction("note"), args: [utf8("late")] });
    await world.run(50);
    expect(world.stages(request)).toEqual(["CHANNEL_CLOSED"]);
  });

  it("[DE3] a departure that is voided is sent again, the same bytes", async () => {
    const cast = await three();
    const { world, n1, n2, n3 } = cast;
    const asked = step(n2.running, { type: "leave", request: 5, now: world.clock.now });
    const [first] = sent([...asked, ...tickAfter(n2, 0)], "departure");
    const { departure } = present(first, "a departure");
    handBatch(world, n2, orders(n1, [{ type: "leave", departure }]));
    expect(sent(tickAfter(n2, 5_000), "departure")).toEqual([]);
    const effects = handBatch(world, n2, takeOver(cast), n3);
    expect(notices(effects, "reverted")).toHaveLength(1);
    const again = sent([...effects, ...tickAfter(n2, 0)], "departure");
    expect(again).toEqual([first]);
  });
});
