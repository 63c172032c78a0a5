/**
 * Any chain of the Aptos lineage that runs our contracts, through its REST endpoint (REST profile):
 * small enough for a page, because it takes types from the chain instead of bringing a virtual
 * machine.
 */
import { formatAddress } from "#core/address.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { equalBytes, fromHex, toHex } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";
import type { ModuleId } from "#core/identifier.ts";
import { formatStructTag, type StructTag } from "#core/type-tag.ts";
import type {
  BlockEvents,
  CallFate,
  CallSigner,
  ChainAccess,
  ChainReader,
  EntryCall,
  EventPlace,
  Handover,
  PlacedEvent,
} from "../../chain-access.ts";
import { EVENTS_MODULE } from "../../contract/calls.ts";
import { trouble } from "../../settlement-error.ts";
import { committedCall, committedRecord, placedEvents, u64Of } from "./committed.ts";
import type { HeadPoll } from "./head-poll.ts";
import { isList, isRecord } from "./json.ts";
import { readBlock, readGasPrice, readLedger } from "./ledger.ts";
import { type ModuleAbis, modulePath } from "./module-abi.ts";
import { valueFromJson } from "./move-value.ts";
import type { Refusal, Rest } from "./rest.ts";
import { signCall, writeEntryCall } from "./transaction.ts";

export interface Endpoint {
  readonly rest: Rest;
  readonly abis: ModuleAbis;
  readonly poll: HeadPoll;
  readonly now: () => bigint;
  /** Blocks above one that make it final. */
  readonly finalityDepth: number;
}

/** What one command may cost; the largest evidence stays far below. */
const MAX_GAS = 2_000_000n;
/** How long what was said of finality is not asked again. */
const FRESH_MS = 500n;
/** As many transactions as the profile's pages hold. */
const PAGE = 100;
const SIGNED_TRANSACTION = "application/x.aptos.signed_transaction+bcs";
const VIEW_FUNCTION = "application/x.aptos.view_function+bcs";
/** Numbers of Move's statuses for transactions that are refused (section 7). */
const SEQUENCE_NUMBER_TOO_OLD = 3;
const INSUFFICIENT_BALANCE = 5;
const TRANSACTION_EXPIRED = 6;
const NO_ACCOUNT = 7;
const NOT_FOUND = 404;

export function endpointReader(endpoint: Endpoint): ChainReader {
  const { rest, abis, poll } = endpoint;
  let last: { readonly readMs: bigint; readonly read: Promise<Finality> } | undefined;
  const read = (): Promise<Finality> => {
    last = { readMs: endpoint.now(), read: finality(endpoint) };
    return last.read;
  };
  return {
    chainTimeMs: async () => (await readLedger(rest)).timestampUs / 1_000n,
    view: (call, version) => view(rest, abis, call, version),
    finalVersion: async () => {
      // Who asks has mostly just read events: what was final then is final.
      const fresh = last && endpoint.now() - last.readMs < FRESH_MS ? last.read : undefined;
      const { newest, final } = await (fresh ?? read());
      return final === newest ? undefined : final;
    },
    resource: async (address, type) => {
      const path = `/accounts/${formatAddress(address)}/resource/`;
      const answer = await rest({ path: path + encodeURIComponent(formatStructTag(type)) });
      if (!answer.ok) return absent(answer.refusal);
      const data = isRecord(answer.json) ? answer.json["data"] : undefined;
      return valueFromJson(abis, { kind: "struct", struct: type }, data ?? null);
    },
    module: (id) => bytecode(rest, id),
    eventEnd: async () => ({ version: (await read()).final + 1n, index: 0 }),
    events: async (module, from) => eventsFrom(endpoint, await read(), module, from),
    onHead: (listener) => poll.onHead(() => listener()),
  };
}

