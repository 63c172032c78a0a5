// Reads Move values that came as JavaScript ones. What is not of the wanted kind is undefined: the
// page leaves out what it cannot read.
import type { JsValue } from "holdfast/sandbox";

export type Fields = { readonly [field: string]: JsValue };

export function fieldsOf(value: JsValue | undefined): Fields | undefined {
  const isObject = typeof value === "object" && value !== null;
  return isObject && !isList(value) && !(value instanceof Uint8Array) ? value : undefined;
}

export function listOf(value: JsValue | undefined): readonly JsValue[] {
  return isList(value) ? value : [];
}

function isList(value: JsValue | undefined): value is readonly JsValue[] {
  return Array.isArray(value);
}

export function bigOf(value: JsValue | undefined): bigint | undefined {
  return typeof value === "bigint" ? value : undefined;
}

export function numberOf(value: JsValue | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

export function textOf(value: JsValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function hexOf(value: JsValue | undefined): string | undefined {
  if (!(value instanceof Uint8Array)) return undefined;
  return Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
