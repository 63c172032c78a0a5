/** Vector instructions, in line: a vector is the address of its length, capacity and elements. */
import { assert, present } from "../../core/assert.ts";
import {
  VECTOR_INDEX_OUT_OF_BOUNDS,
  VECTOR_POP_EMPTY,
  VECTOR_UNPACK_PARITY,
} from "../../runtime/failure.ts";
import { OPERAND_STACK_SIZE_MAX } from "../../runtime/limits.ts";
import type { Instruction } from "../../runtime/machine-model.ts";
import { type RuntimeType, U64, vectorType } from "../../runtime/types.ts";
import {
  type Emission,
  framePlace,
  markWritten,
  memoryOperand,
  pop,
  popMany,
  push,
  pushFromPlace,
  pushFromStack,
  storeOperand,
} from "../emission.ts";
import { layoutOf } from "../layout.ts";
import { emitCopy } from "../memory-access.ts";
import { VECTOR_CAPACITY, VECTOR_ELEMENTS } from "../memory-map.ts";
import { type Address, emitAddress, emitOperand, type Operand } from "../operand.ts";
import { routineIndex } from "../program-context.ts";
import { emitAllocate, GROW_VECTOR } from "../routines/allocation.ts";
import { unsupported } from "../unsupported.ts";
import type { Local } from "../wasm/function-builder.ts";
import type { MemoryOpcode } from "../wasm/opcodes.ts";
import { popReference, targetType } from "./references.ts";

/**
 * Stops with `VECTOR_OPERATION_ERROR`: at the instruction, or inside a native that stands for it.
 */
export type FailVector = (subStatus: number, condition: () => void) => void;

export function visitVecPack(emission: Emission, { index: count, type }: Instruction): void {
  const { out, program } = emission;
  const result = vectorType(type);
  if (count > OPERAND_STACK_SIZE_MAX) unsupported("more elements than a stack holds");
  if (count === 0) {
    push(emission, { kind: "literal", type: result, value: 0n });
    return;
  }
  const { size: stride } = layoutOf(type);
  const elements = popMany(emission, count);
  const vector = out.local("i32");
  out.i32(VECTOR_ELEMENTS + count * stride);
  emitAllocate(program, out);
  out.tee(vector).i32(count).memory("i32.store", 0);
  out.get(vector).i32(count).memory("i32.store", VECTOR_CAPACITY);
  elements.forEach((element, index) => {
    storeOperand(emission, element, { base: vector, offset: VECTOR_ELEMENTS + index * stride });
  });
  push(emission, { kind: "local", type: result, local: vector });
}

export function visitVecUnpack(
  emission: Emission,
  { index: count, type }: Instruction,
  fail: FailVector,
): void {
  const { out } = emission;
  const { size: stride } = layoutOf(type);
  const vector = out.local("i32");
  emitOperand(out, pop(emission));
  out.set(vector);
  fail(VECTOR_UNPACK_PARITY, () => {
    out.get(vector).memory("i32.load", 0).i32(count).op("i32.ne");
  });
  if (count > OPERAND_STACK_SIZE_MAX) unsupported("more elements than a stack holds");
  for (let index = 0; index < count; index++) {
    pushFromPlace(emission, type, { base: vector, offset: VECTOR_ELEMENTS + index * stride });
  }
}

export function visitVecLen(emission: Emission): void {
  const { out } = emission;
  loadVector(emission, popReference(emission));
  out.memory("i64.load32_u", 0);
  pushFromStack(emission, U64);
}

/** Leaves the vector that a reference names. */
function loadVector({ out }: Emission, { base, offset }: Address): void {
  out.get(base).memory("i32.load", offset);
}

function vectorLocal(emission: Emission, reference: Address): Local {
  const vector = emission.out.local("i32");
  loadVector(emission, reference);
  emission.out.set(vector);
  return vector;
}

/** Takes the offset and, below it, the reference. */
export function visitVecBorrow(emission: Emission, result: RuntimeType, fail: FailVector): void {
  const index = pop(emission);
  const reference = popReference(emission);
  const vector = vectorLocal(emission, reference);
  const stride = layoutOf(elementOf(reference)).size;
  const base = elementAddress(emission, vector, index, stride, fail);
  push(emission, { ...reference, type: result, base, offset: VECTOR_ELEMENTS });
}

function elementOf(reference: Operand): RuntimeType {
  const type = targetType(reference);
  assert(type.kind === "vector", "a reference to a vector");
  return type.element;
}

