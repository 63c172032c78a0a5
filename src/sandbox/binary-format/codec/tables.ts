/**
 * The tables of a module: kind byte, first version that may carry one, the list it fills and how an
 * entry looks. Their order here is the order in which the serialiser lays them out. A file may lay
 * them out in any order; errors are then met in file order, the tables that scripts share with
 * modules first, as in the lineage.
 */
import type { BcsWriter } from "../../core/bcs/writer.ts";
import type { ByteReader } from "../byte-reader.ts";
import type { CompiledModule } from "../file-format.ts";
import type { Version } from "../version.ts";
import type { Codec } from "./codec.ts";
import { FUNCTION_DEFINITION, STRUCT_DEFINITION } from "./definitions.ts";
import {
  FIELD_HANDLE,
  FIELD_INSTANTIATION,
  FUNCTION_HANDLE,
  FUNCTION_INSTANTIATION,
  MODULE_HANDLE,
  STRUCT_HANDLE,
  STRUCT_INSTANTIATION,
  STRUCT_VARIANT_HANDLE,
  STRUCT_VARIANT_INSTANTIATION,
  VARIANT_FIELD_HANDLE,
  VARIANT_FIELD_INSTANTIATION,
} from "./handles.ts";
import { ADDRESS, CONSTANT, IDENTIFIER, METADATA } from "./pools.ts";
import { SIGNATURE } from "./signature-token.ts";

/** The lists of a module. */
export type TableName = Exclude<keyof CompiledModule, "version" | "selfHandle">;

/** A module whose lists are being filled. */
export type ModuleTables = { [Name in TableName]: CompiledModule[Name][number][] };

export interface Table {
  readonly byte: number;
  readonly name: TableName;
  readonly since: Version;
  /** Scripts have it too. */
  readonly isShared: boolean;
  /** Appends every entry of the window. */
  readAll(reader: ByteReader, into: ModuleTables): void;
  writeAll(writer: BcsWriter, module: CompiledModule): void;
}

type Scope = "shared" | "module";

function table<Name extends TableName>(
  byte: number,
  name: Name,
  scope: Scope,
  codec: Codec<CompiledModule[Name][number]>,
  since: Version = 5,
): Table {
  return {
    byte,
    name,
    since,
    isShared: scope === "shared",
    readAll(reader, into) {
      const entries: CompiledModule[Name][number][] = into[name];
      while (!reader.atEnd) entries.push(codec.read(reader));
    },
    writeAll(writer, module) {
      for (const entry of module[name]) codec.write(writer, entry, module.version);
    },
  };
}

export const TABLES: readonly Table[] = [
  table(0x01, "moduleHandles", "shared", MODULE_HANDLE),
  table(0x02, "structHandles", "shared", STRUCT_HANDLE),
  table(0x03, "functionHandles", "shared", FUNCTION_HANDLE),
  table(0x04, "functionInstantiations", "shared", FUNCTION_INSTANTIATION),
  table(0x05, "signatures", "shared", SIGNATURE),
  table(0x07, "identifiers", "shared", IDENTIFIER),
  table(0x08, "addresses", "shared", ADDRESS),
  table(0x06, "constants", "shared", CONSTANT),
  table(0x10, "metadata", "shared", METADATA),
  table(0x0a, "structDefinitions", "module", STRUCT_DEFINITION),
  table(0x0b, "structInstantiations", "module", STRUCT_INSTANTIATION),
  table(0x0c, "functionDefinitions", "module", FUNCTION_DEFINITION),
  table(0x0d, "fieldHandles", "module", FIELD_HANDLE),
  table(0x0e, "fieldInstantiations", "module", FIELD_INSTANTIATION),
  table(0x0f, "friends", "module", MODULE_HANDLE),
  table(0x11, "variantFieldHandles", "module", VARIANT_FIELD_HANDLE, 7),
  table(0x12, "variantFieldInstantiations", "module", VARIANT_FIELD_INSTANTIATION, 7),
  table(0x13, "structVariantHandles", "module", STRUCT_VARIANT_HANDLE, 7),
  table(0x14, "structVariantInstantiations", "module", STRUCT_VARIANT_INSTANTIATION, 7),
];

/** Lists without entries, for a module to be filled. */
export function emptyTables(): ModuleTables {
  return {
    moduleHandles: [],
    structHandles: [],
    functionHandles: [],
    fieldHandles: [],
    friends: [],
    structInstantiations: [],
    functionInstantiations: [],
    fieldInstantiations: [],
    signatures: [],
    identifiers: [],
    addresses: [],
    constants: [],
    metadata: [],
    structDefinitions: [],
    functionDefinitions: [],
    variantFieldHandles: [],
    variantFieldInstantiations: [],
    structVariantHandles: [],
    structVariantInstantiations: [],
  };
}
