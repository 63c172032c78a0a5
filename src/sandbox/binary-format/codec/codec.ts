/**
 * How one kind of table entry is read and written. Both directions of an entry stand together, so
 * that writing what was read gives the same bytes.
 */
import type { BcsWriter } from "../../core/bcs/writer.ts";
import type { ByteReader } from "../byte-reader.ts";
import { TABLE_INDEX_MAX } from "../limits.ts";
import type { Version } from "../version.ts";

export interface Codec<T> {
  /** @throws BinaryFormatError when the bytes are no such entry. */
  readonly read: (reader: ByteReader) => T;
  readonly write: (writer: BcsWriter, value: T, version: Version) => void;
}

/** A position in the table that `what` names. */
export function readIndex(reader: ByteReader, what: string): number {
  return reader.uleb128(TABLE_INDEX_MAX, what);
}

/** A count and so many items. */
export function readList<T>(
  reader: ByteReader,
  countMax: number,
  what: string,
  item: (reader: ByteReader) => T,
): T[] {
  const count = reader.uleb128(countMax, what);
  const items: T[] = [];
  for (let index = 0; index < count; index++) items.push(item(reader));
  return items;
}
