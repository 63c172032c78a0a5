/**
 * A channel as a game sees it: its state, its log and its progress, kept current by what the node
 * reports, and the wishes a player can have. Runs in the page; knows neither worker nor transport.
 */
import { assertNever } from "#core/assert.ts";
import type { JsValue } from "#sandbox";
import type { App, AppCalls } from "./app.ts";
import { type CallHandle, type CallProgress, createCallProgress } from "./call-handle.ts";
import type { ChannelStatus } from "./channel-status.ts";
import { HoldfastError, plainErrorOf } from "./holdfast-error.ts";
import type { ChannelEntry, ChannelEvent, Host, OpenedChannel, Progress } from "./host.ts";

/** Entries that a channel keeps at hand for the page. */
export const ENTRIES_MAX = 1_000;

export interface ChannelListeners<State> {
  /**
   * The state after what this node has verified, at most once a frame. Who begins to listen when
   * there is one already is told it, too: right after, never amid the call.
   */
  readonly change: (state: State) => void;
  /** New entries of the log, executed here. */
  readonly entries: (entries: readonly ChannelEntry[]) => void;
  /** Entries above this height are void: a new leader orders their calls again. */
  readonly reverted: (height: bigint) => void;
  readonly progress: (progress: Progress) => void;
  readonly status: (status: ChannelStatus) => void;
  /** A leader was caught at a wrong result; the node has accused it. */
  readonly fraud: (fraud: { readonly seat: bigint; readonly detail: string }) => void;
  /** Something foreign was refused; the channel goes on. */
  readonly warning: (error: HoldfastError) => void;
  /** The node stopped; the channel object is of no more use. */
  readonly failed: (error: HoldfastError) => void;
}

export interface Channel<State, Calls extends AppCalls = AppCalls> {
  readonly id: bigint;
  readonly room: string;
  /** After what this node has verified. Undefined until the first state is loaded. */
  readonly state: State | undefined;
  /** The latest entries, oldest first. */
  readonly entries: readonly ChannelEntry[];
  readonly progress: Progress;
  readonly status: ChannelStatus | undefined;
  /** Calls back on something from now on; returns a function that ends it. */
  readonly on: <Name extends keyof ChannelListeners<State>>(
    name: Name,
    listener: ChannelListeners<State>[Name],
  ) => () => void;
  /** Signs a call of the contract's entry function and has it ordered. */
  readonly call: <Name extends keyof Calls & string>(
    name: Name,
    ...args: Calls[Name]
  ) => CallHandle;
  /**
   * Asks a function of the contract that changes nothing, over the state as this node has it;
   * resolves with what it returns. Rejects with a HoldfastError VIEW_FAILED where it aborts.
   */
  readonly view: (name: string, ...args: readonly JsValue[]) => Promise<readonly JsValue[]>;
  /** Brings what is confirmed onto the chain; resolves when it is there. */
  readonly settle: () => Promise<void>;
  /** Leaves with what is confirmed, and takes the stake back. */
  readonly leave: () => Promise<void>;
  /**
   * Leaves alone, where too few others act for {@link leave}: the chain takes a bond, gives
   * everybody a challenge window to show a later state, then pays from the last one confirmed.
   */
  readonly exit: () => Promise<void>;
  /** Ends the channel for everybody; only its creator or its last member may. */
  readonly close: () => Promise<void>;
}

/** A channel, and where the node's reports about it go in. */
export interface ChannelClient<State, Calls extends AppCalls> {
  readonly channel: Channel<State, Calls>;
  readonly receive: (event: ChannelEvent) => void;
}

interface Wish {
  readonly resolve: () => void;
  readonly reject: (error: HoldfastError) => void;
}

type Listeners<State> = {
  readonly [Name in keyof ChannelListeners<State>]: Set<ChannelListeners<State>[Name]>;
};

interface ClientState<State> {
  readonly listeners: Listeners<State>;
  readonly calls: Map<number, CallProgress>;
  readonly wishes: Map<number, Wish>;
  entries: ChannelEntry[];
  state: State | undefined;
  status: ChannelStatus | undefined;
  progress: Progress;
  failure: HoldfastError | undefined;
}

