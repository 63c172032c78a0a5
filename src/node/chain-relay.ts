/**
 * Lets browsers elsewhere use the chain of the one that invited them: its requests and answers
 * travel over a wire of their own, as the bytes they are. What a guest sends is signed, and bounded
 * by the chain itself; what it is told it must believe, as must everybody who plays on a chain that
 * somebody hosts. Knows no request.
 */
import type { LinkId, Wire } from "#channel";

/** Frames of one byte say what an end is; before that word it may become either. */
const HOST = 1;

/** What is used of `MessagePort`. */
export interface ChainPort {
  postMessage(message: Uint8Array): void;
  onmessage: ((event: MessageEvent) => void) | null;
  close(): void;
}

export interface ChainRelay {
  /** Resolves when somebody on the wire says that it hosts a chain. */
  readonly hostSeen: Promise<void>;
  /**
   * Serves the chain to everybody on the wire from now on.
   * @param openPort makes a port to the chain for one guest
   */
  host(openPort: () => Promise<ChainPort>): void;
  /** Carries what comes through `port` to a host on the wire, to another one when it goes. */
  visit(port: ChainPort): void;
}

interface Relay {
  readonly wire: Wire;
  readonly links: Set<LinkId>;
  /** Links that lead to hosts; the first is in use. */
  readonly hosts: Set<LinkId>;
  /** Of a host: its guests' ports. */
  readonly ports: Map<LinkId, ChainPort>;
  openPort: (() => Promise<ChainPort>) | undefined;
  /** Of a guest: where answers go. */
  visitor: ChainPort | undefined;
}

/** Opens the wire. Rejects with a `TransportError`. */
export async function openChainRelay(wire: Wire): Promise<ChainRelay> {
  const relay: Relay = {
    wire,
    links: new Set(),
    hosts: new Set(),
    ports: new Map(),
    openPort: undefined,
    visitor: undefined,
  };
  let seeHost = () => {};
  const hostSeen = new Promise<void>((resolve) => {
    seeHost = resolve;
  });
  await wire.open({
    linkUp(link) {
      relay.links.add(link);
      void welcome(relay, link);
    },
    linkDown(link) {
      relay.links.delete(link);
      relay.hosts.delete(link);
      relay.ports.get(link)?.close();
      relay.ports.delete(link);
    },
    frame(link, bytes) {
      if (bytes.length > 1) return carry(relay, link, bytes);
      if (bytes[0] !== HOST) return;
      relay.hosts.add(link);
      seeHost();
    },
  });
  return {
    hostSeen,
    host(openPort) {
      relay.openPort = openPort;
      for (const link of relay.links) void welcome(relay, link);
    },
    visit: (port) => visit(relay, port),
  };
}

/** Makes a guest's port, and tells the guest that it can ask. */
async function welcome(relay: Relay, link: LinkId): Promise<void> {
  if (relay.openPort === undefined) return;
  const port = await relay.openPort();
  if (!relay.links.has(link)) return port.close();
  relay.ports.set(link, port);
  port.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data instanceof Uint8Array) relay.wire.send(link, data);
  };
  relay.wire.send(link, Uint8Array.of(HOST));
}

/** A request to this host, or an answer of the host in use; anything else is nobody's. */
function carry(relay: Relay, link: LinkId, bytes: Uint8Array): void {
  relay.ports.get(link)?.postMessage(bytes);
  const [host] = relay.hosts;
  if (link === host) relay.visitor?.postMessage(bytes);
}

function visit(relay: Relay, port: ChainPort): void {
  relay.visitor = port;
  port.onmessage = ({ data }: MessageEvent<unknown>) => {
    const [host] = relay.hosts;
    // Lost while there is none; the client asks again.
    if (host !== undefined && data instanceof Uint8Array) relay.wire.send(host, data);
  };
}
