/** What a node remembers of another one that it speaks with. */
import { admit, createRateLimiter } from "../http/rate.ts";
import type { PeerLink } from "./link.ts";
import type { Place } from "./messages.ts";

/** Messages of one peer: far more than any honest one sends. */
const MESSAGE_RATE = { perSecond: 200, burst: 1_000, clientsMax: 1 };
/** Transactions of one peer that are refused here: more of them are not looked at. */
const REFUSAL_RATE = { perSecond: 100, burst: 500, clientsMax: 1 };

/** A question that was asked and not yet answered. */
export interface Asked {
  readonly id: number;
  readonly atMs: bigint;
}

export interface Peer {
  readonly link: PeerLink;
  /** Whether its hello has come. */
  isMet: boolean;
  heardMs: bigint;
  /** Where it stands, as far as it has said. */
  head: Place | undefined;
  asked: Asked | undefined;
  /** The newest block that it gave us, where that is on its way to its head. */
  given: Place | undefined;
  /** It had nothing for us that we could take: it is not asked again before. */
  restsUntilMs: bigint;
  lastId: number;
  /** Whether a page of ours is being put together for it. */
  isServed: boolean;
  /** Lists of its transactions that wait to be handed in. */
  listsWaiting: number;
  /** Resolves when those before have been handed in. */
  handedIn: Promise<void>;
  /** False when it has said too much. */
  mayTalk(nowMs: bigint): boolean;
  /** False when too much that it passed on was refused. */
  mayErr(nowMs: bigint): boolean;
}

export function createPeer(link: PeerLink, nowMs: bigint): Peer {
  const messages = createRateLimiter(MESSAGE_RATE);
  const refusals = createRateLimiter(REFUSAL_RATE);
  return {
    link,
    isMet: false,
    heardMs: nowMs,
    head: undefined,
    asked: undefined,
    given: undefined,
    restsUntilMs: 0n,
    lastId: 0,
    isServed: false,
    listsWaiting: 0,
    handedIn: Promise.resolve(),
    mayTalk: (atMs) => admit(messages, link.remote, Number(atMs)),
    mayErr: (atMs) => admit(refusals, link.remote, Number(atMs)),
  };
}
