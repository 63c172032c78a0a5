/** Move values on the way out: as JSON, and as text for people. */
import { formatAddress, formatStructTag, type JsValue, type StateKey, VARIANT_KEY } from "#sandbox";
import { toHex } from "../hex.ts";

export type Json =
  | boolean
  | number
  | string
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** As the sandbox writes addresses among its values. */
const ADDRESS = /^0x[0-9a-f]{64}$/;

/** Integers over 32 bits become decimal text, bytes hex behind `0x`. */
export function valueJson(value: JsValue): Json {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return `0x${toHex(value)}`;
  if (isList(value)) return value.map(valueJson);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, valueJson(field)]));
}

/** As it may be typed again: `{x: 1, names: ["a"]}`. */
export function valueText(value: JsValue): string {
  if (typeof value === "string") return ADDRESS.test(value) ? short(value) : JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Uint8Array) return `0x${toHex(value)}`;
  if (isList(value)) return `[${value.map(valueText).join(", ")}]`;
  const fields = Object.entries(value).map(([name, field]) =>
    name === VARIANT_KEY ? `${name}: ${JSON.stringify(field)}` : `${name}: ${valueText(field)}`,
  );
  return `{${fields.join(", ")}}`;
}

/** The place of a stored value: `0x1::m::S at 0x1`. */
export function keyText(key: StateKey): string {
  switch (key.kind) {
    case "resource":
      return `${formatStructTag(key.type)} at ${short(key.address)}`;
    case "tableItem":
      return `item 0x${toHex(key.key)} of table ${short(key.handle)}`;
    case "module":
      return `module ${formatAddress(key.module.address)}::${key.module.name}`;
  }
}

export function keyJson(key: StateKey): Json {
  switch (key.kind) {
    case "resource":
      return { address: formatAddress(key.address), resource: formatStructTag(key.type) };
    case "tableItem":
      return { table: formatAddress(key.handle), item: toHex(key.key) };
    case "module":
      return { module: `${formatAddress(key.module.address)}::${key.module.name}` };
  }
}

/** An address without its leading zeros. */
function short(address: string): string {
  return address.replace(/^0x0+(?=.)/, "0x");
}

function isList(value: object): value is readonly JsValue[] {
  return Array.isArray(value);
}
