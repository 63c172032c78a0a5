/**
 * What the endpoints share: the node they ask, how a request's parts are read, and how a type is
 * found. Knows no endpoint.
 */
import { type Address, parseAddress } from "#core/address.ts";
import { err, ok, type Result } from "#core/result.ts";
import { createTypeReader, type ModuleSource, modulesOfState } from "#sandbox";
import type { AskedNode } from "../asked-node.ts";
import type { Refusal } from "../ledger/refusal.ts";
import { nextTurn } from "../platform.ts";
import { createSenderIndex, type SenderIndex } from "../sender-index.ts";
import { type DatedState, newestState, stateAt } from "../state-history.ts";
import { type HttpRequest, refuse } from "./message.ts";
import type { Reading } from "./transaction-json.ts";
import { createTurnstile, pass, type Turnstile } from "./turnstile.ts";

export interface Api {
  readonly node: AskedNode;
  readonly senders: SenderIndex;
  /** Reads types by the newest code: an upgrade cannot change how old values are laid out. */
  readonly reading: Reading;
  /** Views and simulations, which cost their sender nothing. */
  readonly executions: Turnstile;
  /** Requests that are held until their transaction is committed. */
  held: number;
}

/** A request with its address taken apart. */
export interface Call {
  readonly request: HttpRequest;
  /** Path segments, unescaped. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** Views and simulations that may wait for their turn. */
const EXECUTIONS_WAITING_MAX = 64;

export function createApi(node: AskedNode): Api {
  const { tree } = node.source;
  const modules: ModuleSource = { get: (id) => modulesOfState(tree.head.state).get(id) };
  const reading = { modules, types: createTypeReader(modules) };
  const executions = createTurnstile(nextTurn, EXECUTIONS_WAITING_MAX);
  return { node, senders: createSenderIndex(), reading, executions, held: 0 };
}

/** Runs what executes code for nothing, one after the other; refuses when too many wait. */
export async function executeInTurn<T>(api: Api, work: () => T): Promise<Result<T, Refusal>> {
  const result = await pass(api.executions, () => ({ done: work() }));
  if (result !== undefined) return ok(result.done);
  return refuse("rate_limited", "Too many views and simulations wait; try again in a second.");
}

const U64_END = 1n << 64n;

/** Reads an unsigned 64-bit number. */
export function parseU64(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[0-9]{1,20}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value < U64_END ? value : undefined;
}

export function readAddress(text: string | undefined): Result<Address, Refusal> {
  const address = text === undefined ? undefined : parseAddress(text);
  return address === undefined ? refuse("invalid_input", `"${text}" is no address.`) : ok(address);
}

/** The state that `ledger_version` names, the newest without it. */
export async function stateOf(api: Api, { query }: Call): Promise<Result<DatedState, Refusal>> {
  const text = query.get("ledger_version");
  if (text === null) return ok(newestState(api.node.source));
  const version = parseU64(text);
  if (version === undefined) {
    return refuse("invalid_input", `The ledger_version "${text}" is no version.`);
  }
  return stateAt(api.node.source, version);
}

/** The page size asked for: at least 1, cut down to `most`. */
export function readLimit({ query }: Call, usual: number, most: number): Result<number, Refusal> {
  const text = query.get("limit");
  if (text === null) return ok(usual);
  const limit = parseU64(text);
  if (limit === undefined || limit === 0n) {
    return refuse("invalid_input", `The limit "${text}" must be a number above 0.`);
  }
  return ok(limit > BigInt(most) ? most : Number(limit));
}

/** Where a page starts, undefined where the request does not say. */
export function readStart({ query }: Call): Result<bigint | undefined, Refusal> {
  const text = query.get("start");
  if (text === null) return ok(undefined);
  const start = parseU64(text);
  return start === undefined
    ? err({ code: "invalid_input", message: `The start "${text}" is no number.` })
    : ok(start);
}
