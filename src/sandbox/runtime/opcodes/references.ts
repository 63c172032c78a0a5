/** Reading and writing through references, freezing, and borrowing fields. */
import { ABILITY_COPY } from "../../binary-format/file-format.ts";
import { fail, failInvariant } from "../failure.ts";
import {
  asReference,
  chargeCopy,
  checkDroppable,
  pop,
  poppedType,
  popTyped,
  push,
  target,
} from "../machine.ts";
import type { Handler, Instruction, Machine } from "../machine-model.ts";
import { hasAbility, isReference, type RuntimeType, referenceType } from "../types.ts";
import { type Reference, VARIANT_FIELDS_START } from "../values/value.ts";
import { copyValue, slotsOf } from "../values/walk.ts";

export const readRef: Handler = (machine) => {
  const reference = asReference(pop(machine));
  const type = poppedType(machine);
  if (!isReference(type)) return failInvariant("read through no reference");
  const read = type.target;
  if (!hasAbility(read, ABILITY_COPY)) return failInvariant("a value without copy is copied");
  const value = target(reference);
  chargeCopy(machine, read, value);
  push(machine, copyValue(read, value), read);
};

export const writeRef: Handler = (machine) => {
  const reference = asReference(pop(machine));
  const type = poppedType(machine);
  if (type.kind !== "mutableReference") return failInvariant("write through no mutable reference");
  const value = popTyped(machine, type.target);
  checkDroppable(type.target);
  target(reference);
  reference.container[reference.index] = value;
  if (reference.root !== undefined) reference.root.written = true;
};

export const freezeRef: Handler = (machine) => {
  const reference = pop(machine);
  const type = poppedType(machine);
  if (type.kind !== "mutableReference") return failInvariant("freezes no mutable reference");
  push(machine, reference, referenceType(type.target, false));
};

/** Takes a reference to what `reads` names, mutable or not: reading is all that will be done. */
export function popReadable(machine: Machine, reads: RuntimeType): Reference {
  const reference = asReference(pop(machine));
  const type = poppedType(machine);
  const readable = isReference(type) && isReference(reads) && type.target === reads.target;
  return readable ? reference : failInvariant("a reference to another type");
}

/** `MutBorrowField`. */
export const borrowFieldMut: Handler = (machine, { index, type, result }) => {
  const reference = asReference(popTyped(machine, type));
  push(machine, slotWithin(reference, index), result);
};

/** `ImmBorrowField`. */
export const borrowField: Handler = (machine, { index, type, result }) => {
  push(machine, slotWithin(popReadable(machine, type), index), result);
};

/** `MutBorrowVariantField`: `index` counts from the variant's first field. */
export const borrowVariantFieldMut: Handler = (machine, instruction) => {
  const reference = asReference(popTyped(machine, instruction.type));
  push(machine, variantSlot(reference, instruction), instruction.result);
};

/** `ImmBorrowVariantField`. */
export const borrowVariantField: Handler = (machine, instruction) => {
  const reference = popReadable(machine, instruction.type);
  push(machine, variantSlot(reference, instruction), instruction.result);
};

function slotWithin({ container, index, root }: Reference, slot: number): Reference {
  return { container: slotsOf(container[index]), index: slot, root };
}

function variantSlot(reference: Reference, { index, variants }: Instruction): Reference {
  const slot = slotWithin(reference, VARIANT_FIELDS_START + index);
  const [variant] = slot.container;
  if (typeof variant !== "number") return failInvariant("an enum without a variant");
  if (!variants.includes(variant)) fail("STRUCT_VARIANT_MISMATCH", `variant ${variant}`);
  return slot;
}
