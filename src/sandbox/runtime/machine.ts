/**
 * Working on the state of one running call: its operand stack and its counters. Each stack slot
 * carries its type; every instruction checks what it takes, so code that no verifier has seen ends
 * in a status and nothing else.
 */
import { ABILITY_DROP } from "../binary-format/file-format.ts";
import { takeGas, takeMemory } from "../gas/meter.ts";
import { fail, failInvariant } from "./failure.ts";
import { OPERAND_STACK_SIZE_MAX } from "./limits.ts";
import type { Machine } from "./machine-model.ts";
import { hasAbility, isScalar, type RuntimeType } from "./types.ts";
import type { Reference, Value } from "./values/value.ts";
import { weightOf } from "./values/walk.ts";

export function push(machine: Machine, value: Value, type: RuntimeType): void {
  const { height } = machine;
  if (height === OPERAND_STACK_SIZE_MAX) {
    fail("EXECUTION_STACK_OVERFLOW", `over ${OPERAND_STACK_SIZE_MAX} operands`);
  }
  machine.values[height] = value;
  machine.types[height] = type;
  machine.height = height + 1;
}

/** Takes the top value; its type is then {@link poppedType}. */
export function pop(machine: Machine): Value {
  const height = machine.height - 1;
  if (height < machine.frame.base) return fail("EMPTY_VALUE_STACK", "nothing to take");
  machine.height = height;
  const value = machine.values[height];
  return value === undefined ? failInvariant("an operand is gone") : value;
}

/** The type of the value that {@link pop} took last. */
export function poppedType(machine: Machine): RuntimeType {
  const type = machine.types[machine.height];
  return type === undefined ? failInvariant("an operand has no type") : type;
}

/** Takes the top value, which must be of `type`. */
export function popTyped(machine: Machine, type: RuntimeType | undefined): Value {
  const value = pop(machine);
  if (machine.types[machine.height] !== type) failInvariant("an operand is of another type");
  return value;
}

/** Takes as many values as there are types, the last one on top. */
export function popList(machine: Machine, types: readonly RuntimeType[]): Value[] {
  const start = startOfLast(machine, types.length);
  for (let index = 0; index < types.length; index++) {
    if (machine.types[start + index] !== types[index]) {
      failInvariant("an operand is of another type");
    }
  }
  return takeFrom(machine, start);
}

/** Takes `count` values of one type, the last one on top. */
export function popRun(machine: Machine, type: RuntimeType, count: number): Value[] {
  const start = startOfLast(machine, count);
  for (let index = start; index < machine.height; index++) {
    if (machine.types[index] !== type) failInvariant("an operand is of another type");
  }
  return takeFrom(machine, start);
}

function startOfLast(machine: Machine, count: number): number {
  const start = machine.height - count;
  return start < machine.frame.base ? fail("EMPTY_VALUE_STACK", "nothing to take") : start;
}

function takeFrom(machine: Machine, start: number): Value[] {
  const taken = machine.values.slice(start, machine.height);
  machine.height = start;
  return taken;
}

export function asReference(value: Value): Reference {
  if (typeof value === "object" && !Array.isArray(value)) return value;
  return failInvariant("an operand is no reference");
}

/** What a reference names. A reference that outlived it fails. */
export function target(reference: Reference): Value {
  const value = reference.container[reference.index];
  return value === undefined ? failInvariant("a reference to nothing") : value;
}

export function chargeGas(machine: Machine, amount: number): void {
  if (!takeGas(machine.meter, amount)) fail("OUT_OF_GAS");
}

export function chargeMemory(machine: Machine, weight: number): void {
  if (!takeMemory(machine.meter, weight)) {
    fail("MEMORY_LIMIT_EXCEEDED", "a call allocated more than its limit");
  }
}

/** Charges for reading through a value that is not scalar. Returns its weight. */
export function chargeWalk(machine: Machine, type: RuntimeType, value: Value): number {
  if (isScalar(type)) return 0;
  const { meter, schedule } = machine;
  // Counting stops where the charge could not be paid any more.
  const most = (meter.gasLeft + 1) * schedule.weightPerGas;
  const weight = weightOf(type, value, most);
  chargeGas(machine, Math.floor(weight / schedule.weightPerGas));
  return weight;
}

/** Charges for a copy: the walk and the memory it fills. */
export function chargeCopy(machine: Machine, type: RuntimeType, value: Value): void {
  if (isScalar(type)) return;
  chargeMemory(machine, chargeWalk(machine, type, value));
}

/** Refuses to lose a value that has no `drop`. */
export function checkDroppable(type: RuntimeType): void {
  if (!hasAbility(type, ABILITY_DROP)) failInvariant("a value without drop is lost");
}
