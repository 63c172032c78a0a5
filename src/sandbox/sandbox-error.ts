/**
 * What a caller of {@link MoveSandbox} got wrong before any program ran. Programs end in a
 * `VmStatus` instead.
 */

export type SandboxErrorCode =
  | "SANDBOX_BAD_NAME"
  | "SANDBOX_BAD_TYPE"
  | "SANDBOX_BAD_ADDRESS"
  | "SANDBOX_BAD_ARGUMENT"
  | "SANDBOX_BAD_BYTES"
  | "SANDBOX_NOT_PUBLISHED"
  | "SANDBOX_NO_SOURCE"
  | "SANDBOX_BAD_SNAPSHOT";

/** Wrong use of a {@link MoveSandbox}; its state is as it was before. */
export class SandboxError extends Error {
  override readonly name = "SandboxError";
  readonly code: SandboxErrorCode;

  constructor(code: SandboxErrorCode, detail: string, cause?: unknown) {
    super(`${code}: ${detail}`, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
