/**
 * Which of a list's transactions executed: bit i of a big-endian number without leading zeros is
 * transaction i. The count says how many there are, so that "none" and "all failed" differ.
 */
import type { BcsReader } from "#core/bcs/reader.ts";
import type { BcsWriter } from "#core/bcs/writer.ts";

export interface Bitmap {
  readonly count: number;
  readonly bytes: Uint8Array;
}

const BITS = 8;

export function makeBitmap(results: readonly boolean[]): Bitmap {
  const highest = results.lastIndexOf(true);
  const bytes = new Uint8Array(Math.ceil((highest + 1) / BITS));
  for (const [index, isSet] of results.entries()) {
    if (!isSet) continue;
    const at = bytes.length - 1 - Math.floor(index / BITS);
    bytes[at] = (bytes[at] ?? 0) | (1 << (index % BITS));
  }
  return { count: results.length, bytes };
}

/** Transactions of the list that executed. */
export function readBitmap({ count, bytes }: Bitmap): readonly boolean[] {
  return Array.from({ length: count }, (_, index) => {
    const byte = bytes[bytes.length - 1 - Math.floor(index / BITS)] ?? 0;
    return ((byte >> (index % BITS)) & 1) === 1;
  });
}

/** BCS {count u32, bytes}. */
export function writeBitmap(writer: BcsWriter, { count, bytes }: Bitmap): void {
  writer.u32(count).bytes(bytes);
}

export function readBitmapBytes(reader: BcsReader): Bitmap {
  return { count: reader.u32(), bytes: reader.bytes().slice() };
}
