/**
 * Why a module is refused. Passes throw {@link VerificationFailure} inside; the verifier catches it
 * at its entry and returns the plain {@link VerificationError}.
 */
import type { TableName } from "../binary-format/codec/tables.ts";
import type { CodeOffset, FunctionDefinitionIndex } from "../binary-format/file-format.ts";
import { InvariantError } from "../core/assert.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { VerificationStatus } from "./statuses.ts";

/** An instruction, or an entry of a table. */
export type VerificationLocation =
  | { readonly functionIndex: FunctionDefinitionIndex; readonly offset: CodeOffset }
  | { readonly table: TableName; readonly index: number };

export interface VerificationError {
  readonly status: VerificationStatus;
  readonly location?: VerificationLocation;
  /** For people; never compared, hashed or replicated. */
  readonly detail: string;
}

export class VerificationFailure extends Error {
  override readonly name = "VerificationFailure";
  readonly error: VerificationError;

  constructor(error: VerificationError) {
    super(`${error.status}: ${error.detail}`);
    this.error = error;
  }
}

/** @throws VerificationFailure always. */
export function refuse(
  status: VerificationStatus,
  detail: string,
  location?: VerificationLocation,
): never {
  throw new VerificationFailure({
    status,
    detail,
    ...(location === undefined ? {} : { location }),
  });
}

/** Refuses entry `index` of a table. */
export function refuseEntry(
  table: TableName,
  index: number,
  status: VerificationStatus,
  detail: string,
): never {
  return refuse(status, detail, { table, index });
}

/**
 * Runs passes and turns their failure into a value. A broken invariant of ours, met on a hostile
 * module, refuses that module rather than ending the host; the fuzz tests see to it that none is
 * known.
 */
export function collectFailure(passes: () => void): Result<void, VerificationError> {
  try {
    passes();
    return ok(undefined);
  } catch (error) {
    if (error instanceof VerificationFailure) return err(error.error);
    if (error instanceof InvariantError) {
      return err({ status: "VERIFIER_INVARIANT_VIOLATION", detail: error.message });
    }
    throw error;
  }
}

/** One line for people: `STATUS in function 2 at 7: why`. */
export function formatVerificationError(
  error: Omit<VerificationError, "status"> & { readonly status: string },
): string {
  const { status, location, detail } = error;
  return `${status}${formatLocation(location)}: ${detail}`;
}

function formatLocation(location: VerificationLocation | undefined): string {
  if (location === undefined) return "";
  return "table" in location
    ? ` in ${location.table} ${location.index}`
    : ` in function ${location.functionIndex} at ${location.offset}`;
}
