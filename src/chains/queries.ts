/**
 * What can be asked of a chain without changing it: reads of the newest state and of the blocks
 * that are kept. Knows neither who asks nor how the answer travels.
 */

import type { Address } from "#core/address.ts";
import { assertNever } from "#core/assert.ts";
import { compareBytes } from "#core/bytes.ts";
import type { StateKey } from "#core/effects.ts";
import { internalGas } from "#core/gas-units.ts";
import { ZERO_HASH } from "#core/hash.ts";
import {
  formatFunctionId,
  formatModuleId,
  type ModuleId,
  moduleKey,
  parseIdentifier,
} from "#core/identifier.ts";
import { err, ok, type Result } from "#core/result.ts";
import { isExecuted } from "#core/status.ts";
import { encodeStructTag, formatStructTag, moduleOf, type StructTag } from "#core/type-tag.ts";
import type { Outcome, StateReader } from "#sandbox";
import { lastVersion } from "./ledger/block.ts";
import { readAccount } from "./ledger/framework.ts";
import { vmStatusText } from "./ledger/receipt.ts";
import { type Refusal, type RefusalCode, refusal } from "./ledger/refusal.ts";
import { simulateTransaction } from "./ledger/simulation.ts";
import { decodeSignedTransaction, type EntryFunctionCall } from "./ledger/transaction.ts";
import type { ExecutionEnvironment } from "./ledger/user-transaction.ts";
import type { StoredTransaction } from "./ports.ts";
import type { QuerySource } from "./query-source.ts";
import type {
  EventCursor,
  LedgerInfo,
  LocatedEvent,
  RpcAnswer,
  RpcRequest,
} from "./rpc/messages.ts";
import { newestState, stateAt } from "./state-history.ts";

/** What a view may use: nobody pays for it, and blocks wait meanwhile. */
const VIEW_GAS = internalGas(20_000_000);
const MICROSECONDS_PER_SECOND = 1_000_000n;
const PAGE_MAX = 1_000;
/** Transactions looked through for one page of events. */
const EVENT_SCAN_MAX = 2_000;

type Answering = Result<RpcAnswer, Refusal>;

/** What is asked of a node's chain; the other requests are about what it has in hand. */
export type ReadRequest = Exclude<
  RpcRequest,
  { readonly type: "submit" | "fund" | "transaction" | "waitTransaction" }
>;

export function answerRead(
  source: QuerySource,
  request: ReadRequest,
): Promise<Answering> | Answering {
  switch (request.type) {
    case "ledger":
      return ok({ type: "ledger", ledger: ledgerInfo(source) });
    case "subscribe":
      return ok({ type: "done" });
    case "account":
      return readAccountAnswer(source, request.address);
    case "view":
      return viewFunction(source, request);
    case "simulate":
      return trySigned(source, request);
    case "resource":
      return readResource(source, request.address, request.resourceType);
    case "resources":
      return listResources(source, request.address, request.after, request.limit);
    case "tableItem":
      return readTableItem(source, request.handle, request.key);
    case "module":
      return readModule(source, request.module);
    case "block":
      return readBlock(source, request.height);
    case "events":
      return listEvents(source, request.module, request.from, request.limit);
    default:
      return assertNever(request);
  }
}

/** Where the chain stands. */
export function ledgerInfo(source: QuerySource): LedgerInfo {
  const { tree, genesisHash, environment } = source;
  const { header } = tree.head.block;
  const final = tree.final.block.header;
  return {
    chainId: environment.parameters.chainId,
    genesisHash,
    height: header.height,
    version: lastVersion(header),
    timestampUs: header.timestampUs,
    headHash: tree.head.hash,
    finalHeight: final.height,
    finalVersion: lastVersion(final),
    gasUnitPrice: environment.parameters.minGasUnitPrice,
  };
}

async function viewFunction(
  source: QuerySource,
  { call, version }: Extract<RpcRequest, { readonly type: "view" }>,
): Promise<Answering> {
  const dated = version === undefined ? ok(newestState(source)) : await stateAt(source, version);
  return dated.ok ? viewOver(source, dated.value.state, call) : dated;
}

function viewOver(
  { environment }: QuerySource,
  over: StateReader,
  call: Extract<RpcRequest, { readonly type: "view" }>["call"],
): Answering {
  const name = parseIdentifier(call.name);
  if (name === undefined) return refused("invalid_input", `${call.name} names no function.`);
  const { module, typeArgs, args } = call;
  const callee = { module, name };
  const view = { function: callee, typeArgs, args };
  const { status, returns } = runView(environment, over, view);
  if (isExecuted(status)) return ok({ type: "values", values: returns });
  const what = formatFunctionId(callee);
  return refused("invalid_input", `The view ${what} fails: ${vmStatusText(status)}.`);
}

/** Runs a public function over `state`, which stays as it is. */
export function runView(
  { executor, parameters }: ExecutionEnvironment,
  state: StateReader,
  call: EntryFunctionCall,
): Outcome {
  const context = { uniqueSeed: ZERO_HASH, chainId: parameters.chainId };
  const session = executor.begin(state, context);
  return session.execute({ mode: "function", ...call, signers: [], gasLimit: VIEW_GAS });
}

