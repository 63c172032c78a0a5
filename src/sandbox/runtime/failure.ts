/**
 * How a running program stops before its end. Handlers throw a {@link VmFailure}; the session turns
 * it into a `VmStatus` value, so nothing of it is seen outside. It says what happened; where is
 * added by the interpreter.
 */
import { assert } from "../core/assert.ts";
import type { CodeLocation, StatusName, VmStatus } from "../core/status.ts";

/** Sub-status of `VECTOR_OPERATION_ERROR`. */
export const VECTOR_INDEX_OUT_OF_BOUNDS = 1;
export const VECTOR_POP_EMPTY = 2;
export const VECTOR_UNPACK_PARITY = 3;

export class VmFailure extends Error {
  override readonly name = "VmFailure";
  readonly status: StatusName;
  readonly subStatus: number | undefined;
  /** Present exactly when `status` is `ABORTED`. */
  readonly abortCode: bigint | undefined;
  location: CodeLocation | undefined;

  constructor(status: StatusName, detail: string, subStatus?: number, abortCode?: bigint) {
    super(detail);
    this.status = status;
    this.subStatus = subStatus;
    this.abortCode = abortCode;
    this.location = undefined;
  }
}

/** Stops the program with a status that the Move VM names. */
export function fail(status: StatusName, detail = "", subStatus?: number): never {
  throw new VmFailure(status, detail, subStatus);
}

/** Stops the program as `abort code` does. */
export function failAbort(code: bigint): never {
  throw new VmFailure("ABORTED", "", undefined, code);
}

/** Code that no verifier would have let through. */
export function failInvariant(detail: string): never {
  throw new VmFailure("UNKNOWN_INVARIANT_VIOLATION_ERROR", detail);
}

/** The entry of a module table, or `INDEX_OUT_OF_BOUNDS`: code may not have been verified. */
export function entryAt<T>(table: readonly T[], index: number, name: string): T {
  const entry = table[index];
  if (entry === undefined) return fail("INDEX_OUT_OF_BOUNDS", `${name} ${index}`);
  return entry;
}

export function failureStatus(failure: VmFailure): VmStatus {
  const { status, subStatus, abortCode, location, message } = failure;
  if (abortCode !== undefined) {
    assert(location !== undefined, "an abort happens somewhere");
    return { type: "aborted", code: abortCode, location };
  }
  return {
    type: "failed",
    status,
    ...(subStatus === undefined ? {} : { subStatus }),
    ...(location === undefined ? {} : { location }),
    ...(message === "" ? {} : { detail: message }),
  };
}
