/** Transactions: the REST profile's endpoints below `/transactions` (sections 3 and 6). */
import { present } from "#core/assert.ts";
import { fromHex } from "#core/bytes.ts";
import { EMPTY_CHANGE_SET } from "#core/effects.ts";
import { gasUnits } from "#core/gas-units.ts";
import { type Hash, parseHash } from "#core/hash.ts";
import { ok, type Result } from "#core/result.ts";
import { lastVersion } from "../ledger/block.ts";
import type { Receipt } from "../ledger/receipt.ts";
import type { Refusal } from "../ledger/refusal.ts";
import {
  type Simulation,
  type SimulationOptions,
  simulateTransaction,
} from "../ledger/simulation.ts";
import { decodeSignedTransaction, type SignedTransaction } from "../ledger/transaction.ts";
import type { StoredTransaction } from "../ports.ts";
import type { RpcAnswer } from "../rpc/messages.ts";
import { versionsOf } from "../sender-index.ts";
import { oldestKept } from "../state-history.ts";
import {
  type Api,
  type Call,
  executeInTurn,
  parseU64,
  readAddress,
  readLimit,
  readStart,
} from "./api.ts";
import { type Answering, hex, type JsonValue, refuse } from "./message.ts";
import { committedJson, pendingJson, simulatedJson } from "./transaction-json.ts";

const PAGE_USUAL = 25;
const PAGE_MAX = 100;
/** Time for which a wait is held (the real node's). */
const WAIT_MS = 1_000;
/** Waits held at a time; whoever comes beyond that is answered at once. */
const HELD_MAX = 100;
const SIGNED_TRANSACTION = "application/x.aptos.signed_transaction+bcs";
const ACCEPTED = 202;
const MICROSECONDS_PER_SECOND = 1_000_000n;

export async function getTransactions(api: Api, call: Call): Promise<Answering> {
  const { source } = api.node;
  const limit = readLimit(call, PAGE_USUAL, PAGE_MAX);
  if (!limit.ok) return limit;
  const start = readStart(call);
  if (!start.ok) return start;
  const newest = lastVersion(source.tree.head.block.header);
  const latest = newest - BigInt(limit.value) + 1n;
  const from = start.value ?? (latest > 0n ? latest : 0n);
  if (from > newest) return versionAhead(from);
  const pruned = await refuseIfPruned(api, from);
  if (start.value !== undefined && pruned !== undefined) return pruned;
  const found = await source.store.transactionsFrom(from, limit.value);
  return ok({ json: await committedList(api, found) });
}

export async function getByVersion(api: Api, call: Call): Promise<Answering> {
  const [, , text] = call.path;
  const version = parseU64(text);
  if (version === undefined) return refuse("invalid_input", `"${text}" is no version.`);
  const { store, tree } = api.node.source;
  if (version > lastVersion(tree.head.block.header)) return versionAhead(version);
  const pruned = await refuseIfPruned(api, version);
  if (pruned !== undefined) return pruned;
  const [found] = await store.transactionsFrom(version, 1);
  return ok({ json: await committedOne(api, present(found, "a kept version")) });
}

export async function getByHash(api: Api, call: Call): Promise<Answering> {
  const hash = readHash(call.path[2]);
  return hash.ok
    ? answerOf(api, await api.node.ask({ type: "transaction", hash: hash.value }))
    : hash;
}

/** Held until the transaction is committed or its time is up. */
export async function waitByHash(api: Api, call: Call): Promise<Answering> {
  const hash = readHash(call.path[2]);
  if (!hash.ok) return hash;
  if (api.held >= HELD_MAX) return getByHash(api, call);
  api.held += 1;
  try {
    const request = { type: "waitTransaction", hash: hash.value, timeoutMs: WAIT_MS } as const;
    const ended = await api.node.ask(request);
    // What was dropped while it waited is not known any more.
    if (!ended.ok && ended.error.code === "vm_error") return unknownTransaction();
    return await answerOf(api, ended);
  } finally {
    api.held -= 1;
  }
}

export async function getAccountTransactions(api: Api, call: Call): Promise<Answering> {
  const { source } = api.node;
  const address = readAddress(call.path[1]);
  if (!address.ok) return address;
  const limit = readLimit(call, PAGE_USUAL, PAGE_MAX);
  if (!limit.ok) return limit;
  const start = readStart(call);
  if (!start.ok) return start;
  const versions = await versionsOf(api.senders, source, address.value);
  const found: StoredTransaction[] = [];
  const wanted = start.value === undefined ? versions.slice(-limit.value) : versions;
  for (const version of wanted) {
    if (found.length === limit.value) break;
    const [stored] = await source.store.transactionsFrom(version, 1);
    if (stored === undefined || stored.receipt.version !== version) continue;
    if (start.value === undefined || numberOf(stored) >= start.value) found.push(stored);
  }
  return ok({ json: await committedList(api, found) });
}

function numberOf({ bytes }: StoredTransaction): bigint {
  const decoded = decodeSignedTransaction(present(bytes, "an account's transaction"));
  return decoded.ok ? decoded.value.raw.sequenceNumber : 0n;
}