/** Tries a transaction that carries no signature that holds. */
function trySigned(
  { environment, tree }: QuerySource,
  { bytes }: Extract<RpcRequest, { readonly type: "simulate" }>,
): Answering {
  const decoded = decodeSignedTransaction(bytes);
  if (!decoded.ok) return decoded;
  const { header } = tree.head.block;
  const nowSecs = header.timestampUs / MICROSECONDS_PER_SECOND;
  const options = { estimatesPrice: false, estimatesMaxGas: false, nowSecs };
  const tried = simulateTransaction(environment, tree.head.state, decoded.value, options);
  if (!tried.ok) return tried;
  const { transaction, outcome } = tried.value;
  if (!outcome.ok) return outcome;
  const { gasTaken, ram, ...effects } = outcome.value;
  const version = lastVersion(header) + 1n;
  return ok({
    type: "simulated",
    receipt: { version, transactionHash: transaction.hash, ...effects },
    gasTaken,
    ram: ram.map((change) => ({
      account: change.account,
      isInTables: change.isInTables,
      isGrowth: change.bytes > 0,
      bytes: BigInt(Math.abs(change.bytes)),
    })),
  });
}

function readAccountAnswer({ tree }: QuerySource, address: Address): Answering {
  return ok({ type: "account", ...readAccount(tree.head.state, address) });
}

function readResource(source: QuerySource, address: Address, type: StructTag): Answering {
  const what = `There is no ${formatStructTag(type)} at ${address}.`;
  return read(source, { kind: "resource", address, type }, "resource_not_found", what);
}

function readTableItem(source: QuerySource, handle: Address, key: Uint8Array): Answering {
  const what = `The table ${handle} holds nothing under this key.`;
  return read(source, { kind: "tableItem", handle, key }, "table_item_not_found", what);
}

function readModule(source: QuerySource, module: ModuleId): Answering {
  const what = `There is no module ${formatModuleId(module)}.`;
  return read(source, { kind: "module", module }, "module_not_found", what);
}

/** Resources of an address in the order of their encoded types. */
function listResources(
  { tree }: QuerySource,
  address: Address,
  after: StructTag | undefined,
  limit: number,
): Answering {
  const bound = after && encodeStructTag(after);
  const found: { resourceType: StructTag; value: Uint8Array; order: Uint8Array }[] = [];
  for (const { key, value } of tree.head.state.entries()) {
    if (key.kind !== "resource" || key.address !== address) continue;
    const order = encodeStructTag(key.type);
    if (bound !== undefined && compareBytes(order, bound) <= 0) continue;
    found.push({ resourceType: key.type, value, order });
  }
  found.sort((a, b) => compareBytes(a.order, b.order));
  const page = found.slice(0, Math.min(limit, PAGE_MAX));
  return ok({
    type: "resources",
    resources: page.map(({ resourceType, value }) => ({ resourceType, value })),
  });
}

async function readBlock({ store }: QuerySource, height: bigint): Promise<Answering> {
  const stored = await store.blockAt(height);
  if (stored === undefined) return refused("block_not_found", `There is no block ${height} here.`);
  return ok({ type: "block", ...stored });
}

/** Events of final blocks from `from` on, those of `module` only if one is named. */
export async function listEvents(
  source: QuerySource,
  module: ModuleId | undefined,
  from: EventCursor,
  limit: number,
): Promise<Answering> {
  const { finalVersion } = ledgerInfo(source);
  const scanned = await source.store.transactionsFrom(from.version, EVENT_SCAN_MAX);
  const events: LocatedEvent[] = [];
  const most = Math.min(limit, PAGE_MAX);
  let next = from;
  for (const transaction of scanned) {
    const { version } = transaction.receipt;
    if (version > finalVersion) break;
    const first = version === from.version ? from.index : 0;
    for (const event of eventsOf(transaction, module, first)) {
      if (events.length === most) return ok({ type: "events", events, next });
      events.push(event);
      next = { version, index: event.index + 1 };
    }
    next = { version: version + 1n, index: 0 };
  }
  return ok({ type: "events", events, next });
}

function eventsOf(
  { receipt, height, timestampUs }: StoredTransaction,
  module: ModuleId | undefined,
  first: number,
): LocatedEvent[] {
  const wanted = module && moduleKey(module);
  return receipt.events
    .map(({ type, data }, index): LocatedEvent => {
      return { version: receipt.version, index, height, timestampUs, eventType: type, data };
    })
    .filter(({ index, eventType }) => {
      if (index < first) return false;
      if (wanted === undefined) return true;
      return eventType.kind === "struct" && moduleKey(moduleOf(eventType.struct)) === wanted;
    });
}

function read(
  { tree }: QuerySource,
  key: StateKey,
  absent: RefusalCode,
  message: string,
): Answering {
  const value = tree.head.state.get(key);
  return value === undefined ? refused(absent, message) : ok({ type: "value", value });
}

function refused(code: RefusalCode, message: string): Answering {
  return err(refusal(code, message));
}
