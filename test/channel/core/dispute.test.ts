import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import {
  decode,
  encode,
  fraudEvidence,
  hashEntries,
  refOfHeader,
} from "../../../src/channel/codec.ts";
import type { Effect } from "../../../src/channel/core/effect.ts";
import { rootOfSteps } from "../../../src/channel/core/execution.ts";
import { judge, voidedBy } from "../../../src/channel/core/verdict.ts";
import type { FraudEvidence } from "../../../src/channel/evidence.ts";
import type { Batch } from "../../../src/channel/messages.ts";
import {
  altered,
  answer,
  commands,
  handBatch,
  noteOf,
  orders,
  show,
  tickAfter,
} from "./handwork.ts";
import { acksOf, hidden, hiddenFraud, type Plot, plot, proposalOf, punished } from "./plot.ts";

/** What is reported to the chain. */
function reported(effects: readonly Effect[]): readonly FraudEvidence[] {
  return commands(effects, "proveFraud").map(({ evidence }) => evidence);
}

function ackers(evidence: FraudEvidence | undefined): readonly bigint[] {
  return evidence?.acks?.signatures.map(({ seat }) => seat) ?? [];
}

function hashOf({ header }: Batch) {
  return refOfHeader(header.header).hash;
}

/** n2 is given the false header, and has reported it. */
async function found(): Promise<{ readonly all: Plot; readonly bad: Batch }> {
  const all = await plot();
  const bad = hiddenFraud(all);
  const effects = handBatch(all.world, all.n2, bad);
  expect(reported(effects)).toHaveLength(1);
  answer(all.n2, effects);
  all.n2.running.commands.clear();
  return { all, bad };
}

