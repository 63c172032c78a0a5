/**
 * What a member asks to have ordered: who it is from, its hash, its signature, and as what entry it
 * is ordered.
 */
import type { PublicKey } from "#core/ed25519.ts";
import type { Hash } from "#core/hash.ts";
import { callMessage, departureMessage, hashCall, hashDeparture } from "../codec.ts";
import type { Entry, SeatId } from "../messages.ts";
import type { Verify } from "../ports.ts";
import type { Submission } from "./state.ts";

/** Seat and nonce; no two that are ordered share both. */
export function actorOf(submission: Submission): {
  readonly seat: SeatId;
  readonly nonce: bigint;
} {
  return submission.type === "call" ? submission.call.call : submission.departure.departure;
}

/** Names seat and nonce, for maps. */
export function actorKey(seat: SeatId, nonce: bigint): string {
  return `${seat}/${nonce}`;
}

export function subjectOf(submission: Submission): Hash {
  return submission.type === "call"
    ? hashCall(submission.call.call)
    : hashDeparture(submission.departure.departure);
}

export function isSigned(submission: Submission, key: PublicKey, verify: Verify): boolean {
  if (submission.type === "call") {
    const { call, signature } = submission.call;
    return verify(callMessage(call), signature, key);
  }
  const { departure, signature } = submission.departure;
  return verify(departureMessage(departure), signature, key);
}

export function entryOf(submission: Submission): Entry {
  if (submission.type === "call") return { type: "call", call: submission.call };
  const { departure } = submission;
  return { type: departure.departure.kind, departure };
}

/** Undefined for what a leader orders by itself. */
export function submissionOf(entry: Entry): Submission | undefined {
  switch (entry.type) {
    case "call":
      return { type: "call", call: entry.call };
    case "leave":
    case "close":
      return { type: "departure", departure: entry.departure };
    default:
      return undefined;
  }
}
