/**
 * The copying pass over the heap, between calls: what residents hold is copied together, the rest
 * is garbage that calls left. Copies are made behind the heap's end and moved to its start in one
 * piece, so every pointer written on the way is already that of the final place.
 */
import type { Plan } from "./codec.ts";
import { layoutOf } from "./layout.ts";
import type { LinearMemory } from "./linear-memory.ts";
import {
  HEAP,
  SLOT_KEY,
  SLOT_SIZE,
  SLOT_VALUE,
  VECTOR_CAPACITY,
  VECTOR_ELEMENTS,
} from "./memory-map.ts";
import type { Resident } from "./resident.ts";

/** Needs room behind the heap for all that is in use; throws `HeapExhaustedError` if it lacks. */
export function compact(memory: LinearMemory, residents: readonly Resident[]): void {
  const start = memory.heapTop;
  const pass: Pass = { memory, shift: start - HEAP };
  for (const resident of residents) moveResident(pass, resident);
  const end = memory.heapTop;
  memory.bytes.copyWithin(HEAP, start, end);
  memory.heapTop = HEAP + end - start;
}

interface Pass {
  readonly memory: LinearMemory;
  /** From where a copy is made to where it will be, downwards. */
  readonly shift: number;
}

/** Hot encodings are not moved: they were given up before. */
function moveResident(pass: Pass, resident: Resident): void {
  const { memory, shift } = pass;
  let { slot } = resident;
  if (resident.key.kind === "tableItem") {
    slot = copyBytes(memory, slot, SLOT_SIZE);
    resident.slot = slot - shift;
  }
  const key = memory.allocate(resident.order.length);
  memory.bytes.set(resident.order, key);
  memory.writeU32(slot + SLOT_KEY, key - shift);
  const value = resident.isValid ? memory.readU32(slot + SLOT_VALUE) : 0;
  if (value === 0) {
    memory.writeU32(slot + SLOT_VALUE, 0);
    return;
  }
  const copy = copyBytes(memory, value, layoutOf(resident.type).size);
  moveParts(pass, resident.plan, copy);
  memory.writeU32(slot + SLOT_VALUE, copy - shift);
}

function copyBytes(memory: LinearMemory, from: number, size: number): number {
  const to = memory.allocate(size);
  memory.bytes.copyWithin(to, from, from + size);
  return to;
}

/** Copies what the vectors of a value hold, whose own bytes are at `address` already. */
function moveParts(pass: Pass, plan: Plan, address: number): void {
  const { memory } = pass;
  switch (plan.kind) {
    case "flat":
      return;
    case "vector":
      memory.writeU32(address, moveVector(pass, plan, memory.readU32(address)));
      return;
    case "struct":
      for (const { plan: field, offset } of plan.fields) moveParts(pass, field, address + offset);
      return;
    case "enum":
      for (const { plan: field, offset } of plan.variants[memory.readU32(address)] ?? []) {
        moveParts(pass, field, address + offset);
      }
  }
}

/** Copies a vector without the room it has to spare; returns where it will be. */
function moveVector(
  pass: Pass,
  { element, stride }: Plan & { kind: "vector" },
  vector: number,
): number {
  const { memory, shift } = pass;
  const length = memory.readU32(vector);
  if (length === 0) return 0;
  const copy = copyBytes(memory, vector, VECTOR_ELEMENTS + length * stride);
  memory.writeU32(copy + VECTOR_CAPACITY, length);
  if (element.kind !== "flat") {
    for (let index = 0; index < length; index++) {
      moveParts(pass, element, copy + VECTOR_ELEMENTS + index * stride);
    }
  }
  return copy - shift;
}
