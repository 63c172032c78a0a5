/**
 * Reads the plain arguments of a native. The signature check came first, so a wrong kind is our own
 * mistake.
 */
import { assert } from "../core/assert.ts";
import type { PlainValue } from "./native.ts";

export function bytesAt(args: readonly PlainValue[], index: number): Uint8Array {
  const value = args[index];
  assert(value instanceof Uint8Array, "a native's argument is bytes");
  return value;
}

export function u64At(args: readonly PlainValue[], index: number): bigint {
  const value = args[index];
  assert(typeof value === "bigint", "a native's argument is a u64");
  return value;
}

/** A u64 as an offset into `bytes`; undefined when it lies behind their end. */
export function offsetWithin(value: bigint, bytes: Uint8Array): number | undefined {
  return value <= BigInt(bytes.length) ? Number(value) : undefined;
}
