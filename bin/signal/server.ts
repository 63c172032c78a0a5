// A signalling server on WebSockets: browsers that name the same room find each other through it.
// Bounds what a client can cost: connections, bytes, time without a sign of life, and what may wait
// to be sent to it.
import { once } from "node:events";
import { type AddressInfo, isIPv6 } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { SIGNALLING_TEXT_MAX } from "#channel";
import { type Client, createRooms, errorNotice, ROOM_LIMITS, type RoomLimits } from "./rooms.ts";

const CONNECTIONS_MAX = 4_096;
const CONNECTIONS_PER_ADDRESS_MAX = 64;
/** A client that answers no ping within two of these is gone. */
const PING_INTERVAL_MS = 10_000;
/** Bytes that may wait for a client that does not read. */
const BACKLOG_SIZE_MAX = 1024 * 1024;
/** A character of text is at most four bytes of a frame. */
const FRAME_SIZE_MAX = 4 * SIGNALLING_TEXT_MAX;

export interface SignalServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly limits?: RoomLimits;
  readonly connectionsPerAddressMax?: number;
  readonly pingIntervalMs?: number;
}

export interface SignalServer {
  /** For clients on this machine. */
  readonly url: string;
  count(): { readonly rooms: number; readonly sessions: number };
  close(): Promise<void>;
}

/** Rejects with the system's error (`EADDRINUSE` and its like) when it cannot listen. */
export async function startSignalServer(options: SignalServerOptions): Promise<SignalServer> {
  const { host, port } = options;
  const rooms = createRooms(options.limits ?? ROOM_LIMITS);
  const perAddress = new Map<string, number>();
  const perAddressMax = options.connectionsPerAddressMax ?? CONNECTIONS_PER_ADDRESS_MAX;
  const unanswered = new Map<WebSocket, number>();
  const server = new WebSocketServer({
    host,
    port,
    maxPayload: FRAME_SIZE_MAX,
    perMessageDeflate: false,
    clientTracking: true,
  });
  await once(server, "listening");

  server.on("connection", (socket, request) => {
    const address = request.socket.remoteAddress ?? "";
    const count = (perAddress.get(address) ?? 0) + 1;
    const client = clientOf(socket);
    // What a socket fails with is no news: `close` follows.
    socket.on("error", () => {});
    if (server.clients.size > CONNECTIONS_MAX || count > perAddressMax) {
      client.tell(errorNotice("SIGNAL_SERVER_FULL"));
      return client.close();
    }
    perAddress.set(address, count);
    unanswered.set(socket, 0);
    socket.on("pong", () => unanswered.set(socket, 0));
    socket.on("message", (data, isBinary) => {
      const text = isBinary || !Buffer.isBuffer(data) ? "" : data.toString("utf8");
      rooms.receive(client, text, performance.now());
    });
    socket.on("close", () => {
      rooms.leave(client);
      unanswered.delete(socket);
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left > 0) perAddress.set(address, left);
      else perAddress.delete(address);
    });
  });

  const pings = setInterval(() => {
    for (const [socket, count] of unanswered) {
      if (count >= 2) socket.terminate();
      else {
        unanswered.set(socket, count + 1);
        socket.ping();
      }
    }
  }, options.pingIntervalMs ?? PING_INTERVAL_MS);

  return {
    url: urlOf(server.address(), host),
    count: () => rooms.count(),
    async close() {
      clearInterval(pings);
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function clientOf(socket: WebSocket): Client {
  return {
    tell(notice) {
      if (socket.bufferedAmount > BACKLOG_SIZE_MAX) return socket.terminate();
      socket.send(JSON.stringify(notice));
    },
    close: () => socket.close(),
  };
}

function urlOf(address: AddressInfo | string | null, host: string): string {
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const isAny = host === "0.0.0.0" || host === "::";
  const name = isAny ? "localhost" : host;
  return `ws://${isIPv6(name) ? `[${name}]` : name}:${port}/`;
}
