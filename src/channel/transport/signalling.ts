/**
 * The client of a signalling server: keeps a WebSocket to a room, comes back under the same session
 * when the connection breaks, and hands signals on. Knows nothing of what a signal says.
 */
import { toHex } from "#core/bytes.ts";
import type { Clock, Entropy } from "../ports.ts";
import {
  isRoom,
  parseSignallingNotice,
  type SignallingNotice,
  type SignallingRequest,
} from "./signalling-message.ts";
import { TransportError } from "./transport-error.ts";

const SESSION_SIZE = 16;
/** The first connection must stand by then. */
const CONNECT_MS_MAX = 10_000;
/**
 * A broken connection is made again after the first delay, then twice as much each time up to the
 * last.
 */
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 15_000;

/** What is used of `WebSocket`. */
export interface WebSocketLike {
  send(text: string): void;
  close(): void;
  onopen: ((event: Event) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
}

export interface SignallingListener {
  /** The room's other sessions, at the first join and at every one after a break. */
  joined(sessions: readonly string[]): void;
  entered(session: string): void;
  left(session: string): void;
  signal(from: string, payload: string): void;
}

export interface Signalling {
  /** 32 hex digits; the same over reconnections. */
  readonly session: string;
  /** Resolves at the first join; rejects with SIGNALLING_UNREACHABLE or SIGNALLING_REFUSED. */
  open(listener: SignallingListener): Promise<void>;
  /** Lost while the connection is broken: whoever waits for an answer asks again. */
  signal(to: string, payload: string): void;
  close(): void;
}

export interface SignallingOptions {
  /** `ws:` or `wss:` URL of the server. */
  readonly url: string;
  readonly room: string;
  readonly openSocket: (url: string) => WebSocketLike;
  readonly entropy: Entropy;
  readonly clock: Clock;
}

/** Connects when it is opened, and again, more and more slowly, whenever it was cut off. */
export function createSignalling(options: SignallingOptions): Signalling {
  const session = toHex(options.entropy(SESSION_SIZE));
  const token = toHex(options.entropy(SESSION_SIZE));
  let listener: SignallingListener | undefined;
  let socket: WebSocketLike | undefined;
  let isJoined = false;
  let retryMs = RETRY_MS_MIN;
  let cancelRetry = () => {};
  /** How the first join ended; later ones only matter to the listener. */
  let first: { resolve(): void; reject(error: TransportError): void } | undefined;

  function connect(): void {
    const mine = options.openSocket(options.url);
    socket = mine;
    mine.onopen = () => say({ type: "join", room: options.room, session, token });
    mine.onmessage = ({ data }: MessageEvent<unknown>) => {
      const notice = typeof data === "string" ? parseSignallingNotice(data) : undefined;
      if (notice !== undefined && socket === mine) receive(notice);
    };
    mine.onclose = () => {
      if (socket !== mine) return;
      socket = undefined;
      isJoined = false;
      if (listener === undefined) return;
      cancelRetry = options.clock.after(retryMs, connect);
      retryMs = Math.min(2 * retryMs, RETRY_MS_MAX);
    };
  }

  function say(request: SignallingRequest): void {
    socket?.send(JSON.stringify(request));
  }

  function receive(notice: SignallingNotice): void {
    switch (notice.type) {
      case "joined":
        isJoined = true;
        retryMs = RETRY_MS_MIN;
        listener?.joined(notice.sessions.filter((other) => other !== session));
        return first?.resolve();
      case "entered":
        return listener?.entered(notice.session);
      case "left":
        return listener?.left(notice.session);
      case "signal":
        return listener?.signal(notice.from, notice.payload);
      case "error":
        // Before the join it is a refusal; after it, of one signal, which its sender repeats.
        if (!isJoined) first?.reject(refusal(`${notice.code}: ${notice.message}`));
    }
  }

  function stop(): void {
    listener = undefined;
    cancelRetry();
    const last = socket;
    socket = undefined;
    last?.close();
  }

  return {
    session,
    async open(given) {
      if (!isRoom(options.room)) throw refusal(`"${options.room}" cannot name a room.`);
      listener = given;
      let cancelDeadline = () => {};
      try {
        await new Promise<void>((resolve, reject) => {
          first = { resolve, reject };
          const late = new TransportError(
            "SIGNALLING_UNREACHABLE",
            `The signalling server ${options.url} does not answer. Is it running?`,
          );
          cancelDeadline = options.clock.after(CONNECT_MS_MAX, () => reject(late));
          connect();
        });
      } catch (error) {
        stop();
        throw error;
      } finally {
        first = undefined;
        cancelDeadline();
      }
    },
    signal(to, payload) {
      if (isJoined) say({ type: "signal", to, payload });
    },
    close: stop,
  };
}

function refusal(detail: string): TransportError {
  return new TransportError("SIGNALLING_REFUSED", detail);
}
