/**
 * A growing run of bytes and the integers of the WebAssembly binary format (LEB128). Knows no
 * section.
 */
import { utf8 } from "../../core/bytes.ts";

const INITIAL_SIZE = 256;
const GROUP_BITS = 7;
const GROUP_MASK = 0x7f;
const MORE = 0x80;
const SIGN = 0x40;

export class ByteSink {
  #bytes = new Uint8Array(INITIAL_SIZE);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** What was written; a view that the next write may invalidate. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#size);
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#size++] = value;
    return this;
  }

  fixed(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#size);
    this.#size += bytes.length;
    return this;
  }

  /** An unsigned integer below 2^32. */
  unsigned(value: number): this {
    let rest = value >>> 0;
    while (rest > GROUP_MASK) {
      this.byte((rest & GROUP_MASK) | MORE);
      rest >>>= GROUP_BITS;
    }
    return this.byte(rest);
  }

  /** A 32-bit integer, signed. */
  signed(value: number): this {
    let rest = value | 0;
    for (;;) {
      const group = rest & GROUP_MASK;
      rest >>= GROUP_BITS;
      const isSigned = (group & SIGN) !== 0;
      if ((rest === 0 && !isSigned) || (rest === -1 && isSigned)) return this.byte(group);
      this.byte(group | MORE);
    }
  }

  /** A 64-bit integer, signed; wider values are taken modulo 2^64. */
  signedLong(value: bigint): this {
    let rest = BigInt.asIntN(64, value);
    for (;;) {
      const group = Number(rest & BigInt(GROUP_MASK));
      rest >>= BigInt(GROUP_BITS);
      const isSigned = (group & SIGN) !== 0;
      if ((rest === 0n && !isSigned) || (rest === -1n && isSigned)) return this.byte(group);
      this.byte(group | MORE);
    }
  }

  /** A length in bytes and as many bytes. */
  sized(bytes: Uint8Array): this {
    return this.unsigned(bytes.length).fixed(bytes);
  }

  name(text: string): this {
    return this.sized(utf8(text));
  }

  #reserve(count: number): void {
    const needed = this.#size + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
