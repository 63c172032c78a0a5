// The REST API of a test chain, asked without sockets.
import { createRestApi, type HttpHandler } from "#chains";
import { START_MS, startChain, type TestChain } from "../fixture.ts";
import { manualClock } from "../manual-clock.ts";

export interface RestChain extends TestChain {
  readonly handle: HttpHandler;
}

/** What a test looks at of an answer. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: unknown;
}

export async function startRest(
  options: Parameters<typeof startChain>[0] = {},
): Promise<RestChain> {
  const chain = await startChain({ clock: manualClock(START_MS), ...options });
  return { ...chain, handle: createRestApi(chain.node) };
}

export async function get(
  { handle }: RestChain,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<RestAnswer> {
  return read(
    await handle({ method: "GET", target: `/v1${path}`, headers, body: new Uint8Array() }),
  );
}

export async function post(
  { handle }: RestChain,
  path: string,
  contentType: string,
  body: Uint8Array | string,
): Promise<RestAnswer> {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const headers = { "content-type": contentType };
  return read(await handle({ method: "POST", target: `/v1${path}`, headers, body: bytes }));
}

export const SIGNED = "application/x.aptos.signed_transaction+bcs";

function read(answer: Awaited<ReturnType<HttpHandler>>): RestAnswer {
  const { status, headers, body } = answer;
  return { status, headers, json: body === "" ? undefined : JSON.parse(body) };
}
