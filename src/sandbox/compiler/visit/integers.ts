/** What the arithmetic visitors know about integer types. */
import { assert } from "../../core/assert.ts";
import type { RuntimeType } from "../../runtime/types.ts";

const BITS: Partial<Record<RuntimeType["kind"], number>> = {
  u8: 8,
  u16: 16,
  u32: 32,
  u64: 64,
  u128: 128,
  u256: 256,
};

export function bitsOf(type: RuntimeType): number {
  const bits = BITS[type.kind];
  assert(bits !== undefined, "verified code computes with integers");
  return bits;
}

export function largestOf(type: RuntimeType): bigint {
  return (1n << BigInt(bitsOf(type))) - 1n;
}

/**
 * Whether values travel in 32 bits with room to spare, so that sums and products of two are exact
 * there.
 */
export function isNarrow(type: RuntimeType): boolean {
  return bitsOf(type) <= 16;
}
