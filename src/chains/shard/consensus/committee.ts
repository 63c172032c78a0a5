/**
 * Who decides on a shard's blocks: K consensus nodes of which at most C fail in any way. Knows no
 * message and no block.
 */
import { assert } from "#core/assert.ts";
import { equalBytes, toHex } from "#core/bytes.ts";
import type { PublicKey } from "#core/ed25519.ts";

export interface Committee {
  /** From 1 on: the root counts committees by it. */
  readonly epoch: bigint;
  /** The consensus nodes' keys, in the order in which they propose; all different. */
  readonly keys: readonly PublicKey[];
  /** C: nodes that may be silent, lie or sign twice without doing harm. */
  readonly faultsMax: number;
}

/** Throws `InvariantError` where K < 3C + 1: such a committee could decide twice. */
export function makeCommittee(
  epoch: bigint,
  keys: readonly PublicKey[],
  faultsMax: number,
): Committee {
  assert(Number.isSafeInteger(faultsMax) && faultsMax >= 0, "C counts nodes");
  assert(keys.length >= 3 * faultsMax + 1, "a committee has at least 3C + 1 members");
  assert(new Set(keys.map(toHex)).size === keys.length, "members are all different");
  return { epoch, keys, faultsMax };
}

/** Signatures that decide: K - C. Two such sets share an honest member. */
export function quorumOf({ keys, faultsMax }: Committee): number {
  return keys.length - faultsMax;
}

/** Members of whom one at least is honest: C + 1. */
export function honestCountOf({ faultsMax }: Committee): number {
  return faultsMax + 1;
}

/** The member that proposes: the next one with every height, and again with every round. */
export function proposerAt({ keys }: Committee, height: bigint, round: number): number {
  return Number((height + BigInt(round)) % BigInt(keys.length));
}

/** Undefined for a key that is no member's. */
export function placeOf({ keys }: Committee, key: PublicKey): number | undefined {
  const place = keys.findIndex((member) => equalBytes(member, key));
  return place < 0 ? undefined : place;
}
