/** Runs over the module of ledger.masm: calls that write what was written before. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { encodeBcs } from "#core/bcs/writer.ts";
import { toHex } from "#core/bytes.ts";
import { makeAddress } from "#sandbox";
import { assembleBytes } from "../assembler/assembler.ts";
import type { Step } from "./compare-executors.ts";

const GAS_LIMIT = 100_000;

/** The module that all of it is about. */
export const LEDGER = assembleBytes(readFileSync(join(import.meta.dirname, "ledger.masm"), "utf8"));

export const OWNERS = ["0xa1", "0xb2", "0xc3"] as const;
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
/** BCS of an `Entry`, as hex. */
export const ENTRY = fc
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

/** What comes before: the module, and three accounts that have everything it makes. */
export const OPENING: readonly Step[] = [
  { kind: "publish", sender: "0xa", bytes: LEDGER, continues: false },
  ...OWNERS.map((owner) => call("open", [address("0x77")], { signers: [owner] })),
];

/** What people might do to it, over and over. */
export const LEDGER_STEPS = fc.array(STEP, { minLength: 20, maxLength: 100 });
