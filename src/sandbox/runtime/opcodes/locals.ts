/** Locals, literals, constants, and dropping what nobody wants. */
import { ABILITY_COPY } from "../../binary-format/file-format.ts";
import { failInvariant } from "../failure.ts";
import {
  chargeCopy,
  chargeMemory,
  checkDroppable,
  pop,
  poppedType,
  popTyped,
  push,
} from "../machine.ts";
import type { Handler, Instruction, Machine } from "../machine-model.ts";
import { hasAbility, isScalar } from "../types.ts";
import type { Value } from "../values/value.ts";
import { copyValue, weightOf } from "../values/walk.ts";

export const popTop: Handler = (machine) => {
  pop(machine);
  checkDroppable(poppedType(machine));
};

export const copyLoc: Handler = (machine, instruction) => {
  const { type } = instruction;
  if (!hasAbility(type, ABILITY_COPY)) failInvariant("a local without copy is copied");
  const value = localValue(machine, instruction);
  if (isScalar(type)) {
    push(machine, value, type);
    return;
  }
  chargeCopy(machine, type, value);
  push(machine, copyValue(type, value), type);
};

export const moveLoc: Handler = (machine, instruction) => {
  const value = localValue(machine, instruction);
  machine.frame.locals[instruction.index] = undefined;
  push(machine, value, instruction.type);
};

export const stLoc: Handler = (machine, { index, type }) => {
  const value = popTyped(machine, type);
  const { locals } = machine.frame;
  if (locals[index] !== undefined) checkDroppable(type);
  locals[index] = value;
};

/** `MutBorrowLoc` and `ImmBorrowLoc`. */
export const borrowLoc: Handler = (machine, instruction) => {
  localValue(machine, instruction);
  const { index, result } = instruction;
  push(machine, { container: machine.frame.locals, index, root: undefined }, result);
};

/** `LdTrue`, `LdFalse` and the integer literals. */
export const loadLiteral: Handler = (machine, { value, result }) => {
  push(machine, value, result);
};

export const loadConstant: Handler = (machine, { value, result }) => {
  if (isScalar(result)) {
    push(machine, value, result);
    return;
  }
  chargeMemory(machine, weightOf(result, value, Number.MAX_SAFE_INTEGER));
  push(machine, copyValue(result, value), result);
};

function localValue(machine: Machine, { index }: Instruction): Value {
  const value = machine.frame.locals[index];
  return value === undefined ? failInvariant("a local holds nothing") : value;
}
