/**
 * What a native function is, for any executor: its Move signature, which is checked against the
 * module that declares it, its price, and either a pure function over plain data or the name of an
 * operation that needs the executor's own values.
 */
import type { Address } from "../core/address.ts";
import type { TypeTag } from "../core/type-tag.ts";

/**
 * Plain data for Move values: bool, u8 … u32 as numbers, larger integers as bigint, address and
 * signer as `Address`, `vector<u8>` as bytes, a struct as the list of its fields. References are
 * passed as what they name.
 */
export type PlainValue = boolean | number | bigint | Address | Uint8Array | readonly PlainValue[];

/** A native either returns values or aborts with a code. */
export type NativeResult =
  | { readonly type: "returned"; readonly values: readonly PlainValue[] }
  | { readonly type: "aborted"; readonly code: bigint };

export interface NativeHead {
  /** `0x1::hash`. */
  readonly module: string;
  readonly name: string;
  /** Number of type parameters. */
  readonly typeParameters: number;
  /** Types as Move writes them, `#0` for the first type parameter; `*` stands for any type. */
  readonly parameters: readonly string[];
  readonly returns: readonly string[];
  /** Makes sense only on a chain; inside a channel it aborts with {@link CHAIN_ONLY_ABORT}. */
  readonly chainOnly?: true;
}

/** A pure function over plain data. `gas` sees the same arguments and is charged before `run`. */
export interface PlainNative extends NativeHead {
  readonly kind: "plain";
  gas(args: readonly PlainValue[], typeArgs: readonly TypeTag[]): number;
  run(args: readonly PlainValue[], typeArgs: readonly TypeTag[]): NativeResult;
}

/** An operation each executor implements over its own values. */
export interface HostNative extends NativeHead {
  readonly kind: "host";
  readonly operation: HostOperation;
}

export type NativeFunction = PlainNative | HostNative;

export const HOST_OPERATIONS = [
  "signerBorrowAddress",
  "bcsToBytes",
  "bcsSerializedSize",
  "eventEmit",
  "eventEmitByReference",
  "actionInline",
  "actionNotify",
  "compare",
  "tableNewHandle",
  "tableAdd",
  "tableBorrow",
  "tableBorrowMut",
  "tableContains",
  "tableRemove",
  "tableDestroyEmpty",
  "tableDropUnchecked",
  "vectorEmpty",
  "vectorLength",
  "vectorBorrow",
  "vectorBorrowMut",
  "vectorPushBack",
  "vectorPopBack",
  "vectorDestroyEmpty",
  "vectorSwap",
  "vectorMoveRange",
] as const;

export type HostOperation = (typeof HOST_OPERATIONS)[number];

/** Abort code of a chain-only native inside a channel: category "unavailable" (13), reason 1. */
export const CHAIN_ONLY_ABORT = 0x0d_0001n;

/** What a native gives back, in the order of its signature. */
export function returned(...values: readonly PlainValue[]): NativeResult {
  return { type: "returned", values };
}

/** The native ends the transaction with this code. */
export function aborted(code: bigint): NativeResult {
  return { type: "aborted", code };
}
