/**
 * Values as the interpreter holds them. A value does not know its type: the operand stack and the
 * frame do.
 *
 * bool → boolean; u8, u16, u32 → number; u64, u128, u256 → bigint; address, signer → `Address`
 * text; vector → array of elements; struct → array of fields; enum → array of the variant's number
 * and its fields; reference → {@link Reference}. So every place a reference can name is a slot of
 * some array.
 */

import type { Address } from "../../core/address.ts";

/** Slots that references point into. A slot is undefined while nothing is in it. */
export type Container = (Value | undefined)[];

export interface Reference {
  readonly container: Container;
  readonly index: number;
  /**
   * What a write through the reference marks as written: the stored value it leads into, if it
   * does.
   */
  readonly root: WriteMark | undefined;
}

/** Set by the first write through a reference into stored state. */
export interface WriteMark {
  written: boolean;
}

export type Value = boolean | number | bigint | Address | Reference | Value[];

/** Position of a variant's first field, behind its number. */
export const VARIANT_FIELDS_START = 1;
