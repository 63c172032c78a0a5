import { describe, expect, it } from "vitest";
import { assert, present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { ZERO_HASH } from "#core/hash.ts";
import type { ChainMember, ChainProposal } from "../../../src/channel/chain-view.ts";
import {
  callMessage,
  encode,
  hashEntries,
  punishmentEvidence,
} from "../../../src/channel/codec.ts";
import { learnCertificate } from "../../../src/channel/core/certificates.ts";
import { configurationNamed } from "../../../src/channel/core/configuration.ts";
import { rootOfSteps } from "../../../src/channel/core/execution.ts";
import { type Finding, inspect } from "../../../src/channel/core/inspect.ts";
import { itemAt, pointAt } from "../../../src/channel/core/log.ts";
import { admissionOf } from "../../../src/channel/core/membership.ts";
import type { Batch, Header } from "../../../src/channel/messages.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import type { World } from "../../simulation/world.ts";
import { u64 } from "../toy-executor.ts";
import {
  altered,
  answer,
  calm,
  certified,
  commands,
  complaints,
  handBatch,
  notices,
  orders,
  sent,
  show,
  tickAfter,
  tipNumber,
} from "./handwork.ts";

/** What a node makes of a batch above its tip; it is at its tip again afterwards. */
function judge(node: SimNode, batch: Batch): Finding {
  const { facts, tools, log } = node.running;
  const parent = present(pointAt(log, batch.header.header.number - 1n), "the parent");
  const { header } = batch.header;
  const configuration = configurationNamed(log, facts.channel, undefined, parent, header);
  const mark = tools.executor.mark();
  tools.executor.rollback(parent.mark);
  const finding = inspect(
    facts,
    tools,
    parent,
    batch,
    present(configuration, "a configuration that may be named"),
  );
  tools.executor.rollback(mark);
  return finding;
}

/** A batch with one call of n1, not given to anybody. */
function withCall(world: World): Batch {
  const n1 = world.node("n1");
  world.bank(n1, "note", utf8("hello"));
  const call = present(n1.running.own[0], "a call under way");
  assert(call.submission.type === "call", "a call");
  return orders(n1, [{ type: "call", call: call.submission.call }]);
}

function proposal(batch: Batch, change: Partial<ChainProposal> = {}): ChainProposal {
  const evidence = {
    accused: 1n,
    header: batch.header,
    entries: batch.entries,
    batchSteps: batch.steps,
    steps: [],
  };
  const data = encode(punishmentEvidence, evidence);
  return {
    id: 1n,
    type: 2,
    voters: [2n, 3n],
    proposer: 3n,
    data,
    votes: [],
    status: "open",
    ...change,
  };
}

/** n1 admits a fourth member, which no other view of the chain shows yet. */
function withAdmission(world: World): { readonly batch: Batch; readonly joined: ChainMember[] } {
  const n1 = world.node("n1");
  const { members } = n1.running.chain;
  const { memberKey, nodeKey, revealTip } = world.ring.keysFor("n4");
  const model = present(members[1], "n2's membership");
  const fourth = { ...model, seat: 4n, memberKey, nodeKey, revealTip, asset: u64(500n) };
  const joined = [...members, fourth];
  show(world, n1, { members: joined });
  return { batch: orders(n1, [present(admissionOf(n1.running, fourth), "an entry")]), joined };
}

function voteOf(world: World, node: SimNode, accusation: ChainProposal): number | undefined {
  return commands(show(world, node, { proposals: [accusation] }), "vote")[0]?.option;
}

describe("findings", () => {
  it("[FR1] follow from parent and batch alone, whatever clock and chain say", async () => {
    const world = await calm(3);
    const [n1, n2, n3] = [world.node("n1"), world.node("n2"), world.node("n3")];
    const batch = orders(n1);
    const bad = altered(batch, n1, { stateRoot: ZERO_HASH });
    const { members } = n3.running.chain;
    const [creator] = members;
    tickAfter(n3, 60_000);
    show(world, n3, { term: 9n, leader: 2n, members: members.filter((one) => one === creator) });
    for (const one of [batch, bad]) expect(judge(n3, one)).toEqual(judge(n2, one));
    expect(judge(n2, bad)).toEqual({ type: "fraud", detail: "the state root is wrong" });
    expect(judge(n2, batch).type).toBe("sound");
  });

  it("[FR1] an admission gives the same under views with the joiner and without", async () => {
    const world = await calm(3);
    const [n2, n3] = [world.node("n2"), world.node("n3")];
    const { batch, joined } = withAdmission(world);
    const other = joined.map((member) => ({ ...member, asset: u64(1n) }));
    const blind = judge(n2, batch);
    expect(blind.type).toBe("sound");
    show(world, n2, { members: joined });
    show(world, n3, { members: other });
    expect(judge(n2, batch)).toEqual(blind);
    expect(judge(n3, batch)).toEqual(blind);
  });

  it("[FR2] a batch whose entries the header does not cover is no evidence", async () => {
    const world = await calm(2);
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    const batch = withCall(world);
    const [step] = batch.steps;
    const changed: readonly Batch[] = [
      { ...batch, entries: [] },
      { ...batch, entries: [{ type: "tick", tick: 1n }] },
      { ...batch, steps: [] },
      { ...batch, steps: [{ ...present(step, "a step"), stateRoot: ZERO_HASH }] },
      altered(batch, n1, { stateRoot: ZERO_HASH, stepsRoot: ZERO_HASH }),
    ];
    for (const one of changed) {
      expect(judge(n2, one).type).toBe("unbound");
      const effects = handBatch(world, n2, one);
      expect(complaints(effects).join()).toContain("BAD_BATCH");
      expect(n2.running.distrust).toBeUndefined();
    }
    handBatch(world, n2, batch);
    expect(tipNumber(n2)).toBe(batch.header.header.number);
  });

  const FRAUDS: readonly (readonly [string, (header: Header) => Partial<Header>])[] = [
    ["the first height does not follow", (header) => ({ firstHeight: header.firstHeight + 1n })],
    ["the pre-state root does not follow", () => ({ preStateRoot: ZERO_HASH })],
    ["the history root does not follow", () => ({ historyRoot: ZERO_HASH })],
    ["time goes back", () => ({ time: 1n })],
    ["the epoch goes back", () => ({ epoch: { term: 0n, view: 0n } })],
    [
      "a gap opens the epoch",
      ({ epoch, justify }) => ({
        epoch: { ...epoch, term: epoch.term + 1n },
        justify: { ...justify, hash: ZERO_HASH },
      }),
    ],
    ["justify goes back or ahead", ({ justify, number }) => ({ justify: { ...justify, number } })],
    ["justify goes back or ahead", ({ justify }) => ({ justify: { ...justify, number: 0n } })],
    ["the last step ends in another state", () => ({ stateRoot: ZERO_HASH })],
    ["the change-set root is wrong", () => ({ changeSetRoot: ZERO_HASH })],
    [
      "the next configuration is wrong",
      ({ next }) => ({ next: { ...next, number: next.number + 1n } }),
    ],
  ];
  it.each(FRAUDS)("[FR3] is fraud: %s", async (detail, change) => {
    const world = await calm(2);
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    const batch = withCall(world);
    const finding = judge(n2, altered(batch, n1, change(batch.header.header)));
    expect(finding).toEqual({ type: "fraud", detail });
  });

  it("[FR3] is fraud: a steps root that re-execution contradicts", async () => {
    const world = await calm(2);
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    const batch = withCall(world);
    const step = { ...present(batch.steps[0], "a step"), receiptsHash: ZERO_HASH };
    const steps = [step];
    const wrong = altered({ ...batch, steps }, n1, { stepsRoot: rootOfSteps(steps) });
    expect(judge(n2, wrong)).toEqual({ type: "fraud", detail: "the steps root is wrong" });
  });

  it("[FR3] is fraud: an inadmissible entry", async () => {
    const world = await calm(2);
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    const batch = withCall(world);
    const [entry] = batch.entries;
    assert(entry?.type === "call", "a call");
    const call = { ...entry.call.call, nonce: entry.call.call.nonce + 1n };
    const signature = n1.keys.signAsMember(callMessage(call));
    const entries = [{ type: "call", call: { call, signature } }] as const;
    const steps = [{ ...present(batch.steps[0], "a step"), entriesHash: hashEntries(entries) }];
    const change = { stepsRoot: rootOfSteps(steps) };
    const finding = judge(n2, altered({ ...batch, entries, steps }, n1, change));
    assert(finding.type === "fraud", "an entry with a wrong nonce is fraud");
    expect(finding.detail).toContain("BAD_SIGNATURE_OR_NONCE");
  });

  it("[FR3] is fraud: entries while a change is pending", async () => {
    const world = await calm(3);
    const n1 = world.node("n1");
    orders(n1, [{ type: "suspend", seat: 3n }]);
    const finding = judge(n1, withCall(world));
    expect(finding).toEqual({ type: "fraud", detail: "entries while a change is pending" });
  });

  it("[FR4] a change that the own view of the chain does not bear out is no fraud", async () => {
    const world = await calm(3);
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    const batch = orders(n1, [{ type: "suspend", seat: 3n }]);
    expect(judge(n2, batch).type).toBe("sound");
    const effects = handBatch(world, n2, batch);
    expect(tipNumber(n2)).toBe(batch.header.header.number - 1n);
    expect(notices(effects, "fraud")).toEqual([]);
    expect(n2.running.distrust).toBeUndefined();
  });
});

describe("who finds fraud", () => {
  async function caught(): Promise<{ world: World; batch: Batch; wrong: Batch }> {
    const world = await calm(3);
    const batch = withCall(world);
    const wrong = altered(batch, world.node("n1"), { stateRoot: ZERO_HASH });
    return { world, batch, wrong };
  }

  it("[FR5] stops acking that term", async () => {
    const { world, batch, wrong } = await caught();
    const n2 = world.node("n2");
    const effects = handBatch(world, n2, wrong);
    expect(notices(effects, "fraud")).toEqual([
      { type: "fraud", accused: 1n, detail: "the last step ends in another state" },
    ]);
    expect(sent(handBatch(world, n2, batch), "ack")).toEqual([]);
    expect(sent(tickAfter(n2, 1_000), "ack")).toEqual([]);
  });

  it("[FR5] posts its highest certificate and steps, then accuses with the batch", async () => {
    const { world, wrong } = await caught();
    const n2 = world.node("n2");
    const effects = handBatch(world, n2, wrong);
    const [posted] = commands(effects, "postCertificate");
    const { log, chain } = n2.running;
    expect(posted?.candidacy.certificate).toEqual(log.highest.certificate);
    expect(posted?.candidacy.steps.map(({ configuration }) => configuration.number)).toEqual([
      1n,
      2n,
    ]);
    expect(commands(effects, "punish")).toEqual([]);
    answer(n2, effects);
    expect(chain.proposals).toEqual([]);
    const { configuration } = world.status(n2);
    const [accusation] = commands(
      show(world, n2, { fence: log.highest.ref, configuration }),
      "punish",
    );
    expect(accusation?.evidence).toEqual({
      accused: 1n,
      header: wrong.header,
      previous: itemAt(log, wrong.header.header.number - 1n)?.header,
      entries: wrong.entries,
      batchSteps: wrong.steps,
      steps: [],
    });
  });

  it("[FR5] waits for its turn, two seconds after the one before", async () => {
    const { world, wrong } = await caught();
    const n3 = world.node("n3");
    const effects = handBatch(world, n3, wrong);
    expect(n3.running.distrust?.accused).toBe(1n);
    expect(commands(effects, "postCertificate")).toEqual([]);
    expect(commands(tickAfter(n3, 1_999), "postCertificate")).toEqual([]);
    expect(commands(tickAfter(n3, 1), "postCertificate")).toHaveLength(1);
  });

  it("[FR6] votes yes exactly where re-execution contradicts the header", async () => {
    const { world, batch, wrong } = await caught();
    const n2 = world.node("n2");
    expect(voteOf(world, n2, proposal(wrong, { id: 1n }))).toBe(1);
    expect(voteOf(world, n2, proposal(batch, { id: 2n }))).toBe(0);
    const unbound = { ...wrong, entries: [] };
    expect(voteOf(world, n2, proposal(unbound, { id: 3n }))).toBe(0);
    const unsigned = altered(wrong, n2, {});
    expect(voteOf(world, n2, proposal(unsigned, { id: 4n }))).toBe(0);
    expect(tipNumber(n2)).toBe(batch.header.header.number - 1n);
    handBatch(world, n2, batch);
    expect(tipNumber(n2)).toBe(batch.header.header.number);
  });

  it("[FR6] votes no on a header in its log, and on another beside it by the result", async () => {
    const { world, batch, wrong } = await caught();
    const n2 = world.node("n2");
    handBatch(world, n2, batch);
    expect(voteOf(world, n2, proposal(batch, { id: 1n }))).toBe(0);
    expect(voteOf(world, n2, proposal(wrong, { id: 2n }))).toBe(1);
  });

  it("[FR6] finds nothing against a leader whose admission its view does not show", async () => {
    const world = await calm(3);
    const n2 = world.node("n2");
    const { batch, joined } = withAdmission(world);
    expect(notices(handBatch(world, n2, batch), "fraud")).toEqual([]);
    expect(voteOf(world, n2, proposal(batch, { id: 1n }))).toBe(0);
    show(world, n2, { members: joined });
    expect(voteOf(world, n2, proposal(batch, { id: 2n }))).toBe(0);
  });

  it("[FR6] waits for its view to show the accused", async () => {
    const { world, wrong } = await caught();
    const n2 = world.node("n2");
    const { members } = n2.running.chain;
    show(world, n2, { members: members.filter(({ seat }) => seat !== 1n) });
    expect(voteOf(world, n2, proposal(wrong, { id: 1n }))).toBeUndefined();
    expect(commands(show(world, n2, { members }), "vote")[0]?.option).toBe(1);
  });

  it("[FR6] waits for its view, then abstains, where it knows no such configuration", async () => {
    const { world, wrong } = await caught();
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    const { configuration } = wrong.header.header;
    const number = configuration.number + 1n;
    const strange = altered(wrong, n1, { configuration: { ...configuration, number } });
    expect(voteOf(world, n2, proposal(strange, { id: 1n }))).toBeUndefined();
    const known = { ...world.status(n2).configuration, number };
    const accusation = proposal(strange, { id: 1n });
    const effects = show(world, n2, { configuration: known, proposals: [accusation] });
    expect(commands(effects, "vote")[0]?.option).toBe(2);
  });

  it("[FR6] abstains where its log no longer reaches that far", async () => {
    const { world, batch, wrong } = await caught();
    const n2 = world.node("n2");
    handBatch(world, n2, batch);
    learnCertificate(n2.running, certified(world, batch));
    const { settled } = n2.running.chain;
    const { header } = batch.header;
    const ref = present(itemAt(n2.running.log, header.number), "the batch").ref;
    const height = header.firstHeight;
    show(world, n2, { settled: { ...settled, header: ref, height, index: settled.index + 1n } });
    expect(voteOf(world, n2, proposal(wrong))).toBe(2);
  });

  it("[FR7] has proof in two headers of one leader for one place of one epoch", async () => {
    const world = await calm(3);
    const [n1, n2] = [world.node("n1"), world.node("n2")];
    const first = orders(n1);
    const { time } = first.header.header;
    const second = altered(first, n1, { time: time + 1n });
    handBatch(world, n2, first);
    expect(notices(handBatch(world, n2, second), "fraud")).toHaveLength(1);
    const { log } = n2.running;
    const { configuration } = world.status(n2);
    n2.running.commands.clear();
    const effects = show(world, n2, { fence: log.highest.ref, configuration });
    expect(commands(effects, "proveEquivocation")).toEqual([
      {
        type: "proveEquivocation",
        evidence: { accused: 1n, first: first.header, second: second.header },
      },
    ]);
  });

  it("[FR7] has none in headers of two epochs or leaders, or with a bad signature", async () => {
    const world = await calm(3);
    const [n1, n2, n3] = [world.node("n1"), world.node("n2"), world.node("n3")];
    const first = orders(n1);
    handBatch(world, n2, first);
    const { time, epoch } = first.header.header;
    const others = [
      altered(first, n1, { epoch: { ...epoch, view: epoch.view + 1n } }),
      altered(first, n3, { leader: 3n }),
      altered(first, n1, { leader: 3n }),
      altered(first, n3, { time: time + 1n }),
    ];
    for (const other of others) {
      expect(notices(handBatch(world, n2, other), "fraud")).toEqual([]);
      expect(n2.running.distrust).toBeUndefined();
    }
  });

  it("[FR8] has no vote when it is the accused", async () => {
    const { world, batch, wrong } = await caught();
    const n1 = world.node("n1");
    expect(voteOf(world, n1, proposal(wrong, { id: 1n }))).toBeUndefined();
    expect(voteOf(world, n1, proposal(batch, { id: 2n }))).toBeUndefined();
    expect(voteOf(world, world.node("n3"), proposal(wrong, { id: 1n }))).toBe(1);
  });
});
