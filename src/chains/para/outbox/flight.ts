/**
 * One root transaction on its way, stop and wait: nothing else of its kind is sent before its fate
 * is known. It is signed, posted until the root node takes it, and looked for in every root block;
 * when it is missing too long it is made anew, with another nonce. Pure; knows not what it carries.
 */
import { equalBytes } from "#core/bytes.ts";
import type { Hash } from "#core/hash.ts";
import type { RootBlock, RootOutcome } from "../root-block.ts";

/** A signed root transaction. */
export interface Envelope {
  readonly hash: Hash;
  readonly bytes: Uint8Array;
}

/** Envelopes of one flight that are looked for; older ones are void by then. */
const ENVELOPES_MAX = 8;

/** What the root node says to a transaction that is posted. */
export type Posting =
  | { readonly type: "taken" }
  /** Nobody answers there. */
  | { readonly type: "down" }
  /** It is refused now, and may be taken when it is made anew. */
  | { readonly type: "stale" }
  /** It will be refused however often it is made: what has to change is named. */
  | { readonly type: "refused"; readonly why: string };

export interface Flight {
  /** Changes with everything that is asked of the world for it, so that late answers are known. */
  request: number;
  phase: "preparing" | "posting" | "waiting";
  /** How often it was made anew. */
  attempt: number;
  /** Every envelope that was made of it and may still land, the newest last. */
  envelopes: readonly Envelope[];
  /** Root blocks that did not have it since it was made. */
  checks: number;
  /** When it is posted next; undefined while an answer is awaited or it was taken. */
  postAtMs: bigint | undefined;
}

export function createFlight(request: number): Flight {
  return { request, phase: "preparing", attempt: 0, envelopes: [], checks: 0, postAtMs: undefined };
}

/** The envelope to post now. */
export function posted(flight: Flight, envelope: Envelope): void {
  flight.phase = "posting";
  flight.envelopes = [...flight.envelopes, envelope].slice(-ENVELOPES_MAX);
  flight.checks = 0;
  flight.postAtMs = undefined;
}

/** What the root block does to it: an envelope that is in it, or one check more. */
export function lookInto(
  flight: Flight,
  { outcomes }: RootBlock,
  isCatchingUp: boolean,
): RootOutcome | undefined {
  const found = outcomes.find(({ hash }) => {
    return flight.envelopes.some((envelope) => equalBytes(envelope.hash, hash));
  });
  if (found === undefined && !isCatchingUp && flight.phase !== "preparing") flight.checks += 1;
  return found;
}

/** Makes it anew: what was sent may still land, which does no harm. */
export function renew(flight: Flight, request: number): void {
  flight.request = request;
  flight.phase = "preparing";
  flight.attempt += 1;
  flight.checks = 0;
  flight.postAtMs = undefined;
}
