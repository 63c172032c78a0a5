/**
 * The channel's objects as plain data: what is signed, ordered, certified and sent. Their bytes are
 * in `codec.ts`, their meaning in `SPEC.md`. A *seat* is a membership; a *height* numbers an entry;
 * a *batch* is what one header covers; an *epoch* is (term, view).
 */
import type { Address } from "#core/address.ts";
import type { PublicKey, Signature } from "#core/ed25519.ts";
import type { ChangeSet, Event } from "#core/effects.ts";
import type { Hash } from "#core/hash.ts";
import type { FunctionId } from "#core/identifier.ts";
import type { VmStatus } from "#core/status.ts";
import type { TypeTag } from "#core/type-tag.ts";

/** Join sequence number, from 1, never reused. */
export type SeatId = bigint;
/** Number of an ordered entry, from 1; 0 is the loaded state. */
export type Height = bigint;
/** Milliseconds since the Unix epoch. */
export type Millis = bigint;

export interface Epoch {
  readonly term: bigint;
  readonly view: bigint;
}

export interface Seat {
  readonly seat: SeatId;
  readonly address: Address;
  /** Signs calls, leaves and votes: the member's account key. */
  readonly memberKey: PublicKey;
  /** Signs headers, acks and view changes: made with the journal, never exported. */
  readonly nodeKey: PublicKey;
  /** Tip of the member's hash chain of reveals. */
  readonly revealTip: Hash;
}

/** A numbered list of seats in ascending order. */
export interface Configuration {
  readonly number: bigint;
  readonly seats: readonly Seat[];
}

export interface ConfigurationRef {
  readonly number: bigint;
  readonly hash: Hash;
}

export interface Call {
  readonly channel: Hash;
  readonly seat: SeatId;
  readonly nonce: bigint;
  readonly function: FunctionId;
  readonly typeArgs: readonly TypeTag[];
  readonly args: readonly Uint8Array[];
  /** In gas units. */
  readonly maxGas: bigint;
  /** Last height at which it may be ordered. */
  readonly expiry: Height;
}

export interface SignedCall {
  readonly call: Call;
  readonly signature: Signature;
}

/** Calls of one seat, with consecutive nonces, that its member signs together. */
export interface Bundle {
  readonly channel: Hash;
  readonly seat: SeatId;
  /** Nonce of the first call. */
  readonly first: bigint;
  readonly count: number;
  /** Root of the list of the calls' hashes. */
  readonly root: Hash;
}

/** A call that stands on the signature of a bundle, and by itself as far as ordering goes. */
export interface BundledCall {
  readonly call: Call;
  readonly bundle: Bundle;
  /** From the call's hash up to the root. */
  readonly path: readonly Hash[];
  /** Of the bundle. */
  readonly signature: Signature;
}

/** A member's wish to leave or, from the creator, to close; signed with the member key. */
export interface Departure {
  readonly channel: Hash;
  readonly seat: SeatId;
  readonly nonce: bigint;
  readonly kind: "leave" | "close";
}

export interface SignedDeparture {
  readonly departure: Departure;
  readonly signature: Signature;
}

/** What the leader orders. */
export type Entry =
  | { readonly type: "call"; readonly call: SignedCall }
  | { readonly type: "tick"; readonly tick: bigint }
  | {
      readonly type: "admit";
      readonly seat: Seat;
      /**
       * BCS of the AssetT that the seat brought into escrow, so that whoever runs the entry needs
       * no view of the chain; absent where it brought none.
       */
      readonly asset?: Uint8Array;
    }
  | { readonly type: "leave"; readonly departure: SignedDeparture }
  | { readonly type: "suspend"; readonly seat: SeatId }
  | { readonly type: "exit"; readonly seat: SeatId }
  | { readonly type: "close"; readonly departure: SignedDeparture }
  | { readonly type: "bundled"; readonly call: BundledCall };

