// Who plays, as the page shows them. Plain data.

export interface PlayerView {
  /** Undefined before the seat is known. */
  readonly seat: bigint | undefined;
  readonly name: string;
  /** Degrees on the colour wheel. */
  readonly hue: number;
  readonly isYou: boolean;
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
