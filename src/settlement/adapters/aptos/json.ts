/** JSON as an endpoint answers it, before anybody knows what it is. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

export type JsonRecord = { readonly [name: string]: JsonValue };

export function isRecord(json: JsonValue | undefined): json is JsonRecord {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

export function isList(json: JsonValue | undefined): json is readonly JsonValue[] {
  return Array.isArray(json);
}

/** Undefined where the text is no JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
