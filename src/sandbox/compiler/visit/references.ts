/** Reading and writing through references, and borrowing fields: references are addresses. */
import { assert, present } from "../../core/assert.ts";
import type { Instruction } from "../../runtime/machine-model.ts";
import {
  isReference,
  type RuntimeType,
  referenceType,
  type StructType,
} from "../../runtime/types.ts";
import {
  type Emission,
  failIf,
  markWritten,
  pop,
  push,
  pushFromPlace,
  storeOperand,
} from "../emission.ts";
import { layoutOf } from "../layout.ts";
import type { Address, Operand } from "../operand.ts";
import { pushCopy } from "./copies.ts";

type ReferenceOperand = Operand & { readonly kind: "reference" };

export function popReference(emission: Emission): ReferenceOperand {
  const operand = pop(emission);
  assert(operand.kind === "reference", "verified code takes a reference here");
  return operand;
}

export function targetType({ type }: Operand): RuntimeType {
  assert(isReference(type), "an operand is a reference");
  return type.target;
}

export function visitReadRef(emission: Emission): void {
  const reference = popReference(emission);
  const type = targetType(reference);
  const { representation } = layoutOf(type);
  if (representation === "memory" || type.kind === "vector") pushCopy(emission, type, reference);
  else pushFromPlace(emission, type, reference);
}

export function visitWriteRef(emission: Emission): void {
  const reference = popReference(emission);
  storeOperand(emission, pop(emission), reference);
  markWritten(emission, reference);
}

export function visitFreezeRef(emission: Emission): void {
  const reference = popReference(emission);
  const { base, offset } = reference;
  const type = referenceType(targetType(reference), false);
  push(emission, { kind: "reference", type, base, offset });
}

export function visitBorrowField(emission: Emission, { index, result }: Instruction): void {
  const reference = popReference(emission);
  const offset = fieldOffset(structOf(reference), 0, index);
  push(emission, { ...reference, type: result, offset: reference.offset + offset });
}

export function structOf(reference: Operand): StructType {
  const type = targetType(reference);
  assert(type.kind === "struct", "fields are of structs");
  return type;
}

function fieldOffset(type: StructType, variant: number, field: number): number {
  return present(layoutOf(type).offsets[variant]?.[field], "a field of the struct");
}

/** The field may lie elsewhere in each variant that has it. */
export function visitBorrowVariantField(emission: Emission, instruction: Instruction): void {
  const { out } = emission;
  const { index, variants, result } = instruction;
  const reference = popReference(emission);
  const type = structOf(reference);
  const variant = out.local("i32");
  out.get(reference.base).memory("i32.load", reference.offset).set(variant);
  failIf(emission, "STRUCT_VARIANT_MISMATCH", () => {
    for (const [position, number] of variants.entries()) {
      out.get(variant).i32(number).op("i32.ne");
      if (position > 0) out.op("i32.and");
    }
  });
  const offsets = variants.map((number) => fieldOffset(type, number, index));
  const [first, ...others] = offsets;
  assert(first !== undefined, "some variant has the field");
  if (others.every((offset) => offset === first)) {
    push(emission, { ...reference, type: result, offset: reference.offset + first });
    return;
  }
  const base = out.local("i32");
  for (const [position, number] of variants.entries()) {
    out.get(variant).i32(number).op("i32.eq").if();
    out
      .get(reference.base)
      .i32(offsets[position] ?? 0)
      .op("i32.add")
      .set(base)
      .end();
  }
  push(emission, { ...reference, type: result, base });
}

/** Loads the number of the variant at a place. */
export function emitVariant(emission: Emission, { base, offset }: Address): void {
  emission.out.get(base).memory("i32.load", offset);
}
