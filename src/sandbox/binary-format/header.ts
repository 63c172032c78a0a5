/**
 * The frame of a module: magic, version word, table headers. After the headers come the tables'
 * contents without gap or overlap, then the index of the module's own handle.
 */
import { ByteReader } from "./byte-reader.ts";
import { TABLES, type Table } from "./codec/tables.ts";
import { TABLE_COUNT_MAX, TABLE_SIZE_MAX } from "./limits.ts";
import { VERSION_MAX, VERSION_MIN, type Version } from "./version.ts";

export const MAGIC: readonly number[] = [0xa1, 0x1c, 0xeb, 0x0b];
/** Marks the Aptos lineage in the version word, from version 7 on. */
export const LINEAGE_MASK = 0x0a00_0000;

/** A table and the bytes of the file that hold its entries. */
export interface TableRange {
  readonly table: Table;
  readonly start: number;
  readonly end: number;
}

export interface Header {
  readonly version: Version;
  /** In the order of their contents. */
  readonly ranges: readonly TableRange[];
  /** Where the contents end and the own handle's index stands. */
  readonly contentEnd: number;
}

/** @throws BinaryFormatError unless the whole frame is sound. */
export function readHeader(bytes: Uint8Array): Header {
  // Nothing before the version depends on the version.
  const preface = new ByteReader(bytes, VERSION_MAX, 0, bytes.length);
  if (bytes.length < MAGIC.length || MAGIC.some((byte) => preface.u8("magic") !== byte)) {
    preface.fail("BAD_MAGIC", "not a Move module", 0);
  }
  const version = readVersion(preface);
  const reader = new ByteReader(bytes, version, preface.offset, bytes.length);
  const count = reader.uleb128(TABLE_COUNT_MAX, "table count");
  const headers: TableHeader[] = [];
  for (let index = 0; index < count; index++) headers.push(readTableHeader(reader));
  return { version, ...placeTables(reader, headers, bytes.length) };
}

interface TableHeader {
  readonly table: Table;
  /** Bytes from the end of the table headers. */
  readonly offset: number;
  readonly size: number;
  /** Byte of the file where this header stands. */
  readonly at: number;
}

const TABLE_BY_BYTE = new Map<number, Table>(TABLES.map((table) => [table.byte, table]));

/**
 * The lineage ignores its own two marker bits on reading, so a version 7 word without them is read;
 * any other marker (another lineage's) makes the version unknown.
 */
function readVersion(reader: ByteReader): Version {
  const at = reader.offset;
  const low = [reader.u8("version"), reader.u8("version"), reader.u8("version")];
  const high = reader.u8("version") & ~(LINEAGE_MASK >>> 24);
  const [version, ...rest] = [...low, high];
  if (version === undefined || rest.some((byte) => byte !== 0) || !isVersion(version)) {
    reader.fail("UNKNOWN_VERSION", `only ${VERSION_MIN} to ${VERSION_MAX} are read`, at);
  }
  return version;
}

function isVersion(version: number): version is Version {
  return version >= VERSION_MIN && version <= VERSION_MAX;
}

function readTableHeader(reader: ByteReader): TableHeader {
  const at = reader.offset;
  const byte = reader.u8("table kind");
  const offset = reader.uleb128(TABLE_SIZE_MAX, "table offset");
  const size = reader.uleb128(TABLE_SIZE_MAX, "table size");
  const table = TABLE_BY_BYTE.get(byte);
  if (table === undefined) {
    reader.fail("UNKNOWN_TABLE_TYPE", `0x${byte.toString(16)} is no table`, at);
  }
  return { table, offset, size, at };
}

/** Refuses gaps, overlaps, empty tables, tables past the end and repeated kinds. */
function placeTables(
  reader: ByteReader,
  headers: readonly TableHeader[],
  fileSize: number,
): { readonly ranges: TableRange[]; readonly contentEnd: number } {
  const contentStart = reader.offset;
  const seen = new Set<Table>();
  const ranges: TableRange[] = [];
  let size = 0;
  for (const header of headers.toSorted((a, b) => a.offset - b.offset)) {
    const { table, at } = header;
    if (header.offset !== size) reader.fail("BAD_HEADER_TABLE", "a gap or an overlap", at);
    if (header.size === 0) reader.fail("BAD_HEADER_TABLE", "an empty table", at);
    if (seen.has(table)) reader.fail("DUPLICATE_TABLE", `two tables of ${table.name}`, at);
    seen.add(table);
    size += header.size;
    // Measured against the whole file first, as in the lineage; what is short of that is a
    // truncated file.
    if (size > fileSize) reader.fail("BAD_HEADER_TABLE", "a table past the end", at);
    ranges.push({ table, start: contentStart + header.offset, end: contentStart + size });
  }
  if (contentStart + size > fileSize) reader.fail("MALFORMED", "table contents are cut off");
  return { ranges, contentEnd: contentStart + size };
}
