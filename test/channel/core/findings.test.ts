import { describe, expect, it } from "vitest";
import { utf8 } from "#core/bytes.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { encode, punishmentEvidence } from "../../../src/channel/codec.ts";
import type { Effect } from "../../../src/channel/core/effect.ts";
import { tipOf } from "../../../src/channel/core/log.ts";
import { step } from "../../../src/channel/core/machine.ts";
import { restoreMachine } from "../../../src/channel/core/recovery.ts";
import type { Disproof, Machine } from "../../../src/channel/core/state.ts";
import type { FraudEvidence } from "../../../src/channel/evidence.ts";
import type { Batch } from "../../../src/channel/messages.ts";
import type { SimNode } from "../../simulation/sim-node.ts";
import type { World } from "../../simulation/world.ts";
import {
  altered,
  type Cast,
  commands,
  handBatch,
  noteOf,
  orders,
  sent,
  show,
  three,
  tickAfter,
  written,
} from "./handwork.ts";
import { hidden, hiddenFraud, type Plot, plot, proposalOf } from "./plot.ts";

/** Does to a node's disk what its machine asks for. */
function keep(node: SimNode, effects: readonly Effect[]): void {
  for (const effect of effects) {
    if (effect.type === "persist") node.disk.push(effect.record);
    if (effect.type !== "prune") continue;
    const kept = node.disk.filter(({ sequence }) => sequence > effect.sequence);
    node.disk.splice(0, node.disk.length, ...kept);
  }
}

/** The node's tab is loaded again: its disk is all that it has. */
function reload(node: SimNode): Machine {
  const { tools, chain, now } = node.running;
  const { signer, verify, parameters } = tools;
  const executor = node.options.makeExecutor();
  node.machine = restoreMachine({ executor, signer, verify, parameters, chain, now }, node.disk);
  return node.machine;
}

/** What it reports once its turn has come, which begins anew when it does. */
function reportedInTime(node: SimNode): readonly FraudEvidence[] {
  const effects = [...tickAfter(node, 0), ...tickAfter(node, 20_000)];
  return commands(effects, "proveFraud").map(({ evidence }) => evidence);
}

/** All but what was told to the chain. */
function learned({ reports: _, ...rest }: Disproof): Omit<Disproof, "reports"> {
  return rest;
}

/** n3, whose turn to report comes after n2's, is shown a false header and one above it. */
async function found(): Promise<{ readonly all: Plot; readonly n3: SimNode; readonly bad: Batch }> {
  const all = await plot();
  const n3 = all.world.node("n3");
  const { configuration } = all.world.status(n3);
  show(all.world, n3, { judges: true, fence: n3.running.log.highest.ref, configuration });
  const bad = hiddenFraud(all);
  keep(n3, handBatch(all.world, n3, bad));
  return { all, n3, bad };
}

describe("a disproved header, after a reload", () => {
  it("[ST7] is reported as it would have been, with the acks that were seen", async () => {
    const { all, n3 } = await found();
    keep(n3, handBatch(all.world, n3, hidden(all)));
    const [known] = n3.running.disproofs;
    expect(known?.acks.size).toBeGreaterThan(0);
    reload(n3);
    expect(n3.running.disproofs.map(learned)).toEqual([known].map((one) => one && learned(one)));
    const acks = expect.objectContaining({ signatures: expect.any(Array) });
    expect(reportedInTime(n3)).toEqual([{ ...known?.evidence, acks, descent: [] }]);
  });

  it("[ST7] makes void what was seen to build on it", async () => {
    const { all, n3, bad } = await found();
    keep(n3, handBatch(all.world, n3, hidden(all)));
    const target = hidden(all, "and on");
    const proposal = proposalOf(all, target, hidden(all));
    reload(n3);
    keep(n3, show(all.world, n3, { proposals: [proposal] }));
    const [evidence] = reportedInTime(n3);
    expect(evidence?.header).toEqual(bad.header);
    expect(evidence?.descent.map(({ header }) => header)).toEqual([target.header.header]);
  });

  it("[ST7] is still known when the journal has begun with a new base", async () => {
    const { all, n3 } = await found();
    const { settled } = n3.running.chain;
    const { ref: header, height, stateRoot, configuration } = tipOf(n3.running.log);
    const index = settled.index + 1n;
    const change = { settled: { header, height, stateRoot, configuration, index } };
    const effects = show(all.world, n3, change);
    expect(written(effects).some(({ entry }) => entry.type === "base")).toBe(true);
    keep(n3, effects);
    const known = n3.running.disproofs.map(learned);
    expect(known).toHaveLength(1);
    reload(n3);
    expect(n3.running.disproofs.map(learned)).toEqual(known);
    expect(reportedInTime(n3)).toHaveLength(1);
  });

  it("[ST7] is written once, and of what comes to light only what is new", async () => {
    const { all, n3 } = await found();
    const count = (effects: readonly Effect[], type: string) =>
      written(effects).filter(({ entry }) => entry.type === type).length;
    expect(count(tickAfter(n3, 100), "disproof")).toBe(0);
    const above = handBatch(all.world, n3, hidden(all));
    const second = handBatch(all.world, n3, hidden(all));
    expect([count(above, "aftermath"), count(second, "aftermath")]).toEqual([1, 1]);
    const later = written(second).flatMap(({ entry }) =>
      entry.type === "aftermath" ? [[entry.acks.length, entry.later.length]] : [],
    );
    expect(later).toEqual([[0, 1]]);
    expect(count(tickAfter(n3, 100), "aftermath")).toBe(0);
  });
});

