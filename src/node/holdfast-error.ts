/**
 * The one error that the public API raises: a code to act on, a message that says what happened and
 * what to do, and the seed's number where there is one. It survives the way from the worker to the
 * page, which errors do not.
 */

export interface PlainError {
  /** Such as `NOT_MEMBER`, `STORE_FULL`, `E_FULL`: docs/ERRORS.md lists them. */
  readonly code: string;
  readonly message: string;
  /** From 100001, for refusals of the channel. */
  readonly number?: number | undefined;
  /** Where the contract aborted a call: its code, as `category << 16 | reason` where it has one. */
  readonly abortCode?: bigint | undefined;
}

/** What the public API throws and rejects with: act on `code`; docs/ERRORS.md lists them all. */
export class HoldfastError extends Error {
  override readonly name = "HoldfastError";
  readonly code: string;
  readonly number: number | undefined;
  readonly abortCode: bigint | undefined;

  constructor({ code, message, number, abortCode }: PlainError, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.number = number;
    this.abortCode = abortCode;
  }
}

/** What crosses to the page of anything that was thrown. */
export function plainErrorOf(error: unknown): PlainError {
  if (error instanceof HoldfastError) {
    const { code, message, number, abortCode } = error;
    return { code, message, number, abortCode };
  }
  if (!(error instanceof Error)) return { code: "INTERNAL", message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : "INTERNAL";
  return { code, message: error.message };
}
