/**
 * The `Transport` of a node over its wires: proves who is at the other end of every link, and
 * offers one session per peer. Several wires may lead to the same peer (two tabs of one browser
 * that also meet by WebRTC); each end sends by one link of its choice and takes what comes by any,
 * and when a link that was in use ends, the peer goes down, and up again by another. A peer that
 * was restarted replaces its earlier life. Knows no medium and no message.
 */
import { assert } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import type { PublicKey, Signature } from "#core/ed25519.ts";
import {
  type Clock,
  type Entropy,
  MESSAGE_SIZE_MAX,
  type PeerId,
  peerIdOf,
  type Transport,
  type TransportListener,
  type Verify,
} from "../ports.ts";
import {
  decodeFrame,
  encodeHello,
  encodeMessageFrame,
  encodeProof,
  type Hello,
  NONCE_SIZE,
  proofMessage,
  TRANSPORT_VERSION,
} from "./handshake.ts";
import { TransportError } from "./transport-error.ts";
import type { LinkId, Wire, WireListener } from "./wire.ts";

/** A link that has not proved a key by then is dropped. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Most links that may be in the middle of their handshake; more are dropped at once. */
export const HANDSHAKES_MAX = 64;
/** More links to one peer than there are kinds of wires make no sense. */
const LINKS_PER_PEER_MAX = 4;

export interface PeerTransportOptions {
  readonly wires: readonly Wire[];
  readonly nodeKey: PublicKey;
  /** Signs with the secret of `nodeKey`. */
  readonly sign: (message: Uint8Array) => Signature;
  readonly verify: Verify;
  readonly entropy: Entropy;
  readonly clock: Clock;
}

interface Link {
  readonly wire: Wire;
  readonly id: LinkId;
  readonly binding: Uint8Array;
  readonly hello: Hello;
  readonly cancelTimeout: () => void;
  /** What the other end said of itself. */
  other: Hello | undefined;
  /** Set once the other end has proved its key. */
  session: Session | undefined;
}

interface Session {
  readonly peer: PeerId;
  /** Start of the peer's life: a later one replaces this session. */
  readonly incarnation: bigint;
  readonly links: Link[];
  /** By which this end sends. */
  outgoing: Link;
  /** By which the peer sends; undefined before its first message. */
  incoming: Link | undefined;
}

