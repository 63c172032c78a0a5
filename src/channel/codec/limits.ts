/**
 * How large messages, their parts and batches may be: limits that all members share. A decoder
 * refuses what is larger before it allocates, a leader orders nothing larger, and a member that
 * runs a batch again stops at them.
 */
import { assert } from "#core/assert.ts";
import { MESSAGE_SIZE_MAX } from "../ports.ts";

/** Gas units that one call may ask for: 2 s by the virtual machine's measure of 2 us a unit. */
export const CALL_GAS_MAX = 1_000_000n;
/** Gas units of one tick. */
export const TICK_GAS = 100_000n;
/**
 * Gas units that the entries under one header may use. Whoever runs them again is done well within
 * a lease, even with all the headers that may be open at once; a tick leaves room for any call.
 */
export const BATCH_GAS_MAX: bigint = CALL_GAS_MAX + TICK_GAS;
/** Entries that one header may cover. */
export const BATCH_ENTRIES_MAX = 256;
/** Bytes of all entries that one header may cover. */
export const BATCH_ENTRIES_SIZE_MAX = 1024 * 1024;
/** Bytes of a batch with its header, steps, certificate and view changes. */
export const BATCH_SIZE_MAX: number = BATCH_ENTRIES_SIZE_MAX + 256 * 1024;
/** Entries of one step: what a proof of fraud re-executes. */
export const STEP_ENTRIES_MAX = 16;
/**
 * State keys that evidence of one step may open: 64 for each of its entries, which is what the
 * sandbox lets a call look at, and as many again for the channel's own records.
 */
export const TOUCHED_KEYS_MAX: number = 2 * STEP_ENTRIES_MAX * 64;
/** Headers whose entries one demand names. */
export const DEMANDED_HEADERS_MAX = 16;
/** Headers that build on a false one and that the chain may rely on: proposed, shown, fence. */
export const DESCENDANTS_MAX = 4;
/** Bytes of one value in the channel's state; the sandbox writes none that is larger. */
export const VALUE_SIZE_MAX = 64 * 1024;
/** Bytes of a call with a signature of its own. */
export const CALL_SIZE_MAX = 16 * 1024;
/** Calls of one bundle: all that a leader puts under one header. */
export const BUNDLE_CALLS_MAX = 64;
/** Hashes from a call of the largest bundle up to its root. */
export const BUNDLE_PATH_MAX: number = Math.log2(BUNDLE_CALLS_MAX);
/** Bytes of the asset that a seat brings: the channel's limit for any value. */
export const ASSET_SIZE_MAX = 16 * 1024;
export const CALL_ARGS_MAX = 32;
export const CALL_TYPE_ARGS_MAX = 32;
/** Seats that a configuration may name on the wire. */
export const SEATS_MAX = 128;
/** Changes of configuration between two settlements. */
export const CONFIGURATION_STEPS_MAX = 64;
/** Bytes of the change set of one settlement. */
export const CHANGE_SET_SIZE_MAX = 1024 * 1024;
/**
 * Bytes of an accusation's evidence that one transaction of the chain has room for, beside its own
 * frame: a transaction has at most 64 KiB.
 */
export const EVIDENCE_SIZE_MAX = 48 * 1024;
/** Bytes of a settlement's evidence, beside the frame of its transaction, which has 64 KiB. */
export const SETTLEMENT_SIZE_MAX = 60 * 1024;
/**
 * Bytes of changes with their multiproof that a settlement has room for beside its headers,
 * certificates and steps of configuration.
 */
export const PENDING_SIZE_MAX = 40 * 1024;
/** Bytes of that which the channel's own records may come to: with no more, nothing is pending. */
export const RECORDS_PENDING_SIZE_MAX: number = 6 * 1024;
/** Bytes of that which one call or tick may change: as much as there is room for at best. */
export const CALL_PENDING_SIZE_MAX: number = PENDING_SIZE_MAX - RECORDS_PENDING_SIZE_MAX;
/** Nodes of the multiproof of one settlement, a byte each. */
export const PROOF_SHAPE_SIZE_MAX = 1024 * 1024;
/** Headers that a member names when it asks where its log and another's part. */
export const KNOWN_HEADERS_MAX = 64;
/** Batches in one answer to a sync request. */
export const SYNC_BATCHES_MAX = 64;
/** Bytes of batches after which an answer to a sync request ends. */
export const SYNC_SIZE_MAX = 2 * 1024 * 1024;
/** Bytes of one chunk of a snapshot. */
export const SNAPSHOT_CHUNK_SIZE_MAX = 1024 * 1024;
/** Chunks of one snapshot. */
export const SNAPSHOT_CHUNKS_MAX = 4096;
/** Bytes of one snapshot: what a node that starts takes in before it can check any of it. */
export const SNAPSHOT_SIZE_MAX = 256 * 1024 * 1024;
/** Peaks of a list of hashes. */
export const PEAKS_MAX = 64;
/** Relays that a message may pass. */
export const RELAY_HOPS_MAX = 3;
/** Room for an envelope around a relayed message. */
export const RELAY_OVERHEAD_SIZE = 128;

/** What is left of a message when an answer to a sync request has its batches. */
const SYNC_REST_SIZE = 64 * 1024;

assert(
  SYNC_SIZE_MAX + BATCH_SIZE_MAX + SYNC_REST_SIZE + RELAY_OVERHEAD_SIZE <= MESSAGE_SIZE_MAX,
  "a sync answer is a message",
);
assert(
  CALL_SIZE_MAX + ASSET_SIZE_MAX < BATCH_ENTRIES_SIZE_MAX,
  "any call and any admission fit a batch",
);
assert(SNAPSHOT_CHUNK_SIZE_MAX < MESSAGE_SIZE_MAX, "a chunk is a message");
assert(STEP_ENTRIES_MAX <= BATCH_ENTRIES_MAX, "a step is a part of a batch");
