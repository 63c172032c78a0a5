/**
 * What a traced call did, as data: the tree of its calls, with what each one cost, touched in
 * storage and ended with. For people and tools; nothing here is replicated or hashed.
 */
import type { StateKey } from "../core/effects.ts";
import type { StatusName } from "../core/status.ts";
import type { JsValue } from "../runtime/values/js.ts";

/** A value at the moment it was passed; of a reference what it named. */
export interface TracedValue {
  /** As Move writes it: `&mut 0x1::m::S`. */
  readonly type: string;
  /** Undefined where the value is too large to be kept. */
  readonly value: JsValue | undefined;
}

export type StorageOperation =
  | "exists"
  | "borrow"
  | "borrow_mut"
  | "move_from"
  | "move_to"
  | "table_contains"
  | "table_borrow"
  | "table_borrow_mut"
  | "table_add"
  | "table_remove";

export interface StorageAccess {
  readonly operation: StorageOperation;
  /** `write` is what may write: a mutable borrow counts, whether or not it is used. */
  readonly mode: "read" | "write";
  readonly key: StateKey;
}

/** How one function ended. `unwound`: a function that it called failed. */
export type TraceEnd =
  | { readonly type: "returned"; readonly values: readonly TracedValue[] }
  | { readonly type: "aborted"; readonly code: bigint; readonly offset: number | undefined }
  | {
      readonly type: "failed";
      readonly status: StatusName;
      readonly detail: string;
      readonly offset: number | undefined;
    }
  | { readonly type: "unwound" };

export type TraceStep =
  | { readonly type: "call"; readonly call: TracedCall }
  | { readonly type: "access"; readonly access: StorageAccess };

/** Instructions executed, and gas in internal units. */
export interface TraceCost {
  readonly instructions: number;
  readonly gas: number;
}

export interface TracedCall {
  /** `0x1::m::f<u64>`. */
  readonly function: string;
  readonly isNative: boolean;
  readonly args: readonly TracedValue[];
  /** Accesses and calls, in order. */
  readonly steps: readonly TraceStep[];
  readonly end: TraceEnd;
  /** Of the function's own instructions. */
  readonly own: TraceCost;
  /** With all that it called. */
  readonly total: TraceCost;
}

export interface CallTrace {
  /**
   * What the host called: the checks of text arguments (`0x1::string::utf8`) first, then the
   * function itself.
   */
  readonly calls: readonly TracedCall[];
  /** Calls and accesses beyond the limit; their cost is counted in what they were made by. */
  readonly omittedSteps: number;
}
