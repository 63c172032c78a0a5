// What a session knows of its tab, its node and its channel. Replaced piece by piece as reports
// come in; who reads it is `presentation.ts`.
import type { Node } from "holdfast";
import type { ChainNews } from "../explorer/chain-watch.ts";
import type { AnyBoard, AnyChannel, AnyGame } from "../games/game.ts";
import type { Page } from "../shell/page.ts";
import type { TroubledWorld } from "../trouble/troubled-world.ts";
import type { Problem } from "../view/problem.ts";
import type { Request, Standing } from "../view/view.ts";
import type { AddressLine } from "./address-line.ts";
import { type Chronicle, createChronicle } from "./chronicle.ts";
import { createOwnCalls, type OwnCalls } from "./own-calls.ts";
import type { SeatBook } from "./seat-book.ts";
import type { Departure } from "./table.ts";

/** Units of play money that every seat stakes. */
export const STAKE = 100n;

export interface Session {
  readonly address: AddressLine;
  readonly game: AnyGame;
  readonly board: AnyBoard;
  readonly page: Page;
  readonly seats: SeatBook;
  readonly chronicle: Chronicle;
  standing: Standing;
  own: OwnCalls;
  world: TroubledWorld | undefined;
  node: Node<unknown> | undefined;
  channel: AnyChannel | undefined;
  news: ChainNews | undefined;
  /** Why there is no newer news of the chain. */
  chainTrouble: Problem | undefined;
  /** Somebody looks closer at the chain. */
  isExploring: boolean;
  departure: Departure;
  busy: readonly Request[];
  isCheating: boolean;
  isOffline: boolean;
  /** The cheat has been played in this stay. */
  hasCheated: boolean;
  /** Counts starts, so that what an earlier one still reports is not taken for the present. */
  stay: number;
}

export type SessionParts = Pick<Session, "address" | "game" | "board" | "page" | "seats">;

export function createSession(parts: SessionParts): Session {
  return {
    ...parts,
    chronicle: createChronicle((seat) => nameOfSeat(parts.seats, seat)),
    standing: { type: "starting", step: "Starting…" },
    own: createOwnCalls(),
    world: undefined,
    node: undefined,
    channel: undefined,
    news: undefined,
    chainTrouble: undefined,
    isExploring: false,
    departure: { returned: 0n, fined: 0n },
    busy: [],
    isCheating: false,
    isOffline: false,
    hasCheated: false,
    stay: 0,
  };
}

export function nameOfSeat(seats: SeatBook, seat: bigint): string {
  const { name, isYou } = seats.bySeat(seat);
  return isYou ? `${name} (you)` : name;
}
