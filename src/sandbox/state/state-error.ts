/**
 * What can be wrong with a proof or a snapshot chunk that somebody sent us. The codes and who is to
 * blame stand in SPEC.md, section "State root". Knows no format.
 */
import { BcsError } from "../core/bcs/reader.ts";
import { err, ok, type Result } from "../core/result.ts";

export type StateErrorCode =
  | "STATE_BYTES_MALFORMED"
  | "STATE_TOO_LARGE"
  | "STATE_ENTRIES_UNORDERED"
  | "STATE_PROOF_SHAPE"
  | "STATE_PROOF_TOO_DEEP"
  | "STATE_PROOF_OFF_PATH"
  | "STATE_PROOF_ENTRY_MISMATCH"
  | "STATE_PROOF_ROOT_MISMATCH"
  | "STATE_NOT_PROVEN"
  | "SNAPSHOT_CHUNK_EMPTY"
  | "SNAPSHOT_CHUNK_REPEATED"
  | "SNAPSHOT_CHUNK_MISSING"
  | "SNAPSHOT_BOUNDARY"
  | "SNAPSHOT_ROOT_MISMATCH";

/**
 * The sender of a proof or chunk is at fault. Thrown inside checks, returned by their entry points.
 */
export class StateError extends Error {
  override readonly name = "StateError";
  readonly code: StateErrorCode;
  /** Byte offset, node number in pre-order or entry number, as the code's row in SPEC.md says. */
  readonly at: number;

  constructor(code: StateErrorCode, at: number, detail: string) {
    super(`${code} at ${at}: ${detail}`);
    this.code = code;
    this.at = at;
  }
}

/**
 * Runs a check or decoder; what it throws about its input comes back as a value, our own bugs still
 * throw.
 */
export function attempt<T>(check: () => T): Result<T, StateError> {
  try {
    return ok(check());
  } catch (error) {
    if (error instanceof StateError) return err(error);
    if (error instanceof BcsError) {
      return err(new StateError("STATE_BYTES_MALFORMED", error.offset, error.message));
    }
    throw error;
  }
}
