/**
 * Vector instructions. `type` is the element; `result` what is left. Offsets out of range are coded
 * failures.
 */
import {
  fail,
  failInvariant,
  VECTOR_INDEX_OUT_OF_BOUNDS,
  VECTOR_POP_EMPTY,
  VECTOR_UNPACK_PARITY,
} from "../failure.ts";
import { asReference, chargeMemory, popRun, popTyped, push } from "../machine.ts";
import type { Handler, Machine } from "../machine-model.ts";
import { typeShape } from "../type-shape.ts";
import { type RuntimeType, referenceType, U64, vectorType } from "../types.ts";
import { bigintOf } from "../values/bcs.ts";
import type { Reference, Value } from "../values/value.ts";
import { slotsOf } from "../values/walk.ts";
import { popReadable } from "./references.ts";

/** Takes `index` elements. */
export const vecPack: Handler = (machine, { index: count, type, result }) => {
  const elements = popRun(machine, type, count);
  chargeMemory(machine, count * typeShape(type).inlineWeight);
  push(machine, elements, result);
};

/** Leaves `index` elements; the vector must have as many. */
export const vecUnpack: Handler = (machine, { index: count, type }) => {
  const elements = slotsOf(popTyped(machine, vectorType(type)));
  if (elements.length !== count) {
    fail(
      "VECTOR_OPERATION_ERROR",
      `${elements.length} elements instead of ${count}`,
      VECTOR_UNPACK_PARITY,
    );
  }
  for (const element of elements) push(machine, element, type);
};

export const vecLen: Handler = (machine, { type }) => {
  const elements = elementsOf(popReadable(machine, referenceType(vectorType(type), false)));
  push(machine, BigInt(elements.length), U64);
};

export const vecImmBorrow: Handler = (machine, { type, result }) => {
  const offset = bigintOf(popTyped(machine, U64));
  const reference = popReadable(machine, referenceType(vectorType(type), false));
  push(machine, elementSlot(reference, offset), result);
};

export const vecMutBorrow: Handler = (machine, { type, result }) => {
  const offset = bigintOf(popTyped(machine, U64));
  push(machine, elementSlot(popMutable(machine, type), offset), result);
};

export const vecPushBack: Handler = (machine, { type }) => {
  const element = popTyped(machine, type);
  pushElement(machine, popMutable(machine, type), type, element);
};

export const vecPopBack: Handler = (machine, { type }) => {
  push(machine, popElement(popMutable(machine, type)), type);
};

export const vecSwap: Handler = (machine, { type }) => {
  const second = bigintOf(popTyped(machine, U64));
  const first = bigintOf(popTyped(machine, U64));
  swapElements(popMutable(machine, type), first, second);
};

function popMutable(machine: Machine, element: RuntimeType): Reference {
  return asReference(popTyped(machine, referenceType(vectorType(element), true)));
}

export function elementsOf({ container, index }: Reference): Value[] {
  return slotsOf(container[index]);
}

export function elementSlot(reference: Reference, offset: bigint): Reference {
  const container = elementsOf(reference);
  return { container, index: checkedOffset(offset, container), root: reference.root };
}

export function pushElement(
  machine: Machine,
  reference: Reference,
  type: RuntimeType,
  element: Value,
): void {
  chargeMemory(machine, typeShape(type).inlineWeight);
  elementsOf(reference).push(element);
  markWritten(reference);
}

export function popElement(reference: Reference): Value {
  const element = elementsOf(reference).pop();
  if (element === undefined) {
    return fail("VECTOR_OPERATION_ERROR", "the vector is empty", VECTOR_POP_EMPTY);
  }
  markWritten(reference);
  return element;
}

export function swapElements(reference: Reference, first: bigint, second: bigint): void {
  const elements = elementsOf(reference);
  const [a, b] = [checkedOffset(first, elements), checkedOffset(second, elements)];
  const [left, right] = [elements[a], elements[b]];
  if (left === undefined || right === undefined) return failInvariant("an element is gone");
  elements[a] = right;
  elements[b] = left;
  markWritten(reference);
}

export function markWritten({ root }: Reference): void {
  if (root !== undefined) root.written = true;
}

function checkedOffset(offset: bigint, elements: readonly Value[]): number {
  if (offset >= BigInt(elements.length)) {
    fail(
      "VECTOR_OPERATION_ERROR",
      `offset ${offset} of ${elements.length}`,
      VECTOR_INDEX_OUT_OF_BOUNDS,
    );
  }
  return Number(offset);
}
