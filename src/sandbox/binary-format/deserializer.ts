/**
 * Bytes to module. Checks everything the format itself demands (frame, kinds, versions, sizes,
 * canonical numbers) and nothing about meaning: indices may point anywhere until the verifier's
 * bounds pass has seen them.
 */
import { err, ok, type Result } from "../core/result.ts";
import { type BinaryError, BinaryFormatError } from "./binary-error.ts";
import { ByteReader } from "./byte-reader.ts";
import { emptyTables } from "./codec/tables.ts";
import type { CompiledModule } from "./file-format.ts";
import { readHeader } from "./header.ts";
import { TABLE_INDEX_MAX } from "./limits.ts";

/**
 * Reads a module of version 5, 6 or 7 of the Aptos lineage.
 *
 * @returns the module, or the first error with the byte at which it stands and one of the
 * `BINARY_STATUSES`.
 */
export function deserializeModule(bytes: Uint8Array): Result<CompiledModule, BinaryError> {
  try {
    return ok(readModule(bytes));
  } catch (error) {
    if (!(error instanceof BinaryFormatError)) throw error;
    return err({ status: error.status, offset: error.offset, detail: error.detail });
  }
}

function readModule(bytes: Uint8Array): CompiledModule {
  const { version, ranges, contentEnd } = readHeader(bytes);
  const tail = new ByteReader(bytes, version, contentEnd, bytes.length);
  const selfHandle = tail.uleb128(TABLE_INDEX_MAX, "own module handle");
  const tables = emptyTables();
  const shared = ranges.filter(({ table }) => table.isShared);
  const own = ranges.filter(({ table }) => !table.isShared);
  for (const { table, start } of own) {
    if (version < table.since) {
      tail.fail("MALFORMED", `${table.name} are not in version ${version}`, start);
    }
  }
  for (const { table, start, end } of [...shared, ...own]) {
    table.readAll(new ByteReader(bytes, version, start, end), tables);
  }
  if (!tail.atEnd) tail.fail("TRAILING_BYTES", "bytes behind the module");
  return { version, selfHandle, ...tables };
}
