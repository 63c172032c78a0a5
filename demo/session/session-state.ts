// What a session knows of its tab, its node and its channel. Replaced piece by piece as reports
// come in; who reads it is `presentation.ts`.
import type { Channel, ChatCalls, ChatState, Node } from "holdfast";
import type { ChainNews } from "../explorer/chain-watch.ts";
import type { Page } from "../shell/page.ts";
import type { Request, Standing } from "../shell/view-model.ts";
import type { TroubledWorld } from "../trouble/troubled-world.ts";
import type { AddressLine } from "./address-line.ts";
import { type Chronicle, createChronicle } from "./chronicle.ts";
import { type ConversationFeed, createConversationFeed } from "./conversation-feed.ts";
import { createSeatBook, type SeatBook } from "./seat-book.ts";
import type { Departure } from "./table.ts";

/** Units of play money that every seat stakes. */
export const STAKE = 100n;

export type ChatNode = Node<ChatState, ChatCalls>;
export type ChatChannel = Channel<ChatState, ChatCalls>;

export interface Session {
  readonly address: AddressLine;
  readonly page: Page;
  readonly seats: SeatBook;
  readonly chronicle: Chronicle;
  standing: Standing;
  feed: ConversationFeed;
  world: TroubledWorld | undefined;
  node: ChatNode | undefined;
  channel: ChatChannel | undefined;
  news: ChainNews | undefined;
  departure: Departure;
  busy: readonly Request[];
  isCheating: boolean;
  isOffline: boolean;
  /** The cheat has been played in this stay. */
  hasCheated: boolean;
  /** Counts starts, so that what an earlier one still reports is not taken for the present. */
  stay: number;
}

export function createSession(address: AddressLine, page: Page): Session {
  const self = () => ({ address: session.node?.address ?? "", alias: address.alias });
  const seats = createSeatBook(self);
  const isOwn = (address: string) => seats.byAddress(address).isYou;
  const session: Session = {
    address,
    page,
    seats,
    chronicle: createChronicle((seat) => nameOfSeat(seats, seat)),
    standing: { type: "starting", step: "Starting…" },
    feed: createConversationFeed(isOwn),
    world: undefined,
    node: undefined,
    channel: undefined,
    news: undefined,
    departure: { returned: 0n, fined: 0n },
    busy: [],
    isCheating: false,
    isOffline: false,
    hasCheated: false,
    stay: 0,
  };
  return session;
}

export function nameOfSeat(seats: SeatBook, seat: bigint): string {
  const { name, isYou } = seats.bySeat(seat);
  return isYou ? `${name} (you)` : name;
}
