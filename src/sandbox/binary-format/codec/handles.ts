/**
 * Handles name what a module defines or uses; instantiations fix the type arguments of a handle or
 * definition.
 */
import type {
  FieldHandle,
  FieldInstantiation,
  FunctionHandle,
  FunctionInstantiation,
  ModuleHandle,
  StructHandle,
  StructInstantiation,
  StructVariantHandle,
  StructVariantInstantiation,
  VariantFieldHandle,
  VariantFieldInstantiation,
} from "../file-format.ts";
import { FIELD_INDEX_MAX, VARIANT_COUNT_MAX, VARIANT_INDEX_MAX } from "../limits.ts";
import {
  readAbilities,
  readFunctionTypeParameters,
  readStructTypeParameters,
  writeAbilities,
  writeStructTypeParameter,
} from "./abilities.ts";
import { readAccessSpecifiers, writeAccessSpecifiers } from "./access-specifiers.ts";
import { type Codec, readIndex, readList } from "./codec.ts";

export const MODULE_HANDLE: Codec<ModuleHandle> = {
  read: (reader) => ({
    address: readIndex(reader, "address"),
    name: readIndex(reader, "identifier"),
  }),
  write(writer, handle) {
    writer.uleb128(handle.address).uleb128(handle.name);
  },
};

export const STRUCT_HANDLE: Codec<StructHandle> = {
  read: (reader) => ({
    module: readIndex(reader, "module handle"),
    name: readIndex(reader, "identifier"),
    abilities: readAbilities(reader),
    typeParameters: readStructTypeParameters(reader),
  }),
  write(writer, handle) {
    writer.uleb128(handle.module).uleb128(handle.name);
    writeAbilities(writer, handle.abilities);
    writer.vector(handle.typeParameters, writeStructTypeParameter);
  },
};

export const FUNCTION_HANDLE: Codec<FunctionHandle> = {
  read(reader) {
    const handle = {
      module: readIndex(reader, "module handle"),
      name: readIndex(reader, "identifier"),
      parameters: readIndex(reader, "signature"),
      returns: readIndex(reader, "signature"),
      typeParameters: readFunctionTypeParameters(reader),
    };
    const accessSpecifiers = reader.version >= 7 ? readAccessSpecifiers(reader) : undefined;
    return accessSpecifiers === undefined ? handle : { ...handle, accessSpecifiers };
  },
  write(writer, handle, version) {
    writer.uleb128(handle.module).uleb128(handle.name);
    writer.uleb128(handle.parameters).uleb128(handle.returns);
    writer.vector(handle.typeParameters, writeAbilities);
    if (version >= 7) writeAccessSpecifiers(writer, handle.accessSpecifiers);
  },
};

export const FIELD_HANDLE: Codec<FieldHandle> = {
  read: (reader) => ({
    owner: readIndex(reader, "struct definition"),
    field: reader.uleb128(FIELD_INDEX_MAX, "field"),
  }),
  write(writer, handle) {
    writer.uleb128(handle.owner).uleb128(handle.field);
  },
};

export const VARIANT_FIELD_HANDLE: Codec<VariantFieldHandle> = {
  read: (reader) => ({
    owner: readIndex(reader, "struct definition"),
    field: reader.uleb128(FIELD_INDEX_MAX, "field"),
    variants: readList(reader, VARIANT_COUNT_MAX, "variant count", (entry) =>
      entry.uleb128(VARIANT_INDEX_MAX, "variant"),
    ),
  }),
  write(writer, handle) {
    writer.uleb128(handle.owner).uleb128(handle.field);
    writer.vector(handle.variants, (entry, variant) => entry.uleb128(variant));
  },
};

export const STRUCT_VARIANT_HANDLE: Codec<StructVariantHandle> = {
  read: (reader) => ({
    owner: readIndex(reader, "struct definition"),
    variant: reader.uleb128(VARIANT_INDEX_MAX, "variant"),
  }),
  write(writer, handle) {
    writer.uleb128(handle.owner).uleb128(handle.variant);
  },
};

export const STRUCT_INSTANTIATION: Codec<StructInstantiation> = {
  read: (reader) => ({
    definition: readIndex(reader, "struct definition"),
    typeArgs: readIndex(reader, "signature"),
  }),
  write(writer, instantiation) {
    writer.uleb128(instantiation.definition).uleb128(instantiation.typeArgs);
  },
};

export const FUNCTION_INSTANTIATION = handleInstantiation<FunctionInstantiation>("function handle");
export const FIELD_INSTANTIATION = handleInstantiation<FieldInstantiation>("field handle");
export const VARIANT_FIELD_INSTANTIATION =
  handleInstantiation<VariantFieldInstantiation>("variant field handle");
export const STRUCT_VARIANT_INSTANTIATION =
  handleInstantiation<StructVariantInstantiation>("struct variant handle");

/**
 * The instantiations of handles all look alike; their types differ in which table the handle is of.
 */
function handleInstantiation<T extends { readonly handle: number; readonly typeArgs: number }>(
  what: string,
): Codec<Pick<T, "handle" | "typeArgs">> {
  return {
    read: (reader) => ({
      handle: readIndex(reader, what),
      typeArgs: readIndex(reader, "signature"),
    }),
    write(writer, instantiation) {
      writer.uleb128(instantiation.handle).uleb128(instantiation.typeArgs);
    },
  };
}
