/**
 * What a member asks to have ordered: who it is from, its hash, whose word it stands on, and as
 * what entry it is ordered.
 */
import { assertNever } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import type { PublicKey } from "#core/ed25519.ts";
import type { Hash } from "#core/hash.ts";
import {
  bundleMessage,
  callMessage,
  departureMessage,
  follows,
  hashCall,
  hashDeparture,
  isInBundle,
} from "../codec.ts";
import type { BundledCall, Call, Entry, SeatId, SignedCall, SignedDeparture } from "../messages.ts";
import type { Verify } from "../ports.ts";

/** What a member asks the leader to order. */
export type Submission =
  | { readonly type: "call"; readonly call: SignedCall }
  | { readonly type: "bundled"; readonly call: BundledCall }
  | { readonly type: "departure"; readonly departure: SignedDeparture };

/** Seat and nonce; no two that are ordered share both. */
export function actorOf(submission: Submission): {
  readonly seat: SeatId;
  readonly nonce: bigint;
} {
  return submission.type === "departure" ? submission.departure.departure : submission.call.call;
}

/** Names seat and nonce, for maps. */
export function actorKey(seat: SeatId, nonce: bigint): string {
  return `${seat}/${nonce}`;
}

/** The call, signed by itself or in a bundle; undefined for a departure. */
export function callIn(submission: Submission): Call | undefined {
  return submission.type === "departure" ? undefined : submission.call.call;
}

/** The same for a call whether it is signed by itself or in a bundle. */
export function subjectOf(submission: Submission): Hash {
  return submission.type === "departure"
    ? hashDeparture(submission.departure.departure)
    : hashCall(submission.call.call);
}

/** Whether it stands on a signature of this key: its own, or that of its bundle. */
export function isSigned(submission: Submission, key: PublicKey, verify: Verify): boolean {
  switch (submission.type) {
    case "call":
      return verify(callMessage(submission.call.call), submission.call.signature, key);
    case "bundled":
      return isSignedInBundle(submission.call, key, verify);
    case "departure": {
      const { departure, signature } = submission.departure;
      return verify(departureMessage(departure), signature, key);
    }
    default:
      return assertNever(submission);
  }
}

function isSignedInBundle(bundled: BundledCall, key: PublicKey, verify: Verify): boolean {
  const { call, bundle, signature } = bundled;
  const isOfSeat = bundle.seat === call.seat && equalBytes(bundle.channel, call.channel);
  return isOfSeat && isInBundle(bundled) && verify(bundleMessage(bundle), signature, key);
}

export function entryOf(submission: Submission): Entry {
  if (submission.type !== "departure") return submission;
  const { departure } = submission;
  return { type: departure.departure.kind, departure };
}

/** Undefined for what a leader orders by itself. */
export function submissionOf(entry: Entry): Submission | undefined {
  switch (entry.type) {
    case "call":
    case "bundled":
      return entry;
    case "leave":
    case "close":
      return { type: "departure", departure: entry.departure };
    default:
      return undefined;
  }
}

/** What is written and sent as one: of a bundle, calls that follow one another. */
export type Packed =
  | Exclude<Submission, { readonly type: "bundled" }>
  | { readonly type: "bundle"; readonly calls: readonly BundledCall[] };

/** In their order, with neighbours of one bundle together. */
export function packed(submissions: readonly Submission[]): readonly Packed[] {
  const all: Packed[] = [];
  let open: BundledCall[] = [];
  for (const submission of submissions) {
    const last = open.at(-1);
    if (submission.type !== "bundled") {
      open = [];
      all.push(submission);
    } else if (last !== undefined && follows(submission.call, last)) {
      open.push(submission.call);
    } else {
      open = [submission.call];
      all.push({ type: "bundle", calls: open });
    }
  }
  return all;
}
