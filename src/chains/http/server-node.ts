/**
 * Serves a handler over HTTP/1.1 on Node. Bounds what a client can cost: bytes, requests, sockets
 * and time. Knows no endpoint.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";
import type { Duplex } from "node:stream";
import { refusal } from "../ledger/refusal.ts";
import { withOrigin } from "./cross-origin.ts";
import { errorResponse, frameworkError, type HttpRequest, type HttpResponse } from "./message.ts";
import { admit, createRateLimiter, type RateLimiter, type RateLimits } from "./rate.ts";
import type { HttpHandler } from "./router.ts";

export interface HttpLimits {
  /** Largest body, in bytes. */
  readonly bodySizeMax: number;
  readonly connectionsMax: number;
  /** Time for all headers, and for a whole request, to come in. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly rate: RateLimits;
}

export const HTTP_LIMITS: HttpLimits = {
  bodySizeMax: 1024 * 1024,
  connectionsMax: 1_024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 20_000,
  rate: { perSecond: 2_000, burst: 10_000, clientsMax: 10_000 },
};

const KEEP_ALIVE_MS = 30_000;
/** How often sockets are looked at that take too long. */
const TIMEOUT_CHECK_MS = 1_000;
const HEADERS_SIZE_MAX = 16 * 1024;
const TOO_LARGE = 413;
const RETRY_AFTER_SECS = "1";

export interface HttpServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly limits?: Partial<HttpLimits>;
  /** Takes over connections that are to be something else than HTTP; none without it. */
  readonly onUpgrade?: UpgradeHandler;
}

/** Takes a connection over, or answers false and leaves it to be closed. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

export interface HttpServer {
  /** Without a path, for clients on this machine. */
  readonly url: string;
  close(): Promise<void>;
}

/** Rejects with the system's error (`EADDRINUSE` and its like) when it cannot listen. */
export async function serveHttp(
  handler: HttpHandler,
  options: HttpServerOptions,
): Promise<HttpServer> {
  const limits = { ...HTTP_LIMITS, ...options.limits };
  const limiter = createRateLimiter(limits.rate);
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      maxHeaderSize: HEADERS_SIZE_MAX,
    },
    (incoming, outgoing) => void serveOne(handler, limits, limiter, incoming, outgoing),
  );
  server.maxConnections = limits.connectionsMax;
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const isWelcome = admit(limiter, request.socket.remoteAddress ?? "", performance.now());
    if (!isWelcome || options.onUpgrade?.(request, socket, head) !== true) socket.destroy();
  });
  server.listen(options.port, options.host);
  await once(server, "listening");
  return { url: urlOf(server, options.host), close: () => closeServer(server) };
}

async function serveOne(
  handler: HttpHandler,
  limits: HttpLimits,
  limiter: RateLimiter,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  // What a socket fails with is no news: its request is over.
  outgoing.on("error", () => undefined);
  const client = incoming.socket.remoteAddress ?? "";
  const head = headOf(incoming);
  if (!admit(limiter, client, performance.now())) {
    const refused = errorResponse(refusal("rate_limited", "Too many requests; wait a second."));
    const headers = { ...refused.headers, "retry-after": RETRY_AFTER_SECS };
    return send(outgoing, withOrigin(head, { ...refused, headers }), true);
  }
  const body = await readBody(incoming, limits.bodySizeMax);
  if (body === undefined) return;
  if (body === "too large") {
    const message = `The body is larger than ${limits.bodySizeMax} bytes.`;
    return send(outgoing, withOrigin(head, frameworkError(TOO_LARGE, message)), true);
  }
  send(outgoing, await handler({ ...head, body }), false);
}

function headOf({ method = "GET", url = "/", headers }: IncomingMessage): HttpRequest {
  const single = Object.entries(headers).map(([name, value]): [string, string | undefined] => {
    return [name, Array.isArray(value) ? value.join(", ") : value];
  });
  const body = new Uint8Array();
  return { method, target: url, headers: Object.fromEntries(single), body };
}

/** Undefined when the client went away. */
async function readBody(
  incoming: IncomingMessage,
  sizeMax: number,
): Promise<Uint8Array | "too large" | undefined> {
  if (Number(incoming.headers["content-length"] ?? 0) > sizeMax) return "too large";
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > sizeMax) return "too large";
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** @param ends whether the connection is closed behind the answer: the rest of it is not read. */
function send(outgoing: ServerResponse, response: HttpResponse, ends: boolean): void {
  const { status, headers, body } = response;
  outgoing.writeHead(status, {
    ...headers,
    ...(status === 204 ? {} : { "content-length": Buffer.byteLength(body) }),
    ...(ends ? { connection: "close" } : {}),
  });
  outgoing.end(body);
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

function urlOf(server: Server, host: string): string {
  const address = server.address() as AddressInfo;
  const isAny = host === "0.0.0.0" || host === "::";
  const name = isAny ? "127.0.0.1" : host;
  return `http://${isIPv6(name) ? `[${name}]` : name}:${address.port}`;
}
