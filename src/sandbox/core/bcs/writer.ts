/** Writes canonical BCS into one growing buffer. */
import { type Address, addressToBytes } from "../address.ts";
import { assert } from "../assert.ts";
import { utf8 } from "../bytes.ts";

const FIRST_CAPACITY = 128;

/** Writes values one behind the other; asserts that each is in its type's range. */
export class BcsWriter {
  #buffer = new Uint8Array(FIRST_CAPACITY);
  #view = new DataView(this.#buffer.buffer);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  u8(value: number): this {
    const start = this.#grow(1);
    this.#view.setUint8(start, unsigned(value, 0xff));
    return this;
  }

  u16(value: number): this {
    const start = this.#grow(2);
    this.#view.setUint16(start, unsigned(value, 0xffff), true);
    return this;
  }

  u32(value: number): this {
    const start = this.#grow(4);
    this.#view.setUint32(start, unsigned(value, 0xffff_ffff), true);
    return this;
  }

  u64(value: bigint): this {
    assert(value >= 0n && value < 1n << 64n, "a u64 is in range");
    const start = this.#grow(8);
    this.#view.setBigUint64(start, value, true);
    return this;
  }

  u128(value: bigint): this {
    assert(value >= 0n && value < 1n << 128n, "a u128 is in range");
    return this.u64(BigInt.asUintN(64, value)).u64(value >> 64n);
  }

  u256(value: bigint): this {
    assert(value >= 0n && value < 1n << 256n, "a u256 is in range");
    return this.u128(BigInt.asUintN(128, value)).u128(value >> 128n);
  }

  bool(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }

  /** Bytes without a length. */
  fixed(bytes: Uint8Array): this {
    const start = this.#grow(bytes.length);
    this.#buffer.set(bytes, start);
    return this;
  }

  address(address: Address): this {
    return this.fixed(addressToBytes(address));
  }

  uleb128(value: number): this {
    let rest = unsigned(value, 0xffff_ffff);
    while (rest >= 0x80) {
      this.u8((rest % 0x80) + 0x80);
      rest = Math.floor(rest / 0x80);
    }
    return this.u8(rest);
  }

  /** Bytes behind their length. */
  bytes(bytes: Uint8Array): this {
    return this.uleb128(bytes.length).fixed(bytes);
  }

  string(text: string): this {
    return isAscii(text) ? this.#ascii(text) : this.bytes(utf8(text));
  }

  vector<T>(values: readonly T[], element: (writer: BcsWriter, value: T) => void): this {
    this.uleb128(values.length);
    for (const value of values) element(this, value);
    return this;
  }

  option<T>(value: T | undefined, some: (writer: BcsWriter, value: T) => void): this {
    this.bool(value !== undefined);
    if (value !== undefined) some(this, value);
    return this;
  }

  /** Forgets what was written. */
  clear(): void {
    this.#size = 0;
  }

  /** What was written, without a copy: until the next write. */
  view(): Uint8Array {
    return this.#buffer.subarray(0, this.#size);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#size);
  }

  /** Names are ASCII and short: a loop is several times faster than a call of the text encoder. */
  #ascii(text: string): this {
    this.uleb128(text.length);
    const start = this.#grow(text.length);
    for (let index = 0; index < text.length; index++) {
      this.#buffer[start + index] = text.charCodeAt(index);
    }
    return this;
  }

  /** Makes room and may replace the view, so it runs before the view is looked at. */
  #grow(size: number): number {
    const start = this.#size;
    this.#size += size;
    if (this.#size > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(this.#size, 2 * this.#buffer.length));
      larger.set(this.#buffer);
      this.#buffer = larger;
      this.#view = new DataView(larger.buffer);
    }
    return start;
  }
}

/** A writer between two uses: its buffer need not be made, nor grow, again. */
let idle: BcsWriter | undefined;
/** A larger buffer is not kept. */
const IDLE_SIZE_MAX = 64 * 1024;

/** Encodes by one function. */
export function encodeBcs(encode: (writer: BcsWriter) => unknown): Uint8Array {
  const writer = idle ?? new BcsWriter();
  // Whoever encodes inside `encode` gets another one.
  idle = undefined;
  encode(writer);
  const bytes = writer.finish();
  if (bytes.length <= IDLE_SIZE_MAX) {
    writer.clear();
    idle = writer;
  }
  return bytes;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

function unsigned(value: number, most: number): number {
  assert(Number.isInteger(value) && value >= 0 && value <= most, "an unsigned value is in range");
  return value;
}
