/**
 * Values between linear memory and the interpreter's representation, for arguments, results,
 * natives over plain data, and stored values. Both sides are trusted: types were checked before.
 */
import { addressFromBytes, addressToBytes } from "../core/address.ts";
import { assert } from "../core/assert.ts";
import type { RuntimeType, StructType } from "../runtime/types.ts";
import type { Value } from "../runtime/values/value.ts";
import { fieldsStart, slotsOf } from "../runtime/values/walk.ts";
import { layoutOf, placedFields } from "./layout.ts";
import type { LinearMemory } from "./linear-memory.ts";
import { VECTOR_CAPACITY, VECTOR_ELEMENTS } from "./memory-map.ts";

const ADDRESS_SIZE = 32;
const WORD_BITS = 64n;

/** Writes a value of `type` to `address`; what its vectors hold goes to the heap. */
export function storeValue(
  memory: LinearMemory,
  type: RuntimeType,
  value: Value | undefined,
  address: number,
): void {
  if (type.kind === "vector") {
    memory.writeU32(address, storeVector(memory, type.element, slotsOf(value)));
  } else if (type.kind === "struct") {
    storeStruct(memory, type, slotsOf(value), address);
  } else {
    storeScalar(memory, type, value, address);
  }
}

/** Makes a vector on the heap and returns its address. */
function storeVector(
  memory: LinearMemory,
  element: RuntimeType,
  elements: readonly Value[],
): number {
  if (elements.length === 0) return 0;
  const { size } = layoutOf(element);
  const vector = memory.allocate(VECTOR_ELEMENTS + elements.length * size);
  memory.writeU32(vector, elements.length);
  memory.writeU32(vector + VECTOR_CAPACITY, elements.length);
  if (element.kind === "u8") {
    const { bytes } = memory;
    for (let index = 0; index < elements.length; index++) {
      bytes[vector + VECTOR_ELEMENTS + index] = Number(elements[index]);
    }
    return vector;
  }
  elements.forEach((value, index) => {
    storeValue(memory, element, value, vector + VECTOR_ELEMENTS + index * size);
  });
  return vector;
}

function storeStruct(
  memory: LinearMemory,
  type: StructType,
  slots: readonly Value[],
  address: number,
): void {
  const start = fieldsStart(type);
  const variant = start > 0 ? Number(slots[0]) : 0;
  if (start > 0) memory.writeU32(address, variant);
  placedFields(type, variant).forEach((field, index) => {
    storeValue(memory, field.type, slots[start + index], address + field.offset);
  });
}

function storeScalar(
  memory: LinearMemory,
  type: RuntimeType,
  value: Value | undefined,
  address: number,
): void {
  const { view } = memory;
  switch (type.kind) {
    case "address":
    case "signer":
      assert(typeof value === "string", "an address");
      memory.bytes.set(addressToBytes(value), address);
      return;
    case "bool":
    case "u8":
      view.setUint8(address, Number(value));
      return;
    case "u16":
      view.setUint16(address, Number(value), true);
      return;
    case "u32":
      view.setUint32(address, Number(value), true);
      return;
    default: {
      assert(typeof value === "bigint", "a large integer");
      for (let at = 0; at < layoutOf(type).size; at += 8) {
        const word = BigInt.asUintN(64, value >> BigInt(8 * at));
        view.setBigUint64(address + at, word, true);
      }
    }
  }
}

/** Reads the value of `type` at `address`. */
export function loadValue(memory: LinearMemory, type: RuntimeType, address: number): Value {
  const { view } = memory;
  switch (type.kind) {
    case "bool":
      return view.getUint8(address) === 1;
    case "u8":
      return view.getUint8(address);
    case "u16":
      return view.getUint16(address, true);
    case "u32":
      return view.getUint32(address, true);
    case "u64":
    case "u128":
    case "u256":
      return loadInteger(view, layoutOf(type).size, address);
    case "address":
    case "signer":
      return addressFromBytes(memory.bytes.subarray(address, address + ADDRESS_SIZE));
    case "vector":
      return loadVector(memory, type.element, memory.readU32(address));
    case "struct":
      return loadStruct(memory, type, address);
    case "reference":
    case "mutableReference":
      return loadValue(memory, type.target, memory.readU32(address));
  }
}

function loadInteger(view: DataView, size: number, address: number): bigint {
  let value = 0n;
  for (let at = size - 8; at >= 0; at -= 8) {
    value = (value << WORD_BITS) | view.getBigUint64(address + at, true);
  }
  return value;
}

function loadVector(memory: LinearMemory, element: RuntimeType, vector: number): Value[] {
  const length = memory.readU32(vector);
  const start = vector + VECTOR_ELEMENTS;
  if (element.kind === "u8") return Array.from(memory.bytes.subarray(start, start + length));
  const { size } = layoutOf(element);
  const elements: Value[] = [];
  for (let index = 0; index < length; index++) {
    elements.push(loadValue(memory, element, start + index * size));
  }
  return elements;
}

function loadStruct(memory: LinearMemory, type: StructType, address: number): Value[] {
  const isEnum = fieldsStart(type) > 0;
  const variant = isEnum ? memory.readU32(address) : 0;
  const fields = placedFields(type, variant).map((field) =>
    loadValue(memory, field.type, address + field.offset),
  );
  return isEnum ? [variant, ...fields] : fields;
}
