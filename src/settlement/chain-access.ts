/**
 * What an adapter's common part needs of a chain, whatever the chain is: reads, transactions of one
 * account, heads and events. An adapter folder implements it for its chain; nothing here knows one.
 */
import type { Address } from "#core/address.ts";
import type { Event } from "#core/effects.ts";
import type { Hash } from "#core/hash.ts";
import type { FunctionId, ModuleId } from "#core/identifier.ts";
import type { VmStatus } from "#core/status.ts";
import type { StructTag, TypeTag } from "#core/type-tag.ts";

/** A call of an entry function, without its signer. */
export interface EntryCall {
  readonly function: FunctionId;
  readonly typeArgs: readonly TypeTag[];
  /** BCS of each argument. */
  readonly args: readonly Uint8Array[];
}

export interface SignedCall {
  readonly bytes: Uint8Array;
  readonly hash: Hash;
}

/** A transaction that is in a block for good or ill. */
export interface CommittedCall {
  readonly status: VmStatus;
  /** For people. */
  readonly statusText: string;
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
}

/** A place among all events: opaque to the common part. */
export interface EventPlace {
  readonly version: bigint;
  readonly index: number;
}

/**
 * Everything but `sign` may reject with `SettlementError` CHAIN_UNREACHABLE when the chain gives no
 * answer, and with BAD_ANSWER when the answer makes no sense.
 */
export interface ChainAccess {
  readonly account: Address;
  readonly finalityDepth: number;
  readonly canReexecute: boolean;
  /** The number that the account's next transaction must carry. */
  sequenceNumber(): Promise<bigint>;
  /** Milliseconds since the Unix epoch, by the chain. */
  chainTimeMs(): Promise<bigint>;
  sign(call: EntryCall, sequenceNumber: bigint, expirationSecs: bigint): Promise<SignedCall>;
  submit(call: SignedCall): Promise<Handover>;
  /** What became of a transaction, after waiting up to `timeoutMs` while it is pending. */
  fate(hash: Hash, timeoutMs: number): Promise<CallFate>;
  view(call: EntryCall): Promise<readonly Uint8Array[]>;
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
