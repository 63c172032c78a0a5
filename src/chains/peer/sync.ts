/**
 * Taking from a peer what it has and we lack: single blocks, pages of them, transactions. One page
 * is asked for at a time, and between two blocks others get their turn.
 */
import { BcsError } from "#core/bcs/reader.ts";
import { type Block, blockHash, decodeBlock } from "../ledger/block.ts";
import { PAGE_BLOCKS_MAX, type PeerMessage, PLACES_MAX, type Place } from "./messages.ts";
import type { NetworkState } from "./network-state.ts";
import { knows, pageAbove, placesOf } from "./pages.ts";
import type { Peer } from "./peer.ts";
import type { PeerErrorCode } from "./peer-error.ts";

/** After an answer that helped nobody. */
const REST_MS = 3_000n;
/** Lists of one peer that wait; each is a message. */
const LISTS_WAITING_MAX = 16;
/** Transactions that are handed in before others get their turn. */
const TRANSACTIONS_A_TURN = 8;

type Reply = (message: PeerMessage) => void;

/** Asks for the next page, unless the peer's head is here or it owes us an answer. */
export function askWhatIsMissing(state: NetworkState, peer: Peer, reply: Reply): void {
  const { source } = state.node;
  const nowMs = state.clock.now();
  if (peer.head === undefined || peer.asked !== undefined || peer.restsUntilMs > nowMs) return;
  if (knows(source, peer.head)) {
    peer.given = undefined;
    return;
  }
  peer.lastId += 1;
  peer.asked = { id: peer.lastId, atMs: nowMs };
  const given = peer.given === undefined || !knows(source, peer.given) ? [] : [peer.given];
  reply({ type: "getBlocks", id: peer.lastId, places: [...given, ...placesOf(source)] });
}

/** Takes a peer's newest block; one that does not fit yet only says where the peer stands. */
export function takeBlock(
  state: NetworkState,
  peer: Peer,
  bytes: Uint8Array,
): PeerErrorCode | undefined {
  const block = readBlock(bytes);
  if (block === undefined) return "UNREADABLE";
  peer.head = placeOf(block);
  return state.node.offer(block, false).type === "wrong" ? "WRONG_BLOCK" : undefined;
}

/** Takes the answer to what was asked; anything else is not listened to. */
export async function takePage(
  state: NetworkState,
  peer: Peer,
  { id, blocks }: Extract<PeerMessage, { readonly type: "blocks" }>,
): Promise<PeerErrorCode | undefined> {
  if (peer.asked?.id !== id) return undefined;
  if (blocks.length > PAGE_BLOCKS_MAX) return "TOO_MUCH";
  const fault = await takeInOrder(state, peer, blocks);
  if (peer.asked?.id === id) peer.asked = undefined;
  return fault;
}

async function takeInOrder(
  state: NetworkState,
  peer: Peer,
  blocks: readonly Uint8Array[],
): Promise<PeerErrorCode | undefined> {
  let isOfUse = false;
  for (const [index, bytes] of blocks.entries()) {
    if (!state.peers.has(peer)) return undefined;
    const block = readBlock(bytes);
    if (block === undefined) return "UNREADABLE";
    const { type } = state.node.offer(block, index < blocks.length - 1);
    if (type === "wrong") return "WRONG_BLOCK";
    if (type === "taken") isOfUse = true;
    if (type !== "taken" && type !== "known") break;
    peer.given = placeOf(block);
    await turn(state);
  }
  if (!isOfUse) {
    peer.restsUntilMs = state.clock.now() + REST_MS;
    peer.given = undefined;
  }
  return undefined;
}

/**
 * Hands in what a peer passes on, one list after the other; what comes while too many wait is let
 * go. What is merely late or early is nobody's fault.
 */
export async function takeTransactions(
  state: NetworkState,
  peer: Peer,
  transactions: readonly Uint8Array[],
): Promise<PeerErrorCode | undefined> {
  if (peer.listsWaiting >= LISTS_WAITING_MAX) return undefined;
  peer.listsWaiting += 1;
  const work = peer.handedIn.then(() => handIn(state, peer, transactions));
  peer.handedIn = work.then(() => undefined);
  const fault = await work;
  peer.listsWaiting -= 1;
  return fault;
}

async function handIn(
  state: NetworkState,
  peer: Peer,
  transactions: readonly Uint8Array[],
): Promise<PeerErrorCode | undefined> {
  for (const [index, bytes] of transactions.entries()) {
    if (!state.peers.has(peer)) return undefined;
    if (index % TRANSACTIONS_A_TURN === 0) await turn(state);
    state.giver = peer;
    const submitting = state.node.ask({ type: "submit", bytes });
    state.giver = undefined;
    const result = await submitting;
    if (result.ok) continue;
    const { code, status } = result.error;
    // These every node would have refused, whatever its state: its own pool did not have it.
    if (code === "invalid_input" || status === "INVALID_SIGNATURE") return "WRONG_TRANSACTION";
    // Its branch may be another than ours, so this is no fault; but it shall not cost us much.
    const isCheap = status === "SEQUENCE_NUMBER_TOO_OLD";
    if (!isCheap && !peer.mayErr(state.clock.now())) return undefined;
  }
  return undefined;
}

export async function answerPage(
  state: NetworkState,
  peer: Peer,
  { id, places }: Extract<PeerMessage, { readonly type: "getBlocks" }>,
  reply: Reply,
): Promise<void> {
  if (peer.isServed || places.length > PLACES_MAX) return;
  peer.isServed = true;
  try {
    const blocks = await pageAbove(state.node.source, places);
    if (state.peers.has(peer)) reply({ type: "blocks", id, blocks });
  } catch {
    // The store is closed or broken, which the node itself says: the peer will ask another.
  } finally {
    peer.isServed = false;
  }
}

function readBlock(bytes: Uint8Array): Block | undefined {
  try {
    return decodeBlock(bytes);
  } catch (error) {
    if (error instanceof BcsError) return undefined;
    throw error;
  }
}

function placeOf({ header }: Block): Place {
  return { height: header.height, hash: blockHash(header) };
}

function turn({ clock }: NetworkState): Promise<void> {
  return new Promise((resolve) => {
    clock.after(0, resolve);
  });
}