interface Caught {
  /** What n1 has ordered. */
  readonly sound: Batch;
  /** The same with a wrong result. */
  readonly wrong: Batch;
}

/** n1's batch with a wrong result, which n3 has found; nobody judges but the members. */
function caught({ world, n1, n3 }: Cast): Caught {
  const sound = orders(n1, [noteOf(n1, utf8("hello"))]);
  const wrong = altered(sound, n1, { stateRoot: ZERO_HASH });
  keep(n3, handBatch(world, n3, wrong));
  informed(world, n3);
  return { sound, wrong };
}

/** The chain knows all that the node could show it. */
function informed(world: World, { running }: SimNode): void {
  const { configuration } = world.status(world.node("n2"));
  running.chain = { ...running.chain, fence: running.log.highest.ref, configuration };
}

describe("a leader caught, after a reload", () => {
  it("[ST7] is accused, and nothing of its term is acked", async () => {
    const cast = await three();
    const { world, n3 } = cast;
    const { sound, wrong } = caught(cast);
    reload(n3);
    expect(sent(handBatch(world, n3, sound), "ack")).toEqual([]);
    const evidence = commands(tickAfter(n3, 20_000), "punish").map((given) => given.evidence);
    expect(evidence.map(({ header, entries }) => [header, entries])).toEqual([
      [wrong.header, wrong.entries],
    ]);
  });

  it("[ST7] is not accused again where the chain has shown the accusation", async () => {
    const cast = await three();
    const { world, n3 } = cast;
    const { header, entries, steps: batchSteps } = caught(cast).wrong;
    const evidence = { accused: 1n, header, entries, batchSteps, steps: [] };
    const data = encode(punishmentEvidence, evidence);
    const own = { id: 1n, type: 2 as const, proposer: 3n, data, voters: [2n, 3n], votes: [] };
    const first = tickAfter(n3, 20_000);
    expect(commands(first, "punish")).toHaveLength(1);
    keep(n3, first);
    keep(n3, show(world, n3, { proposals: [{ ...own, status: "void" }] }));
    keep(n3, show(world, n3, { proposals: [] }));
    reload(n3);
    expect(n3.running.distrust?.accused).toBe(1n);
    expect(commands(tickAfter(n3, 20_000), "punish")).toEqual([]);
  });

  it("[ST7] by two headers for one place is reported with both", async () => {
    const cast = await three();
    const { world, n1, n3 } = cast;
    const one = orders(n1, [noteOf(n1, utf8("hello"))]);
    const other = altered(one, n1, { time: one.header.header.time + 1n });
    keep(n3, handBatch(world, n3, one));
    keep(n3, handBatch(world, n3, other));
    informed(world, n3);
    reload(n3);
    const [report] = commands(tickAfter(n3, 20_000), "proveEquivocation");
    expect(report?.evidence).toEqual({ accused: 1n, first: one.header, second: other.header });
  });

  it("[ST7] is let go, for all that is on record, once it is out", async () => {
    const cast = await three();
    const { n3 } = cast;
    caught(cast);
    const members = n3.running.chain.members.map((member) =>
      member.seat === 1n ? { ...member, standing: "removed" as const, stake: 0n } : member,
    );
    const machine = reload(n3);
    expect(machine.distrust?.accused).toBe(1n);
    const channel = { ...machine.chain, members };
    const effects = step(machine, { type: "chain", channel, now: machine.now });
    expect(commands(effects, "punish")).toEqual([]);
    expect(machine.distrust).toBeUndefined();
  });
});
