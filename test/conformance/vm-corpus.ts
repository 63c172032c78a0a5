/**
 * Reads a corpus of execution cases and runs it on an executor. The form is described in the corpus
 * README.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assert, present } from "#core/assert.ts";
import { fromHex, toHex } from "#core/bytes.ts";
import {
  type Address,
  type Call,
  type Executor,
  formatAddress,
  formatModuleId,
  formatStructTag,
  formatTypeTag,
  internalGas,
  type MemoryState,
  makeAddress,
  type Outcome,
  parseFunctionId,
  parseTypeTag,
  type Session,
  statusName,
} from "#sandbox";

export interface CorpusCall {
  readonly mode: "entry" | "function";
  readonly signer: string | null;
  readonly function: string;
  readonly typeArgs: readonly string[];
  readonly args: readonly string[];
  readonly gasLimit?: number;
  readonly expect: Expectation;
}

export interface Expectation {
  readonly status: string;
  readonly accept?: readonly string[];
  readonly abortCode?: number | string;
  readonly location?: string;
  readonly function?: number;
  readonly offset?: number;
  readonly returns?: readonly string[];
  readonly writes?: Readonly<Record<string, string | null>>;
  readonly events?: readonly { readonly type: string; readonly data: string }[];
}

export type CorpusCase = {
  readonly name: string;
  readonly modules: readonly string[];
} & (CorpusCall | { readonly sequence: readonly CorpusCall[] });

/** What every case but those with a limit of their own may use. */
const GAS_LIMIT = 1_000_000_000;
const PUBLISHER = makeAddress("0x1");

export function readCases(directory: string): readonly CorpusCase[] {
  return JSON.parse(readFileSync(join(directory, "cases.json"), "utf8"));
}

export function callsOf(corpusCase: CorpusCase): readonly CorpusCall[] {
  return "sequence" in corpusCase ? corpusCase.sequence : [corpusCase];
}

/**
 * Publishes a case's modules into an empty state and makes its calls.
 *
 * @returns what differs from the expectation, one line each; empty when the case passes.
 */
export function runCase(
  directory: string,
  corpusCase: CorpusCase,
  executor: Executor,
  state: MemoryState,
): readonly string[] {
  const differences: string[] = [];
  publish(directory, corpusCase, executor, state);
  for (const [index, call] of callsOf(corpusCase).entries()) {
    const session = begin(executor, state);
    const outcome = session.execute(toCall(call));
    const found = compare(call.expect, outcome, call.mode);
    differences.push(...found.map((line) => `call ${index}: ${line}`));
    state.apply(session.changes());
  }
  return differences;
}

function begin(executor: Executor, state: MemoryState): Session {
  return executor.begin(state, { uniqueSeed: new Uint8Array(32), chainId: 4 });
}

function publish(
  directory: string,
  { modules }: CorpusCase,
  executor: Executor,
  state: MemoryState,
): void {
  for (const file of modules) {
    const bytes = new Uint8Array(readFileSync(join(directory, "modules", file)));
    const session = begin(executor, state);
    const outcome = session.publish(PUBLISHER, [bytes], internalGas(GAS_LIMIT));
    assert(outcome.status.type === "executed", `${file}: ${statusName(outcome.status)}`);
    state.apply(session.changes());
  }
}

function toCall(call: CorpusCall): Call {
  const signers: Address[] = call.signer === null ? [] : [makeAddress(call.signer)];
  return {
    mode: call.mode,
    function: present(parseFunctionId(call.function), "a function's name"),
    typeArgs: call.typeArgs.map((text) => present(parseTypeTag(text), "a type")),
    args: call.args.map((text) => present(fromHex(text), "hex")),
    signers,
    gasLimit: internalGas(call.gasLimit ?? GAS_LIMIT),
  };
}

function compare(
  expect: Expectation,
  outcome: Outcome,
  mode: CorpusCall["mode"],
): readonly string[] {
  const { status } = outcome;
  const lines: string[] = [];
  const check = (what: string, expected: unknown, actual: unknown) => {
    if (expected === undefined) return;
    const [a, b] = [JSON.stringify(expected), JSON.stringify(actual)];
    if (a !== b) lines.push(`${what} is ${b}, expected ${a}`);
  };
  const name = statusName(status);
  if (name !== expect.status && expect.accept?.includes(name) !== true) {
    check("status", expect.status, name);
  }
  const location = status.type === "executed" ? undefined : status.location;
  check("location", expect.location, location && formatModuleId(location.module));
  check("function", expect.function, location?.functionIndex);
  check("offset", expect.offset, location?.offset);
  if (status.type === "aborted") {
    const { abortCode } = expect;
    check("abortCode", abortCode === undefined ? undefined : `${abortCode}`, `${status.code}`);
  }
  if (expect.status !== "EXECUTED") return lines;
  if (mode === "function") check("returns", expect.returns, outcome.returns.map(toHex));
  check("writes", sorted(expect.writes ?? {}), sorted(writesOf(outcome)));
  const events = outcome.events.map(({ type, data }) => ({
    type: formatTypeTag(type),
    data: toHex(data),
  }));
  check("events", expect.events ?? [], events);
  return lines;
}

/** Written resources, those included whose value stayed the same. */
function writesOf({ changes, touched }: Outcome): Record<string, string | null> {
  const writes: Record<string, string | null> = {};
  for (const { key, before, written } of touched) {
    if (key.kind !== "resource" || !written) continue;
    writes[`${formatAddress(key.address)}/${formatStructTag(key.type)}`] =
      before === undefined ? null : toHex(before);
  }
  for (const { key, op } of changes) {
    if (key.kind !== "resource") continue;
    const name = `${formatAddress(key.address)}/${formatStructTag(key.type)}`;
    assert(name in writes, "what changed was written");
    writes[name] = op.type === "delete" ? null : toHex(op.value);
  }
  return writes;
}

function sorted(record: Readonly<Record<string, string | null>>): unknown {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
