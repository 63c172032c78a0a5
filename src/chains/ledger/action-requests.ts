/**
 * What a call asked the chain to do next: the requests of `0x1::action`, which stand among its
 * events in bytes of ours, and are taken out of them here.
 */
import type { Address } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { utf8 } from "#core/bytes.ts";
import type { Event } from "#core/effects.ts";
import { type ModuleId, parseIdentifier } from "#core/identifier.ts";
import { parseTypeTag, readIdentifier, type TypeTag } from "#core/type-tag.ts";
import { INLINE_REQUEST, NOTIFY_REQUEST } from "#sandbox";
import type { EntryFunctionCall } from "./transaction.ts";

/** An action to run, for the account of the module that asks. */
export interface InlineRequest {
  readonly caller: ModuleId;
  /** Undefined where names or types are none. */
  readonly call: EntryFunctionCall | undefined;
}

/** Somebody to tell. */
export interface NotifyRequest {
  readonly account: Address;
  /** Of the function that hears it. */
  readonly args: readonly Uint8Array[];
}

export interface Requests {
  readonly inlines: readonly InlineRequest[];
  readonly notifications: readonly NotifyRequest[];
  /** The events that are the call's own. */
  readonly events: readonly Event[];
}

const text = new TextDecoder("utf-8", { fatal: false });

export function takeRequests(events: readonly Event[]): Requests {
  const inlines: InlineRequest[] = [];
  const notifications: NotifyRequest[] = [];
  const own: Event[] = [];
  for (const event of events) {
    const kind = requestKind(event);
    if (kind === "inline") inlines.push(decodeBcs(event.data, readInline));
    else if (kind === "notify") notifications.push(decodeBcs(event.data, readNotify));
    else own.push(event);
  }
  return { inlines, notifications, events: own };
}

function requestKind({ type }: Event): "inline" | "notify" | undefined {
  if (type.kind !== "struct") return undefined;
  const { address, module, name } = type.struct;
  if (address !== INLINE.address || module !== INLINE.module) return undefined;
  if (name === INLINE.name) return "inline";
  return name === NOTIFY.name ? "notify" : undefined;
}

const INLINE = structOf(INLINE_REQUEST);
const NOTIFY = structOf(NOTIFY_REQUEST);

function structOf(name: string) {
  const tag = parseTypeTag(name);
  return present(tag?.kind === "struct" ? tag.struct : undefined, "a request's type is a struct");
}

function readInline(reader: BcsReader): InlineRequest {
  const caller = { address: reader.address(), name: readIdentifier(reader) };
  const address = reader.address();
  const [module, name] = [parseIdentifier(readText(reader)), parseIdentifier(readText(reader))];
  const types = reader.vector(readText).map(parseTypeTag);
  const args = reader.vector((item) => item.bytes().slice());
  if (module === undefined || name === undefined || !types.every(isType)) {
    return { caller, call: undefined };
  }
  const call = { function: { module: { address, name: module }, name }, typeArgs: types, args };
  return { caller, call };
}

function isType(tag: TypeTag | undefined): tag is TypeTag {
  return tag !== undefined;
}

function readText(reader: BcsReader): string {
  return text.decode(reader.bytes());
}

/** What is told goes on as it came: module, function, type arguments, arguments. */
function readNotify(reader: BcsReader): NotifyRequest {
  const source = { address: reader.address(), name: readIdentifier(reader) };
  const account = reader.address();
  const name = reader.bytes().slice();
  const typeArgs = reader.vector((item) => item.bytes().slice());
  const args = reader.vector((item) => item.bytes().slice());
  const bytes = (value: Uint8Array) => encodeBcs((writer) => writer.bytes(value));
  const list = (values: readonly Uint8Array[]) =>
    encodeBcs((writer) => writer.vector(values, (out, value) => out.bytes(value)));
  return {
    account,
    args: [
      encodeBcs((writer) => writer.address(source.address)),
      bytes(utf8(source.name)),
      bytes(name),
      list(typeArgs),
      list(args),
    ],
  };
}
