/**
 * Judges a report of fraud inside the transaction that brings it: the contract takes the report in,
 * the judge runs the step in question again, the contract draws the consequences. What fails undoes
 * all, which is the caller's to do. Judging costs what it may cost at most, whatever it does cost.
 */
import type { Address } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { equalBytes } from "#core/bytes.ts";
import { gasUnits, type InternalGas, internalGas, toInternalGas } from "#core/gas-units.ts";
import { type Hash, parseHash, ZERO_HASH } from "#core/hash.ts";
import { type FunctionId, formatFunctionId, parseFunctionId } from "#core/identifier.ts";
import { isExecuted } from "#core/status.ts";
import { moduleOf, parseStructTag, type StructTag } from "#core/type-tag.ts";
import type { Outcome, Session, StateReader } from "#sandbox";
import { executionProfileHash, moduleClosure } from "../module-closure.ts";
import { JUDGING_GAS_MAX, type Judge, type JudgedChannel, type Verdict } from "./judge.ts";
import type { PayloadOutcome } from "./payload-outcome.ts";
import type { EntryFunctionCall } from "./transaction.ts";

const REPORT = functionId("0x20::fraud::report_entry");
const FACTS = functionId("0x20::fraud::facts");
const DELIVER = functionId("0x20::fraud::deliver");
const REPORT_NAME = formatFunctionId(REPORT);

/** Verdicts as the contract numbers them; anything above fails the transaction. */
const VERDICTS = { fraud: 0, sound: 1, declined: 2, unfit: 3 } as const;

/** What proofs and signatures around a step cost, whatever the step does. */
const PROOF_GAS = 50_000n;
/** A report must allow for the largest step, whatever its own takes. */
export const REPORT_GAS_MAX = gasUnits(JUDGING_GAS_MAX + PROOF_GAS);

export function isFraudReport(call: EntryFunctionCall): boolean {
  return formatFunctionId(call.function) === REPORT_NAME;
}

/** What judging needs beside the transaction. */
export interface JudgingContext {
  readonly session: Session;
  /** Before the transaction. */
  readonly state: StateReader;
  readonly judge: Judge;
  readonly chainId: number;
}

export function judgeReport(
  { session, state, judge, chainId }: JudgingContext,
  call: EntryFunctionCall,
  signers: readonly [Address, ...Address[]],
  gasLimit: InternalGas,
): PayloadOutcome {
  const judging = toInternalGas(REPORT_GAS_MAX);
  if (gasLimit < judging) {
    const status = { type: "failed", status: "OUT_OF_GAS" } as const;
    return { status, gasUsed: gasLimit, events: [], changes: [] };
  }
  const rest = internalGas(gasLimit - judging);
  const taken = session.execute({ mode: "entry", ...call, signers, gasLimit: rest });
  if (!isExecuted(taken.status)) return taken;
  const { changes } = taken;
  const facts = readFacts(system(session, FACTS, [], judging));
  const evidence = decodeBcs(present(call.args[1], "the call ran"), (reader) =>
    reader.bytes().slice(),
  );
  const verdict = verdictOn(facts, state, judge, chainId, evidence);
  const delivered = system(session, DELIVER, deliveryOf(verdict), judging);
  const { status, events } = delivered;
  const judged = toInternalGas(gasUnits(verdict.gas + PROOF_GAS));
  const gasUsed = internalGas(taken.gasUsed + judged);
  return {
    status,
    gasUsed,
    events: [...taken.events, ...events],
    changes: [...changes, ...delivered.changes],
  };
}

function verdictOn(
  { profile, ...facts }: Facts,
  state: StateReader,
  judge: Judge,
  chainId: number,
  evidence: Uint8Array,
): Verdict {
  const root = moduleOf(facts.stateType);
  const closure = moduleClosure(root, (module) => state.get({ kind: "module", module }));
  if (!closure.ok) return { type: "declined", detail: closure.error.message, gas: 0n };
  if (!equalBytes(profile, executionProfileHash(closure.value))) {
    return { type: "declined", detail: "the channel was created under another profile", gas: 0n };
  }
  return judge({ ...facts, modules: closure.value, chainId }, evidence);
}

function deliveryOf(verdict: Verdict): readonly Uint8Array[] {
  const isFraud = verdict.type === "fraud";
  const parent = isFraud ? verdict.parent : undefined;
  const voided = isFraud ? verdict.voided : [];
  const u64 = (value: bigint) => encodeBcs((writer) => writer.u64(value));
  return [
    encodeBcs((writer) => writer.u8(VERDICTS[verdict.type])),
    encodeBcs((writer) => writer.vector(voided, (out, hash) => out.bytes(hash))),
    u64(parent?.term ?? 0n),
    u64(parent?.view ?? 0n),
    u64(parent?.number ?? 0n),
    encodeBcs((writer) => writer.bytes(parent?.hash ?? ZERO_HASH)),
  ];
}

function system(
  session: Session,
  id: FunctionId,
  args: readonly Uint8Array[],
  gasLimit: InternalGas,
): Outcome {
  return session.execute({
    mode: "system",
    function: id,
    typeArgs: [],
    args,
    signers: [],
    gasLimit,
  });
}

interface Facts extends Omit<JudgedChannel, "modules" | "chainId"> {
  /** What the chain pinned when the channel was created. */
  readonly profile: Hash;
}

function readFacts({ returns }: Outcome): Facts {
  const bytes = present(returns[0], "a report that was taken in has facts");
  return decodeBcs(bytes, (reader) => {
    reader.u64(); // number of the case
    const channel = readHash(reader);
    const creator = reader.address();
    const stateType = readStructTag(reader);
    const assetType = readStructTag(reader);
    const tickInterval = reader.u64();
    const profile = readHash(reader);
    const configuration = reader.bytes().slice();
    return { channel, creator, stateType, assetType, tickInterval, profile, configuration };
  });
}

function readHash(reader: BcsReader): Hash {
  return present(parseHash(reader.bytes().slice()), "the contract's hashes have 32 bytes");
}

function readStructTag(reader: BcsReader): StructTag {
  return present(parseStructTag(reader.string()), "the contract names types");
}

function functionId(text: string): FunctionId {
  return present(parseFunctionId(text), `not a function: ${text}`);
}
