/**
 * A node among its peers: passes on blocks and transactions, asks for what it lacks, and ends
 * connections to whoever breaks the rules or costs too much. Checks nothing itself: the node
 * executes every block before it counts. Knows no sockets.
 */
import { assertNever } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import { encodeBlock } from "../ledger/block.ts";
import type { HeadChange } from "../ledger/block-tree.ts";
import { encodeGenesisConfig } from "../ledger/genesis-config.ts";
import type { ChainNode } from "../node.ts";
import type { Clock } from "../ports.ts";
import { decodeWith, encodeWith } from "../rpc/codec.ts";
import type { PeerLink } from "./link.ts";
import {
  PAGE_SIZE,
  PEER_MESSAGE_SIZE_MAX,
  PEER_PROTOCOL,
  type PeerMessage,
  peerMessageCodec,
} from "./messages.ts";
import { type NetworkState, PEER_LIMITS, type PeerLimits } from "./network-state.ts";
import { headPlace } from "./pages.ts";
import { createPeer, type Peer } from "./peer.ts";
import type { PeerErrorCode } from "./peer-error.ts";
import { answerPage, askWhatIsMissing, takeBlock, takePage, takeTransactions } from "./sync.ts";

/** How long transactions are gathered before they are passed on. */
const GATHER_MS = 20;
/** Bans that are remembered; beyond that the oldest is forgotten. */
const BANS_MAX = 1_000;

export interface PeerNetwork {
  /** Speaks with the node at the other end until either ends the connection. */
  join(link: PeerLink): void;
  /** Tells every node of this chain something about deciding on blocks. */
  tell(message: Uint8Array): void;
  /** Height of the newest block that any of them says it has; 0 where none says. */
  height(): bigint;
  /** Nodes of this chain that are spoken with. */
  count(): number;
  close(): void;
}

export interface PeerNetworkOptions {
  readonly limits?: Partial<PeerLimits>;
  /** Is told why a connection ended, by us or by the other side. */
  readonly onFarewell?: (remote: string, reason: string) => void;
  /** Hears what another node tells about deciding on blocks. Who it is from, the bytes must say. */
  readonly onConsensus?: (message: Uint8Array) => void;
}

export function createPeerNetwork(
  node: ChainNode,
  clock: Clock,
  options: PeerNetworkOptions = {},
): PeerNetwork {
  const state: NetworkState = {
    node,
    clock,
    limits: { ...PEER_LIMITS, ...options.limits },
    peers: new Set(),
    bans: new Map(),
    onFarewell: options.onFarewell ?? (() => undefined),
    onConsensus: options.onConsensus ?? (() => undefined),
    giver: undefined,
    outgoing: [],
    closed: false,
  };
  const stopObserving = node.observe({
    onHead: (change) => spreadHead(state, change),
    onTransaction: (bytes) => spreadTransaction(state, bytes),
  });
  const cancelBeat = every(clock, state.limits.heartbeatMs, () => beat(state));
  return {
    join: (link) => join(state, link),
    tell: (message) => {
      const told = encodeWith(peerMessageCodec, { type: "consensus", message });
      for (const { isMet, link } of state.peers) if (isMet) link.post(told);
    },
    height: () =>
      [...state.peers].reduce((most, { head }) => {
        return head !== undefined && head.height > most ? head.height : most;
      }, 0n),
    count: () => [...state.peers].filter(({ isMet }) => isMet).length,
    close: () => {
      state.closed = true;
      stopObserving();
      cancelBeat();
      for (const peer of state.peers) drop(state, peer);
    },
  };
}

function every(clock: Clock, intervalMs: number, work: () => void): () => void {
  let cancel = (): void => undefined;
  const arm = (): void => {
    cancel = clock.after(intervalMs, () => {
      arm();
      work();
    });
  };
  arm();
  return () => cancel();
}

function join(state: NetworkState, link: PeerLink): void {
  const nowMs = state.clock.now();
  const peer = createPeer(link, nowMs);
  const bannedUntil = state.bans.get(link.remote) ?? 0n;
  if (state.closed || bannedUntil > nowMs || state.peers.size >= state.limits.peersMax) {
    const reason = bannedUntil > nowMs ? "this node does not speak to you" : "no room for a peer";
    send(peer, { type: "farewell", reason });
    link.close();
    return;
  }
  state.peers.add(peer);
  link.onClose(() => drop(state, peer));
  // Before listening: what came early is answered at once, and our hello must be our first word.
  send(peer, {
    type: "hello",
    protocol: PEER_PROTOCOL,
    genesisHash: state.node.genesisHash,
    config: encodeGenesisConfig(state.node.config),
    head: headPlace(state.node.source),
  });
  link.listen((message) => receive(state, peer, message));
}

function send(peer: Peer, message: PeerMessage): void {
  peer.link.post(encodeWith(peerMessageCodec, message));
}

function drop(state: NetworkState, peer: Peer): void {
  if (!state.peers.delete(peer)) return;
  peer.link.close();
}

