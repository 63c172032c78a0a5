// What a game is to the page: which contract it plays, and a board that shows it and takes the
// player's moves. Everything else of the page is the same for every game, and knows no more of one.
import type { App, AppCalls, CallHandle, Channel } from "holdfast";
import type { PlayerView } from "../view/player.ts";
import type { Problem } from "../view/problem.ts";
import type { StoredLine, StoredState } from "../view/stored.ts";
import type { View } from "../view/view.ts";

/** What a game is given by the page that it is played on. */
export interface GameHost {
  /** Who an account is, as far as this tab has heard. */
  readonly playerOf: (address: string) => PlayerView;
  /**
   * Follows a call of this tab's on its way: the page shows how far it comes, and tells the player
   * what refuses it.
   */
  readonly follow: (handle: CallHandle, following?: Following) => void;
  /** Has the board drawn anew with the next frame. */
  readonly changed: () => void;
}

export interface Following {
  /** What the contract's refusals of this call mean to a player, by abort code. */
  readonly refusals?: Refusals;
  readonly onRefused?: (problem: Problem) => void;
}

export type Refusals = Readonly<Record<string, Pick<Problem, "what" | "remedy">>>;

/** A game's place on the page. */
export interface GameBoard<State, Calls extends AppCalls> {
  readonly element: HTMLElement;
  /** A stay begins: what the channel tells from now on counts, and nothing from before. */
  sit(channel: Channel<State, Calls>): void;
  /** The stay is over; what was shown stays to be seen. */
  rise(): void;
  update(view: View): void;
  /** Whether there would be nothing to see for somebody who does not play. */
  isEmpty(): boolean;
}

/** What of the game the chain is asked for: Move types by name. */
export interface StoredTypes {
  readonly state: string;
  /** What a member brought in. */
  readonly asset?: string;
}

export interface Game<State, Calls extends AppCalls> {
  readonly app: App<State, Calls>;
  readonly stored: StoredTypes;
  readonly mount: (host: GameHost) => GameBoard<State, Calls>;
  /** Undefined where the chain stores nothing that can be read. */
  readonly describe: (stored: StoredState) => StoredLine | undefined;
  /** Plays the cheat of the altered contract; absent where there is none. */
  cheat?(channel: Channel<State, Calls>): CallHandle;
}

/** Any game, to whoever only hands it on. */
export type AnyGame = Game<unknown, AppCalls>;
export type AnyBoard = GameBoard<unknown, AppCalls>;
export type AnyChannel = Channel<unknown, AppCalls>;

/** Categories of `0x1::error`, which stand before a contract's own number. */
export const CATEGORY = {
  invalidArgument: 1,
  outOfRange: 2,
  invalidState: 3,
  permissionDenied: 5,
  notFound: 6,
  resourceExhausted: 9,
} as const;

/** An abort code as a contract builds it, as a key of {@link Refusals}. */
export function abortOf(category: keyof typeof CATEGORY, reason: number): string {
  return String((CATEGORY[category] << 16) | reason);
}