export function createChannelClient<State, Calls extends AppCalls>(
  host: Host,
  opened: OpenedChannel,
  read: App<State>["read"],
): ChannelClient<State, Calls> {
  const client: ClientState<State> = {
    listeners: {
      change: new Set(),
      entries: new Set(),
      reverted: new Set(),
      progress: new Set(),
      status: new Set(),
      fraud: new Set(),
      warning: new Set(),
      failed: new Set(),
    },
    calls: new Map(),
    wishes: new Map(),
    entries: [],
    state: undefined,
    status: undefined,
    progress: { verified: 0n, confirmed: 0n, settled: 0n },
    failure: undefined,
  };
  let lastRequest = 0;

  function call(name: string, args: Calls[string]): CallHandle {
    const progress = createCallProgress();
    if (client.failure !== undefined) progress.refuse(plainErrorOf(client.failure));
    else {
      const request = ++lastRequest;
      client.calls.set(request, progress);
      const wanted = { request, function: name, typeArgs: [], args };
      host.call(opened.handle, wanted).catch((error: unknown) => {
        client.calls.delete(request);
        progress.refuse(plainErrorOf(error));
      });
    }
    return progress.handle;
  }

  function wish(kind: "settle" | "leave" | "exit" | "close"): Promise<void> {
    return new Promise((resolve, reject) => {
      if (client.failure !== undefined) return reject(client.failure);
      const request = ++lastRequest;
      client.wishes.set(request, { resolve, reject });
      host.wish(opened.handle, request, kind).catch((error: unknown) => {
        client.wishes.delete(request);
        reject(new HoldfastError(plainErrorOf(error), error));
      });
    });
  }

  async function view(name: string, args: readonly JsValue[]): Promise<readonly JsValue[]> {
    if (client.failure !== undefined) throw client.failure;
    try {
      return await host.view(opened.handle, { function: name, typeArgs: [], args });
    } catch (error) {
      throw new HoldfastError(plainErrorOf(error), error);
    }
  }

  const channel: Channel<State, Calls> = {
    id: opened.id,
    room: opened.room,
    get state() {
      return client.state;
    },
    get entries() {
      return client.entries;
    },
    get progress() {
      return client.progress;
    },
    get status() {
      return client.status;
    },
    on(name, listener) {
      const listeners = client.listeners[name];
      const known = new Set(client.listeners.change);
      listeners.add(listener);
      // Nobody, unless it is the state that is listened to.
      const added = [...client.listeners.change].filter((one) => !known.has(one));
      if (client.state !== undefined) queueMicrotask(() => tellState(client, added));
      return () => void listeners.delete(listener);
    },
    call: (name, ...args) => call(name, args),
    view: (name, ...args) => view(name, args),
    settle: () => wish("settle"),
    leave: () => wish("leave"),
    exit: () => wish("exit"),
    close: () => wish("close"),
  };
  return { channel, receive: (event) => receive(client, read, event) };
}

function receive<State>(
  client: ClientState<State>,
  read: App<State>["read"],
  event: ChannelEvent,
): void {
  const { listeners } = client;
  switch (event.type) {
    case "state": {
      const state = read(event.state);
      client.state = state;
      return tell(listeners.change, state);
    }
    case "entries":
      client.entries = [...client.entries, ...event.entries].slice(-ENTRIES_MAX);
      return tell(listeners.entries, event.entries);
    case "reverted":
      client.entries = client.entries.filter((entry) => entry.height <= event.height);
      return tell(listeners.reverted, event.height);
    case "progress":
      client.progress = event.progress;
      return tell(listeners.progress, event.progress);
    case "status":
      client.status = event.status;
      return tell(listeners.status, event.status);
    case "call":
      client.calls.get(event.request)?.advance(event.stage, event.height, event.outcome);
      if (event.stage === "settled") client.calls.delete(event.request);
      return;
    case "refused":
      return refuse(client, event.request, new HoldfastError(event.error));
    case "done":
      client.wishes.get(event.request)?.resolve();
      return void client.wishes.delete(event.request);
    case "fraud":
      return tell(listeners.fraud, event);
    case "warning":
      return tell(listeners.warning, new HoldfastError(event.error));
    case "failed":
      return fail(client, new HoldfastError(event.error));
    default:
      assertNever(event);
  }
}

/** To those of them who still listen, if there is one to tell. */
function tellState<State>(
  { listeners: { change }, state }: ClientState<State>,
  wanted: readonly ChannelListeners<State>["change"][],
): void {
  if (state === undefined) return;
  tell(new Set(wanted.filter((listener) => change.has(listener))), state);
}

/**
 * A listener that throws is the game's mistake: it is reported as such and disturbs nobody else.
 */
function tell<Value>(listeners: ReadonlySet<(value: Value) => void>, value: Value): void {
  for (const listener of listeners) {
    try {
      listener(value);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

function refuse<State>(client: ClientState<State>, request: number, error: HoldfastError): void {
  client.calls.get(request)?.refuse(error);
  client.calls.delete(request);
  client.wishes.get(request)?.reject(error);
  client.wishes.delete(request);
}

function fail<State>(client: ClientState<State>, error: HoldfastError): void {
  client.failure = error;
  for (const request of [...client.calls.keys(), ...client.wishes.keys()]) {
    refuse(client, request, error);
  }
  tell(client.listeners.failed, error);
}
