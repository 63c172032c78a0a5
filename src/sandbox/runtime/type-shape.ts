/**
 * What a type says about all its values: how deep they nest and what they weigh (SPEC.md "Weight").
 * Also the gate against types whose values would nest without bound, which no verified module has.
 */

import { membersOf } from "./closed-types.ts";
import { fail } from "./failure.ts";
import { VALUE_DEPTH_MAX } from "./limits.ts";
import { isReference, type RuntimeType, type TypeShape } from "./types.ts";

const SCALAR_WEIGHTS = {
  bool: 1,
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  u128: 16,
  u256: 32,
  address: 32,
  signer: 32,
} as const;

/** Weight of a vector without its elements. */
export const VECTOR_WEIGHT = 8;
/** Weight of a variant's number. */
export const VARIANT_WEIGHT = 1;

/** Fails with `VM_MAX_VALUE_DEPTH_REACHED` for a type whose values can nest deeper than any may. */
export function typeShape(type: RuntimeType): TypeShape {
  return type.shape ?? shapeWithin(type, VALUE_DEPTH_MAX);
}

function shapeWithin(type: RuntimeType, depthLeft: number): TypeShape {
  if (depthLeft === 0) {
    return fail("VM_MAX_VALUE_DEPTH_REACHED", `values nest deeper than ${VALUE_DEPTH_MAX}`);
  }
  if (type.shape !== undefined) {
    if (type.shape.valueDepth > depthLeft) {
      return fail("VM_MAX_VALUE_DEPTH_REACHED", `values nest deeper than ${VALUE_DEPTH_MAX}`);
    }
    return type.shape;
  }
  const shape = makeShape(type, depthLeft - 1);
  type.shape = shape;
  return shape;
}

function makeShape(type: RuntimeType, depthLeft: number): TypeShape {
  if (isReference(type)) return { valueDepth: 1, fixedWeight: 0, inlineWeight: 0 };
  if (type.kind === "vector") {
    const { valueDepth } = shapeWithin(type.element, depthLeft);
    return { valueDepth: valueDepth + 1, fixedWeight: undefined, inlineWeight: VECTOR_WEIGHT };
  }
  if (type.kind !== "struct") {
    const weight = SCALAR_WEIGHTS[type.kind];
    return { valueDepth: 1, fixedWeight: weight, inlineWeight: weight };
  }
  const members = membersOf(type);
  if (members.kind === "fields") return sequenceShape(members.fields, depthLeft);
  const variants = members.variants.map((fields) => sequenceShape(fields, depthLeft));
  return {
    valueDepth: Math.max(1, ...variants.map(({ valueDepth }) => valueDepth)),
    fixedWeight: undefined,
    inlineWeight: VARIANT_WEIGHT + Math.max(0, ...variants.map(({ inlineWeight }) => inlineWeight)),
  };
}

/** Shape of a struct or variant with these fields. */
function sequenceShape(fields: readonly RuntimeType[], depthLeft: number): TypeShape {
  let valueDepth = 0;
  let fixedWeight: number | undefined = 0;
  let inlineWeight = 0;
  for (const field of fields) {
    const shape = shapeWithin(field, depthLeft);
    valueDepth = Math.max(valueDepth, shape.valueDepth);
    inlineWeight += shape.inlineWeight;
    fixedWeight =
      fixedWeight === undefined || shape.fixedWeight === undefined
        ? undefined
        : fixedWeight + shape.fixedWeight;
  }
  return { valueDepth: valueDepth + 1, fixedWeight, inlineWeight };
}
