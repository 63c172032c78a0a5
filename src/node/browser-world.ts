/**
 * The world of a page: its node in a dedicated worker, the embedded chain that all tabs of the site
 * share, and tabs that find each other by themselves. With a signalling server, browsers elsewhere
 * meet in the same rooms by WebRTC, whose connections only a page can have. Knows no protocol.
 */

import { openEmbeddedChain } from "#chains";
import {
  createSignalling,
  createWebRtcWire,
  loadSimplePeer,
  openTabMemory,
  platformClock,
  platformEntropy,
  serveWire,
  type Wire,
} from "#channel";
import { openChainRelay } from "./chain-relay.ts";
import { HoldfastError } from "./holdfast-error.ts";
import type { Host } from "./host.ts";
import { connectHost, type HostPorts, type WireOrder } from "./host-boundary.ts";
import type { World } from "./world.ts";

export interface BrowserWorldOptions {
  /**
   * `ws:` or `wss:` URL of a signalling server (`holdfast signal`): everybody who names the same
   * server and party meets. Without one only the tabs of this browser do.
   */
  readonly signal?: string | undefined;
  /** A name that only those who are invited know: 1 to 32 letters, digits and `_-`. */
  readonly party?: string | undefined;
  /**
   * Whose chain is played on: the host's browser runs it, guests use it through the host. Where
   * absent, the first browser of a party is its host, and stays so.
   */
  readonly role?: "host" | "guest" | undefined;
  /**
   * A chain that runs elsewhere, `holdfast chain` or another of the Aptos lineage with our
   * contracts on it: the URL of its REST API, `http://127.0.0.1:8080`. Where absent, the chain is
   * embedded in the browser.
   */
  readonly chain?: string | undefined;
  /** URL of that chain's faucet; where absent, the port after the API's. */
  readonly faucet?: string | undefined;
  /** A shard of that chain to play on in its place: the URL of the shard's REST API. */
  readonly shard?: string | undefined;
  /** A parallel chain below that chain to play on in its place: the URL of its REST API. */
  readonly para?: string | undefined;
  /** STUN and TURN servers, for players behind different routers. */
  readonly iceServers?: readonly RTCIceServer[] | undefined;
  /** For an embedder that serves nodes from a worker of its own (`serveNode`). */
  readonly createWorker?: (() => Worker) | undefined;
}

interface Party {
  readonly signal: string;
  readonly name: string;
  readonly role: "host" | "guest" | undefined;
  readonly iceServers: readonly RTCIceServer[];
}

const PARTY_NAME = /^[\w-]{1,32}$/;
const DEFAULT_PARTY = "open";
const CHAIN_ROOM = "chain";
const ROLE_KEY = "holdfast:role";
/** Somebody who hosts has said so by then. */
const HOST_WAIT_MS = 3_000;

/** Throws HoldfastError PARTY_INVALID. */
export function browserWorld(options: BrowserWorldOptions = {}): World {
  const party = partyOf(options);
  return {
    async lodge(name, emit) {
      const chain = await openChain(options, party);
      const worker = options.createWorker?.() ?? createNodeWorker();
      const events = new MessageChannel();
      events.port1.onmessage = ({ data }: MessageEvent<Parameters<typeof emit>[0]>) => emit(data);
      const wires = party === undefined ? undefined : openWireOffice(party);
      const ports = { events: events.port2, chain, wires };
      return {
        host: failingWith(connectHost(worker, ports), worker),
        memory: openTabMemory(storage("sessionStorage"), storage("localStorage"), name),
        end() {
          events.port1.close();
          worker.terminate();
        },
      };
    },
  };
}

function createNodeWorker(): Worker {
  return new Worker(new URL("./node.worker.ts", import.meta.url), { type: "module" });
}

function partyOf({ signal, party, role, iceServers = [] }: BrowserWorldOptions): Party | undefined {
  if (signal === undefined) return undefined;
  const name = party ?? DEFAULT_PARTY;
  if (PARTY_NAME.test(name)) return { signal, name, role, iceServers };
  const message = `"${name}" cannot name a party: 1 to 32 letters, digits, _ and -.`;
  throw new HoldfastError({ code: "PARTY_INVALID", message });
}

