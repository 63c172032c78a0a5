// What the page shows and what a player can do: the one vocabulary between the session, which talks
// to the node, and the components, which draw. Plain data; knows neither the node nor the DOM.
import type { ChainDetails } from "../explorer/chain-details.ts";
import type { StoredLine, StoredState } from "../games/game.ts";
import type { GameName } from "../games/games.ts";

/** How far a move has come; `sent` until the leader has ordered it. */
export const STAGES = ["sent", "sequenced", "verified", "confirmed", "settled"] as const;
export type Stage = (typeof STAGES)[number];
/** What follows the sending. */
export type Step = Exclude<Stage, "sent">;

export interface PlayerView {
  /** Undefined before the seat is known. */
  readonly seat: bigint | undefined;
  readonly name: string;
  /** Degrees on the colour wheel. */
  readonly hue: number;
  readonly isYou: boolean;
}

/** An error as a player reads it. */
export interface Problem {
  readonly code: string;
  readonly what: string;
  readonly who: string;
  readonly remedy: string;
}

export type Route =
  | { readonly type: "self" }
  | { readonly type: "direct"; readonly delayMs: number | undefined }
  | { readonly type: "relay"; readonly via: string; readonly delayMs: number | undefined }
  | { readonly type: "none" };

export interface MemberView extends PlayerView {
  readonly address: string;
  readonly isLeader: boolean;
  /**
   * `joining`: on chain, but not yet admitted by an ordered entry; `out`: not at the table any
   * more, with a stake still on chain.
   */
  readonly presence: "here" | "silent" | "joining" | "out";
  readonly seenMsAgo: number | undefined;
  readonly route: Route;
}

export interface ProposalView {
  readonly id: bigint;
  readonly kind: "settlement" | "punishment";
  readonly proposer: string;
  /** Who is to be punished. */
  readonly accused: string | undefined;
  readonly isOpen: boolean;
  readonly status: string;
  readonly votes: readonly { readonly player: PlayerView; readonly isYes: boolean }[];
  readonly votersCount: number;
  /** Names of those who may vote and have not; empty when nobody needs to any more. */
  readonly awaited: readonly string[];
}

export interface LogLine {
  readonly key: string;
  readonly atMs: number;
  readonly tone: "plain" | "good" | "bad" | "chain";
  readonly text: string;
}

export interface BlockView {
  readonly height: bigint;
  readonly transactionsCount: number;
  readonly hash: string;
  readonly atMs: number;
}

/** What the chain holds, as anybody could read it there. */
export interface ChainView {
  /** URL of a chain that runs elsewhere; undefined for the one embedded in the browser. */
  readonly url: string | undefined;
  /** Nothing was heard of the chain so far. */
  readonly isSilent: boolean;
  readonly blocks: readonly BlockView[];
  readonly settledHeight: bigint | undefined;
  readonly stateRoot: string | undefined;
  readonly escrow: bigint | undefined;
  /** The game as stored on chain. */
  readonly stored: StoredState;
  /** The same in a line; undefined before the channel exists. */
  readonly storedLine: StoredLine | undefined;
  /** What a closer look shows; undefined while nobody looks. */
  readonly details: ChainDetails | undefined;
  /** Why there is no news of it; undefined while there is. */
  readonly trouble: Problem | undefined;
}

export interface ChannelView {
  readonly id: bigint;
  readonly phase: string;
  readonly term: bigint;
  readonly view: bigint;
  readonly configuration: bigint;
  readonly leader: PlayerView | undefined;
  readonly heights: Readonly<Record<Step, bigint>>;
  /** Milliseconds that this tab's latest move took, as far as it has come. */
  readonly delays: Readonly<Partial<Record<Step, number>>>;
  readonly members: readonly MemberView[];
  readonly proposals: readonly ProposalView[];
  /** What the node waits for; empty while everything moves. */
  readonly waiting: readonly string[];
  readonly canClose: boolean;
  /** What leaving alone takes. */
  readonly exit: {
    readonly bond: bigint;
    readonly windowMs: number;
    /** Of an exit of this tab's that is open on chain. */
    readonly leftMs: number | undefined;
  };
}

/** Where this tab stands. */
export type Standing =
  | { readonly type: "starting"; readonly step: string }
  | { readonly type: "playing" }
  | { readonly type: "refused"; readonly problem: Problem }
  | { readonly type: "banned"; readonly untilMs: number; readonly fined: bigint }
  | { readonly type: "left"; readonly returned: bigint }
  | { readonly type: "closed"; readonly returned: bigint }
  | { readonly type: "stopped"; readonly problem: Problem | undefined };

export interface View {
  readonly standing: Standing;
  readonly game: GameName;
  /** Where each game is played in this room. */
  readonly gameUrls: Readonly<Record<GameName, string>>;
  readonly room: string;
  readonly reach: "tabs" | "browsers";
  /** What another player opens. */
  readonly inviteUrl: string;
  readonly you: PlayerView;
  /** Accounts whose player this tab has heard of. */
  readonly players: readonly { readonly address: string; readonly name: string }[];
  /** Play money. */
  readonly stake: bigint;
  readonly balance: bigint | undefined;
  readonly channel: ChannelView | undefined;
  readonly log: readonly LogLine[];
  readonly chain: ChainView;
  readonly trouble: {
    readonly isCheating: boolean;
    readonly isOffline: boolean;
    /** There is an altered contract of this game. */
    readonly canCheat: boolean;
  };
  /** Names of requests under way: their buttons wait. */
  readonly busy: readonly Request[];
}

export type Request = "settle" | "leave" | "exit" | "close";

/** Everything a player can do. Each returns at once; what comes of it shows in the view. */
export interface Actions {
  request(request: Request): void;
  /** Copies the invite link; where devices elsewhere can come in, shows it for them to take. */
  invite(): void;
  /** Somebody begins, or ends, to look closer at the chain. */
  explore(isOpen: boolean): void;
  /** Restarts this tab's node with an altered contract, or with the real one again. */
  setCheating(isCheating: boolean): void;
  setOffline(isOffline: boolean): void;
  /** Ends the node where it stands, without a goodbye. */
  crash(): void;
  /** Starts the node again: after a crash, a ban or a goodbye. */
  restart(): void;
  /** Asks which chain to play on, and opens the page again on it. */
  chooseChain(): void;
}

/** What every part of the page is: an element that can be brought up to date. */
export interface Part<Shown> {
  readonly element: HTMLElement;
  update(shown: Shown): void;
}
