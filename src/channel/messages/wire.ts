/**
 * What nodes say to each other. Nothing here is believed for who carried it: whatever decides
 * something is signed by the key of a seat, or checks against what is. Their bytes are in
 * `../codec/wire.ts`.
 */
import type { PublicKey, Signature } from "#core/ed25519.ts";
import type { Hash } from "#core/hash.ts";
import type { Accumulator } from "#core/merkle/accumulator.ts";
import type { ConfigurationStep } from "../evidence.ts";
import type {
  Ack,
  Batch,
  BundledCall,
  Certificate,
  Configuration,
  Epoch,
  Header,
  HeaderRef,
  Millis,
  SeatId,
  SignedCall,
  SignedDeparture,
  SignedHeader,
  SignedRemoval,
  SignedViewChange,
} from "../messages.ts";

export type Message =
  | { readonly type: "heartbeat"; readonly heartbeat: Heartbeat; readonly signature: Signature }
  | { readonly type: "batch"; readonly batch: Batch }
  | {
      readonly type: "ack";
      readonly ack: Ack;
      readonly seat: SeatId;
      readonly signature: Signature;
    }
  | { readonly type: "certificate"; readonly certificate: Certificate }
  | { readonly type: "viewChange"; readonly viewChange: SignedViewChange }
  | {
      readonly type: "removal";
      readonly removal: SignedRemoval;
      /** The certificate that `removal.highest` names; absent where it names none. */
      readonly certificate?: Certificate;
    }
  | { readonly type: "call"; readonly call: SignedCall }
  | { readonly type: "departure"; readonly departure: SignedDeparture }
  | {
      readonly type: "bundle";
      /** Of one bundle, each after the one before. */
      readonly calls: readonly BundledCall[];
    }
  | { readonly type: "refusal"; readonly refusal: Refusal; readonly signature: Signature }
  | { readonly type: "syncRequest"; readonly channel: Hash; readonly known: readonly HeaderRef[] }
  | {
      readonly type: "syncResponse";
      readonly channel: Hash;
      /** Where the answering log starts, when none of the headers asked about is in it. */
      readonly base?: SyncBase;
      readonly batches: readonly Batch[];
      /** Of the last headers, which no batch carries. */
      readonly certificates: readonly Certificate[];
    }
  | {
      readonly type: "snapshotRequest";
      readonly channel: Hash;
      readonly header: HeaderRef;
      readonly index: number;
    }
  | {
      readonly type: "snapshotChunk";
      readonly channel: Hash;
      readonly header: HeaderRef;
      readonly index: number;
      readonly count: number;
      readonly bytes: Uint8Array;
    }
  | {
      /** Carried on for another; `payload` is a message, envelope included. */
      readonly type: "relay";
      readonly from: PublicKey;
      readonly to: PublicKey;
      /** Relays that may still carry it on. */
      readonly hopsLeft: number;
      readonly payload: Uint8Array;
    };

export type MessageType = Message["type"];
export type MessageOf<Type extends MessageType> = Extract<Message, { readonly type: Type }>;

/** Says that a node is there, what it holds, how fast it reaches the leader. */
export interface Heartbeat {
  readonly channel: Hash;
  readonly node: PublicKey;
  /** Of this node, ascending. */
  readonly sequence: bigint;
  /** By the sender's clock; comes back in an echo. */
  readonly sentAt: Millis;
  readonly epoch: Epoch;
  /** The last header in the sender's log. */
  readonly tip: HeaderRef;
  /** The sender's highest certificate. */
  readonly certified: HeaderRef;
  /** Number of the last header that the sender knows to be confirmed. */
  readonly confirmed: bigint;
  readonly route: Route;
  readonly echoes: readonly Echo[];
}

/** The best path to the leader that a node knows. */
export interface Route {
  /** {@link DELAY_UNKNOWN} when there is none. */
  readonly delayMs: number;
  /** The next node on it; absent for the leader itself and for a direct link. */
  readonly via?: PublicKey;
  /** Nodes between the sender and the leader. */
  readonly hops: number;
  /**
   * The epoch whose leader the path leads to, and the last of its heartbeats that came along it.
   */
  readonly epoch: Epoch;
  readonly sequence: bigint;
}

export const DELAY_UNKNOWN = 0xffff_ffff;

/** Gives a peer its own clock back. */
export interface Echo {
  readonly node: PublicKey;
  readonly sentAt: Millis;
  /** Milliseconds between hearing it and sending this. */
  readonly heldMs: number;
}

/** The leader's answer to a call or departure that it cannot order. */
export interface Refusal {
  readonly channel: Hash;
  readonly epoch: Epoch;
  /** Hash of the call or departure. */
  readonly subject: Hash;
  /** A code of `core/errors.ts`. */
  readonly code: number;
}

/** A settled header and what the log above it cannot be checked without. */
export interface SyncBase {
  readonly header: SignedHeader;
  /** Of that header, where the sender knows one. */
  readonly certificate?: Certificate;
  readonly configuration: Configuration;
  readonly next: Configuration;
  /** The header that `header.justify` names; absent where it names none. */
  readonly justified?: Header;
  /** Hashes of all headers before this one. */
  readonly history: Accumulator;
  /** Changes of configuration above the settled one, with their proofs. */
  readonly steps: readonly ConfigurationStep[];
}
