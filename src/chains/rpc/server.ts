/**
 * The node's side of a pipe: decodes requests, bounds how many one client may have open, answers
 * each, and tells subscribers of new heads. A subscription lapses unless it is renewed, for a pipe
 * does not say when it ends.
 */
import { BcsReader } from "#core/bcs/reader.ts";
import type { Result } from "#core/result.ts";
import { type Refusal, refusal } from "../ledger/refusal.ts";
import type { Clock } from "../ports.ts";
import { decodeWith, encodeWith } from "./codec.ts";
import {
  clientMessageCodec,
  type LedgerInfo,
  type NodeMessage,
  nodeMessageCodec,
  RPC_MESSAGE_SIZE_MAX,
  type RpcAnswer,
  type RpcRequest,
} from "./messages.ts";
import type { Pipe } from "./pipe.ts";

/** Requests that one client may have open. */
const OPEN_REQUESTS_MAX = 128;
/** Longer than a hidden page's timers sleep. */
const SUBSCRIPTION_LEASE_MS = 90_000;
const REQUEST_ID_SIZE = 4;

export type Handler = (request: RpcRequest) => Promise<Result<RpcAnswer, Refusal>>;

export interface RpcServer {
  /** Serves the client at the other end until the returned function is called. */
  serve(pipe: Pipe): () => void;
  /** @param commonHeight of the newest block that the branch before has too. */
  announce(ledger: LedgerInfo, commonHeight: bigint): void;
  /** Clients that want to hear of heads. */
  watchers(): number;
  close(): void;
}

interface Client {
  readonly pipe: Pipe;
  open: number;
  subscribedUntilMs: bigint;
}

interface ServerState {
  readonly clock: Clock;
  readonly handler: Handler;
  readonly onWatchers: () => void;
  readonly clients: Set<Client>;
}

/** @param onWatchers is called when {@link RpcServer.watchers} may have changed. */
export function createRpcServer(clock: Clock, handler: Handler, onWatchers: () => void): RpcServer {
  const state: ServerState = { clock, handler, onWatchers, clients: new Set() };
  const drop = (client: Client) => {
    if (!state.clients.delete(client)) return;
    client.pipe.close();
    onWatchers();
  };
  return {
    serve: (pipe) => {
      const client: Client = { pipe, open: 0, subscribedUntilMs: 0n };
      state.clients.add(client);
      pipe.listen((message) => void receive(state, client, message));
      return () => drop(client);
    },
    announce: (ledger, commonHeight) => {
      for (const client of subscribers(state)) post(client, { type: "head", ledger, commonHeight });
    },
    watchers: () => subscribers(state).length,
    close: () => {
      for (const client of state.clients) drop(client);
    },
  };
}

function subscribers({ clock, clients }: ServerState): Client[] {
  const now = clock.now();
  return [...clients].filter((client) => client.subscribedUntilMs > now);
}

async function receive(state: ServerState, client: Client, message: Uint8Array): Promise<void> {
  if (!state.clients.has(client) || message.length < REQUEST_ID_SIZE) return;
  const id = new BcsReader(message).u32();
  if (message.length > RPC_MESSAGE_SIZE_MAX) {
    const why = `The request has ${message.length} bytes, at most ${RPC_MESSAGE_SIZE_MAX}.`;
    post(client, { type: "refusal", id, refusal: refusal("invalid_input", why) });
    return;
  }
  const decoded = decodeWith(clientMessageCodec, message);
  if (!decoded.ok) {
    const why = `The request cannot be read: ${decoded.error.message}.`;
    post(client, { type: "refusal", id, refusal: refusal("invalid_input", why) });
    return;
  }
  if (client.open >= OPEN_REQUESTS_MAX) {
    const why = `More than ${OPEN_REQUESTS_MAX} requests are open; wait for their answers.`;
    post(client, { type: "refusal", id, refusal: refusal("rate_limited", why) });
    return;
  }
  await answer(state, client, id, decoded.value.request);
}

async function answer(
  state: ServerState,
  client: Client,
  id: number,
  request: RpcRequest,
): Promise<void> {
  if (request.type === "subscribe") {
    client.subscribedUntilMs = state.clock.now() + BigInt(SUBSCRIPTION_LEASE_MS);
    state.onWatchers();
  }
  client.open += 1;
  try {
    const result = await state.handler(request);
    if (!state.clients.has(client)) return;
    if (result.ok) post(client, { type: "answer", id, answer: result.value });
    else post(client, { type: "refusal", id, refusal: result.error });
  } finally {
    client.open -= 1;
  }
}

function post({ pipe }: Client, message: NodeMessage): void {
  pipe.post(encodeWith(nodeMessageCodec, message));
}