export async function submitTransaction(api: Api, { request }: Call): Promise<Answering> {
  const decoded = readSigned(request.headers["content-type"], request.body);
  if (!decoded.ok) return decoded;
  const submitted = await api.node.ask({ type: "submit", bytes: request.body });
  if (!submitted.ok) return submitted;
  return ok({ status: ACCEPTED, json: pendingJson(api.reading, decoded.value) });
}

/** Answers with a list of one. */
export async function simulate(api: Api, { request, query }: Call): Promise<Answering> {
  const decoded = readSigned(request.headers["content-type"], request.body);
  if (!decoded.ok) return decoded;
  const { environment, tree } = api.node.source;
  const { block, state } = tree.head;
  const { timestampUs } = block.header;
  const asks = (name: string) => query.get(name) === "true";
  const options: SimulationOptions = {
    estimatesPrice: asks("estimate_gas_unit_price") || asks("estimate_prioritized_gas_unit_price"),
    estimatesMaxGas: asks("estimate_max_gas_amount"),
    nowSecs: timestampUs / MICROSECONDS_PER_SECOND,
  };
  const ran = await executeInTurn(api, () => {
    return simulateTransaction(environment, state, decoded.value, options);
  });
  if (!ran.ok) return ran;
  const simulated = ran.value;
  if (!simulated.ok) return simulated;
  const receipt = simulatedReceipt(simulated.value, lastVersion(block.header) + 1n);
  const { transaction, outcome } = simulated.value;
  const refused = outcome.ok ? undefined : outcome.error.status;
  const json = simulatedJson(api.reading, transaction, receipt, refused, timestampUs);
  return ok({ json: [json], headers: { "x-aptos-gas-used": receipt.gasUsed.toString() } });
}

function simulatedReceipt({ transaction, outcome }: Simulation, version: bigint): Receipt {
  const about = { version, transactionHash: transaction.hash };
  if (outcome.ok) {
    const { status, gasUsed, actions, events, changes } = outcome.value;
    return { ...about, status, gasUsed, actions, events, changes };
  }
  const status = outcome.error.status ?? "UNKNOWN_VALIDATION_STATUS";
  return {
    ...about,
    status: { type: "failed", status },
    gasUsed: gasUnits(0n),
    actions: [],
    events: [],
    changes: EMPTY_CHANGE_SET,
  };
}

function readSigned(
  contentType: string | undefined,
  body: Uint8Array,
): Result<SignedTransaction, Refusal> {
  if (contentType?.split(";")[0]?.trim() !== SIGNED_TRANSACTION) {
    return refuse("invalid_input", `Send the signed transaction as ${SIGNED_TRANSACTION}.`);
  }
  return decodeSignedTransaction(body);
}

function readHash(text: string | undefined): Result<Hash, Refusal> {
  const bytes = text === undefined ? undefined : fromHex(text);
  const hash = bytes && parseHash(bytes);
  return hash === undefined
    ? refuse("invalid_input", `"${text}" is no transaction hash: 64 hex digits behind 0x.`)
    : ok(hash);
}

async function answerOf(api: Api, answer: Result<RpcAnswer, Refusal>): Promise<Answering> {
  if (!answer.ok) return answer;
  const { value } = answer;
  if (value.type === "committed") {
    const { height, timestampUs, bytes, receipt } = value;
    const stored = { height, timestampUs, receipt, ...(bytes === undefined ? {} : { bytes }) };
    return ok({ json: await committedOne(api, stored) });
  }
  const decoded = value.type === "pending" ? decodeSignedTransaction(value.bytes) : undefined;
  if (decoded?.ok !== true) return unknownTransaction();
  return ok({ json: pendingJson(api.reading, decoded.value) });
}

function unknownTransaction(): Answering {
  return refuse(
    "transaction_not_found",
    "The node knows no such transaction; it may have expired.",
  );
}

function versionAhead(version: bigint): Answering {
  return refuse("version_not_found", `There is no version ${version} yet.`);
}

async function refuseIfPruned({ node }: Api, version: bigint): Promise<Answering | undefined> {
  const { version: oldest } = await oldestKept(node.source);
  if (version >= oldest) return undefined;
  const message = `Version ${version} was forgotten; the oldest kept is ${oldest}.`;
  return refuse("version_pruned", message);
}

export async function committedOne(api: Api, stored: StoredTransaction): Promise<JsonValue> {
  const opensBlock = stored.bytes === undefined;
  const block = opensBlock ? await api.node.source.store.blockAt(stored.height) : undefined;
  return committedJson(api.reading, stored, block?.block.header);
}

async function committedList(
  api: Api,
  list: readonly StoredTransaction[],
): Promise<readonly JsonValue[]> {
  const json: JsonValue[] = [];
  for (const stored of list) json.push(await committedOne(api, stored));
  return json;
}

export function hashesJson(hashes: readonly Hash[]): JsonValue {
  return { txn_hashes: hashes.map(hex) };
}
