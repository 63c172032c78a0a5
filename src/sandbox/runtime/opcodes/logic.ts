/** Booleans, and equality of values of any one type; references are compared by what they name. */
import { ABILITY_DROP } from "../../binary-format/file-format.ts";
import { failInvariant } from "../failure.ts";
import { asReference, chargeWalk, pop, poppedType, popTyped, push, target } from "../machine.ts";
import type { Handler, Machine } from "../machine-model.ts";
import { BOOL, hasAbility, isReference } from "../types.ts";
import { booleanOf } from "../values/bcs.ts";
import { equalValues } from "../values/walk.ts";

export const and: Handler = (machine) => {
  const right = booleanOf(popTyped(machine, BOOL));
  const left = booleanOf(popTyped(machine, BOOL));
  push(machine, left && right, BOOL);
};

export const or: Handler = (machine) => {
  const right = booleanOf(popTyped(machine, BOOL));
  const left = booleanOf(popTyped(machine, BOOL));
  push(machine, left || right, BOOL);
};

export const not: Handler = (machine) => {
  push(machine, !booleanOf(popTyped(machine, BOOL)), BOOL);
};

export const eq: Handler = (machine) => {
  push(machine, popEqual(machine), BOOL);
};

export const neq: Handler = (machine) => {
  push(machine, !popEqual(machine), BOOL);
};

/** Both sides are charged whole, however early they differ. */
function popEqual(machine: Machine): boolean {
  const right = pop(machine);
  const type = poppedType(machine);
  const left = popTyped(machine, type);
  if (!hasAbility(type, ABILITY_DROP)) failInvariant("compared values are lost without drop");
  const [a, b, compared] = isReference(type)
    ? [target(asReference(left)), target(asReference(right)), type.target]
    : [left, right, type];
  chargeWalk(machine, compared, a);
  chargeWalk(machine, compared, b);
  return equalValues(compared, a, b);
}
