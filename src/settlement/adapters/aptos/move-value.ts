/**
 * Move values out of their JSON (REST profile section 5): BCS by the types that the chain's modules
 * declare. Small integers are numbers, larger ones decimal strings, `vector<u8>` is hex, `String`
 * text, an option `{"vec": […]}`, any other struct an object by field name.
 */
import { parseAddress } from "#core/address.ts";
import { type BcsWriter, encodeBcs } from "#core/bcs/writer.ts";
import { fromHex, utf8 } from "#core/bytes.ts";
import { formatStructTag, formatTypeTag, type StructTag, type TypeTag } from "#core/type-tag.ts";
import { trouble } from "../../settlement-error.ts";
import { isList, isRecord, type JsonValue } from "./json.ts";
import type { Field, ModuleAbis } from "./module-abi.ts";

const STRING = "0x1::string::String";
const OPTION = "0x1::option::Option";
/** Structs in one another. */
const DEPTH_MAX = 32;
const BITS = { u8: 8, u16: 16, u32: 32, u64: 64, u128: 128, u256: 256 } as const;

/** By the struct's name with its type arguments. */
type Layouts = ReadonlyMap<string, readonly Field[]>;

/** Rejects with `SettlementError` BAD_ANSWER where the JSON is no value of the type. */
export async function valueFromJson(
  abis: ModuleAbis,
  type: TypeTag,
  json: JsonValue,
): Promise<Uint8Array> {
  const layouts = new Map<string, readonly Field[]>();
  await learn(abis, type, layouts, 0);
  return encodeBcs((writer) => write(layouts, type, json, writer));
}

/** Asks for the fields of every struct that the type is made of. */
async function learn(
  abis: ModuleAbis,
  type: TypeTag,
  layouts: Map<string, readonly Field[]>,
  depth: number,
): Promise<void> {
  if (depth > DEPTH_MAX) throw trouble("BAD_ANSWER", `${formatTypeTag(type)} is nested too deep`);
  if (type.kind === "vector") return learn(abis, type.element, layouts, depth + 1);
  if (type.kind !== "struct") return;
  const { struct } = type;
  if (nameOf(struct) === STRING) return;
  if (nameOf(struct) === OPTION) {
    for (const element of struct.typeArgs) await learn(abis, element, layouts, depth + 1);
    return;
  }
  const name = formatStructTag(struct);
  if (layouts.has(name)) return;
  const fields = await abis.fields(struct);
  layouts.set(name, fields);
  for (const field of fields) await learn(abis, field.type, layouts, depth + 1);
}

/** Without its type arguments. */
function nameOf(struct: StructTag): string {
  return formatStructTag({ ...struct, typeArgs: [] });
}

function misfit(type: TypeTag): never {
  throw trouble("BAD_ANSWER", `the chain answers something else than a ${formatTypeTag(type)}`);
}

function write(layouts: Layouts, type: TypeTag, json: JsonValue, writer: BcsWriter): void {
  switch (type.kind) {
    case "bool":
      writer.bool(typeof json === "boolean" ? json : misfit(type));
      return;
    case "u8":
    case "u16":
    case "u32":
    case "u64":
    case "u128":
    case "u256":
      return writeInteger(writer, type, BITS[type.kind], json);
    case "address": {
      const address = typeof json === "string" ? parseAddress(json) : undefined;
      writer.address(address ?? misfit(type));
      return;
    }
    case "vector":
      return writeVector(layouts, type, json, writer);
    case "struct":
      return writeStruct(layouts, type, json, writer);
    default:
      return misfit(type);
  }
}

function writeInteger(writer: BcsWriter, type: TypeTag, bits: number, json: JsonValue): void {
  const isDigits = typeof json === "string" && /^[0-9]{1,78}$/.test(json);
  const isWhole = typeof json === "number" && Number.isSafeInteger(json);
  if (!isDigits && !isWhole) return misfit(type);
  const value = BigInt(json);
  if (value < 0n || value >= 1n << BigInt(bits)) return misfit(type);
  for (let shift = 0; shift < bits; shift += 8) {
    writer.u8(Number((value >> BigInt(shift)) & 0xffn));
  }
}

function writeVector(
  layouts: Layouts,
  type: TypeTag & { readonly kind: "vector" },
  json: JsonValue,
  writer: BcsWriter,
): void {
  const { element } = type;
  if (element.kind === "u8") {
    const bytes = typeof json === "string" ? fromHex(json) : undefined;
    writer.bytes(bytes ?? misfit(type));
    return;
  }
  const items = isList(json) ? json : misfit(type);
  writer.vector(items, (out, item) => write(layouts, element, item, out));
}

function writeStruct(
  layouts: Layouts,
  type: TypeTag & { readonly kind: "struct" },
  json: JsonValue,
  writer: BcsWriter,
): void {
  const { struct } = type;
  if (nameOf(struct) === STRING) {
    writer.bytes(typeof json === "string" ? utf8(json) : misfit(type));
    return;
  }
  const record = isRecord(json) ? json : misfit(type);
  const [element] = struct.typeArgs;
  if (nameOf(struct) === OPTION && element !== undefined) {
    const items = record["vec"];
    if (!isList(items) || items.length > 1) return misfit(type);
    writer.vector(items, (out, item) => write(layouts, element, item, out));
    return;
  }
  for (const field of layouts.get(formatStructTag(struct)) ?? misfit(type)) {
    const value = Object.hasOwn(record, field.name) ? record[field.name] : undefined;
    write(layouts, field.type, value ?? misfit(type), writer);
  }
}
