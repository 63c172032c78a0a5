/** Struct, enum and function definitions. */
import { assertNever } from "../../core/assert.ts";
import type { BcsWriter } from "../../core/bcs/writer.ts";
import type { ByteReader } from "../byte-reader.ts";
import type {
  FieldDefinition,
  FunctionDefinition,
  StructDefinition,
  StructLayout,
  VariantDefinition,
  Visibility,
} from "../file-format.ts";
import { ACQUIRES_COUNT_MAX, FIELD_COUNT_MAX, VARIANT_COUNT_MAX } from "../limits.ts";
import type { Version } from "../version.ts";
import { CODE_UNIT } from "./code.ts";
import { type Codec, readIndex, readList } from "./codec.ts";
import { SIGNATURE_TOKEN } from "./signature-token.ts";

const LAYOUT_NATIVE = 1;
const LAYOUT_FIELDS = 2;
const LAYOUT_VARIANTS = 3;

/** By byte; 2 was the script visibility of versions before 5. */
const VISIBILITIES: readonly (Visibility | undefined)[] = [
  "private",
  "public",
  undefined,
  "friend",
];
const FLAG_NATIVE = 0x2;
const FLAG_ENTRY = 0x4;

export const STRUCT_DEFINITION: Codec<StructDefinition> = {
  read: (reader) => ({
    handle: readIndex(reader, "struct handle"),
    layout: readLayout(reader),
  }),
  write(writer, definition, version) {
    writer.uleb128(definition.handle);
    writeLayout(writer, definition.layout, version);
  },
};

export const FUNCTION_DEFINITION: Codec<FunctionDefinition> = {
  read(reader) {
    const handle = readIndex(reader, "function handle");
    const visibility = readVisibility(reader);
    const flagsAt = reader.offset;
    const flags = reader.u8("function flags");
    const acquires = readList(reader, ACQUIRES_COUNT_MAX, "acquires count", (entry) =>
      readIndex(entry, "struct definition"),
    );
    const isEntry = (flags & FLAG_ENTRY) !== 0;
    const isNative = (flags & FLAG_NATIVE) !== 0;
    const definition = { handle, visibility, isEntry, acquires };
    const whole = isNative ? definition : { ...definition, code: CODE_UNIT.read(reader) };
    // Only now, behind the code: the lineage reports what is wrong with a body first.
    if ((flags & ~(FLAG_NATIVE | FLAG_ENTRY)) !== 0) {
      reader.fail("INVALID_FLAG_BITS", `function flags 0x${flags.toString(16)}`, flagsAt);
    }
    return whole;
  },
  write(writer, definition, version) {
    const { code } = definition;
    writer.uleb128(definition.handle).u8(VISIBILITIES.indexOf(definition.visibility));
    writer.u8((code === undefined ? FLAG_NATIVE : 0) | (definition.isEntry ? FLAG_ENTRY : 0));
    writer.vector(definition.acquires, (entry, index) => entry.uleb128(index));
    if (code !== undefined) CODE_UNIT.write(writer, code, version);
  },
};

function readVisibility(reader: ByteReader): Visibility {
  const at = reader.offset;
  const visibility = VISIBILITIES[reader.u8("visibility")];
  if (visibility === undefined) reader.fail("MALFORMED", "no such visibility", at);
  return visibility;
}

function readLayout(reader: ByteReader): StructLayout {
  const at = reader.offset;
  switch (reader.u8("struct layout")) {
    case LAYOUT_NATIVE:
      return { kind: "native" };
    case LAYOUT_FIELDS:
      return { kind: "fields", fields: readFields(reader) };
    case LAYOUT_VARIANTS:
      if (reader.version < 7) {
        reader.fail("MALFORMED", `enums are not in version ${reader.version}`, at);
      }
      return {
        kind: "variants",
        variants: readList(reader, VARIANT_COUNT_MAX, "variant count", readVariant),
      };
    default:
      return reader.fail("UNKNOWN_NATIVE_STRUCT_FLAG", "no such struct layout", at);
  }
}

function writeLayout(writer: BcsWriter, layout: StructLayout, version: Version): void {
  switch (layout.kind) {
    case "native":
      writer.u8(LAYOUT_NATIVE);
      break;
    case "fields":
      writer.u8(LAYOUT_FIELDS);
      writeFields(writer, layout.fields, version);
      break;
    case "variants":
      writer.u8(LAYOUT_VARIANTS).vector(layout.variants, (entry, variant) => {
        entry.uleb128(variant.name);
        writeFields(entry, variant.fields, version);
      });
      break;
    default:
      assertNever(layout);
  }
}

function readVariant(reader: ByteReader): VariantDefinition {
  return { name: readIndex(reader, "identifier"), fields: readFields(reader) };
}

function readFields(reader: ByteReader): FieldDefinition[] {
  return readList(reader, FIELD_COUNT_MAX, "field count", (entry) => ({
    name: readIndex(entry, "identifier"),
    type: SIGNATURE_TOKEN.read(entry),
  }));
}

function writeFields(
  writer: BcsWriter,
  fields: readonly FieldDefinition[],
  version: Version,
): void {
  writer.vector(fields, (entry, field) => {
    entry.uleb128(field.name);
    SIGNATURE_TOKEN.write(entry, field.type, version);
  });
}
