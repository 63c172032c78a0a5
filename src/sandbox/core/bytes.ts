/** Byte strings: hex, comparison, concatenation. Knows no format. */

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);

/** Lower-case hex without a prefix. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte] ?? "";
  return text;
}

/** Lower-case hex behind `0x`. */
export function toHexPrefixed(bytes: Uint8Array): string {
  return `0x${toHex(bytes)}`;
}

const NOT_HEX = 0xff;
const DIGIT_VALUES = digitValues();

function digitValues(): Uint8Array {
  const values = new Uint8Array(128).fill(NOT_HEX);
  for (let digit = 0; digit < 16; digit++) {
    const text = digit.toString(16);
    values[text.charCodeAt(0)] = digit;
    values[text.toUpperCase().charCodeAt(0)] = digit;
  }
  return values;
}

/** Reads hex with or without `0x`; undefined unless it is an even number of hex digits. */
export function fromHex(text: string): Uint8Array | undefined {
  const start = text.startsWith("0x") ? 2 : 0;
  if ((text.length - start) % 2 !== 0) return undefined;
  const bytes = new Uint8Array((text.length - start) / 2);
  for (let index = 0; index < bytes.length; index++) {
    const at = start + 2 * index;
    const high = DIGIT_VALUES[text.charCodeAt(at)] ?? NOT_HEX;
    const low = DIGIT_VALUES[text.charCodeAt(at + 1)] ?? NOT_HEX;
    if (high === NOT_HEX || low === NOT_HEX) return undefined;
    bytes[index] = high * 16 + low;
  }
  return bytes;
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const joined = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

const WORD_SIZE = 4;
/** From this length on it pays to look at words. */
const LONG_SIZE = 64;

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  const start = a.length < LONG_SIZE ? 0 : equalWordsEnd(a, b);
  for (let index = start; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

/** How far two byte strings of one length agree, in whole words, where both lie at words. */
function equalWordsEnd(a: Uint8Array, b: Uint8Array): number {
  if (a.byteOffset % WORD_SIZE !== 0 || b.byteOffset % WORD_SIZE !== 0) return 0;
  const count = Math.floor(a.length / WORD_SIZE);
  const left = new Int32Array(a.buffer, a.byteOffset, count);
  const right = new Int32Array(b.buffer, b.byteOffset, count);
  let index = 0;
  while (index < count && left[index] === right[index]) index += 1;
  return index * WORD_SIZE;
}

/** Lexicographic order of unsigned bytes, a prefix first: the only order that reaches a hash. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of well-formed UTF-8, or undefined. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Order of UTF-16 code units: for ASCII names the order of their bytes. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
