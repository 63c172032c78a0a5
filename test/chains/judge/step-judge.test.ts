// The chain's judge: what it finds by running a step again, and what it does not take for evidence.
import { beforeAll, describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { internalGas } from "#core/gas-units.ts";
import { domainHash, sha2_256, ZERO_HASH } from "#core/hash.ts";
import { createInterpreter, MerkleLog } from "#sandbox";
import { createJudge, type Engine, judgeStep } from "../../../src/chains/judge/step-judge.ts";
import type { Verdict } from "../../../src/chains/ledger/judge.ts";
import { entries as entriesCodec } from "../../../src/channel/codec/objects.ts";
import { encode, fraudEvidence, hashHeader } from "../../../src/channel/codec.ts";
import type { FraudEvidence } from "../../../src/channel/evidence.ts";
import type { Batch, Header } from "../../../src/channel/messages.ts";
import {
  type Disputed,
  dispute,
  evidenceOf,
  judgedChannel,
  provingChanges,
  resigned,
  withSteps,
} from "./disputed.ts";

/** Twenty posts: two steps. */
let disputed: Disputed;
let idle: Disputed;

beforeAll(async () => {
  disputed = await dispute(20);
  idle = await dispute(0);
});

function verdictOn(evidence: FraudEvidence, of: Disputed = disputed): Verdict {
  return judgeStep(judgedChannel(of), encode(fraudEvidence, evidence));
}

function verdictOnBatch(batch: Batch, of: Disputed = disputed): Verdict {
  return verdictOn(evidenceOf(of, batch), of);
}

function fraud(detail: string) {
  return expect.objectContaining({ type: "fraud", detail });
}

describe("an honest leader", () => {
  it("[FP4] is found sound, in every step and idle", () => {
    expect(verdictOnBatch(disputed.batch)).toMatchObject({ type: "sound" });
    expect(verdictOnBatch(idle.batch, idle)).toMatchObject({ type: "sound" });
  });

  it("[FP2] is never found guilty, whatever is changed about the evidence", () => {
    expect(provingChanges(disputed)).toEqual([]);
  });
});

describe("a leader", () => {
  const headers: readonly [string, Partial<Header>, string][] = [
    ["whose state root is not its last step's", { stateRoot: ZERO_HASH }, "the last step ends in"],
    ["whose time goes back", { time: 1n }, "time goes back"],
    ["who starts from another state", { preStateRoot: ZERO_HASH }, "the pre-state root does not"],
    ["who skips a height", { firstHeight: 99n }, "the first height does not follow"],
    ["who forgets history", { historyRoot: ZERO_HASH }, "the history root does not follow"],
    ["who counts other entries", { count: 19 }, "the steps do not cover it"],
    [
      "who chooses the seed of chance",
      { reveal: sha2_256(ZERO_HASH) },
      "the reveal is not the next",
    ],
    ["who names another configuration next", { next: other() }, "the next configuration is wrong"],
  ];
  it.each(headers)("[FP3] %s is found guilty", (_, change, detail) => {
    const verdict = verdictOnBatch(resigned(disputed, change));
    expect(verdict).toEqual(fraud(expect.stringContaining(detail) as unknown as string));
  });

  it("[FP1] [FP4] with a wrong post root in either step is found guilty", () => {
    for (const at of [0, 1]) {
      const steps = disputed.batch.steps.map((step, index) =>
        index === at ? { ...step, stateRoot: ZERO_HASH } : step,
      );
      const evidence = evidenceOf(disputed, withSteps(disputed, steps));
      expect(evidence.index).toBe(at);
      expect(verdictOn(evidence)).toEqual(fraud("the step ends otherwise"));
    }
  });

  it("[FP4] with a wrong receipt is found guilty", () => {
    const steps = disputed.batch.steps.map((step) => ({ ...step, receiptsHash: ZERO_HASH }));
    expect(verdictOnBatch(withSteps(disputed, steps))).toEqual(fraud("the step ends otherwise"));
  });

  it("[FP3] who changes something without entries is found guilty", () => {
    const batch = resigned(idle, { stateRoot: ZERO_HASH });
    expect(verdictOnBatch(batch, idle)).toEqual(fraud("an empty header changes something"));
  });

  it("[FP4] whose change set is wrong is found guilty where one step shows it", async () => {
    const small = await dispute(3);
    const batch = resigned(small, { changeSetRoot: ZERO_HASH });
    expect(verdictOnBatch(batch, small)).toEqual(fraud("the change-set root is wrong"));
  });
});

describe("a step of what are no entries", () => {
  /** The first step, said to cover these bytes. */
  function covering(unread: Uint8Array, shown = unread) {
    const [first, ...others] = disputed.batch.steps;
    const step = { ...present(first, "a step"), entriesHash: domainHash("Entries", unread) };
    const evidence = evidenceOf(disputed, disputed.batch);
    const { header, steps: batchSteps } = withSteps(disputed, [step, ...others]);
    const nothing = { touched: [], proof: { shape: new Uint8Array(), hashes: [] } };
    return { ...evidence, ...nothing, header, batchSteps, index: 0, entries: [], unread: shown };
  }

  it("[FP3] is fraud by its bytes", () => {
    const expected = fraud("a step of what are no entries");
    expect(verdictOn(covering(new Uint8Array([1, 2, 3])))).toEqual(expected);
    // None are fewer than it counts.
    expect(verdictOn(covering(new Uint8Array([0])))).toEqual(expected);
  });

  it("[FP2] is unfit with other bytes, and where they are its entries", () => {
    const other = covering(new Uint8Array([1, 2, 3]), new Uint8Array([1, 2, 4]));
    expect(verdictOn(other).type).toBe("unfit");
    const own = disputed.batch.entries.slice(0, disputed.batch.steps[0]?.count);
    expect(verdictOn(covering(encode(entriesCodec, own))).type).toBe("unfit");
  });
});

describe("evidence", () => {
  const guilty = () => resigned(disputed, { historyRoot: ZERO_HASH });

  it("[FP2] of another channel, configuration or parent is unfit", () => {
    const evidence = evidenceOf(disputed, guilty());
    const parent = present(evidence.parent, "a parent");
    const { parent: _, ...orphan } = evidence;
    expect(verdictOn({ ...evidence, parent: { ...parent, time: 0n } }).type).toBe("unfit");
    expect(verdictOn(orphan).type).toBe("unfit");
    const channel = judgedChannel(disputed);
    const bytes = encode(fraudEvidence, evidence);
    expect(judgeStep({ ...channel, channel: ZERO_HASH }, bytes).type).toBe("unfit");
    const { configuration } = judgedChannel(idle);
    const changed = configuration.slice();
    changed[0] = 9;
    expect(judgeStep({ ...channel, configuration: changed }, bytes).type).toBe("unfit");
  });

  it("[FP2] that does not open what the step looks at is unfit", () => {
    const evidence = evidenceOf(disputed, disputed.batch);
    const touched = evidence.touched.slice(1);
    expect(verdictOn({ ...evidence, touched }).type).toBe("unfit");
    expect(
      verdictOn({ ...evidence, touched: [], proof: { shape: new Uint8Array(), hashes: [] } }).type,
    ).toBe("unfit");
    expect(verdictOn({ ...evidence, entries: evidence.entries.slice(1) }).type).toBe("unfit");
    expect(verdictOn({ ...evidence, index: 7 }).type).toBe("unfit");
  });

  it("[FP2] that cannot be read is unfit", () => {
    expect(judgeStep(judgedChannel(disputed), new Uint8Array(40)).type).toBe("unfit");
  });
});

describe("a judge", () => {
  it("[FP5] finds nothing where its executors disagree, and takes what it may have cost", () => {
    const evidence = encode(fraudEvidence, evidenceOf(disputed, disputed.batch));
    const dearer: Engine = (profile) => {
      const executor = createInterpreter(profile);
      return {
        name: executor.name,
        begin(state, context) {
          const session = executor.begin(state, context);
          const execute: typeof session.execute = (call) => {
            const outcome = session.execute(call);
            return { ...outcome, gasUsed: internalGas(outcome.gasUsed + 100) };
          };
          return { ...session, execute };
        },
      };
    };
    const verdict = createJudge([createInterpreter, dearer])(judgedChannel(disputed), evidence);
    expect(verdict).toMatchObject({ type: "declined", gas: 1_100_000n });
  });

  it("[FP7] voids what is shown to build on the header, and takes nothing else for it", () => {
    const batch = resigned(disputed, { historyRoot: ZERO_HASH });
    const evidence = evidenceOf(disputed, batch);
    const { header } = batch.header;
    const log = new MerkleLog("HistoryRoot");
    for (let number = 1n; number < header.number; number++) log.append(domainHash("Other"));
    log.append(hashHeader(header));
    log.append(domainHash("Between"));
    const later = {
      ...header,
      number: header.number + 2n,
      historyRoot: log.root(),
    };
    const path = log.prove(Number(header.number - 1n));
    const verdict = verdictOn({ ...evidence, descent: [{ header: later, path }] });
    expect(verdict).toMatchObject({
      type: "fraud",
      voided: [hashHeader(header), hashHeader(later)],
    });
    const stranger = { ...later, number: later.number - 1n };
    expect(verdictOn({ ...evidence, descent: [{ header: stranger, path }] }).type).toBe("unfit");
  });
});

function other(): Header["next"] {
  return { number: 77n, hash: ZERO_HASH };
}
