/** Branches, calls, returns and aborts. The loop adds one to `pc` after every instruction. */
import { fail, failAbort, failInvariant } from "../failure.ts";
import { CALL_STACK_SIZE_MAX, INSTANCE_COUNT_MAX } from "../limits.ts";
import { checkDroppable, popList, popTyped } from "../machine.ts";
import type { Frame, Handler, ResolvedFunction } from "../machine-model.ts";
import { callNative } from "../native-call.ts";
import { BOOL, U64 } from "../types.ts";
import { bigintOf, booleanOf } from "../values/bcs.ts";
import type { Value } from "../values/value.ts";

export const branch: Handler = (machine, { index }) => {
  machine.frame.pc = index - 1;
};

export const brTrue: Handler = (machine, { index }) => {
  if (booleanOf(popTyped(machine, BOOL))) machine.frame.pc = index - 1;
};

export const brFalse: Handler = (machine, { index }) => {
  if (!booleanOf(popTyped(machine, BOOL))) machine.frame.pc = index - 1;
};

export const nop: Handler = () => undefined;

export const abort: Handler = (machine) => {
  failAbort(bigintOf(popTyped(machine, U64)));
};

/** `Call` and `CallGeneric`. */
export const call: Handler = (machine, instruction) => {
  instruction.callee ??= instruction.findCallee();
  const { callee } = instruction;
  if (callee.native !== undefined) {
    callNative(machine, callee, callee.native);
    return;
  }
  if (machine.callers.length === CALL_STACK_SIZE_MAX) {
    fail("CALL_STACK_OVERFLOW", `over ${CALL_STACK_SIZE_MAX} frames`);
  }
  if (callee.typeArgs.length > 0) countInstance(machine.instances, callee);
  const args = popList(machine, callee.parameters);
  machine.callers.push(machine.frame);
  machine.frame = makeFrame(callee, args, machine.height);
};

/** Instances can grow in number exponentially with the code that names them. */
function countInstance(instances: Set<ResolvedFunction>, callee: ResolvedFunction): void {
  instances.add(callee);
  if (instances.size > INSTANCE_COUNT_MAX) {
    fail("EXECUTION_LIMIT_REACHED", `over ${INSTANCE_COUNT_MAX} instances of generic functions`);
  }
}

export const ret: Handler = (machine) => {
  const { frame } = machine;
  const { returns, locals } = frame.function;
  if (machine.height !== frame.base + returns.length) failInvariant("other values than returned");
  for (const [index, type] of returns.entries()) {
    if (machine.types[frame.base + index] !== type) failInvariant("another type is returned");
  }
  for (const [index, type] of locals.entries()) {
    if (frame.locals[index] !== undefined) checkDroppable(type);
  }
  const caller = machine.callers.pop();
  if (caller === undefined) machine.isDone = true;
  else machine.frame = caller;
};

/** @param args become the first locals; the others are empty. */
export function makeFrame(callee: ResolvedFunction, args: readonly Value[], base: number): Frame {
  const locals: (Value | undefined)[] = [...args];
  while (locals.length < callee.locals.length) locals.push(undefined);
  return { function: callee, code: callee.code, locals, base, pc: 0 };
}
