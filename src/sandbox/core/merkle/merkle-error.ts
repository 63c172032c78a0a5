/**
 * What can be wrong with a proof about a list of hashes. SPEC.md lists the codes. Knows no format.
 */
import { BcsError } from "../bcs/reader.ts";
import { err, ok, type Result } from "../result.ts";

export type MerkleErrorCode =
  | "MERKLE_BYTES_MALFORMED"
  | "MERKLE_INDEX_OUT_OF_RANGE"
  | "MERKLE_PROOF_LENGTH"
  | "MERKLE_ROOT_MISMATCH";

/** The sender of a proof is at fault. Thrown inside checks, returned by their entry points. */
export class MerkleError extends Error {
  override readonly name = "MerkleError";
  readonly code: MerkleErrorCode;
  /** Byte offset, index or number of hashes, as the code's row in SPEC.md says. */
  readonly at: number;

  constructor(code: MerkleErrorCode, at: number, detail: string) {
    super(`${code} at ${at}: ${detail}`);
    this.code = code;
    this.at = at;
  }
}

/**
 * Runs a check or decoder; what it throws about its input comes back as a value, our bugs throw.
 */
export function attempt<T>(check: () => T): Result<T, MerkleError> {
  try {
    return ok(check());
  } catch (error) {
    if (error instanceof MerkleError) return err(error);
    if (error instanceof BcsError) {
      return err(new MerkleError("MERKLE_BYTES_MALFORMED", error.offset, error.message));
    }
    throw error;
  }
}
