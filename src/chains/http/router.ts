/**
 * Finds the endpoint for a request: a table of methods and paths. A handler is a function from a
 * request to an answer; sockets, limits and time are elsewhere.
 */

import type { AskedNode } from "../asked-node.ts";
import type { Refusal } from "../ledger/refusal.ts";
import { refusal } from "../ledger/refusal.ts";
import {
  getAccount,
  getBalance,
  getModule,
  getModules,
  getResource,
  getResources,
} from "./account-endpoints.ts";
import { type Api, type Call, createApi } from "./api.ts";
import {
  getBlockByHeight,
  getBlockByVersion,
  getGasPrice,
  getLedger,
  ledgerHeaders,
} from "./chain-endpoints.ts";
import { preflight, withOrigin } from "./cross-origin.ts";
import {
  type Answering,
  errorResponse,
  frameworkError,
  type HttpRequest,
  type HttpResponse,
  jsonResponse,
} from "./message.ts";
import { postTableItem, postView } from "./query-endpoints.ts";
import {
  getAccountTransactions,
  getByHash,
  getByVersion,
  getTransactions,
  simulate,
  submitTransaction,
  waitByHash,
} from "./transaction-endpoints.ts";

export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse>;
export type Endpoint<Context> = (context: Context, call: Call) => Promise<Answering>;

/** By method and path; `*` stands for any one segment. */
export type Routes<Context> = Readonly<Record<string, Endpoint<Context>>>;

const BASE = "v1";
const NOT_FOUND = 404;
const WRONG_METHOD = 405;

const REST_ROUTES: Routes<Api> = {
  "GET /": getLedger,
  "GET /estimate_gas_price": getGasPrice,
  "GET /accounts/*": getAccount,
  "GET /accounts/*/balance/*": getBalance,
  "GET /accounts/*/resource/*": getResource,
  "GET /accounts/*/resources": getResources,
  "GET /accounts/*/module/*": getModule,
  "GET /accounts/*/modules": getModules,
  "GET /accounts/*/transactions": getAccountTransactions,
  "GET /transactions": getTransactions,
  "GET /transactions/by_hash/*": getByHash,
  "GET /transactions/wait_by_hash/*": waitByHash,
  "GET /transactions/by_version/*": getByVersion,
  "GET /blocks/by_height/*": getBlockByHeight,
  "GET /blocks/by_version/*": getBlockByVersion,
  "POST /transactions": submitTransaction,
  "POST /transactions/simulate": simulate,
  "POST /view": postView,
  "POST /tables/*/item": postTableItem,
};

/** The REST API of a node, below `/v1`. Never rejects. */
export function createRestApi(node: AskedNode): HttpHandler {
  const api = createApi(node);
  const handle = routed(REST_ROUTES, api, BASE);
  return async (request) => {
    const response = await handle(request);
    if (request.method === "OPTIONS") return response;
    return { ...response, headers: { ...(await ledgerHeaders(api)), ...response.headers } };
  };
}

/**
 * A handler for all routes of a table. Whatever an endpoint throws is `internal_error`: one request
 * never ends the server.
 *
 * @param base the first path segment of every route; "" for none.
 */
export function routed<Context>(
  routes: Routes<Context>,
  context: Context,
  base: string,
): HttpHandler {
  const table = Object.entries(routes).map(([name, endpoint]) => {
    const [method = "", path = ""] = name.split(" ");
    return { method, path: segments(path), endpoint };
  });
  return async (request) => {
    if (request.method === "OPTIONS") return withOrigin(request, preflight());
    return withOrigin(request, await answer(request));
  };

  async function answer(request: HttpRequest): Promise<HttpResponse> {
    const url = takeApart(request.target);
    const path = url && withoutBase(url.path, base);
    if (url === undefined || path === undefined) return unknownPath(request);
    const found = table.filter((row) => fits(row.path, path));
    if (found.length === 0) return unknownPath(request);
    const row = found.find(({ method }) => method === request.method);
    if (row === undefined) {
      return frameworkError(WRONG_METHOD, `${request.method} is not for this path.`);
    }
    try {
      const answered = await row.endpoint(context, { request, path, query: url.query });
      if (!answered.ok) return errorResponse(answered.error);
      const { status = 200, json, headers = {} } = answered.value;
      return jsonResponse(status, json, headers);
    } catch (error) {
      return errorResponse(failure(error));
    }
  }
}

function failure(error: unknown): Refusal {
  const why = error instanceof Error ? error.message : String(error);
  return refusal("internal_error", `The request failed: ${why}`);
}

function unknownPath({ method, target }: HttpRequest): HttpResponse {
  const path = target.split("?")[0] ?? "";
  return frameworkError(NOT_FOUND, `There is no ${method} ${path} here.`);
}

/** Undefined when an escape is malformed. */
function takeApart(
  target: string,
): { readonly path: readonly string[]; readonly query: URLSearchParams } | undefined {
  const cut = target.indexOf("?");
  const path = cut < 0 ? target : target.slice(0, cut);
  try {
    return {
      path: segments(path).map(decodeURIComponent),
      query: new URLSearchParams(cut < 0 ? "" : target.slice(cut + 1)),
    };
  } catch {
    return undefined;
  }
}

function segments(path: string): readonly string[] {
  return path.split("/").filter((segment) => segment !== "");
}

function withoutBase(path: readonly string[], base: string): readonly string[] | undefined {
  if (base === "") return path;
  return path[0] === base ? path.slice(1) : undefined;
}

function fits(route: readonly string[], path: readonly string[]): boolean {
  return (
    route.length === path.length &&
    route.every((segment, index) => segment === "*" || segment === path[index])
  );
}
