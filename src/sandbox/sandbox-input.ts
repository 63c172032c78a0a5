/**
 * Reads what callers of the sandbox write as text: names, types, addresses, hex. Every refusal is
 * coded.
 */
import { type Address, formatAddress, parseAddress } from "./core/address.ts";
import { fromHex } from "./core/bytes.ts";
import { type ChangeSet, newValue, type Op } from "./core/effects.ts";
import { type FunctionId, parseFunctionId } from "./core/identifier.ts";
import { formatStructTag, parseTypeTag, type StructTag, type TypeTag } from "./core/type-tag.ts";
import { SandboxError } from "./sandbox-error.ts";

/** Bytes, or hex with or without `0x`. */
export type BytesInput = Uint8Array | string;

export function functionFrom(text: string): FunctionId {
  const id = parseFunctionId(text);
  if (id === undefined) {
    throw new SandboxError("SANDBOX_BAD_NAME", `"${text}" is not 0x…::module::function`);
  }
  return id;
}

export function typeFrom(text: string): TypeTag {
  const tag = parseTypeTag(text);
  if (tag === undefined) throw new SandboxError("SANDBOX_BAD_TYPE", `"${text}" is no Move type`);
  return tag;
}

export function structFrom(text: string): StructTag {
  const tag = typeFrom(text);
  if (tag.kind !== "struct") throw new SandboxError("SANDBOX_BAD_TYPE", `"${text}" is no struct`);
  return tag.struct;
}

export function addressFrom(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) {
    throw new SandboxError("SANDBOX_BAD_ADDRESS", `"${text}" is no address`);
  }
  return address;
}

export function bytesFrom(input: BytesInput): Uint8Array {
  const bytes = typeof input === "string" ? fromHex(input) : input;
  if (bytes === undefined) throw new SandboxError("SANDBOX_BAD_BYTES", "not an even run of hex");
  return bytes;
}

/** What happened to one value: bytes are BCS. */
export type AccountChange =
  | { readonly new: Uint8Array }
  | { readonly modify: readonly [old: Uint8Array, value: Uint8Array] }
  | { readonly delete: Uint8Array };

/** Resources changed, by address and type, both as people write them. */
export type AccountChanges = Readonly<Record<string, Readonly<Record<string, AccountChange>>>>;

/** The resources of a change set; table items and modules stand in the change set only. */
export function changesByAccount(changes: ChangeSet): AccountChanges {
  const accounts: Record<string, Record<string, AccountChange>> = {};
  for (const { key, op } of changes) {
    if (key.kind !== "resource") continue;
    const types = (accounts[formatAddress(key.address)] ??= {});
    types[formatStructTag(key.type)] = accountChange(op);
  }
  return accounts;
}

function accountChange(op: Op): AccountChange {
  if (op.type === "delete") return { delete: op.old };
  const value = newValue(op) ?? new Uint8Array();
  return op.type === "new" ? { new: value } : { modify: [op.old, value] };
}
