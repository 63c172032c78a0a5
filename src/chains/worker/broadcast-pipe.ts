/**
 * Pipes over one broadcast channel: many clients, in any tab, to the one host that answers. Nobody
 * is connected: a client that is gone falls silent, and a host that takes over is found by the next
 * request.
 */
import type { Clock } from "../ports.ts";
import type { Pipe } from "../rpc/pipe.ts";

/**
 * A client that was silent for so long is forgotten; a living one renews its subscription far
 * sooner.
 */
const CLIENT_SILENCE_MS = 180_000n;

/** What this file uses of a `BroadcastChannel`. */
export interface BroadcastChannelLike {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
}

interface Envelope {
  readonly from: "client" | "host";
  /** Which client this is from or for. */
  readonly client: string;
  readonly message: Uint8Array;
}

function isEnvelope(data: unknown): data is Envelope {
  if (typeof data !== "object" || data === null) return false;
  const { from, client, message } = data as Readonly<Record<string, unknown>>;
  const hasSide = from === "client" || from === "host";
  return hasSide && typeof client === "string" && message instanceof Uint8Array;
}

/** A client's end. @param client a name that no other client has. */
export function broadcastPipe(channel: BroadcastChannelLike, client: string): Pipe {
  return {
    post: (message) => {
      const envelope: Envelope = { from: "client", client, message };
      channel.postMessage(envelope);
    },
    listen: (listener) => {
      channel.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (isEnvelope(data) && data.from === "host" && data.client === client) {
          listener(data.message);
        }
      };
    },
    close: () => channel.close(),
  };
}

interface Guest {
  listener: ((message: Uint8Array) => void) | undefined;
  heardMs: bigint;
  /** Ends serving it. */
  readonly stop: () => void;
}

/**
 * The host's end: hands a pipe to `serve` for every client that speaks up, until the returned
 * function is called.
 *
 * @param serve returns what ends serving that client.
 */
export function hostBroadcast(
  channel: BroadcastChannelLike,
  clock: Clock,
  serve: (pipe: Pipe) => () => void,
): () => void {
  const guests = new Map<string, Guest>();
  const welcome = (client: string): Guest => {
    const guest: Guest = {
      listener: undefined,
      heardMs: clock.now(),
      stop: () => end(),
    };
    const end = serve({
      post: (message) => {
        const envelope: Envelope = { from: "host", client, message };
        channel.postMessage(envelope);
      },
      listen: (listener) => {
        guest.listener = listener;
      },
      close: () => guests.delete(client),
    });
    guests.set(client, guest);
    return guest;
  };
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (!isEnvelope(data) || data.from !== "client") return;
    forgetSilent(guests, clock.now());
    const guest = guests.get(data.client) ?? welcome(data.client);
    guest.heardMs = clock.now();
    guest.listener?.(data.message);
  };
  return () => {
    channel.onmessage = null;
    for (const guest of guests.values()) guest.stop();
    channel.close();
  };
}

function forgetSilent(guests: ReadonlyMap<string, Guest>, nowMs: bigint): void {
  for (const guest of guests.values()) {
    if (nowMs - guest.heardMs > CLIENT_SILENCE_MS) guest.stop();
  }
}
