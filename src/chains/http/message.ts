/**
 * HTTP requests and answers as plain values, so that everything between the two is a function that
 * needs no socket. Knows no endpoint.
 */
import { toHexPrefixed } from "#core/bytes.ts";
import { err, type Result } from "#core/result.ts";
import {
  REFUSAL_HTTP_STATUS,
  type Refusal,
  type RefusalCode,
  refusal,
  vmErrorCode,
} from "../ledger/refusal.ts";

/** What JSON can say. Large integers are strings before they come here. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

export interface HttpRequest {
  readonly method: string;
  /** As sent: path and query, still escaped. */
  readonly target: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text of the content type that the headers name. */
  readonly body: string;
}

/** A number that JSON can write and JavaScript's numbers cannot hold. */
export interface Numeral {
  readonly digits: bigint;
}

/** What an endpoint answers with. */
export interface Answer {
  readonly status?: number;
  readonly json: JsonValue | Numeral;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Answering = Result<Answer, Refusal>;

export function refuse(code: RefusalCode, message: string): Result<never, Refusal> {
  return err(refusal(code, message));
}

/** The profile's error body (section 7). */
export function errorResponse(refused: Refusal): HttpResponse {
  return jsonResponse(REFUSAL_HTTP_STATUS[refused.code], {
    message: refused.message,
    error_code: refused.code,
    vm_error_code: vmErrorCode(refused) ?? null,
  });
}

/** An error of the HTTP layer itself, such as a body that is too large. */
export function frameworkError(status: number, message: string): HttpResponse {
  return jsonResponse(status, { message, error_code: "web_framework_error", vm_error_code: null });
}

export function jsonResponse(
  status: number,
  json: JsonValue | Numeral,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  const body = isNumeral(json) ? json.digits.toString() : JSON.stringify(json);
  return { status, headers: { "content-type": "application/json", ...headers }, body };
}

function isNumeral(json: JsonValue | Numeral): json is Numeral {
  return isRecord(json as JsonValue) && typeof (json as Numeral).digits === "bigint";
}

export function hex(bytes: Uint8Array): string {
  return toHexPrefixed(bytes);
}

/** Reads a JSON body; undefined when it is none. */
export function parseJson(body: Uint8Array): JsonValue | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    const value: unknown = JSON.parse(text);
    return value as JsonValue;
  } catch {
    return undefined;
  }
}

export function isRecord(
  json: JsonValue | undefined,
): json is { readonly [name: string]: JsonValue } {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

export function isList(json: JsonValue | undefined): json is readonly JsonValue[] {
  return Array.isArray(json);
}
