/** Reads the fields of a Move struct that came as a JavaScript value. */
import { assert } from "#core/assert.ts";
import type { JsValue } from "#sandbox";

export function fieldsOf(value: JsValue): { readonly [field: string]: JsValue } {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  assert(isObject && !(value instanceof Uint8Array), "a struct is an object");
  return value as { readonly [field: string]: JsValue };
}