describe("a disproved header", () => {
  it("[FP10] is shown to the chain at once by whose turn it is", async () => {
    const all = await plot();
    const bad = hiddenFraud(all);
    const [evidence] = reported(handBatch(all.world, all.n2, bad));
    expect(evidence).toMatchObject({ accused: 1n, header: bad.header, descent: [] });
    expect(evidence?.acks).toBeUndefined();
    const n3 = all.world.node("n3");
    const { configuration } = all.world.status(n3);
    show(all.world, n3, { judges: true, fence: n3.running.log.highest.ref, configuration });
    expect(reported(handBatch(all.world, n3, bad))).toEqual([]);
    expect(reported(tickAfter(n3, 1_999))).toEqual([]);
    expect(reported(tickAfter(n3, 1))).toHaveLength(1);
  });

  it("[FP3] is fraud by its steps alone where one counts more than evidence holds", async () => {
    const all = await plot();
    const { world, n1, n2 } = all;
    const notes = Array.from({ length: 17 }, (_, at) => noteOf(n1, utf8("many"), at));
    const good = orders(n1, notes);
    const last = present(good.steps.at(-1), "a step");
    const { firstHeight } = good.header.header;
    const steps = [{ ...last, firstHeight, count: notes.length, entriesHash: hashEntries(notes) }];
    const bad = altered({ ...good, steps }, n1, { stepsRoot: rootOfSteps(steps) });
    const [evidence] = reported(handBatch(world, n2, bad));
    const given = present(evidence, "a report");
    const { configuration } = world.status(n2);
    const read = decode(fraudEvidence, encode(fraudEvidence, given));
    expect(judge(n2.running.facts, read, configuration, () => undefined).type).toBe("fraud");
  });

  it("[FP8] is shown again with the acks that come to light in batches above it", async () => {
    const { all } = await found();
    const above = hidden(all);
    const [evidence] = reported(handBatch(all.world, all.n2, above));
    expect(ackers(evidence)).toEqual([1n, 3n, 4n]);
    expect(present(evidence?.acks, "acks").ack.header).toEqual(above.header.header.justify);
  });

  it("[FP8] is shown with acks that hold, and with none of the member's own seat", async () => {
    const { all, bad } = await found();
    const { world, n2 } = all;
    const [one, two] = acksOf(all, bad, [world.node("n3"), n2]).signatures;
    const [three] = acksOf(all, hidden(all), [world.node("n4")]).signatures;
    const signatures = [one, two, three].flatMap((signed) => signed ?? []);
    const certificate = { ...acksOf(all, bad), signatures };
    const above = { ...hidden(all), certificate };
    expect(ackers(reported(handBatch(world, n2, above))[0])).toEqual([3n]);
  });

  it("[FP9] is shown with the way to the settlement that builds on it", async () => {
    const { all, bad } = await found();
    const { world, n2 } = all;
    const between = hidden(all);
    const target = hidden(all, "and on");
    const proposal = proposalOf(all, target, hidden(all));
    punished(all, 1n);
    const effects = [
      ...handBatch(world, n2, between),
      ...show(world, n2, { proposals: [proposal] }),
    ];
    const evidence = present(reported(effects).at(-1), "a report");
    expect(evidence.descent.map(({ header }) => header)).toEqual([target.header.header]);
    expect(voidedBy(evidence)).toEqual([hashOf(bad), hashOf(target)]);
    expect(commands(effects, "vote").map(({ option }) => option)).toEqual([0]);
  });

  it("[FP9] is not said to be below a settlement while a header between is not known", async () => {
    const { all } = await found();
    const { world, n2 } = all;
    hidden(all);
    const target = hidden(all, "and on");
    punished(all, 1n);
    const effects = show(world, n2, { proposals: [proposalOf(all, target, hidden(all))] });
    expect([...reported(effects), ...commands(effects, "vote")]).toEqual([]);
  });

  it("[FP9] is shown with the fence that builds on it, where nothing else is to come", async () => {
    const { all, bad } = await found();
    const { world, n2 } = all;
    const above = hidden(all);
    punished(all, 1n, 3n, 4n);
    expect(reported(handBatch(world, n2, above))).toEqual([]);
    const [evidence] = reported(show(world, n2, { fence: refOfHeader(above.header.header) }));
    expect(voidedBy(present(evidence, "a report"))).toEqual([hashOf(bad), hashOf(above)]);
  });

  it("[FP10] is shown of itself when it is what is to be settled", async () => {
    const { all, bad } = await found();
    punished(all, 1n, 3n, 4n);
    const proposal = proposalOf(all, bad, hidden(all));
    const [evidence] = reported(show(all.world, all.n2, { proposals: [proposal] }));
    expect(present(evidence, "a report").descent).toEqual([]);
    expect(ackers(evidence)).toEqual([1n, 3n, 4n]);
  });

  it("[FP10] is shown three times for the same, ten seconds apart", async () => {
    const { all } = await found();
    const { n2 } = all;
    const again = (ms: number) => {
      const effects = tickAfter(n2, ms);
      answer(n2, effects);
      n2.running.commands.clear();
      return reported(effects).length;
    };
    expect([again(9_999), again(1), again(9_999), again(1)]).toEqual([0, 1, 0, 1]);
    expect(again(60_000)).toBe(0);
  });

  it("[FP10] is shown no more when all it names are out and nothing builds on it", async () => {
    const { all } = await found();
    const { n2 } = all;
    expect(reported(punished(all, 1n))).toEqual([]);
    expect(reported(tickAfter(n2, 60_000))).toEqual([]);
  });

  it("[FP8] is forgotten once the chain has settled past it", async () => {
    const { all, bad } = await found();
    const { world, n2 } = all;
    const { settled } = n2.running.chain;
    const header = refOfHeader(bad.header.header);
    expect(n2.running.disproofs).toHaveLength(1);
    show(world, n2, { settled: { ...settled, header, index: settled.index + 1n } });
    expect(n2.running.disproofs).toEqual([]);
  });

  it("[FP8] is not remembered where nobody but members judges", async () => {
    const all = await plot();
    show(all.world, all.n2, { judges: false });
    const effects = handBatch(all.world, all.n2, hiddenFraud(all));
    expect(reported(effects)).toEqual([]);
    expect(commands(effects, "punish")).toHaveLength(1);
    expect(all.n2.running.disproofs).toEqual([]);
  });
});
