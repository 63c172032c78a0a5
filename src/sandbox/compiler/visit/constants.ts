/** Literals and constants. */
import { addressToBytes } from "../../core/address.ts";
import { assert } from "../../core/assert.ts";
import type { Instruction } from "../../runtime/machine-model.ts";
import { type RuntimeType, U256, type VectorType } from "../../runtime/types.ts";
import type { Value } from "../../runtime/values/value.ts";
import { slotsOf, weightOf } from "../../runtime/values/walk.ts";
import { type Emission, framePlace, memoryOperand, push, takeMemory } from "../emission.ts";
import { layoutOf } from "../layout.ts";
import { emitStore } from "../memory-access.ts";
import { VECTOR_CAPACITY, VECTOR_ELEMENTS } from "../memory-map.ts";
import type { Address } from "../operand.ts";
import { emitAllocate } from "../routines/allocation.ts";
import { U256_SIZE } from "../routines/widest.ts";
import { unsupported } from "../unsupported.ts";
import type { Local } from "../wasm/function-builder.ts";

const WORD = 8;
/** Elements of a constant vector other than bytes; each is a store of its own. */
const ELEMENT_COUNT_MAX = 4096;

export function visitLiteral(emission: Emission, { value, result }: Instruction): void {
  pushScalar(emission, result, value);
}

/** `LdConst`: scalars are literals; a vector is built anew each time. */
export function visitConstant(emission: Emission, { value, result }: Instruction): void {
  if (result.kind !== "vector") {
    pushScalar(emission, result, value);
    return;
  }
  const weight = weightOf(result, value, Number.MAX_SAFE_INTEGER);
  takeMemory(emission, () => emission.out.i64(BigInt(weight)));
  const local = buildVector(emission, result, value);
  push(emission, { kind: "local", type: result, local });
}

function pushScalar(emission: Emission, type: RuntimeType, value: Value): void {
  if (typeof value === "string") {
    push(emission, memoryOperand(type, storeWords(emission, addressToBytes(value))));
    return;
  }
  assert(typeof value !== "object", "a scalar constant");
  const number = BigInt(value);
  if (type !== U256) {
    push(emission, { kind: "literal", type, value: number });
    return;
  }
  const bytes = new Uint8Array(U256_SIZE);
  bytes.forEach((_, index) => {
    bytes[index] = Number((number >> BigInt(8 * index)) & 0xffn);
  });
  push(emission, memoryOperand(type, storeWords(emission, bytes)));
}

/** Stores bytes in the frame, eight at a time. */
function storeWords(emission: Emission, bytes: Uint8Array): Address {
  const place = framePlace(emission, bytes.length);
  storeBytes(emission, bytes, place);
  return place;
}

function storeBytes({ out }: Emission, bytes: Uint8Array, { base, offset }: Address): void {
  for (let at = 0; at < bytes.length; at += WORD) {
    let word = 0n;
    for (let index = WORD - 1; index >= 0; index--) {
      word = (word << 8n) | BigInt(bytes[at + index] ?? 0);
    }
    out
      .get(base)
      .i64(word)
      .memory("i64.store", offset + at);
  }
}

/** Builds a constant vector on the heap and returns the local with its address. */
function buildVector(emission: Emission, type: VectorType, value: Value): Local {
  const { out, program } = emission;
  const elements = slotsOf(value);
  const vector = out.local("i32");
  if (elements.length === 0) {
    out.i32(0).set(vector);
    return vector;
  }
  const { size: stride } = layoutOf(type.element);
  out.i32(VECTOR_ELEMENTS + elements.length * stride);
  emitAllocate(program, out);
  out.tee(vector).i32(elements.length).memory("i32.store", 0);
  out.get(vector).i32(elements.length).memory("i32.store", VECTOR_CAPACITY);
  if (type.element.kind === "u8") {
    const segment = program.module.segment(Uint8Array.from(elements.map(Number)));
    out.get(vector).i32(VECTOR_ELEMENTS).op("i32.add");
    out.i32(0).i32(elements.length).memoryInit(segment);
    return vector;
  }
  if (elements.length > ELEMENT_COUNT_MAX) unsupported("a constant of many elements");
  elements.forEach((element, index) => {
    const place = { base: vector, offset: VECTOR_ELEMENTS + index * stride };
    storeElement(emission, type.element, element, place);
  });
  return vector;
}

function storeElement(
  emission: Emission,
  type: RuntimeType,
  value: Value,
  { base, offset }: Address,
): void {
  const { out } = emission;
  if (type.kind === "vector") {
    const inner = buildVector(emission, type, value);
    out.get(base).get(inner).memory("i32.store", offset);
    return;
  }
  if (typeof value === "string") {
    storeBytes(emission, addressToBytes(value), { base, offset });
    return;
  }
  assert(typeof value !== "object", "constants hold scalars and vectors");
  const { representation, size } = layoutOf(type);
  if (representation === "i32") {
    out.get(base).i32(Number(value));
    emitStore(out, type, offset);
    return;
  }
  for (let at = 0; at < size; at += WORD) {
    out
      .get(base)
      .i64(BigInt(value) >> BigInt(8 * at))
      .memory("i64.store", offset + at);
  }
}
