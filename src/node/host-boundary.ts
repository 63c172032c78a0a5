/**
 * The boundary between a page and its node's thread, over `comlink`. Errors lose their codes on
 * that way, so each method's outcome crosses as data and is raised again on the page's side. The
 * only file that knows `comlink`.
 */
import { type Endpoint, expose, transfer, wrap } from "comlink";
import type { ChainAddress } from "#settlement";
import { HoldfastError, type PlainError, plainErrorOf } from "./holdfast-error.ts";
import type { Host, HostEvent, HostSetup } from "./host.ts";

/** What the page hands to the thread with the setup. */
export interface HostPorts {
  /** Takes `HostEvent`s to the page. */
  readonly events: MessagePort;
  /** Leads to the chain's node, or says where it serves its REST API. */
  readonly chain: MessagePort | ChainAddress;
  /** Takes a `WireOrder` to the page for every channel, where players also meet by WebRTC. */
  readonly wires: MessagePort | undefined;
}

/** Asks the page to serve a WebRTC wire of a room over a port. */
export interface WireOrder {
  readonly room: string;
  readonly port: MessagePort;
}

type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: PlainError };

/** The thread's side, as comlink sees it. */
interface RemoteHost {
  start(setup: HostSetup, ports: HostPorts): Promise<Outcome<Awaited<ReturnType<Host["start"]>>>>;
  open(...args: Parameters<Host["open"]>): Promise<Outcome<Awaited<ReturnType<Host["open"]>>>>;
  call(...args: Parameters<Host["call"]>): Promise<Outcome<void>>;
  wish(...args: Parameters<Host["wish"]>): Promise<Outcome<void>>;
  view(...args: Parameters<Host["view"]>): Promise<Outcome<Awaited<ReturnType<Host["view"]>>>>;
  status(
    ...args: Parameters<Host["status"]>
  ): Promise<Outcome<Awaited<ReturnType<Host["status"]>>>>;
  stop(): Promise<Outcome<void>>;
}

/**
 * Serves a host to the page at the other end.
 * @param createHost makes the host once its ports are there
 * @param endpoint leads to the page; in a worker its own scope
 */
export function serveHost(
  createHost: (ports: HostPorts, emit: (event: HostEvent) => void) => Host,
  endpoint?: Endpoint,
): void {
  let host: Host | undefined;
  const started = (): Host => {
    if (host !== undefined) return host;
    throw new HoldfastError({ code: "NOT_STARTED", message: "The node was not started." });
  };
  const remote: RemoteHost = {
    start: (setup, ports) =>
      outcomeOf(() => {
        host = createHost(ports, (event) => ports.events.postMessage(event));
        return host.start(setup);
      }),
    open: (...args) => outcomeOf(() => started().open(...args)),
    call: (...args) => outcomeOf(() => started().call(...args)),
    wish: (...args) => outcomeOf(() => started().wish(...args)),
    view: (...args) => outcomeOf(() => started().view(...args)),
    status: (...args) => outcomeOf(() => started().status(...args)),
    stop: () => outcomeOf(() => started().stop()),
  };
  expose(remote, endpoint);
}

/** The page's side: a host that lives at the other end of `endpoint`. */
export function connectHost(endpoint: Endpoint, ports: HostPorts): Host {
  const remote = wrap<RemoteHost>(endpoint);
  const handed = [ports.events, ports.chain, ports.wires].filter(
    (port) => port instanceof MessagePort,
  );
  return {
    start: async (setup) => valueOf(await remote.start(setup, transfer(ports, handed))),
    open: async (...args) => valueOf(await remote.open(...args)),
    call: async (...args) => valueOf(await remote.call(...args)),
    wish: async (...args) => valueOf(await remote.wish(...args)),
    view: async (...args) => valueOf(await remote.view(...args)),
    status: async (...args) => valueOf(await remote.status(...args)),
    stop: async () => valueOf(await remote.stop()),
  };
}

async function outcomeOf<T>(act: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await act() };
  } catch (error) {
    return { ok: false, error: plainErrorOf(error) };
  }
}

function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new HoldfastError(outcome.error);
}
