/** Making structs and variants and taking them apart. */
import { assert } from "../../core/assert.ts";
import type { Instruction } from "../../runtime/machine-model.ts";
import { BOOL, type RuntimeType, type StructType } from "../../runtime/types.ts";
import {
  type Emission,
  failIf,
  framePlace,
  memoryOperand,
  overlaps,
  pop,
  popMany,
  push,
  pushFromPlace,
  pushFromStack,
  storeOperand,
} from "../emission.ts";
import { layoutOf, placedFields } from "../layout.ts";
import type { Address, Operand } from "../operand.ts";
import { emitVariant, popReference } from "./references.ts";

function structOf(type: RuntimeType): StructType {
  assert(type.kind === "struct", "an instruction on structs");
  return type;
}

export function visitPack(emission: Emission, { result }: Instruction): void {
  const type = structOf(result);
  const fields = popMany(emission, placedFields(type).length);
  const place = destination(emission, fields) ?? framePlace(emission, layoutOf(type).size);
  storeFields(emission, type, 0, fields, place);
  push(emission, memoryOperand(type, place));
}

/**
 * Where the struct is going anyway: the local that the next instruction stores it in, unless its
 * fields lie there.
 */
function destination(emission: Emission, fields: readonly Operand[]): Address | undefined {
  const { callee, offset, storage, stack } = emission;
  const next = callee.definition.code?.code[offset + 1];
  const local = next?.opcode === "StLoc" ? storage[next.index] : undefined;
  const type = next?.opcode === "StLoc" ? callee.locals[next.index] : undefined;
  if (local?.kind !== "place" || type === undefined) return undefined;
  const { size } = layoutOf(type);
  const isInUse = [...fields, ...stack].some(
    (operand) => operand.kind === "memory" && overlaps(operand, local.address, size),
  );
  return isInUse ? undefined : local.address;
}

export function visitPackVariant(emission: Emission, { index, result }: Instruction): void {
  const type = structOf(result);
  const fields = popMany(emission, placedFields(type, index).length);
  const place = framePlace(emission, layoutOf(type).size);
  emission.out.get(place.base).i32(index).memory("i32.store", place.offset);
  storeFields(emission, type, index, fields, place);
  push(emission, memoryOperand(type, place));
}

function storeFields(
  emission: Emission,
  type: StructType,
  variant: number,
  fields: readonly Operand[],
  { base, offset }: Address,
): void {
  placedFields(type, variant).forEach((field, index) => {
    const operand = fields[index];
    assert(operand !== undefined, "as many operands as fields");
    storeOperand(emission, operand, { base, offset: offset + field.offset });
  });
}

export function visitUnpack(emission: Emission, { type }: Instruction): void {
  pushFields(emission, structOf(type), 0, popStruct(emission));
}

export function visitUnpackVariant(emission: Emission, { index, type }: Instruction): void {
  const operand = popStruct(emission);
  failIf(emission, "STRUCT_VARIANT_MISMATCH", () => {
    emitVariant(emission, operand);
    emission.out.i32(index).op("i32.ne");
  });
  pushFields(emission, structOf(type), index, operand);
}

function popStruct(emission: Emission): Operand & Address {
  const operand = pop(emission);
  assert(operand.kind === "memory", "a struct stays in memory");
  return operand;
}

function pushFields(
  emission: Emission,
  type: StructType,
  variant: number,
  { base, offset }: Address,
): void {
  for (const field of placedFields(type, variant)) {
    pushFromPlace(emission, field.type, { base, offset: offset + field.offset });
  }
}

export function visitTestVariant(emission: Emission, { index }: Instruction): void {
  emitVariant(emission, popReference(emission));
  emission.out.i32(index).op("i32.eq");
  pushFromStack(emission, BOOL);
}
