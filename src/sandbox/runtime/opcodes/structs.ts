/** Making structs and variants and taking them apart. */
import { fail, failInvariant } from "../failure.ts";
import { popList, popTyped, push } from "../machine.ts";
import type { Handler, Machine } from "../machine-model.ts";
import type { RuntimeType } from "../types.ts";
import { BOOL } from "../types.ts";
import type { Value } from "../values/value.ts";
import { slotsOf } from "../values/walk.ts";
import { popReadable } from "./references.ts";

export const pack: Handler = (machine, { types, result }) => {
  push(machine, popList(machine, types), result);
};

/** `index` is the variant's number. */
export const packVariant: Handler = (machine, { index, types, result }) => {
  push(machine, [index, ...popList(machine, types)], result);
};

export const unpack: Handler = (machine, { type, types }) => {
  pushFields(machine, types, slotsOf(popTyped(machine, type)));
};

export const unpackVariant: Handler = (machine, { index, type, types }) => {
  const [variant, ...fields] = slotsOf(popTyped(machine, type));
  if (variant !== index) fail("STRUCT_VARIANT_MISMATCH", `not variant ${index}`);
  pushFields(machine, types, fields);
};

/** Takes a reference to an enum and tells whether it is variant `index`. */
export const testVariant: Handler = (machine, { index, type }) => {
  const reference = popReadable(machine, type);
  const [variant] = slotsOf(reference.container[reference.index]);
  push(machine, variant === index, BOOL);
};

function pushFields(
  machine: Machine,
  types: readonly RuntimeType[],
  fields: readonly Value[],
): void {
  if (fields.length !== types.length) failInvariant("a struct with other fields");
  for (const [index, type] of types.entries()) {
    const field = fields[index];
    push(machine, field === undefined ? failInvariant("a field holds nothing") : field, type);
  }
}
