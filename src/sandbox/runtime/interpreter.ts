/**
 * The reference interpreter's loop: one instruction after another, gas at every block, a coded
 * failure with its place. It is meant to be read; the compiler is held to what it does.
 */
import { assert } from "../core/assert.ts";
import type { CodeLocation } from "../core/status.ts";
import { fail, VmFailure } from "./failure.ts";
import { chargeGas } from "./machine.ts";
import type { Frame, Machine, ResolvedFunction } from "./machine-model.ts";
import { callNative } from "./native-call.ts";
import { makeFrame } from "./opcodes/control.ts";
import type { Value } from "./values/value.ts";

/** A machine without a frame yet. */
export type MachineParts = Omit<
  Machine,
  "values" | "types" | "height" | "frame" | "callers" | "isDone"
>;

/** Runs a function to its end and returns its results. Throws `VmFailure` with its location. */
export function interpret(
  parts: MachineParts,
  entry: ResolvedFunction,
  args: readonly Value[],
): readonly Value[] {
  const frame = makeFrame(entry, args, 0);
  const machine: Machine = {
    ...parts,
    values: [],
    types: [],
    height: 0,
    frame,
    callers: [],
    isDone: false,
  };
  if (entry.native === undefined) run(machine);
  else runNative(machine, entry, args);
  return entry.returns.map((_, index) => {
    const value = machine.values[index];
    assert(value !== undefined, "a returned value is on the stack");
    return value;
  });
}

function run(machine: Machine): void {
  try {
    while (!machine.isDone) step(machine, machine.frame);
  } catch (error) {
    if (error instanceof VmFailure) error.location ??= locationOf(machine.frame);
    throw error;
  }
}

function step(machine: Machine, frame: Frame): void {
  const instruction = frame.code[frame.pc];
  if (instruction === undefined) return fail("PC_OVERFLOW", "the code ends without a return");
  if (instruction.gas > 0) chargeGas(machine, instruction.gas);
  instruction.run(machine, instruction);
  frame.pc += 1;
}

/** A native called from outside: its arguments go through the stack as a caller's would. */
function runNative(machine: Machine, entry: ResolvedFunction, args: readonly Value[]): void {
  assert(entry.native !== undefined, "a native has an implementation");
  args.forEach((arg, index) => {
    const type = entry.parameters[index];
    assert(type !== undefined, "arguments match the parameters");
    machine.values[index] = arg;
    machine.types[index] = type;
  });
  machine.height = args.length;
  callNative(machine, entry, entry.native);
}

function locationOf({ function: { module, index }, pc }: Frame): CodeLocation {
  return { module: module.id, functionIndex: index, offset: pc };
}
