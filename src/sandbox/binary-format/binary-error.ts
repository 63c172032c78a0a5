/**
 * What is wrong with a byte string that should be a module. Readers throw {@link BinaryFormatError}
 * inside; the deserialiser catches it at its entry and returns the plain {@link BinaryError}.
 */
import type { StatusName } from "../core/status.ts";

/** The only statuses that reading a module can end with. */
export const BINARY_STATUSES = [
  "MALFORMED",
  "BAD_MAGIC",
  "UNKNOWN_VERSION",
  "UNKNOWN_TABLE_TYPE",
  "UNKNOWN_SERIALIZED_TYPE",
  "UNKNOWN_OPCODE",
  "BAD_HEADER_TABLE",
  "DUPLICATE_TABLE",
  "UNKNOWN_NATIVE_STRUCT_FLAG",
  "INVALID_FLAG_BITS",
  "BAD_U16",
  "BAD_U32",
  "BAD_U64",
  "BAD_U128",
  "BAD_U256",
  "TRAILING_BYTES",
] as const satisfies readonly StatusName[];

export type BinaryStatus = (typeof BINARY_STATUSES)[number];

export interface BinaryError {
  readonly status: BinaryStatus;
  /** Byte of the module at which the offending item starts. */
  readonly offset: number;
  /** For people; never compared, hashed or replicated. */
  readonly detail: string;
}

export class BinaryFormatError extends Error {
  override readonly name = "BinaryFormatError";
  readonly status: BinaryStatus;
  readonly offset: number;
  readonly detail: string;

  constructor(status: BinaryStatus, offset: number, detail: string) {
    super(`${status} at byte ${offset}: ${detail}`);
    this.status = status;
    this.offset = offset;
    this.detail = detail;
  }
}