/** Names a header that a certificate exists for; all zero where there is none yet. */
export interface HeaderRef {
  readonly epoch: Epoch;
  /** Number of the header, from 1. */
  readonly number: bigint;
  readonly hash: Hash;
}

export interface Header {
  readonly channel: Hash;
  readonly configuration: ConfigurationRef;
  /**
   * The configuration after this batch's entries; differs from `configuration` only where an entry
   * changed it.
   */
  readonly next: ConfigurationRef;
  readonly epoch: Epoch;
  readonly leader: SeatId;
  /** Position in the chain of headers, from 1, without gaps; empty batches count. */
  readonly number: bigint;
  readonly firstHeight: Height;
  readonly count: number;
  readonly previous: Hash;
  readonly justify: HeaderRef;
  readonly preStateRoot: Hash;
  readonly stateRoot: Hash;
  readonly stepsRoot: Hash;
  readonly changeSetRoot: Hash;
  readonly historyRoot: Hash;
  readonly time: Millis;
  readonly reveal: Hash;
}

export interface SignedHeader {
  readonly header: Header;
  readonly signature: Signature;
}

/** One or more whole entries under one root; leaf of `stepsRoot`. */
export interface Step {
  readonly firstHeight: Height;
  readonly count: number;
  readonly entriesHash: Hash;
  readonly stateRoot: Hash;
  readonly receiptsHash: Hash;
}

/** What became of one entry. */
export interface Receipt {
  readonly status: VmStatus;
  /** In gas units. */
  readonly gasUsed: bigint;
  readonly events: readonly Event[];
  readonly changes: ChangeSet;
}

/** What a member signs to certify a header: re-executed, equal, on disk. */
export interface Ack {
  readonly channel: Hash;
  readonly configuration: ConfigurationRef;
  readonly header: HeaderRef;
}

export interface SeatSignature {
  readonly seat: SeatId;
  readonly signature: Signature;
}

/** Acks of a quorum, by ascending seat. */
export interface Certificate {
  readonly ack: Ack;
  readonly signatures: readonly SeatSignature[];
}

export interface ViewChange {
  readonly channel: Hash;
  readonly configuration: ConfigurationRef;
  /** The epoch that the signer moves to; it acks nothing below it any more. */
  readonly epoch: Epoch;
  /** The signer's highest certificate. */
  readonly highest: HeaderRef;
}

/**
 * A wish, signed with the node key, that a silent seat be removed on chain (configuration change
 * (b)). Its signer acks nothing more until the configuration changes or the wish is void.
 */
export interface Removal {
  readonly channel: Hash;
  /** The configuration in force, which `accused` belongs to. */
  readonly configuration: ConfigurationRef;
  readonly accused: SeatId;
  /** Chain time of the accused's last keep_alive: with the next one this wish is void for ever. */
  readonly lastAlive: Millis;
  /** The signer's highest certificate. */
  readonly highest: HeaderRef;
}

export interface SignedRemoval {
  readonly removal: Removal;
  readonly seat: SeatId;
  readonly signature: Signature;
}

/** A header with all that a member needs to re-execute it. */
export interface Batch {
  readonly header: SignedHeader;
  readonly entries: readonly Entry[];
  readonly steps: readonly Step[];
  /** The certificate that `header.justify` names; absent where it names none. */
  readonly certificate?: Certificate;
  /** In an epoch's first header: the view changes of a quorum. */
  readonly viewChanges: readonly SignedViewChange[];
}

export interface SignedViewChange {
  readonly viewChange: ViewChange;
  readonly seat: SeatId;
  readonly signature: Signature;
  /** The certificate that `highest` names; absent where it names none. */
  readonly certificate?: Certificate;
}

/** The epoch order: term first. */
export function compareEpochs(a: Epoch, b: Epoch): number {
  if (a.term !== b.term) return a.term < b.term ? -1 : 1;
  if (a.view !== b.view) return a.view < b.view ? -1 : 1;
  return 0;
}
