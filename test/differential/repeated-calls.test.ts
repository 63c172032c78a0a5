// Calls that write again what they wrote before, which compiled code finishes by itself: the same
// outcomes as the interpreter's, however late anybody looks at them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeBcs } from "#core/bcs/writer.ts";
import { toHex } from "#core/bytes.ts";
import { makeAddress, type Outcome } from "#sandbox";
import { HotOutcome } from "../../src/sandbox/compiler/hot-outcome.ts";
import { assembleBytes } from "../assembler/assembler.ts";
import { compareExecutors, type Step } from "./compare-executors.ts";
import { LIBRARY_STATE, type Party, type ProfileName, parties } from "./executors.ts";

const RUNS = 200;
const SEED = 20_261_120;
const TIMEOUT_MS = 120_000;
const GAS_LIMIT = 100_000;

const LEDGER = assembleBytes(readFileSync(join(import.meta.dirname, "ledger.masm"), "utf8"));

const OWNERS = ["0xa1", "0xb2", "0xc3"] as const;
const address = (text: string) => makeAddress(text).slice(2);
const u64 = (value: bigint) => toHex(encodeBcs((writer) => writer.u64(value)));
const bytes = (size: number) => toHex(encodeBcs((writer) => writer.bytes(new Uint8Array(size))));

const OWNER = fc.constantFrom(...OWNERS).map(address);
const AMOUNT = fc.oneof(fc.constantFrom(0n, 1n, 2n ** 63n), fc.bigInt(0n, 300n)).map(u64);
const KEY = fc.bigInt(0n, 4n).map(u64);
const INDEX = fc.bigInt(0n, 3n).map(u64);
const SMALL = fc.constantFrom("00", "01", "ff");
const TEXT = fc.constantFrom(0, 1, 5, 126, 127, 128, 400).map(bytes);
const WIDE = fc.constantFrom("00".repeat(16), `01${"00".repeat(14)}80`);
const MOOD = fc.oneof(
  fc.constant("00"),
  fc.tuple(SMALL, TEXT).map(([level, note]) => `01${level}${note}`),
  WIDE.map((far) => `02${far}`),
);
const ENTRY = fc
  .tuple(fc.constantFrom("00", "01"), SMALL, MOOD, TEXT, WIDE)
  .map((fields) => fields.join(""));

/** Calls by function, with what fills each parameter. */
const FUNCTIONS: Readonly<Record<string, readonly fc.Arbitrary<string>[]>> = {
  add: [OWNER, AMOUNT],
  add_and_abort: [OWNER, AMOUNT],
  both: [OWNER, OWNER, AMOUNT, SMALL],
  push: [OWNER, ENTRY],
  pop: [OWNER],
  set: [OWNER, INDEX, ENTRY],
  mood: [OWNER, INDEX, MOOD],
  peek: [OWNER, INDEX],
  watch: [OWNER, OWNER, AMOUNT],
  item: [OWNER, KEY, AMOUNT],
  take: [OWNER, KEY],
  read: [OWNER, KEY],
  label: [OWNER, OWNER, ENTRY],
};

function call(name: string, args: readonly string[], changed: Partial<Step> = {}): Step {
  return {
    kind: "call",
    mode: "function",
    function: `0xa::ledger::${name}`,
    typeArgs: [],
    args,
    signers: [],
    gasLimit: GAS_LIMIT,
    continues: true,
    isRolledBack: false,
    ...changed,
  } as Step;
}

const rarely = <Value>(often: Value, other: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 30, arbitrary: fc.constant(often) }, { weight: 1, arbitrary: other });

const STEP: fc.Arbitrary<Step> = fc
  .tuple(
    fc.oneof(
      ...Object.entries(FUNCTIONS).map(([name, parameters]) =>
        fc.tuple(...parameters).map((args) => ({ name, args, signers: [] as string[] })),
      ),
      fc.tuple(fc.constantFrom(...OWNERS), AMOUNT).map(([owner, by]) => ({
        name: "renew",
        args: [address(owner), by],
        signers: [owner],
      })),
    ),
    rarely(GAS_LIMIT, fc.integer({ min: 60, max: 4000 })),
    rarely(true, fc.constant(false)),
    rarely(false, fc.constant(true)),
  )
  .map(([{ name, args, signers }, gasLimit, continues, isRolledBack]) =>
    call(name, args, { signers, gasLimit, continues, isRolledBack }),
  );

const OPENING: readonly Step[] = [
  { kind: "publish", sender: "0xa", bytes: LEDGER, continues: false },
  ...OWNERS.map((owner) => call("open", [address("0x77")], { signers: [owner] })),
];

const RUN = fc.array(STEP, { minLength: 20, maxLength: 100 });

/** The parties, with the outcomes of the compiled one besides. */
function watched(profile: ProfileName): {
  readonly all: readonly Party[];
  readonly seen: Outcome[];
} {
  const seen: Outcome[] = [];
  const all = parties(profile, false).map((party): Party => {
    if (party.executor.name === "interpreter") return party;
    const { executor } = party;
    return {
      ...party,
      executor: {
        name: executor.name,
        begin(state, context) {
          const session = executor.begin(state, context);
          return {
            ...session,
            execute(made) {
              const outcome = session.execute(made);
              seen.push(outcome);
              return outcome;
            },
          };
        },
      },
    };
  });
  return { all, seen };
}

describe("calls made again and again in one session", () => {
  it.each(["chain", "tight"] as const)(
    "come out the same on both executors, under the profile %s",
    (profile) => {
      const { all, seen } = watched(profile);
      fc.assert(
        fc.property(RUN, fc.boolean(), (steps, looksLate) => {
          const run = { steps: [...OPENING, ...steps], state: LIBRARY_STATE, looksLate };
          expect(compareExecutors(run, all).differences).toEqual([]);
        }),
        { numRuns: RUNS, seed: SEED },
      );
      const hot = seen.filter(
        (outcome) => outcome instanceof HotOutcome && outcome.changes.length > 0,
      );
      const executed = seen.filter(({ status }) => status.type === "executed");
      expect(hot.length / executed.length).toBeGreaterThan(profile === "chain" ? 0.1 : 0.01);
    },
    TIMEOUT_MS,
  );
});
