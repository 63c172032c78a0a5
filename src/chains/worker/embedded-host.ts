/**
 * One chain for all tabs of an origin, whoever hosts it. Every worker that may host waits for the
 * same Web Lock; the one that holds it runs the node and answers everybody, the others pass their
 * clients' messages on to it. When it dies the lock falls to the next, which takes the chain up
 * from the store. Knows no page.
 */
import { toHex } from "#core/bytes.ts";
import { err } from "#core/result.ts";
import { type Refusal, refusal } from "../ledger/refusal.ts";
import type { Clock, Entropy } from "../ports.ts";
import type { Pipe } from "../rpc/pipe.ts";
import { createRpcServer } from "../rpc/server.ts";
import { type BroadcastChannelLike, broadcastPipe, hostBroadcast } from "./broadcast-pipe.ts";

const CLIENT_NAME_SIZE = 16;

/** What is used of a running node. */
export interface HostedNode {
  serve(pipe: Pipe): () => void;
}

export interface HostContext {
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Opens the channel over which workers of this origin reach the host. */
  readonly openChannel: () => BroadcastChannelLike;
  /**
   * Calls `whileHeld` once this worker holds the origin's lock, and keeps it for the worker's life.
   */
  readonly takeLock: (whileHeld: () => void) => void;
  readonly startNode: () => Promise<HostedNode>;
}

export interface EmbeddedHost {
  /** Serves the client at the other end of `pipe`, here or by passing its messages on. */
  connect(pipe: Pipe): void;
}

interface HostState {
  readonly context: HostContext;
  /** Serves clients here; undefined while another worker is the host. */
  serve: ((pipe: Pipe) => () => void) | undefined;
  /** Clients whose messages are passed on, and what ends that. */
  readonly passedOn: Map<Pipe, () => void>;
}

export function createEmbeddedHost(context: HostContext): EmbeddedHost {
  const state: HostState = { context, serve: undefined, passedOn: new Map() };
  context.takeLock(() => void becomeHost(state));
  return {
    connect: (pipe) => {
      if (state.serve === undefined) passOn(state, pipe);
      else state.serve(pipe);
    },
  };
}

async function becomeHost(state: HostState): Promise<void> {
  const { context, passedOn } = state;
  let serve: (pipe: Pipe) => () => void;
  try {
    const node = await context.startNode();
    serve = (pipe) => node.serve(pipe);
  } catch (error) {
    serve = refuseAll(context.clock, startFailure(error));
  }
  state.serve = serve;
  hostBroadcast(context.openChannel(), context.clock, serve);
  for (const [pipe, end] of passedOn) {
    end();
    serve(pipe);
  }
  passedOn.clear();
}

function startFailure(error: unknown): Refusal {
  const why = error instanceof Error ? error.message : String(error);
  return refusal("health_check_failed", `The embedded chain cannot start: ${why}`);
}

/** Answers every request with the reason why there is no chain. */
function refuseAll(clock: Clock, why: Refusal): (pipe: Pipe) => () => void {
  const server = createRpcServer(
    clock,
    () => Promise.resolve(err(why)),
    () => undefined,
  );
  return (pipe) => server.serve(pipe);
}

function passOn({ context, passedOn }: HostState, pipe: Pipe): void {
  const name = toHex(context.entropy(CLIENT_NAME_SIZE));
  const toHost = broadcastPipe(context.openChannel(), name);
  toHost.listen((message) => pipe.post(message));
  pipe.listen((message) => toHost.post(message));
  passedOn.set(pipe, () => toHost.close());
}
