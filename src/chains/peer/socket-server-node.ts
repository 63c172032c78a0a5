/**
 * Connections between nodes on Node: WebSockets, one binary frame a message. A node takes them on
 * the port of its API, at `/v1/peer`. Bounds bytes, connections and what may wait to be sent.
 */
import { WebSocket, WebSocketServer } from "ws";
import type { UpgradeHandler } from "../http/server-node.ts";
import type { PeerLink } from "./link.ts";
import { PEER_MESSAGE_SIZE_MAX } from "./messages.ts";

export const PEER_PATH = "/v1/peer";

/** Bytes that may wait for a peer that does not read. */
const BACKLOG_SIZE_MAX = 16 * 1024 * 1024;
const CONNECTIONS_PER_ADDRESS_MAX = 16;
const DIAL_TIMEOUT_MS = 5_000;
const CLOSING_MS = 500;

/** Hands every node that connects to `welcome`. */
export function createPeerDoor(welcome: (link: PeerLink) => void): UpgradeHandler {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: PEER_MESSAGE_SIZE_MAX,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const perAddress = new Map<string, number>();
  return (request, socket, head) => {
    if (request.url !== PEER_PATH) return false;
    const address = request.socket.remoteAddress ?? "";
    const count = perAddress.get(address) ?? 0;
    if (count >= CONNECTIONS_PER_ADDRESS_MAX) return false;
    perAddress.set(address, count + 1);
    socket.once("close", () => {
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left > 0) perAddress.set(address, left);
      else perAddress.delete(address);
    });
    server.handleUpgrade(request, socket, head, (upgraded) => welcome(linkOver(upgraded, address)));
    return true;
  };
}

/**
 * @param url of the other node's API, as it prints it: `http://host:port/v1`; a WebSocket URL is
 *   taken as it is. Rejects when nobody answers there.
 */
export function dialPeer(url: string): Promise<PeerLink> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(peerUrl(url), {
      maxPayload: PEER_MESSAGE_SIZE_MAX,
      perMessageDeflate: false,
      handshakeTimeout: DIAL_TIMEOUT_MS,
    });
    // The link listens before the first message can come.
    const link = linkOver(socket, url);
    socket.once("open", () => resolve(link));
    socket.once("error", reject);
  });
}

/** Throws a `TypeError` where `url` is none. */
export function peerUrl(url: string): URL {
  const parsed = new URL(url);
  if (parsed.protocol === "ws:" || parsed.protocol === "wss:") return parsed;
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") {
    throw new TypeError(`${url} is no address of a node`);
  }
  parsed.protocol = parsed.protocol === "http:" ? "ws:" : "wss:";
  parsed.pathname = PEER_PATH;
  return parsed;
}

function linkOver(socket: WebSocket, remote: string): PeerLink {
  let listener: ((message: Uint8Array) => void) | undefined;
  const early: Uint8Array[] = [];
  // What a socket fails with is no news: `close` follows.
  socket.on("error", () => undefined);
  socket.on("message", (data, isBinary) => {
    const message = isBinary && data instanceof Buffer ? new Uint8Array(data) : new Uint8Array();
    if (listener === undefined) early.push(message);
    else listener(message);
  });
  return {
    remote,
    post: (message) => {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (socket.bufferedAmount > BACKLOG_SIZE_MAX) socket.terminate();
      else socket.send(message);
    },
    listen: (next) => {
      listener = next;
      for (const message of early.splice(0)) next(message);
    },
    onClose: (ended) => {
      if (socket.readyState === WebSocket.CLOSED) queueMicrotask(ended);
      else socket.once("close", () => ended());
    },
    close: () => {
      socket.close();
      // Whoever does not answer the closing is cut off.
      setTimeout(() => socket.terminate(), CLOSING_MS).unref();
    },
  };
}
