// Steps of calls that were signed together: both executors judge them as they do any others.
import { beforeAll, describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { ZERO_HASH } from "#core/hash.ts";
import { judgeStep } from "../../../src/chains/judge/step-judge.ts";
import type { Verdict } from "../../../src/chains/ledger/judge.ts";
import { encode, fraudEvidence, hashEntries } from "../../../src/channel/codec.ts";
import type { FraudEvidence } from "../../../src/channel/evidence.ts";
import type { Batch, BundledCall, Entry } from "../../../src/channel/messages.ts";
import { taken } from "../mutations.ts";
import {
  type Disputed,
  disputeBundle,
  evidenceOf,
  judgedChannel,
  provingChanges,
  withSteps,
} from "./disputed.ts";

/** Twenty posts in one bundle: two steps. */
let disputed: Disputed;

beforeAll(async () => {
  disputed = await disputeBundle(20);
});

function verdictOn(evidence: FraudEvidence): Verdict {
  return judgeStep(judgedChannel(disputed), encode(fraudEvidence, evidence));
}

/** The batch with one entry changed, as a leader signs it that does not care. */
function signedWith(at: number, change: (bundled: BundledCall) => Partial<BundledCall>): Batch {
  const entries = disputed.batch.entries.map((entry, index): Entry => {
    if (index !== at || entry.type !== "bundled") return entry;
    return { type: "bundled", call: { ...entry.call, ...change(entry.call) } };
  });
  let first = 0;
  const steps = disputed.batch.steps.map((step) => {
    const own = entries.slice(first, first + step.count);
    first += step.count;
    return { ...step, entriesHash: hashEntries(own) };
  });
  return { ...withSteps(disputed, steps), entries };
}

describe("a step of bundled calls", () => {
  it("[FP4] is found sound, in every step, and its evidence has bundle and path for each", () => {
    const last = evidenceOf(disputed, disputed.batch);
    expect(last.entries).toHaveLength(4);
    expect(last.entries.every(({ type }) => type === "bundled")).toBe(true);
    expect(verdictOn(last)).toMatchObject({ type: "sound" });
  });

  it("[FP2] is never found guilty, whatever is changed about the evidence", () => {
    expect(provingChanges(disputed)).toEqual([]);
  });

  it.each([0, 1])("[FP4] with a wrong post root in step %i is found guilty", (at) => {
    const steps = disputed.batch.steps.map((step, index) =>
      index === at ? { ...step, stateRoot: ZERO_HASH } : step,
    );
    const evidence = evidenceOf(disputed, withSteps(disputed, steps));
    expect(evidence.index).toBe(at);
    expect(verdictOn(evidence)).toMatchObject({ type: "fraud", detail: "the step ends otherwise" });
  });

  it("[FP2] that is fraud is none with any one field of its evidence changed", async () => {
    const few = await disputeBundle(3);
    const steps = few.batch.steps.map((step) => ({ ...step, stateRoot: ZERO_HASH }));
    const guilty = evidenceOf(few, withSteps(few, steps));
    const data = encode(fraudEvidence, guilty);
    const judged = judgedChannel(few);
    expect(judgeStep(judged, data)).toMatchObject({ type: "fraud" });
    const { count, passed } = taken(fraudEvidence, data, (changed) => {
      return judgeStep(judged, changed).type === "fraud";
    });
    expect(count).toBeGreaterThan(200);
    // Whom it accuses, and that the header is signed by them, the contract has seen to by then.
    const isContracts = (path: string) => path === "accused" || path.startsWith("header.");
    expect(passed.filter((path) => !isContracts(path))).toEqual([]);
  });

  it.each<[string, (bundled: BundledCall) => Partial<BundledCall>]>([
    ["a path that leads elsewhere", ({ path }) => ({ path: path.map(() => ZERO_HASH) })],
    ["another call", ({ call }) => ({ call: { ...call, maxGas: call.maxGas - 1n } })],
    ["another root", ({ bundle }) => ({ bundle: { ...bundle, root: ZERO_HASH } })],
    ["another seat's bundle", ({ bundle }) => ({ bundle: { ...bundle, seat: 2n } })],
  ])("[FP4] [BU2] whose leader ordered a call with %s is found guilty", (_what, change) => {
    const evidence = evidenceOf(disputed, signedWith(18, change));
    expect(evidence.index).toBe(1);
    const verdict = verdictOn(evidence);
    const detail = "an inadmissible entry: BAD_SIGNATURE_OR_NONCE: signature of seat 1";
    expect(verdict).toMatchObject({ type: "fraud", detail });
  });

  it("[FP2] whose evidence is no bundle's cannot be read, and is unfit", () => {
    const evidence = evidenceOf(disputed, disputed.batch);
    const [entry] = evidence.entries;
    const bundled = entry?.type === "bundled" ? entry.call : undefined;
    const { bundle } = present(bundled, "a bundled call");
    for (const count of [0, 65]) {
      const call = { ...present(bundled, "it"), bundle: { ...bundle, count } };
      const entries = [{ type: "bundled", call } as const, ...evidence.entries.slice(1)];
      expect(verdictOn({ ...evidence, entries })).toMatchObject({
        type: "unfit",
        detail: "the evidence cannot be read",
      });
    }
  });
});
