/**
 * Values to canonical bytes and back, by type: u8 … u256 little endian, bool one byte, address and
 * signer 32 bytes, vector length then elements, struct its fields, enum variant number (ULEB128)
 * then fields.
 */
import type { Address } from "../../core/address.ts";
import { assert } from "../../core/assert.ts";
import { BcsError, BcsReader } from "../../core/bcs/reader.ts";
import { BcsWriter } from "../../core/bcs/writer.ts";
import { membersOf } from "../closed-types.ts";
import { failInvariant } from "../failure.ts";
import { typeShape } from "../type-shape.ts";
import { isReference, type RuntimeType, type StructType } from "../types.ts";
import type { Value } from "./value.ts";
import { fieldsStart, fieldTypes, slotsOf } from "./walk.ts";

/** BCS of a value. */
export function encodeValue(type: RuntimeType, value: Value | undefined): Uint8Array {
  const writer = new BcsWriter();
  writeValue(writer, type, value);
  return writer.finish();
}

function writeValue(writer: BcsWriter, type: RuntimeType, value: Value | undefined): void {
  if (type.kind === "vector") {
    writeVector(writer, type.element, slotsOf(value));
  } else if (type.kind === "struct") {
    const slots = slotsOf(value);
    const start = fieldsStart(type);
    if (start > 0) writer.uleb128(numberOf(slots[0]));
    fieldTypes(type, slots).forEach((field, index) => {
      writeValue(writer, field, slots[start + index]);
    });
  } else {
    writeScalar(writer, type, value);
  }
}

function writeVector(writer: BcsWriter, element: RuntimeType, slots: readonly Value[]): void {
  writer.uleb128(slots.length);
  if (element.kind === "u8") writer.fixed(bytesOf(slots));
  else for (const slot of slots) writeValue(writer, element, slot);
}

function writeScalar(writer: BcsWriter, type: RuntimeType, value: Value | undefined): void {
  switch (type.kind) {
    case "bool":
      writer.bool(typeof value === "boolean" ? value : failInvariant("not a bool"));
      return;
    case "u8":
      writer.u8(numberOf(value));
      return;
    case "u16":
      writer.u16(numberOf(value));
      return;
    case "u32":
      writer.u32(numberOf(value));
      return;
    case "u64":
      writer.u64(bigintOf(value));
      return;
    case "u128":
      writer.u128(bigintOf(value));
      return;
    case "u256":
      writer.u256(bigintOf(value));
      return;
    case "address":
    case "signer":
      writer.address(addressOf(value));
      return;
    default:
      failInvariant(`no bytes for a ${type.kind}`);
  }
}

/** Number of bytes of {@link encodeValue}. */
export function encodedSize(type: RuntimeType, value: Value | undefined): number {
  return encodeValue(type, value).length;
}

/**
 * Reads a value from all of `bytes`.
 *
 * @returns undefined unless the bytes are the canonical encoding of a value of the type.
 */
export function decodeValue(type: RuntimeType, bytes: Uint8Array): Value | undefined {
  typeShape(type);
  try {
    const reader = new BcsReader(bytes);
    const value = readValue(reader, type);
    reader.end();
    return value;
  } catch (error) {
    if (error instanceof BcsError) return undefined;
    throw error;
  }
}

/**
 * Reads one value; throws `BcsError`. The caller has asked for the type's shape, which bounds the
 * nesting.
 */
export function readValue(reader: BcsReader, type: RuntimeType): Value {
  switch (type.kind) {
    case "bool":
      return reader.bool();
    case "u8":
      return reader.u8();
    case "u16":
      return reader.u16();
    case "u32":
      return reader.u32();
    case "u64":
      return reader.u64();
    case "u128":
      return reader.u128();
    case "u256":
      return reader.u256();
    case "address":
    case "signer":
      return reader.address();
    case "vector":
      return readVector(reader, type.element);
    case "struct":
      return readStruct(reader, type);
    default:
      return failInvariant("a reference has no bytes");
  }
}

function readVector(reader: BcsReader, element: RuntimeType): Value[] {
  if (element.kind === "u8") return Array.from(reader.bytes());
  const length = reader.length(leastSize(element));
  const slots: Value[] = [];
  for (let index = 0; index < length; index++) slots.push(readValue(reader, element));
  return slots;
}

function readStruct(reader: BcsReader, type: StructType): Value[] {
  const members = membersOf(type);
  if (members.kind === "fields") return members.fields.map((field) => readValue(reader, field));
  const variant = reader.uleb128();
  const fields = members.variants[variant];
  if (fields === undefined) return reader.fail("BAD_VARIANT", `variant ${variant}`);
  return [variant, ...fields.map((field) => readValue(reader, field))];
}

/**
 * A lower bound of a value's bytes, so that a claimed length cannot outrun the input. Structs have
 * a field.
 */
function leastSize(type: RuntimeType): number {
  assert(!isReference(type), "a vector holds no references");
  const { fixedWeight } = typeShape(type);
  return Math.max(1, fixedWeight ?? 1);
}

/** The bytes of a `vector<u8>`. */
export function bytesOf(slots: readonly (Value | undefined)[]): Uint8Array {
  const bytes = new Uint8Array(slots.length);
  for (let index = 0; index < slots.length; index++) bytes[index] = numberOf(slots[index]);
  return bytes;
}

export function numberOf(value: Value | undefined): number {
  return typeof value === "number" ? value : failInvariant("not a small integer");
}

export function bigintOf(value: Value | undefined): bigint {
  return typeof value === "bigint" ? value : failInvariant("not a large integer");
}

export function booleanOf(value: Value | undefined): boolean {
  return typeof value === "boolean" ? value : failInvariant("not a bool");
}

export function addressOf(value: Value | undefined): Address {
  return typeof value === "string" ? value : failInvariant("not an address");
}
