/** What can go wrong with a node's store: the environment's failures, by code. */

export type StoreErrorCode =
  /** There is no IndexedDB here, or the browser forbids it (some private windows do). */
  | "STORE_UNAVAILABLE"
  /** The disk or the origin's quota is full. */
  | "STORE_FULL"
  /** A commit failed for another reason, or the browser closed the database. */
  | "STORE_FAILED"
  /** The database was written by a newer version of this software. */
  | "STORE_NEWER"
  /** Records are missing or out of order: the journal cannot be trusted. */
  | "STORE_CORRUPT";

/**
 * Raised by stores. After one from `append` a node must not sign any more: what it promised may be
 * lost.
 */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, detail: string, cause?: unknown) {
    super(detail, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** Names what a browser's exception means; passes a `StoreError` through. */
export function storeErrorOf(cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  const name = cause instanceof Error || cause instanceof DOMException ? cause.name : "";
  if (name === "QuotaExceededError") {
    return new StoreError("STORE_FULL", "The browser has no space left for this site.", cause);
  }
  if (name === "VersionError") {
    return new StoreError("STORE_NEWER", "The node's data comes from a newer version.", cause);
  }
  return new StoreError("STORE_FAILED", `The node's data could not be written (${name}).`, cause);
}
