/**
 * Reads the format's primitive values from a window of untrusted bytes. A window never reads past
 * its end, and every refusal names the absolute byte. Knows no table.
 */
import { BinaryFormatError, type BinaryStatus } from "./binary-error.ts";
import type { Version } from "./version.ts";

export class ByteReader {
  /** Format version, which decides what an entry looks like. */
  readonly version: Version;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #offset: number;

  /** @param start,end the window, as bytes of `bytes`. */
  constructor(bytes: Uint8Array, version: Version, start: number, end: number) {
    this.version = version;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#offset = start;
    this.#end = end;
  }

  get offset(): number {
    return this.#offset;
  }

  get atEnd(): boolean {
    return this.#offset >= this.#end;
  }

  /** @param what names the value when it is missing. */
  u8(what: string): number {
    return this.#view.getUint8(this.#advance(1, "MALFORMED", what));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2, "BAD_U16", "a u16"), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4, "BAD_U32", "a u32"), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8, "BAD_U64", "a u64"), true);
  }

  u128(): bigint {
    return this.#wide(this.#advance(16, "BAD_U128", "a u128"), 2);
  }

  u256(): bigint {
    return this.#wide(this.#advance(32, "BAD_U256", "a u256"), 4);
  }

  /**
   * A ULEB128 in its shortest form that is at most `most`, itself at least 1 and at most 2^32 - 1.
   */
  uleb128(most: number, what: string): number {
    const at = this.#offset;
    let value = 0;
    for (let scale = 1; scale <= most; scale *= 0x80) {
      const byte = this.u8(what);
      value += (byte & 0x7f) * scale;
      if (value > most) break;
      if (byte >= 0x80) continue;
      if (byte === 0 && scale > 1) this.fail("MALFORMED", `${what} is not minimal`, at);
      return value;
    }
    return this.fail("MALFORMED", `${what} is over ${most} or not minimal`, at);
  }

  /** A copy of the next `size` bytes. */
  bytes(size: number, what: string): Uint8Array {
    const start = this.#advance(size, "MALFORMED", what);
    return this.#bytes.slice(start, start + size);
  }

  /** @throws BinaryFormatError at `offset`, by default where reading stands. */
  fail(status: BinaryStatus, detail: string, offset = this.#offset): never {
    throw new BinaryFormatError(status, offset, detail);
  }

  #advance(size: number, status: BinaryStatus, what: string): number {
    const left = this.#end - this.#offset;
    if (size > left) this.fail(status, `${what} needs ${size} bytes and ${left} are left`);
    const start = this.#offset;
    this.#offset += size;
    return start;
  }

  #wide(start: number, words: number): bigint {
    let value = 0n;
    for (let word = words - 1; word >= 0; word--) {
      value = (value << 64n) | this.#view.getBigUint64(start + 8 * word, true);
    }
    return value;
  }
}