/** One session for every peer that proves its node key, by whichever wires reach it. */
export function createPeerTransport(options: PeerTransportOptions): Transport {
  const linksOf = new Map<Wire, Map<LinkId, Link>>();
  const sessions = new Map<PeerId, Session>();
  const incarnation = options.clock.now();
  let handshakesCount = 0;
  let listener: TransportListener | undefined;
  let isClosed = false;

  function end(link: Link): void {
    link.cancelTimeout();
    const { session } = link;
    if (session === undefined) {
      handshakesCount--;
      return;
    }
    session.links.splice(session.links.indexOf(link), 1);
    link.session = undefined;
    if (link === session.outgoing || link === session.incoming) restart(session);
  }

  /** Something may have been lost: the peer goes down, and up again if another link is left. */
  function restart(session: Session): void {
    const [next] = session.links;
    session.incoming = undefined;
    listener?.peerDown(session.peer);
    if (next === undefined) {
      sessions.delete(session.peer);
      return;
    }
    session.outgoing = next;
    listener?.peerUp(session.peer);
  }

  function begin(link: Link, other: Hello): void {
    const peer = peerIdOf(other.nodeKey);
    const { incarnation: theirs } = other;
    const earlier = sessions.get(peer);
    if (earlier !== undefined && earlier.incarnation < theirs) supersede(earlier);
    const session = sessions.get(peer);
    if (session !== undefined) {
      const isStale = session.incarnation > theirs;
      if (isStale || session.links.length >= LINKS_PER_PEER_MAX) return refuse(link);
    }
    handshakesCount--;
    link.cancelTimeout();
    if (session === undefined) open(link, peer, theirs);
    else {
      link.session = session;
      session.links.push(link);
    }
  }

  function open(link: Link, peer: PeerId, theirs: bigint): void {
    link.session = {
      peer,
      incarnation: theirs,
      links: [link],
      outgoing: link,
      incoming: undefined,
    };
    sessions.set(peer, link.session);
    listener?.peerUp(peer);
  }

  /** The peer has begun a new life: all that belongs to the earlier one ends. */
  function supersede(session: Session): void {
    sessions.delete(session.peer);
    for (const link of session.links) {
      linksOf.get(link.wire)?.delete(link.id);
      link.wire.drop(link.id);
    }
    listener?.peerDown(session.peer);
  }

  function refuse(link: Link): void {
    if (!linksOf.get(link.wire)?.delete(link.id)) return;
    end(link);
    link.wire.drop(link.id);
  }

  function receive(link: Link, bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    if (!frame.ok) return refuse(link);
    switch (frame.value.type) {
      case "hello":
        return greet(link, frame.value.hello);
      case "proof":
        return admit(link, frame.value.signature);
      case "message":
        return deliver(link, frame.value.bytes);
    }
  }

  function greet(link: Link, other: Hello): void {
    // A second hello, another version, or our own key: an echo, or somebody who has nothing to say
    // to us.
    const isSelf = equalBytes(other.nodeKey, options.nodeKey);
    if (link.other !== undefined || other.version !== TRANSPORT_VERSION || isSelf) {
      return refuse(link);
    }
    link.other = other;
    const proof = options.sign(proofMessage(link.hello, other, link.binding));
    link.wire.send(link.id, encodeProof(proof));
  }

  function admit(link: Link, signature: Signature): void {
    const { other } = link;
    if (other === undefined || link.session !== undefined) return refuse(link);
    const message = proofMessage(other, link.hello, link.binding);
    if (!options.verify(message, signature, other.nodeKey)) return refuse(link);
    begin(link, other);
  }

  function deliver(link: Link, bytes: Uint8Array): void {
    const { session } = link;
    if (session === undefined) return refuse(link);
    if (session.incoming !== undefined && session.incoming !== link) restart(session);
    session.incoming = link;
    listener?.message(session.peer, bytes);
  }

  function listen(wire: Wire): WireListener {
    const links = new Map<LinkId, Link>();
    linksOf.set(wire, links);
    return {
      linkUp(id, binding) {
        if (handshakesCount >= HANDSHAKES_MAX) return wire.drop(id);
        handshakesCount++;
        const nonce = options.entropy(NONCE_SIZE);
        const { nodeKey } = options;
        const hello: Hello = { version: TRANSPORT_VERSION, nodeKey, incarnation, nonce };
        const cancelTimeout = options.clock.after(HANDSHAKE_TIMEOUT_MS, () => refuse(link));
        const unknown = { other: undefined, session: undefined };
        const link: Link = { wire, id, binding, hello, cancelTimeout, ...unknown };
        links.set(id, link);
        wire.send(id, encodeHello(hello));
      },
      linkDown(id) {
        const link = links.get(id);
        if (link !== undefined && links.delete(id)) end(link);
      },
      frame(id, bytes) {
        const link = links.get(id);
        if (link !== undefined) receive(link, bytes);
      },
    };
  }

  return {
    self: peerIdOf(options.nodeKey),
    async open(given) {
      if (listener !== undefined || isClosed) {
        throw new TransportError("NOT_OPEN", "A transport is opened once.");
      }
      listener = given;
      await Promise.all(options.wires.map((wire) => wire.open(listen(wire))));
    },
    send(to, bytes) {
      assert(bytes.length <= MESSAGE_SIZE_MAX, "a message is within MESSAGE_SIZE_MAX");
      const link = sessions.get(to)?.outgoing;
      if (link !== undefined) link.wire.send(link.id, encodeMessageFrame(bytes));
    },
    peers: () => [...sessions.keys()].toSorted(compareIds),
    async close() {
      isClosed = true;
      listener = undefined;
      for (const links of linksOf.values()) {
        for (const link of links.values()) link.cancelTimeout();
        links.clear();
      }
      sessions.clear();
      await Promise.all(options.wires.map((wire) => wire.close()));
    },
  };
}

function compareIds(a: PeerId, b: PeerId): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
