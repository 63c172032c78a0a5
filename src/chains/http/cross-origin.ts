/**
 * Lets pages of any origin call (REST profile section 2). The SDK sends credentials and headers of
 * its own, so that every call is asked for first and the origin must be named: `*` would not do.
 * Nothing here depends on who asks, so there is nothing that an origin could steal.
 */
import type { HttpRequest, HttpResponse } from "./message.ts";

const ALLOWED_HEADERS = "content-type, x-aptos-client, x-aptos-typescript-sdk-origin-method";
const EXPOSED_HEADERS = [
  "x-aptos-chain-id",
  "x-aptos-ledger-version",
  "x-aptos-ledger-oldest-version",
  "x-aptos-ledger-timestampusec",
  "x-aptos-epoch",
  "x-aptos-block-height",
  "x-aptos-oldest-block-height",
  "x-aptos-cursor",
  "x-aptos-gas-used",
].join(", ");
const MAX_AGE_SECS = "86400";

/** Adds what a browser wants to see to an answer. */
export function withOrigin(request: HttpRequest, response: HttpResponse): HttpResponse {
  const { origin } = request.headers;
  if (origin === undefined) return response;
  const headers = {
    ...response.headers,
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": EXPOSED_HEADERS,
    vary: "Origin",
  };
  return { ...response, headers };
}

/** The answer to the question that precedes a call. */
export function preflight(): HttpResponse {
  const headers = {
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": ALLOWED_HEADERS,
    "access-control-max-age": MAX_AGE_SECS,
  };
  return { status: 204, headers, body: "" };
}