/** @param signer whose transactions these are. */
export function endpointAccess(endpoint: Endpoint, signer: CallSigner): ChainAccess {
  const { rest } = endpoint;
  const reader = endpointReader(endpoint);
  let terms: { readonly chainId: number; readonly gasUnitPrice: bigint } | undefined;
  let judgesFraud: boolean | undefined;
  return {
    ...reader,
    // Whoever reads a channel is to know by then whether the chain judges.
    view: async (call, version) => {
      judgesFraud ??= (await readLedger(rest)).judgesFraud;
      return reader.view(call, version);
    },
    account: signer.address,
    finalityDepth: endpoint.finalityDepth,
    get canReexecute() {
      return judgesFraud === true;
    },
    sequenceNumber: async () => {
      const answer = await rest({ path: `/accounts/${formatAddress(signer.address)}` });
      if (answer.ok && isRecord(answer.json)) return u64Of(answer.json, "sequence_number");
      if (!answer.ok) absent(answer.refusal);
      return 0n;
    },
    sign: async (call, sequenceNumber, expirationSecs) => {
      terms ??= {
        chainId: (await readLedger(rest)).chainId,
        gasUnitPrice: await readGasPrice(rest),
      };
      const { maxGas = MAX_GAS } = call;
      return signCall(call, { ...terms, sequenceNumber, expirationSecs, maxGas }, signer);
    },
    submit: async ({ bytes }) => {
      const body = { type: SIGNED_TRANSACTION, content: bytes };
      const answer = await rest({ path: "/transactions", body });
      return answer.ok ? { type: "accepted" } : handoverOf(answer.refusal);
    },
    fate: (hash, timeoutMs) => fate(endpoint, hash, timeoutMs),
  };
}

/** Nothing, where the chain says that nothing is there. Throws what else it says. */
function absent({ status, message }: Refusal): undefined {
  if (status !== NOT_FOUND) throw trouble("BAD_ANSWER", message);
}

async function view(
  rest: Rest,
  abis: ModuleAbis,
  call: EntryCall,
  version: bigint | undefined,
): Promise<readonly Uint8Array[]> {
  const types = await abis.returns(call.function, call.typeArgs);
  const content = encodeBcs((writer) => writeEntryCall(writer, call));
  const path = version === undefined ? "/view" : `/view?ledger_version=${version}`;
  const answer = await rest({ path, body: { type: VIEW_FUNCTION, content } });
  if (!answer.ok) throw trouble("VIEW_ABORTED", answer.refusal.message);
  const values = answer.json;
  if (!isList(values) || values.length !== types.length) {
    throw trouble("BAD_ANSWER", `the chain answers ${call.function.name} with something else`);
  }
  return Promise.all(types.map((type, at) => valueFromJson(abis, type, values[at] ?? null)));
}

async function bytecode(rest: Rest, id: ModuleId): Promise<Uint8Array | undefined> {
  const answer = await rest({ path: modulePath(id) });
  if (!answer.ok) return absent(answer.refusal);
  const text = isRecord(answer.json) ? answer.json["bytecode"] : undefined;
  const bytes = typeof text === "string" ? fromHex(text) : undefined;
  if (bytes === undefined) throw trouble("BAD_ANSWER", `the chain gives no code for ${id.name}`);
  return bytes;
}

function handoverOf({ code, vmCode, message: detail }: Refusal): Handover {
  switch (vmCode) {
    case SEQUENCE_NUMBER_TOO_OLD:
      return { type: "numberUsed" };
    // The chain's time has moved on since the transaction was signed.
    case TRANSACTION_EXPIRED:
      return { type: "busy", detail };
    case INSUFFICIENT_BALANCE:
    case NO_ACCOUNT:
      return { type: "noFunds", detail };
    default:
      break;
  }
  switch (code) {
    case "sequence_number_too_old":
      return { type: "numberUsed" };
    // A transaction that was sent earlier with this number waits still.
    case "invalid_transaction_update":
    case "mempool_is_full":
      return { type: "busy", detail };
    default:
      return { type: "refused", detail };
  }
}