/** Address of an element, less {@link VECTOR_ELEMENTS}. */
function elementAddress(
  emission: Emission,
  vector: Local,
  index: Operand,
  stride: number,
  fail: FailVector,
): Local {
  const { out } = emission;
  fail(VECTOR_INDEX_OUT_OF_BOUNDS, () => {
    emitOperand(out, index);
    out.get(vector).memory("i64.load32_u", 0).op("i64.ge_u");
  });
  const address = out.local("i32");
  out.get(vector);
  emitOperand(out, index);
  out.op("i32.wrap_i64");
  emitScaled(emission, stride);
  out.op("i32.add").set(address);
  return address;
}

/** Multiplies the number of elements on the stack by their size. */
function emitScaled({ out }: Emission, stride: number): void {
  if (stride === 1) return;
  const shift = Math.clz32(1) - Math.clz32(stride);
  if (1 << shift === stride) out.i32(shift).op("i32.shl");
  else out.i32(stride).op("i32.mul");
}

/** Takes the element and, below it, the reference. Its weight is charged elsewhere. */
export function visitVecPushBack(emission: Emission): void {
  const { out, program } = emission;
  const element = pop(emission);
  const reference = popReference(emission);
  const { size: stride } = layoutOf(element.type);
  const vector = vectorLocal(emission, reference);
  const length = out.local("i32");
  out.get(vector).memory("i32.load", 0).tee(length);
  out.get(vector).memory("i32.load", VECTOR_CAPACITY).op("i32.eq").if();
  emitAddress(out, reference);
  out.i32(stride).call(routineIndex(program, GROW_VECTOR));
  loadVector(emission, reference);
  out.set(vector).end();
  const address = out.local("i32");
  out.get(vector).get(length);
  emitScaled(emission, stride);
  out.op("i32.add").set(address);
  storeOperand(emission, element, { base: address, offset: VECTOR_ELEMENTS });
  out.get(vector).get(length).i32(1).op("i32.add").memory("i32.store", 0);
  markWritten(emission, reference);
}

export function visitVecPopBack(emission: Emission, fail: FailVector): void {
  const { out } = emission;
  const reference = popReference(emission);
  const type = elementOf(reference);
  const { size: stride, representation } = layoutOf(type);
  const vector = vectorLocal(emission, reference);
  const [length, address] = [out.local("i32"), out.local("i32")];
  out.get(vector).memory("i32.load", 0).set(length);
  fail(VECTOR_POP_EMPTY, () => out.get(length).op("i32.eqz"));
  out.get(vector).get(length).i32(1).op("i32.sub").tee(length).memory("i32.store", 0);
  markWritten(emission, reference);
  out.get(vector).get(length);
  emitScaled(emission, stride);
  out.op("i32.add").set(address);
  const from = { base: address, offset: VECTOR_ELEMENTS };
  if (representation !== "memory") {
    pushFromPlace(emission, type, from);
    return;
  }
  // The next push would overwrite it.
  const to = framePlace(emission, stride);
  emitCopy(out, to, from, stride);
  push(emission, memoryOperand(type, to));
}

/** Takes two offsets and, below them, the reference. */
export function visitVecSwap(emission: Emission, fail: FailVector): void {
  const second = pop(emission);
  const first = pop(emission);
  const reference = popReference(emission);
  const { size: stride } = layoutOf(elementOf(reference));
  const vector = vectorLocal(emission, reference);
  const left = elementAddress(emission, vector, first, stride, fail);
  const right = elementAddress(emission, vector, second, stride, fail);
  emitSwap(emission, left, right, stride);
  markWritten(emission, reference);
}

const SWAP_STEPS: readonly (readonly [number, MemoryOpcode, MemoryOpcode])[] = [
  [8, "i64.load", "i64.store"],
  [4, "i32.load", "i32.store"],
  [2, "i32.load16_u", "i32.store16"],
  [1, "i32.load8_u", "i32.store8"],
];

function emitSwap({ out }: Emission, left: Local, right: Local, size: number): void {
  const [long, int] = [out.local("i64"), out.local("i32")];
  for (let done = 0; done < size; ) {
    const step = present(
      SWAP_STEPS.find(([width]) => width <= size - done),
      "a byte always fits",
    );
    const [width, load, store] = step;
    const offset = VECTOR_ELEMENTS + done;
    const held = width === 8 ? long : int;
    out.get(left).memory(load, offset).set(held);
    out.get(left).get(right).memory(load, offset).memory(store, offset);
    out.get(right).get(held).memory(store, offset);
    done += width;
  }
}
