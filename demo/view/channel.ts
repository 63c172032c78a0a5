// What the page shows of the channel. Plain data.
import type { MemberView, PlayerView } from "./player.ts";
import type { Step } from "./stage.ts";

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
