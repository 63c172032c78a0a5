/**
 * Module to bytes, in the one layout that compilers of the lineage use: tables in a fixed order,
 * empty ones left out, shortest numbers. Reading what this writes gives the same module.
 */
import { assert } from "../core/assert.ts";
import { BcsWriter, encodeBcs } from "../core/bcs/writer.ts";
import { TABLES } from "./codec/tables.ts";
import type { CompiledModule } from "./file-format.ts";
import { LINEAGE_MASK, MAGIC } from "./header.ts";

/**
 * Writes a module whose numbers fit the format.
 *
 * @param module may be unsound in meaning (this also makes negative tests), but not in ranges: that
 * is our bug and asserts.
 */
export function serializeModule(module: CompiledModule): Uint8Array {
  const contents = new BcsWriter();
  const headers: { byte: number; offset: number; size: number }[] = [];
  for (const table of TABLES) {
    const offset = contents.size;
    table.writeAll(contents, module);
    const size = contents.size - offset;
    if (size === 0) continue;
    assert(module.version >= table.since, `version ${module.version} has no ${table.name}`);
    headers.push({ byte: table.byte, offset, size });
  }
  return encodeBcs((writer) => {
    for (const byte of MAGIC) writer.u8(byte);
    writer.u32(module.version >= 7 ? LINEAGE_MASK + module.version : module.version);
    writer.vector(headers, (entry, header) =>
      entry.u8(header.byte).uleb128(header.offset).uleb128(header.size),
    );
    writer.fixed(contents.finish());
    writer.uleb128(module.selfHandle);
  });
}
