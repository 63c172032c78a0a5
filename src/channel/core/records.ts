/**
 * What a node writes to its journal, and the bytes of it. `recovery.ts` makes a machine from them
 * again.
 */
import type { Hash } from "#core/hash.ts";
import type { Accumulator } from "#core/merkle/accumulator.ts";
import { batch } from "../codec/batch.ts";
import { bundlePart } from "../codec/bundle.ts";
import { equivocation, fraudEvidence } from "../codec/evidence.ts";
import {
  byteString,
  type Codec,
  hash,
  list,
  optional,
  struct,
  u64,
  union,
} from "../codec/fields.ts";
import { SEATS_MAX, SNAPSHOT_CHUNKS_MAX } from "../codec/limits.ts";
import {
  accumulator,
  certificate,
  configuration,
  epoch,
  header,
  headerRef,
  seatSignature,
  signedCall,
  signedDeparture,
  signedHeader,
  signedRemoval,
} from "../codec/objects.ts";
import { syncBase } from "../codec/wire.ts";
import type { Equivocation, FraudEvidence } from "../evidence.ts";
import type { SyncBase } from "../messages/wire.ts";
import type {
  Batch,
  BundledCall,
  Certificate,
  Configuration,
  Epoch,
  Header,
  HeaderRef,
  SeatSignature,
  SignedCall,
  SignedDeparture,
  SignedHeader,
  SignedRemoval,
} from "../messages.ts";
import type { Distrust } from "./state.ts";
import type { Submission } from "./submission.ts";

export type JournalEntry =
  /** The state at height 0: the chain no longer has it once something is settled. */
  | {
      readonly type: "start";
      readonly configuration: Configuration;
      readonly stateRoot: Hash;
      readonly chunks: readonly Uint8Array[];
    }
  /** Appended to the log after it was executed. */
  | {
      readonly type: "batch";
      readonly batch: Batch;
      /** The one it is under, where the header below it is under another. */
      readonly configuration?: Configuration;
    }
  /** The log was cut above this number. */
  | { readonly type: "cut"; readonly number: bigint }
  | { readonly type: "certificate"; readonly certificate: Certificate }
  /** Promises. */
  | { readonly type: "ack"; readonly header: HeaderRef; readonly locked: HeaderRef }
  | { readonly type: "viewChange"; readonly epoch: Epoch }
  | { readonly type: "removals"; readonly removals: readonly SignedRemoval[] }
  /** A forced change voided what was locked. */
  | { readonly type: "unlock"; readonly locked: HeaderRef }
  /** Calls of this node's own that it signed together, each after the one before. */
  | { readonly type: "bundle"; readonly calls: readonly BundledCall[] }
  /** Another submission of this node's own. */
  | { readonly type: "own"; readonly submission: LoneSubmission }
  /** A leader caught (see `findings.ts`). */
  | { readonly type: "distrust"; readonly evidence: Distrust["evidence"] }
  /** The accusation of the leader caught in this term has been seen on chain. */
  | { readonly type: "accused"; readonly term: bigint }
  /** A header that re-execution contradicts. */
  | {
      readonly type: "disproof";
      readonly configuration: Configuration;
      readonly history: Accumulator;
      readonly evidence: FraudEvidence;
    }
  /** What became known of one since: more acks of it, and headers that build on it. */
  | {
      readonly type: "aftermath";
      readonly ref: HeaderRef;
      readonly acks: readonly SeatSignature[];
      readonly later: readonly Header[];
    }
  /** A new base with its whole state; everything before it but later batches is forgotten. */
  | {
      readonly type: "base";
      readonly base: SyncBase;
      readonly acked: HeaderRef;
      readonly locked: HeaderRef;
      readonly epoch: Epoch;
      readonly removals: readonly SignedRemoval[];
      readonly chunks: readonly Uint8Array[];
    };

function fields<Type extends JournalEntry["type"]>() {
  return struct<Omit<Extract<JournalEntry, { readonly type: Type }>, "type">>();
}

type LoneSubmission = Exclude<Submission, { readonly type: "bundled" }>;

const submission: Codec<LoneSubmission> = union<LoneSubmission>("submission")([
  ["call", struct<{ readonly call: SignedCall }>()([["call", signedCall]])],
  [
    "departure",
    struct<{ readonly departure: SignedDeparture }>()([["departure", signedDeparture]]),
  ],
]);

/** Snapshots on disk have no other limit than the count of their chunks. */
const CHUNK_SIZE_MAX = 2 ** 30;
/** Headers that build on a disproved one, of one record. */
const LATER_MAX = 2 ** 16;
const removals = list(signedRemoval, SEATS_MAX);

const offence: Codec<Distrust["evidence"]> = union<Distrust["evidence"]>("offence")([
  [
    "execution",
    struct<{ readonly batch: Batch; readonly previous?: SignedHeader }>()([
      ["batch", batch],
      ["previous", optional(signedHeader)],
    ]),
  ],
  ["equivocation", struct<{ readonly evidence: Equivocation }>()([["evidence", equivocation]])],
]);

export const journalEntry: Codec<JournalEntry> = union<JournalEntry>("journal entry")([
  [
    "start",
    fields<"start">()([
      ["configuration", configuration],
      ["stateRoot", hash],
      ["chunks", list(byteString(CHUNK_SIZE_MAX), SNAPSHOT_CHUNKS_MAX)],
    ]),
  ],
  [
    "batch",
    fields<"batch">()([
      ["batch", batch],
      ["configuration", optional(configuration)],
    ]),
  ],
  ["cut", fields<"cut">()([["number", u64]])],
  ["certificate", fields<"certificate">()([["certificate", certificate]])],
  [
    "ack",
    fields<"ack">()([
      ["header", headerRef],
      ["locked", headerRef],
    ]),
  ],
  ["viewChange", fields<"viewChange">()([["epoch", epoch]])],
  ["removals", fields<"removals">()([["removals", removals]])],
  ["unlock", fields<"unlock">()([["locked", headerRef]])],
  ["own", fields<"own">()([["submission", submission]])],
  [
    "base",
    fields<"base">()([
      ["base", syncBase],
      ["acked", headerRef],
      ["locked", headerRef],
      ["epoch", epoch],
      ["removals", removals],
      ["chunks", list(byteString(CHUNK_SIZE_MAX), SNAPSHOT_CHUNKS_MAX)],
    ]),
  ],
  ["bundle", fields<"bundle">()([["calls", bundlePart]])],
  ["distrust", fields<"distrust">()([["evidence", offence]])],
  ["accused", fields<"accused">()([["term", u64]])],
  [
    "disproof",
    fields<"disproof">()([
      ["configuration", configuration],
      ["history", accumulator],
      ["evidence", fraudEvidence],
    ]),
  ],
  [
    "aftermath",
    fields<"aftermath">()([
      ["ref", headerRef],
      ["acks", list(seatSignature, SEATS_MAX)],
      ["later", list(header, LATER_MAX)],
    ]),
  ],
]);
