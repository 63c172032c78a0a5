/**
 * What goes wrong on the way between nodes: the environment's failures, by code. Knows no medium.
 */

export type TransportErrorCode =
  /** The medium is missing in this browser, or refused to start. */
  | "MEDIUM_UNAVAILABLE"
  /** `open` was called twice, or anything after `close`. */
  | "NOT_OPEN"
  /** A message over the limit was handed to `send`. */
  | "MESSAGE_TOO_LARGE"
  /** The signalling server cannot be reached. */
  | "SIGNALLING_UNREACHABLE"
  /** The signalling server said no; `detail` carries its code. */
  | "SIGNALLING_REFUSED";

/**
 * Raised by `open` and by wrong use; a link that fails later is a `linkDown`, never an exception.
 */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, detail: string, cause?: unknown) {
    super(detail, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
