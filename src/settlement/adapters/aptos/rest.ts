/**
 * Asks an endpoint of the REST profile over HTTP. Knows URLs, statuses and error bodies; what an
 * answer means is read elsewhere.
 */
import type { Clock } from "#channel";
import { type SettlementError, trouble } from "../../settlement-error.ts";
import { isRecord, type JsonValue, parseJson } from "./json.ts";

/** What is needed of `fetch`. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** An answer that is an error by the profile (section 7). */
export interface Refusal {
  readonly status: number;
  /** Empty where the body has none, as from a proxy. */
  readonly code: string;
  readonly vmCode: number | undefined;
  readonly message: string;
}

export type Answer =
  | { readonly ok: true; readonly json: JsonValue }
  | { readonly ok: false; readonly refusal: Refusal };

export interface RestRequest {
  /** Below the base URL, beginning with a slash; empty for the base itself. */
  readonly path: string;
  /** A POST where present. */
  readonly body?: { readonly type: string; readonly content: Uint8Array | string };
}

/** Rejects with `SettlementError` CHAIN_UNREACHABLE or BAD_ANSWER. */
export type Rest = (request: RestRequest) => Promise<Answer>;

export const JSON_TYPE = "application/json";
/** Longer than an endpoint holds a request back on purpose. */
const REQUEST_TIMEOUT_MS = 10_000;
const TOO_MANY = 429;
const SERVER_FAULT = 500;

/** @param base with its version, without a slash at the end: `http://127.0.0.1:8080/v1`. */
export function createRest(base: string, fetchFrom: Fetch, clock: Clock): Rest {
  return async ({ path, body }) => {
    const abort = new AbortController();
    const cancel = clock.after(REQUEST_TIMEOUT_MS, () => abort.abort());
    const init: RequestInit = {
      signal: abort.signal,
      credentials: "omit",
      ...(body === undefined ? {} : postOf(body)),
    };
    try {
      const response = await fetchFrom(`${base}${path}`, init);
      return answerOf(base, response.status, await response.text());
    } catch (error) {
      if (error instanceof Error && error.name === "SettlementError") throw error;
      throw unreachable(base, "it does not answer", error);
    } finally {
      cancel();
    }
  };
}

function postOf({ type, content }: NonNullable<RestRequest["body"]>): RequestInit {
  // A copy: the body must not be a view into memory that others may share.
  const body = typeof content === "string" ? content : content.slice();
  return { method: "POST", headers: { "content-type": type }, body };
}

function answerOf(base: string, status: number, text: string): Answer {
  const json = parseJson(text);
  if (status >= SERVER_FAULT || status === TOO_MANY) {
    // A full pool is a refusal like any other: it says what to do about a transaction.
    const refusal = refusalOf(status, json);
    if (refusal.code === "mempool_is_full") return { ok: false, refusal };
    throw unreachable(base, `it answers ${status} ${refusal.code}`.trimEnd());
  }
  if (status >= 400) return { ok: false, refusal: refusalOf(status, json) };
  if (json === undefined) throw trouble("BAD_ANSWER", `${base} answers ${status} without JSON`);
  return { ok: true, json };
}

function refusalOf(status: number, json: JsonValue | undefined): Refusal {
  const body = isRecord(json) ? json : {};
  const { error_code: code, message, vm_error_code: vmCode } = body;
  return {
    status,
    code: typeof code === "string" ? code : "",
    vmCode: typeof vmCode === "number" ? vmCode : undefined,
    message: typeof message === "string" ? message : `status ${status}`,
  };
}

function unreachable(base: string, why: string, cause?: unknown): SettlementError {
  return trouble(
    "CHAIN_UNREACHABLE",
    `the chain at ${base} is out of reach: ${why}`,
    undefined,
    cause,
  );
}
