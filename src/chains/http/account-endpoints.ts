/** Accounts and what they hold: the REST profile's endpoints below `/accounts` (section 3). */
import { type Address, makeAddress, parseAddress } from "#core/address.ts";
import { compareBytes, fromHex, toHex, utf8 } from "#core/bytes.ts";
import type { StateKey } from "#core/effects.ts";
import { formatModuleId, type ModuleId, parseIdentifier } from "#core/identifier.ts";
import { ok, type Result } from "#core/result.ts";
import {
  encodeStructTag,
  formatStructTag,
  makeStructTag,
  parseStructTag,
  type StructTag,
} from "#core/type-tag.ts";
import { coinsOfStore, readAccount } from "../ledger/framework.ts";
import type { Refusal } from "../ledger/refusal.ts";
import { moduleJson } from "./abi-json.ts";
import { type Api, type Call, readAddress, readLimit, stateOf } from "./api.ts";
import { type Answering, hex, type JsonValue, refuse } from "./message.ts";
import { valueToJson } from "./move-json.ts";

const RESOURCES_PAGE = 1_000;
const MODULES_PAGE = 1_000;
const CURSOR_HEADER = "x-aptos-cursor";
/** Where the lineage keeps the metadata of its native coin. */
const NATIVE_METADATA = makeAddress("0xa");
const NATIVE_COIN = makeStructTag("0x1::aptos_coin::AptosCoin");
const COIN_STORE = makeStructTag("0x1::coin::CoinStore");

export async function getAccount(api: Api, call: Call): Promise<Answering> {
  const address = readAddress(call.path[1]);
  if (!address.ok) return address;
  const dated = await stateOf(api, call);
  if (!dated.ok) return dated;
  const { sequenceNumber, authenticationKey } = readAccount(dated.value.state, address.value);
  const json = {
    sequence_number: sequenceNumber.toString(),
    authentication_key: hex(authenticationKey),
  };
  return ok({ json });
}

/** A bare number: units of the coin, 0 for an account that has none. */
export async function getBalance(api: Api, call: Call): Promise<Answering> {
  const address = readAddress(call.path[1]);
  if (!address.ok) return address;
  const dated = await stateOf(api, call);
  if (!dated.ok) return dated;
  const [, , , asset = ""] = call.path;
  const coin = parseAddress(asset) === NATIVE_METADATA ? NATIVE_COIN : parseStructTag(asset);
  if (coin === undefined) return refuse("invalid_input", `"${asset}" names no asset.`);
  const type: StructTag = { ...COIN_STORE, typeArgs: [{ kind: "struct", struct: coin }] };
  const store = dated.value.state.get({ kind: "resource", address: address.value, type });
  return ok({ json: { digits: store === undefined ? 0n : coinsOfStore(store) } });
}

export async function getResource(api: Api, call: Call): Promise<Answering> {
  const address = readAddress(call.path[1]);
  if (!address.ok) return address;
  const [, , , text = ""] = call.path;
  const type = parseStructTag(text);
  if (type === undefined) return refuse("invalid_input", `"${text}" is no resource type.`);
  const dated = await stateOf(api, call);
  if (!dated.ok) return dated;
  const bytes = dated.value.state.get({ kind: "resource", address: address.value, type });
  if (bytes === undefined) {
    return refuse(
      "resource_not_found",
      `There is no ${formatStructTag(type)} at ${address.value}.`,
    );
  }
  const json = resourceJson(api, type, bytes);
  return json.ok ? ok({ json: json.value }) : json;
}

function resourceJson(api: Api, type: StructTag, bytes: Uint8Array): Result<JsonValue, Refusal> {
  const value = valueToJson(api.reading.types, { kind: "struct", struct: type }, bytes);
  return value.ok
    ? ok({ type: formatStructTag(type), data: value.value })
    : refuse("internal_error", `A ${formatStructTag(type)} cannot be read: ${value.error}.`);
}

export async function getResources(api: Api, call: Call): Promise<Answering> {
  const page = await pageOf(api, call, RESOURCES_PAGE, "resource");
  if (!page.ok) return page;
  const json: JsonValue[] = [];
  for (const { type, value } of page.value.items) {
    if (type === undefined) continue;
    const resource = resourceJson(api, type, value);
    if (!resource.ok) return resource;
    json.push(resource.value);
  }
  return ok({ json, headers: page.value.headers });
}

export async function getModules(api: Api, call: Call): Promise<Answering> {
  const page = await pageOf(api, call, MODULES_PAGE, "module");
  if (!page.ok) return page;
  const json = page.value.items.map(({ value }) => moduleJson(value));
  return ok({ json, headers: page.value.headers });
}

export async function getModule(api: Api, call: Call): Promise<Answering> {
  const address = readAddress(call.path[1]);
  if (!address.ok) return address;
  const [, , , text = ""] = call.path;
  const name = parseIdentifier(text);
  if (name === undefined) return refuse("invalid_input", `"${text}" is no module name.`);
  const dated = await stateOf(api, call);
  if (!dated.ok) return dated;
  const module: ModuleId = { address: address.value, name };
  const bytes = dated.value.state.get({ kind: "module", module });
  if (bytes === undefined) {
    return refuse("module_not_found", `There is no module ${formatModuleId(module)}.`);
  }
  return ok({ json: moduleJson(bytes) });
}

interface Item {
  /** What orders items and, in hex, is the cursor behind them. */
  readonly order: Uint8Array;
  readonly type: StructTag | undefined;
  readonly value: Uint8Array;
}

interface Page {
  readonly items: readonly Item[];
  readonly headers: Readonly<Record<string, string>>;
}

/** Some of what an account holds, in the order of their encoded names, from `start` on. */
async function pageOf(
  api: Api,
  call: Call,
  most: number,
  kind: "resource" | "module",
): Promise<Result<Page, Refusal>> {
  const address = readAddress(call.path[1]);
  if (!address.ok) return address;
  const limit = readLimit(call, most, most);
  if (!limit.ok) return limit;
  const start = call.query.get("start");
  const from = start === null ? undefined : fromHex(`0x${start.replace(/^0x/, "")}`);
  if (start !== null && from === undefined) {
    return refuse("invalid_input", `The start "${start}" is no cursor of this list.`);
  }
  const dated = await stateOf(api, call);
  if (!dated.ok) return dated;
  const found: Item[] = [];
  for (const { key, value } of dated.value.state.entries()) {
    const item = itemOf(key, address.value, kind, value);
    if (item === undefined) continue;
    if (from === undefined || compareBytes(item.order, from) >= 0) found.push(item);
  }
  found.sort((a, b) => compareBytes(a.order, b.order));
  const next = found[limit.value];
  const headers = next === undefined ? {} : { [CURSOR_HEADER]: `0x${toHex(next.order)}` };
  return ok({ items: found.slice(0, limit.value), headers });
}

function itemOf(
  key: StateKey,
  address: Address,
  kind: "resource" | "module",
  value: Uint8Array,
): Item | undefined {
  if (kind === "resource" && key.kind === "resource" && key.address === address) {
    return { order: encodeStructTag(key.type), type: key.type, value };
  }
  if (kind === "module" && key.kind === "module" && key.module.address === address) {
    return { order: utf8(key.module.name), type: undefined, value };
  }
  return undefined;
}