async function openChain(
  { chain: url, faucet, shard, para }: BrowserWorldOptions,
  party: Party | undefined,
): Promise<HostPorts["chain"]> {
  const isBelow = shard !== undefined || para !== undefined;
  if ((shard !== undefined && para !== undefined) || (isBelow && url === undefined)) {
    const message =
      "A shard or a parallel chain, one of them, stands below the chain that is named.";
    throw new HoldfastError({ code: "CHAIN_INVALID", message });
  }
  if (url !== undefined) {
    for (const address of [url, faucet, shard, para]) checkUrl(address);
    return { url, faucet, shard, para };
  }
  return party === undefined ? openEmbeddedChain() : openPartyChain(party);
}

function checkUrl(address: string | undefined): void {
  if (address === undefined || /^https?:\/\/[^/]/.test(address)) return;
  const message = `"${address}" is no URL of a chain; it begins with http:// or https://.`;
  throw new HoldfastError({ code: "CHAIN_INVALID", message });
}

/** A port to the party's chain: this browser's own, or its host's. */
async function openPartyChain(party: Party): Promise<MessagePort> {
  let isAlone = false;
  const wire = await openRtcWire(party, CHAIN_ROOM, (others) => {
    isAlone = others.length === 0;
  });
  const relay = await openChainRelay(wire);
  const store = storage("localStorage");
  const key = `${ROLE_KEY}:${party.name}`;
  const known = party.role ?? store?.getItem(key);
  const isHosted = !isAlone && (await isSeenWithin(relay.hostSeen, HOST_WAIT_MS));
  const isGuest = known === "guest" || (known !== "host" && isHosted);
  store?.setItem(key, isGuest ? "guest" : "host");
  if (!isGuest) {
    relay.host(openEmbeddedChain);
    return openEmbeddedChain();
  }
  const { port1, port2 } = new MessageChannel();
  relay.visit(port1);
  return port2;
}

function isSeenWithin(seen: Promise<void>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = platformClock.after(ms, () => resolve(false));
    void seen.then(() => {
      cancel();
      resolve(true);
    });
  });
}

/**
 * A worker whose script cannot be loaded answers nothing: its start fails instead of waiting for
 * ever.
 */
function failingWith(host: Host, worker: Worker): Host {
  const failure = new Promise<never>((_, reject) => {
    worker.addEventListener("error", (event) => {
      const message = `The node's worker cannot run: ${event.message || "its script is missing"}.`;
      reject(new HoldfastError({ code: "WORKER_FAILED", message }));
    });
  });
  failure.catch(() => {});
  return { ...host, start: (setup) => Promise.race([host.start(setup), failure]) };
}

function storage(kind: "sessionStorage" | "localStorage"): Storage | undefined {
  try {
    return globalThis[kind];
  } catch {
    // Forbidden, as in a sandboxed frame.
    return undefined;
  }
}

/** Serves a WebRTC wire for every room that the node's worker asks for. */
function openWireOffice(party: Party): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data: { room, port } }: MessageEvent<WireOrder>) => {
    const open = () => openRtcWire(party, room);
    serveWire(lazily(open), port);
  };
  return port2;
}

/** @param meet is told who is in the room when this browser comes in */
async function openRtcWire(
  party: Party,
  room: string,
  meet: (others: readonly string[]) => void = () => {},
): Promise<Wire> {
  const tools = { entropy: platformEntropy, clock: platformClock };
  const signalling = createSignalling({
    url: party.signal,
    room: `${party.name}:${room}`,
    openSocket: (address) => new WebSocket(address),
    ...tools,
  });
  const open: typeof signalling.open = (listener) =>
    signalling.open({
      ...listener,
      joined(others) {
        meet(others);
        listener.joined(others);
      },
    });
  return createWebRtcWire({
    signalling: { ...signalling, open },
    createPeer: await loadSimplePeer(),
    iceServers: party.iceServers,
    ...tools,
  });
}

/** A wire whose medium is loaded when it is opened. */
function lazily(load: () => Promise<Wire>): Wire {
  let loaded: Wire | undefined;
  return {
    async open(listener) {
      loaded = await load();
      await loaded.open(listener);
    },
    send: (link, bytes) => loaded?.send(link, bytes),
    drop: (link) => loaded?.drop(link),
    close: async () => loaded?.close(),
  };
}
