/**
 * Move values as JSON and back, by their types (REST profile section 5): small integers are
 * numbers, larger ones decimal strings, `vector<u8>` is hex, `String` text, a struct an object by
 * field name. Knows no state; whoever asks brings a reader of types.
 */
import { formatAddress, parseAddress } from "#core/address.ts";
import { BcsError, type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { type BcsWriter, encodeBcs } from "#core/bcs/writer.ts";
import { fromHex, utf8 } from "#core/bytes.ts";
import { err, ok, type Result } from "#core/result.ts";
import { formatStructTag, formatTypeTag, type StructTag, type TypeTag } from "#core/type-tag.ts";
import type { TypeLayout, TypeReader } from "#sandbox";
import { hex, isList, isRecord, type JsonValue } from "./message.ts";

/** Nesting of values in one another. */
const DEPTH_MAX = 64;
/** Name of an enum's variant among its fields. */
const VARIANT_NAME = "__variant__";
const STRING = "0x1::string::String";
const OPTION = "0x1::option::Option";

const INTEGER_BITS: Readonly<Record<string, number>> = {
  u8: 8,
  u16: 16,
  u32: 32,
  u64: 64,
  u128: 128,
  u256: 256,
};

/** Why a value cannot be read or written; the message names the place. */
class MoveJsonError extends Error {
  override readonly name = "MoveJsonError";
}

/** Asks for each type once. */
type Layouts = (tag: TypeTag) => TypeLayout;

/** @returns the value, or why the bytes are none of that type. */
export function valueToJson(
  types: TypeReader,
  tag: TypeTag,
  bytes: Uint8Array,
): Result<JsonValue, string> {
  return guarded(() => {
    const layouts = layoutsOf(types);
    return decodeBcs(bytes, (reader) => readJson(layouts, tag, reader, 1));
  });
}

/** @returns BCS of the value, or why the JSON is none of that type. */
export function jsonToValue(
  types: TypeReader,
  tag: TypeTag,
  json: JsonValue,
): Result<Uint8Array, string> {
  return guarded(() => {
    const layouts = layoutsOf(types);
    return encodeBcs((writer) => writeJson(layouts, tag, json, writer, "value"));
  });
}

function guarded<T>(work: () => T): Result<T, string> {
  try {
    return ok(work());
  } catch (error) {
    if (error instanceof MoveJsonError || error instanceof BcsError) return err(error.message);
    throw error;
  }
}

function layoutsOf(types: TypeReader): Layouts {
  const known = new Map<string, TypeLayout>();
  return (tag) => {
    if (tag.kind === "vector") return { kind: "vector", element: tag.element };
    if (tag.kind !== "struct") return { kind: tag.kind };
    const name = formatTypeTag(tag);
    const remembered = known.get(name);
    if (remembered !== undefined) return remembered;
    const asked = types.layoutOf(tag);
    if (!asked.ok) throw new MoveJsonError(`there is no type ${name} (${asked.error.status})`);
    known.set(name, asked.value);
    return asked.value;
  };
}

function nameOf(tag: StructTag): string {
  return formatStructTag({ ...tag, typeArgs: [] });
}

function readJson(layouts: Layouts, tag: TypeTag, reader: BcsReader, depth: number): JsonValue {
  if (depth > DEPTH_MAX) return reader.fail("TOO_DEEP", "value nesting");
  const layout = layouts(tag);
  switch (layout.kind) {
    case "bool":
      return reader.bool();
    case "u8":
      return reader.u8();
    case "u16":
      return reader.u16();
    case "u32":
      return reader.u32();
    case "u64":
      return reader.u64().toString();
    case "u128":
      return reader.u128().toString();
    case "u256":
      return reader.u256().toString();
    case "address":
    case "signer":
      return formatAddress(reader.address());
    case "vector":
      if (layout.element.kind === "u8") return hex(reader.bytes());
      return reader.vector((item) => readJson(layouts, layout.element, item, depth + 1));
    case "struct": {
      const read = (type: TypeTag) => readJson(layouts, type, reader, depth + 1);
      const [element] = layout.tag.typeArgs;
      if (nameOf(layout.tag) === STRING) return reader.string();
      if (nameOf(layout.tag) === OPTION && element !== undefined) {
        const inner = reader.option(() => ({ json: read(element) }));
        return { vec: inner === undefined ? [] : [inner.json] };
      }
      return Object.fromEntries(layout.fields.map(({ name, type }) => [name, read(type)]));
    }
    case "enum": {
      const index = reader.uleb128();
      const variant = layout.variants[index] ?? reader.fail("BAD_VARIANT", `variant ${index}`);
      const fields = variant.fields.map(({ name, type }): [string, JsonValue] => [
        name,
        readJson(layouts, type, reader, depth + 1),
      ]);
      return { [VARIANT_NAME]: variant.name, ...Object.fromEntries(fields) };
    }
  }
}

function misfit(path: string, expected: string): never {
  throw new MoveJsonError(`${path} is not ${expected}`);
}

function writeJson(
  layouts: Layouts,
  tag: TypeTag,
  json: JsonValue,
  writer: BcsWriter,
  path: string,
): void {
  const layout = layouts(tag);
  switch (layout.kind) {
    case "bool":
      writer.bool(typeof json === "boolean" ? json : misfit(path, "a boolean"));
      return;
    case "u8":
    case "u16":
    case "u32":
    case "u64":
    case "u128":
    case "u256":
      writeInteger(writer, layout.kind, json, path);
      return;
    case "address": {
      const address = typeof json === "string" ? parseAddress(json) : undefined;
      writer.address(address ?? misfit(path, "an address"));
      return;
    }
    case "signer":
      return misfit(path, "a value that can be sent");
    case "vector":
      return writeVector(layouts, layout.element, json, writer, path);
    case "struct":
      return writeStruct(layouts, layout, json, writer, path);
    case "enum": {
      const fields = isRecord(json) ? json : misfit(path, "an object");
      const index = layout.variants.findIndex(({ name }) => name === fields[VARIANT_NAME]);
      const variant = layout.variants[index] ?? misfit(path, `an object with ${VARIANT_NAME}`);
      writer.uleb128(index);
      for (const { name, type } of variant.fields) {
        writeJson(layouts, type, fieldOf(fields, name, path), writer, `${path}.${name}`);
      }
    }
  }
}

function writeInteger(writer: BcsWriter, kind: string, json: JsonValue, path: string): void {
  const isDigits = typeof json === "string" && /^[0-9]{1,78}$/.test(json);
  const isWhole = typeof json === "number" && Number.isSafeInteger(json);
  if (!isDigits && !isWhole) return misfit(path, `a ${kind}`);
  const bits = INTEGER_BITS[kind] ?? misfit(path, "an integer");
  const value = BigInt(json);
  if (value < 0n || value >= 1n << BigInt(bits)) return misfit(path, `a ${kind}`);
  for (let shift = 0; shift < bits; shift += 8) {
    writer.u8(Number((value >> BigInt(shift)) & 0xffn));
  }
}

function writeVector(
  layouts: Layouts,
  element: TypeTag,
  json: JsonValue,
  writer: BcsWriter,
  path: string,
): void {
  if (element.kind === "u8" && typeof json === "string") {
    const bytes = fromHex(json.startsWith("0x") ? json : `0x${json}`);
    writer.bytes(bytes ?? misfit(path, "hex"));
    return;
  }
  const items = isList(json) ? json : misfit(path, "a list");
  writer.uleb128(items.length);
  for (const [index, item] of items.entries()) {
    writeJson(layouts, element, item, writer, `${path}[${index}]`);
  }
}

function writeStruct(
  layouts: Layouts,
  { tag, fields }: Extract<TypeLayout, { kind: "struct" }>,
  json: JsonValue,
  writer: BcsWriter,
  path: string,
): void {
  if (nameOf(tag) === STRING) {
    writer.bytes(typeof json === "string" ? utf8(json) : misfit(path, "a string"));
    return;
  }
  const record = isRecord(json) ? json : misfit(path, "an object");
  const [element] = tag.typeArgs;
  if (nameOf(tag) === OPTION && element !== undefined) {
    const items = record["vec"];
    if (!isList(items) || items.length > 1) return misfit(path, 'an option, as {"vec": […]}');
    const [item] = items;
    writer.bool(item !== undefined);
    if (item !== undefined) writeJson(layouts, element, item, writer, `${path}.vec[0]`);
    return;
  }
  for (const { name, type } of fields) {
    writeJson(layouts, type, fieldOf(record, name, path), writer, `${path}.${name}`);
  }
}

function fieldOf(
  record: { readonly [name: string]: JsonValue },
  name: string,
  path: string,
): JsonValue {
  const field = Object.hasOwn(record, name) ? record[name] : undefined;
  return field === undefined ? misfit(`${path}.${name}`, "given") : field;
}