/** Ends a connection over what the other side did, and speaks to it no more for a while. */
function blame(state: NetworkState, peer: Peer, reason: PeerErrorCode): void {
  if (!state.peers.has(peer)) return;
  send(peer, { type: "farewell", reason });
  state.bans.delete(peer.link.remote);
  state.bans.set(peer.link.remote, state.clock.now() + state.limits.banMs);
  const [oldest] = state.bans.keys();
  if (state.bans.size > BANS_MAX && oldest !== undefined) state.bans.delete(oldest);
  state.onFarewell(peer.link.remote, reason);
  drop(state, peer);
}

function receive(state: NetworkState, peer: Peer, bytes: Uint8Array): void {
  if (!state.peers.has(peer)) return;
  const nowMs = state.clock.now();
  peer.heardMs = nowMs;
  if (bytes.length > PEER_MESSAGE_SIZE_MAX) return blame(state, peer, "TOO_LARGE");
  if (!peer.mayTalk(nowMs)) return blame(state, peer, "TOO_MUCH");
  const decoded = decodeWith(peerMessageCodec, bytes);
  if (!decoded.ok) return blame(state, peer, "UNREADABLE");
  const message = decoded.value;
  if (!peer.isMet && message.type !== "hello" && message.type !== "farewell") {
    return blame(state, peer, "NO_HELLO");
  }
  handle(state, peer, message);
}

function handle(state: NetworkState, peer: Peer, message: PeerMessage): void {
  const reply = (answer: PeerMessage): void => send(peer, answer);
  const ends = (fault: PeerErrorCode | undefined): void => {
    if (fault === undefined) askWhatIsMissing(state, peer, reply);
    else blame(state, peer, fault);
  };
  switch (message.type) {
    case "hello":
      return meet(state, peer, message);
    case "farewell":
      state.onFarewell(peer.link.remote, message.reason.slice(0, 200));
      return drop(state, peer);
    case "head":
      peer.head = message.head;
      return askWhatIsMissing(state, peer, reply);
    case "block":
      return ends(takeBlock(state, peer, message.block));
    case "transactions":
      return void takeTransactions(state, peer, message.transactions).then((fault) => {
        if (fault !== undefined) blame(state, peer, fault);
      });
    case "getBlocks":
      return void answerPage(state, peer, message, reply);
    case "consensus":
      return state.onConsensus(message.message);
    case "blocks":
      return void takePage(state, peer, message).then(ends);
    default:
      return assertNever(message);
  }
}

function meet(
  state: NetworkState,
  peer: Peer,
  { protocol, genesisHash, head }: Extract<PeerMessage, { readonly type: "hello" }>,
): void {
  if (peer.isMet) return blame(state, peer, "NO_HELLO");
  if (protocol !== PEER_PROTOCOL) return blame(state, peer, "OTHER_PROTOCOL");
  if (!equalBytes(genesisHash, state.node.genesisHash)) return blame(state, peer, "OTHER_CHAIN");
  peer.isMet = true;
  peer.head = head;
  const transactions = state.node.pending();
  if (transactions.length > 0) send(peer, { type: "transactions", transactions });
  askWhatIsMissing(state, peer, (message) => send(peer, message));
}

/** Tells every peer that does not have it of our newest block, and shows it. */
function spreadHead(state: NetworkState, { adopted }: HeadChange): void {
  const newest = adopted.at(-1);
  if (newest === undefined) return;
  const message = encodeWith(peerMessageCodec, {
    type: "block",
    block: encodeBlock(newest.block),
  });
  for (const peer of state.peers) {
    if (!peer.isMet) continue;
    if (peer.head !== undefined && equalBytes(peer.head.hash, newest.hash)) continue;
    peer.link.post(message);
  }
}

/** Gathers what has come into the pool for a moment: a message for each would be many. */
function spreadTransaction(state: NetworkState, bytes: Uint8Array): void {
  state.outgoing.push({ bytes, giver: state.giver });
  if (state.outgoing.length === 1) {
    state.clock.after(GATHER_MS, () => flushTransactions(state));
    return;
  }
  const size = state.outgoing.reduce((sum, item) => sum + item.bytes.length, 0);
  if (size > PAGE_SIZE) flushTransactions(state);
}

function flushTransactions(state: NetworkState): void {
  const outgoing = state.outgoing.splice(0);
  for (const peer of state.peers) {
    if (!peer.isMet) continue;
    const news = outgoing.filter(({ giver }) => giver !== peer);
    const transactions = news.map(({ bytes }) => bytes);
    if (transactions.length > 0) send(peer, { type: "transactions", transactions });
  }
}

/** Says where we stand, forgets what was not answered, and lets go of who is silent. */
function beat(state: NetworkState): void {
  const nowMs = state.clock.now();
  const head = headPlace(state.node.source);
  for (const peer of state.peers) {
    if (nowMs - peer.heardMs > state.limits.silenceMs) {
      state.onFarewell(peer.link.remote, "silent");
      drop(state, peer);
      continue;
    }
    if (!peer.isMet) continue;
    send(peer, { type: "head", head });
    const { asked } = peer;
    if (asked !== undefined && nowMs - asked.atMs > state.limits.answerMs) peer.asked = undefined;
    askWhatIsMissing(state, peer, (message) => send(peer, message));
  }
}
