/** What can go wrong with the place where a chain is kept, in a browser or in a file. */

export type ChainStoreErrorCode =
  /** Nothing can be kept here: a private window, blocked storage, a folder that is read-only. */
  | "STORE_UNAVAILABLE"
  /** No space left. */
  | "STORE_FULL"
  /** What is kept does not fit together. */
  | "STORE_CORRUPT"
  /** Somebody else wrote to this store. */
  | "STORE_CONFLICT"
  /** The store was closed, by us or by the browser. */
  | "STORE_CLOSED";

const ADVICE: Readonly<Record<ChainStoreErrorCode, string>> = {
  STORE_UNAVAILABLE:
    "allow this site to store data (not in a private window), or name a folder that can be written",
  STORE_FULL: "free some space, then start again",
  STORE_CORRUPT: "clear this site's data or the chain's folder to begin a new chain",
  STORE_CONFLICT: "close the other page or program that keeps this chain, then start again",
  STORE_CLOSED: "reload the page or start again",
};

export class ChainStoreError extends Error {
  override readonly name = "ChainStoreError";
  readonly code: ChainStoreErrorCode;

  constructor(code: ChainStoreErrorCode, what: string, cause?: unknown) {
    super(`${code}: ${what}; ${ADVICE[code]}.`, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