/** The endpoint holds each question for a second while the transaction waits. */
async function fate(
  { rest, abis, now }: Endpoint,
  hash: Hash,
  timeoutMs: number,
): Promise<CallFate> {
  const deadlineMs = now() + BigInt(timeoutMs);
  do {
    const answer = await rest({ path: `/transactions/wait_by_hash/0x${toHex(hash)}` });
    if (!answer.ok) {
      absent(answer.refusal);
      return { type: "unknown" };
    }
    const record = committedRecord(answer.json);
    if (record !== undefined) {
      const call = await committedCall(abis, record, (struct) => isOf(EVENTS_MODULE, struct));
      return { type: "committed", call };
    }
  } while (now() < deadlineMs);
  return { type: "pending" };
}

function isOf(module: ModuleId, struct: StructTag): boolean {
  return struct.address === module.address && struct.module === module.name;
}

/** Versions: of the newest transaction, and of the newest that counts as final. */
interface Finality {
  readonly newest: bigint;
  readonly final: bigint;
}

async function finality({ rest, finalityDepth }: Endpoint): Promise<Finality> {
  const { version: newest, height, finalVersion: told = newest } = await readLedger(rest);
  if (finalityDepth === 0) return { newest, final: told };
  const depth = height - BigInt(finalityDepth);
  const block = depth < 0n ? undefined : await readBlock(rest, depth);
  const deep = block?.lastVersion ?? 0n;
  return { newest, final: deep < told ? deep : told };
}

async function eventsFrom(
  endpoint: Endpoint,
  { final }: Finality,
  module: ModuleId,
  from: EventPlace,
): Promise<{ readonly events: readonly PlacedEvent[]; readonly next: EventPlace }> {
  if (from.version > final) return { events: [], next: from };
  const path = `/transactions?start=${from.version}&limit=${PAGE}`;
  const answer = await endpoint.rest({ path });
  if (!answer.ok || !isList(answer.json)) {
    const why = answer.ok ? "no list" : answer.refusal.message;
    throw trouble("BAD_ANSWER", `the chain lists no transactions: ${why}`);
  }
  const events: PlacedEvent[] = [];
  let next = from;
  for (const json of answer.json) {
    const record = committedRecord(json);
    const version = record && u64Of(record, "version");
    if (record === undefined || version === undefined || version > final) break;
    const placed = await placedEvents(endpoint.abis, record, (struct) => isOf(module, struct));
    events.push(...placed.filter(({ place }) => isFrom(from, place)));
    next = { version: version + 1n, index: 0 };
  }
  return { events, next };
}

/** Undefined where the block was replaced while it was read, too: the next look finds another. */
export async function endpointEventsIn(
  { rest, abis }: Endpoint,
  height: bigint,
  module: ModuleId,
): Promise<BlockEvents | undefined> {
  const block = await readBlock(rest, height);
  if (block === undefined) return undefined;
  const events: PlacedEvent[] = [];
  let version = block.lastVersion - BigInt(block.transactionsCount);
  while (version <= block.lastVersion) {
    const left = block.lastVersion - version + 1n;
    const limit = left < BigInt(PAGE) ? left : BigInt(PAGE);
    const answer = await rest({ path: `/transactions?start=${version}&limit=${limit}` });
    if (!answer.ok || !isList(answer.json) || answer.json.length === 0) return undefined;
    for (const json of answer.json) {
      const record = committedRecord(json);
      if (record === undefined) return undefined;
      events.push(...(await placedEvents(abis, record, (struct) => isOf(module, struct))));
    }
    version += BigInt(answer.json.length);
  }
  const after = await readBlock(rest, height);
  return after !== undefined && equalBytes(after.hash, block.hash) ? { block, events } : undefined;
}

function isFrom(from: EventPlace, place: EventPlace): boolean {
  return place.version > from.version || place.index >= from.index;
}
