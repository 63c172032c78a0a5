/** Transactions and their events as an endpoint shows them (REST profile section 5). */
import { parseTypeTag, type StructTag, type TypeTag } from "#core/type-tag.ts";
import type { CommittedCall, PlacedEvent } from "../../chain-access.ts";
import { trouble } from "../../settlement-error.ts";
import { isList, isRecord, type JsonRecord, type JsonValue } from "./json.ts";
import type { ModuleAbis } from "./module-abi.ts";
import { valueFromJson } from "./move-value.ts";
import { callStatus } from "./vm-status.ts";

const PENDING = "pending_transaction";
const MICROSECONDS_PER_MILLISECOND = 1_000n;

/** Undefined while it waits. */
export function committedRecord(json: JsonValue): JsonRecord | undefined {
  if (!isRecord(json)) throw trouble("BAD_ANSWER", "the chain answers with no transaction");
  return json["type"] === PENDING ? undefined : json;
}

/** @param wanted says of which structs' events the data is read. */
export async function committedCall(
  abis: ModuleAbis,
  json: JsonRecord,
  wanted: (struct: StructTag) => boolean,
): Promise<CommittedCall> {
  const { success, vm_status: text } = json;
  if (typeof success !== "boolean" || typeof text !== "string") {
    throw trouble("BAD_ANSWER", "the chain does not say how a transaction ended");
  }
  const events = await placedEvents(abis, json, wanted);
  return {
    status: callStatus(success, text),
    statusText: text,
    events,
    gasUsed: u64Of(json, "gas_used"),
  };
}

export async function placedEvents(
  abis: ModuleAbis,
  json: JsonRecord,
  wanted: (struct: StructTag) => boolean,
): Promise<readonly PlacedEvent[]> {
  const list = isList(json["events"]) ? json["events"] : [];
  const events: PlacedEvent[] = [];
  for (const [index, event] of list.entries()) {
    const type = wantedType(event, wanted);
    if (type === undefined || !isRecord(event)) continue;
    const data = await valueFromJson(abis, type, event["data"] ?? null);
    const timestampMs = u64Of(json, "timestamp") / MICROSECONDS_PER_MILLISECOND;
    events.push({ type, data, timestampMs, place: { version: u64Of(json, "version"), index } });
  }
  return events;
}

function wantedType(event: JsonValue, wanted: (struct: StructTag) => boolean): TypeTag | undefined {
  const text = isRecord(event) ? event["type"] : undefined;
  const type = typeof text === "string" ? parseTypeTag(text) : undefined;
  return type?.kind === "struct" && wanted(type.struct) ? type : undefined;
}

/** Numbers of the profile's transactions and blocks are decimal strings. */
export function u64Of(json: JsonRecord, name: string): bigint {
  const text = json[name];
  if (typeof text === "string" && /^[0-9]{1,20}$/.test(text)) return BigInt(text);
  throw trouble("BAD_ANSWER", `the chain gives no number for ${name}`);
}
