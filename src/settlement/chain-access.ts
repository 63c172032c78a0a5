/**
 * What an adapter's common part needs of a chain, whatever the chain is: reads, transactions of one
 * account, heads and events. An adapter folder implements it for its chain; nothing here knows one.
 */
import type { Address } from "#core/address.ts";
import type { PublicKey, Signature } from "#core/ed25519.ts";
import type { Event } from "#core/effects.ts";
import type { Hash } from "#core/hash.ts";
import type { FunctionId, ModuleId } from "#core/identifier.ts";
import type { StructTag, TypeTag } from "#core/type-tag.ts";

/** A call of an entry function, without its signer. */
export interface EntryCall {
  readonly function: FunctionId;
  readonly typeArgs: readonly TypeTag[];
  /** BCS of each argument. */
  readonly args: readonly Uint8Array[];
  /** Most gas units that it may take; enough for the largest evidence where absent. */
  readonly maxGas?: bigint;
}

export interface SignedCall {
  readonly bytes: Uint8Array;
  readonly hash: Hash;
}

/** How a call ended, as much as every chain tells: any `VmStatus` is one. */
export type CallStatus =
  | { readonly type: "executed" }
  | {
      readonly type: "aborted";
      readonly code: bigint;
      readonly location: { readonly module: ModuleId };
    }
  /** `status` is OUT_OF_GAS, or a text for people. */
  | { readonly type: "failed"; readonly status: string };

/** A transaction that is in a block for good or ill. */
export interface CommittedCall {
  readonly status: CallStatus;
  /** For people. */
  readonly statusText: string;
  /** At least those of the state-channel contract. */
  readonly events: readonly Event[];
  readonly gasUsed: bigint;
}

/** What became of a transaction that was handed in. */
export type CallFate =
  | { readonly type: "committed"; readonly call: CommittedCall }
  | { readonly type: "pending" }
  /** The chain does not know it: it never arrived, or it was dropped. */
  | { readonly type: "unknown" };

/** How handing in ended. */
export type Handover =
  | { readonly type: "accepted" }
  /** The account has come past this sequence number. */
  | { readonly type: "numberUsed" }
  /** No room now; the same transaction may be accepted later. */
  | { readonly type: "busy"; readonly detail: string }
  | { readonly type: "noFunds"; readonly detail: string }
  | { readonly type: "refused"; readonly detail: string };

export interface PlacedEvent extends Event {
  readonly timestampMs: bigint;
  /** Unique on the chain. */
  readonly place: EventPlace;
}

/** A place among all events: opaque to the common part. */
export interface EventPlace {
  readonly version: bigint;
  readonly index: number;
  /** The newest block that was read, where events are read of blocks that may be replaced. */
  readonly branch?: Hash;
}

/**
 * What anybody may read of a chain. Everything may reject with `SettlementError` CHAIN_UNREACHABLE
 * when the chain gives no answer, and with BAD_ANSWER when the answer makes no sense.
 */
export interface ChainReader {
  /** Milliseconds since the Unix epoch, by the chain. */
  chainTimeMs(): Promise<bigint>;
  /** Over the state at `version`, the newest without one. Rejects with VIEW_ABORTED, too. */
  view(call: EntryCall, version?: bigint): Promise<readonly Uint8Array[]>;
  /** Up to which nothing is taken back any more; undefined where that is all there is. */
  finalVersion(): Promise<bigint | undefined>;
  resource(address: Address, type: StructTag): Promise<Uint8Array | undefined>;
  module(id: ModuleId): Promise<Uint8Array | undefined>;
  /** Where the next final event will stand. */
  eventEnd(): Promise<EventPlace>;
  /** Final events of types that `module` declares, from `from` on. `next` is where to go on. */
  events(
    module: ModuleId,
    from: EventPlace,
  ): Promise<{ readonly events: readonly PlacedEvent[]; readonly next: EventPlace }>;
  /** Calls back with every new block until the returned function is called. */
  onHead(listener: () => void): () => void;
}

/** A chain as one account uses it. Everything but `sign` may reject as reading does. */
export interface ChainAccess extends ChainReader {
  readonly account: Address;
  readonly finalityDepth: number;
  /** Whether the chain judges evidence by executing again; known once a view was answered. */
  readonly canReexecute: boolean;
  /** The number that the account's next transaction must carry. */
  sequenceNumber(): Promise<bigint>;
  sign(call: EntryCall, sequenceNumber: bigint, expirationSecs: bigint): Promise<SignedCall>;
  submit(call: SignedCall): Promise<Handover>;
  /** What became of a transaction, after waiting up to `timeoutMs` while it is pending. */
  fate(hash: Hash, timeoutMs: number): Promise<CallFate>;
  /** Takes in whether the account was seen to have a seat in a channel. */
  seated?(channel: bigint, isSeated: boolean): void;
  /**
   * What the account has to do on this chain once it has left a channel; harmless to repeat, and
   * nothing while it has a seat in another.
   */
  parted?(): Promise<void>;
}

/** What views are asked of: the newest state at each question, or a state that stays the same. */
export type ViewSource = Pick<ChainAccess, "view" | "canReexecute">;

export interface BlockSummary {
  readonly height: bigint;
  readonly hash: Hash;
  /** Of users. */
  readonly transactionsCount: number;
  readonly timestampMs: bigint;
  readonly lastVersion: bigint;
}

/** A transaction of a user in a block, as much as every chain tells for people to read. */
export interface TransactionSummary {
  readonly version: bigint;
  readonly hash: Hash;
  readonly sender: Address;
  /** What it calls; undefined where it is no call of one function. */
  readonly function: FunctionId | undefined;
  readonly isExecuted: boolean;
  readonly statusText: string;
  readonly gasUsed: bigint;
}

export interface BlockEvents {
  readonly block: BlockSummary;
  readonly events: readonly PlacedEvent[];
}

/** An account's Ed25519 key behind a function, so that the secret can stay where it was made. */
export interface CallSigner {
  readonly address: Address;
  readonly publicKey: PublicKey;
  readonly sign: (message: Uint8Array) => Signature;
}

/** A chain as a player's node is given it: for everybody to read, and for accounts to use. */
export interface ChainLink extends ChainReader {
  /** For people: which chain this is. */
  readonly name: string;
  /** Where reading the past may begin at a bearable cost. */
  eventStart(): Promise<EventPlace>;
  /** Of the newest block. */
  height(): Promise<bigint>;
  block(height: bigint): Promise<BlockSummary | undefined>;
  /** Of users, in order; undefined where there is no such block any more, or not yet. */
  transactionsIn(height: bigint): Promise<readonly TransactionSummary[] | undefined>;
  /** Events of types that `module` declares in a block of today's branch, final or not. */
  eventsIn(height: bigint, module: ModuleId): Promise<BlockEvents | undefined>;
  access(signer: CallSigner): ChainAccess;
  /** Asks the faucet, on a chain of play money, unless the account holds `least` units. */
  fund(address: Address, least: bigint): Promise<void>;
  close(): void;
}
