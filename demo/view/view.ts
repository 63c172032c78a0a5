// All that the page shows: the one vocabulary between the session, which talks to the node, and the
// components, which draw. Plain data; knows neither the node nor the DOM.
import type { ChainView } from "./chain.ts";
import type { ChannelView } from "./channel.ts";
import type { GameName } from "./game-name.ts";
import type { PlayerView } from "./player.ts";
import type { Problem } from "./problem.ts";

/** Where this tab stands. */
export type Standing =
  | { readonly type: "starting"; readonly step: string }
  | { readonly type: "playing" }
  | { readonly type: "refused"; readonly problem: Problem }
  | { readonly type: "banned"; readonly untilMs: number; readonly fined: bigint }
  | { readonly type: "left"; readonly returned: bigint }
  | { readonly type: "closed"; readonly returned: bigint }
  | { readonly type: "stopped"; readonly problem: Problem | undefined };

export interface LogLine {
  readonly key: string;
  readonly atMs: number;
  readonly tone: "plain" | "good" | "bad" | "chain";
  readonly text: string;
}

export type Request = "settle" | "leave" | "exit" | "close";

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
