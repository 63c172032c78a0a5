/**
 * A channel as its contract holds it, in the channel's own words: what an adapter reads from a
 * chain and the core decides by.
 */
import type { Address } from "#core/address.ts";
import type { PublicKey } from "#core/ed25519.ts";
import type { Hash } from "#core/hash.ts";
import type { StructTag } from "#core/type-tag.ts";
import type { Configuration, HeaderRef, Height, Millis, SeatId } from "./messages.ts";

export interface ChainMember {
  readonly seat: SeatId;
  readonly address: Address;
  readonly memberKey: PublicKey;
  readonly nodeKey: PublicKey;
  readonly revealTip: Hash;
  /** Chain time of the last keep_alive. */
  readonly lastAlive: Millis;
  readonly stake: bigint;
  /**
   * `joined`: admitted or waiting to be. `out`: taken out by an entry that the chain has seen, a
   * leave or a suspension; a suspended seat may be admitted again. `removed`: out by (b) or by
   * punishment, for good. Who is out still fetches stake and asset by `leave`.
   */
  readonly standing: "joined" | "out" | "removed";
  /** BCS of the AssetT in escrow; undefined where the member brought none. */
  readonly asset: Uint8Array | undefined;
}

export interface ChainProposal {
  readonly id: bigint;
  /** 1 settlement, 2 punishment. */
  readonly type: 1 | 2;
  readonly proposer: SeatId;
  readonly data: Uint8Array;
  /** Seats that may vote on it. */
  readonly voters: readonly SeatId[];
  readonly votes: readonly { readonly seat: SeatId; readonly option: 0 | 1 | 2 }[];
  /** `void`: it can never be executed; its accused is out, or so few can still say yes. */
  readonly status: "open" | "passed" | "executed" | "replaced" | "void";
}

/** A member that leaves alone. */
export interface ChainExit {
  readonly seat: SeatId;
  /** Chain time from which it may be finished. */
  readonly due: Millis;
  /** The highest confirmed header that the chain knew when it was opened. */
  readonly posted: HeaderRef;
}

/** A demand for the entries of headers of a settlement. */
export interface ChainDemand {
  readonly id: bigint;
  readonly proposal: bigint;
  /** Who demands. */
  readonly challenger: Address;
  /** Numbers of the first header that is not answered, and of the last one. */
  readonly next: bigint;
  readonly last: bigint;
  /** Chain time after which the settlement is void. */
  readonly due: Millis;
}

/** An answer to a demand, or a part of one. */
export interface ChainAnswer {
  readonly proposal: bigint;
  /** BCS of DataAnswer. */
  readonly data: Uint8Array;
}

/** A call that a member posted on chain for the leader to order. */
export interface ChainForcedCall {
  readonly seat: SeatId;
  readonly nonce: bigint;
  /** BCS of the signed call. */
  readonly call: Uint8Array;
  /** Wall time of the block that posted it. */
  readonly posted: Millis;
  /** Who has to order it; undefined while nobody leads. */
  readonly leader: SeatId | undefined;
  /** Chain time after which that seat may be deposed. */
  readonly due: Millis;
}

export interface ChainForcedCalls {
  readonly open: readonly ChainForcedCall[];
  /** Seats that lost the lead because they ordered none, and the chain time until which. */
  readonly barred: readonly { readonly seat: SeatId; readonly until: Millis }[];
}

export interface ChainExits {
  /** The highest header that the chain has seen confirmed; the settled one where none is higher. */
  readonly highest: HeaderRef;
  readonly open: readonly ChainExit[];
  /** Seats that were paid and have assets to claim, with the header they were paid from. */
  readonly claims: readonly { readonly seat: SeatId; readonly header: HeaderRef }[];
}

/**
 * A configuration made on chain: it starts right above `fence`, and what stood there before is
 * void.
 */
export interface ForcedConfiguration {
  readonly configuration: Configuration;
  readonly fence: HeaderRef;
}

/** What a channel's creator chose, and every member must know. */
export interface ChannelSettings {
  readonly disputeWindow: Millis;
  readonly removalWindow: Millis;
  /**
   * Ticks of the contract's `on_tick`: tick k is due at `start` + k × `interval`; the first is the
   * one after the channel's first header.
   */
  readonly tick: { readonly start: Millis; readonly interval: Millis } | undefined;
}

/** The channel as its contract holds it. */
export interface ChainChannel {
  readonly id: bigint;
  /** What every signed object is bound to (SPEC.md "Bytes"). */
  readonly channel: Hash;
  readonly creator: Address;
  readonly stateType: StructTag;
  readonly assetType: StructTag;
  readonly executionProfile: Hash;
  readonly stake: bigint;
  readonly settings: ChannelSettings;
  readonly settled: {
    readonly height: Height;
    readonly header: HeaderRef;
    /** Of the state after the settled header; of no meaning before the first settlement. */
    readonly stateRoot: Hash;
    /**
     * The one that the settled header is under; before the first settlement, the creator's seat
     * alone.
     */
    readonly configuration: Configuration;
    /** Counts settlements and exits. */
    readonly index: bigint;
  };
  readonly term: bigint;
  readonly leader: SeatId | undefined;
  /** All members that joined and have not left, by seat. */
  readonly members: readonly ChainMember[];
  readonly configuration: Configuration;
  /** Highest certificate known on chain: the next term must extend it. */
  readonly fence: HeaderRef;
  /**
   * The last configuration that the chain itself made, by (b) or a forced exit; undefined while
   * there is none.
   */
  readonly forced: ForcedConfiguration | undefined;
  /**
   * Punished seats that are still in the configuration, and the chain time from which they may be
   * taken out of it. Nobody leads meanwhile.
   */
  readonly exclusions: readonly { readonly seat: SeatId; readonly due: Millis }[];
  readonly proposals: readonly ChainProposal[];
  readonly exits: ChainExits;
  /** What is demanded of open settlements and not answered yet. */
  readonly demands: readonly ChainDemand[];
  /** What was answered since the last settlement, in the order of answering. */
  readonly answers: readonly ChainAnswer[];
  readonly forcedCalls: ChainForcedCalls;
  /** The chain runs evidence of fraud again and judges it: then nobody votes on it. */
  readonly judges: boolean;
  readonly closed: boolean;
  /** Chain time of this view. */
  readonly now: Millis;
}

export type ChainEvent =
  | { readonly type: "memberJoined"; readonly member: ChainMember }
  | { readonly type: "memberLeft"; readonly seat: SeatId }
  | { readonly type: "leaderChanged"; readonly term: bigint; readonly leader: SeatId }
  | {
      readonly type: "configurationChanged";
      readonly configuration: Configuration;
      readonly fence: HeaderRef;
      readonly removed: SeatId;
    }
  | { readonly type: "proposalCreated"; readonly proposal: ChainProposal }
  | {
      readonly type: "voted";
      readonly proposal: bigint;
      readonly seat: SeatId;
      readonly option: 0 | 1 | 2;
    }
  | {
      readonly type: "settled";
      readonly proposal: bigint;
      readonly height: Height;
      readonly header: HeaderRef;
    }
  | {
      readonly type: "punished";
      readonly seat: SeatId;
      readonly fined: bigint;
      readonly bannedUntil: Millis;
    }
  | { readonly type: "closed" };
