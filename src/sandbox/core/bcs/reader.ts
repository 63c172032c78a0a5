/**
 * Reads canonical BCS from untrusted bytes. Every refusal names the offset where it happened.
 * Knows primitive values and lengths only; structures are composed by the caller.
 */

import { ADDRESS_SIZE, type Address, addressFromBytes } from "../address.ts";
import { fromUtf8 } from "../bytes.ts";

/** Longest sequence that BCS allows. */
export const SEQUENCE_LENGTH_MAX = 2 ** 31 - 1;

export type BcsErrorCode =
  | "UNEXPECTED_END"
  | "TRAILING_BYTES"
  | "ULEB128_NOT_MINIMAL"
  | "ULEB128_TOO_LARGE"
  | "SEQUENCE_TOO_LONG"
  | "BAD_BOOL"
  | "BAD_UTF8"
  | "BAD_VARIANT"
  | "BAD_VALUE"
  | "TOO_DEEP";

/**
 * Bytes that are not the canonical encoding of what was asked for. Thrown inside decoders, caught
 * at their entry.
 */
export class BcsError extends Error {
  override readonly name = "BcsError";
  readonly code: BcsErrorCode;
  /** Byte offset at which reading stopped. */
  readonly offset: number;

  constructor(code: BcsErrorCode, offset: number, detail: string) {
    super(`${code} at byte ${offset}: ${detail}`);
    this.code = code;
    this.offset = offset;
  }
}

export class BcsReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    // A plain view even of a subclass: `slice` of Node's Buffer would share memory, not copy it.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true);
  }

  u128(): bigint {
    const low = this.u64();
    return low | (this.u64() << 64n);
  }

  u256(): bigint {
    const low = this.u128();
    return low | (this.u128() << 128n);
  }

  bool(): boolean {
    const at = this.#offset;
    const byte = this.u8();
    if (byte > 1) throw new BcsError("BAD_BOOL", at, `${byte} is neither 0 nor 1`);
    return byte === 1;
  }

  /** A view of the next `size` bytes; copy it before keeping it beyond the input's life. */
  fixed(size: number): Uint8Array {
    const start = this.#advance(size);
    return this.#bytes.subarray(start, start + size);
  }

  address(): Address {
    return addressFromBytes(this.fixed(ADDRESS_SIZE));
  }

  /** A ULEB128 of at most 32 bits in its shortest form. */
  uleb128(): number {
    const at = this.#offset;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte >= 0x80) continue;
      if (byte === 0 && shift > 0) throw new BcsError("ULEB128_NOT_MINIMAL", at, "a zero tail");
      if (value > 0xffff_ffff) break;
      return value;
    }
    throw new BcsError("ULEB128_TOO_LARGE", at, "over 32 bits");
  }

  /** The length of a sequence whose elements take at least `elementSizeMin` bytes each. */
  length(elementSizeMin = 0): number {
    const at = this.#offset;
    const length = this.uleb128();
    if (length > SEQUENCE_LENGTH_MAX) throw new BcsError("SEQUENCE_TOO_LONG", at, `${length}`);
    if (length * elementSizeMin > this.remaining) {
      throw new BcsError("UNEXPECTED_END", at, `${length} elements in ${this.remaining} bytes`);
    }
    return length;
  }

  /** Length-prefixed bytes, as a view. */
  bytes(): Uint8Array {
    return this.fixed(this.length(1));
  }

  string(): string {
    const at = this.#offset;
    const text = fromUtf8(this.bytes());
    if (text === undefined) throw new BcsError("BAD_UTF8", at, "not UTF-8");
    return text;
  }

  vector<T>(element: (reader: BcsReader) => T, elementSizeMin = 1): T[] {
    const length = this.length(elementSizeMin);
    const values: T[] = [];
    for (let index = 0; index < length; index++) values.push(element(this));
    return values;
  }

  option<T>(value: (reader: BcsReader) => T): T | undefined {
    return this.bool() ? value(this) : undefined;
  }

  fail(code: BcsErrorCode, detail: string): never {
    throw new BcsError(code, this.#offset, detail);
  }

  /** Refuses bytes that nothing has read. */
  end(): void {
    if (this.remaining > 0) this.fail("TRAILING_BYTES", `${this.remaining} bytes unread`);
  }

  #advance(size: number): number {
    if (size > this.remaining) {
      this.fail("UNEXPECTED_END", `${size} bytes wanted, ${this.remaining} left`);
    }
    const start = this.#offset;
    this.#offset += size;
    return start;
  }
}

/** Decodes all of `bytes` or throws {@link BcsError}. */
export function decodeBcs<T>(bytes: Uint8Array, decode: (reader: BcsReader) => T): T {
  const reader = new BcsReader(bytes);
  const value = decode(reader);
  reader.end();
  return value;
}
