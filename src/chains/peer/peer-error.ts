/** What can go wrong between two nodes; of the faults any one ends the connection. */

export type PeerErrorCode =
  /** Faults of the other side. */
  | "NO_HELLO"
  | "OTHER_CHAIN"
  | "OTHER_PROTOCOL"
  | "TOO_LARGE"
  | "TOO_MUCH"
  | "UNREADABLE"
  | "WRONG_BLOCK"
  | "WRONG_TRANSACTION"
  /** No node answers where one was named. */
  | "UNREACHABLE"
  /** Its genesis holds other contracts than ours would: it runs another version. */
  | "OTHER_CONTRACTS";

export class PeerError extends Error {
  override readonly name = "PeerError";
  readonly code: PeerErrorCode;

  constructor(code: PeerErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
