/**
 * Calls natives: plain ones over converted arguments, host operations over the interpreter's own
 * values.
 */

import { CHAIN_ONLY_ABORT, type NativeFunction, type PlainNative } from "../natives/native.ts";
import { failAbort, VmFailure } from "./failure.ts";
import { HOST_OPERATIONS } from "./host-operations.ts";
import { chargeGas, chargeMemory, popList, push } from "./machine.ts";
import type { Machine, ResolvedFunction } from "./machine-model.ts";
import { fromPlain, toPlain } from "./plain-conversion.ts";
import { tagOf } from "./types.ts";
import type { Value } from "./values/value.ts";
import { weightOf } from "./values/walk.ts";

/**
 * Runs a native in the caller's frame. What goes wrong inside is located at the native itself,
 * offset 0.
 */
export function callNative(
  machine: Machine,
  callee: ResolvedFunction,
  native: NativeFunction,
): void {
  const args = popList(machine, callee.parameters);
  let results: readonly Value[];
  try {
    if (native.chainOnly === true && !machine.allowsChainOnly) failAbort(CHAIN_ONLY_ABORT);
    results =
      native.kind === "plain"
        ? runPlain(machine, callee, native, args)
        : HOST_OPERATIONS[native.operation](machine, callee, args);
  } catch (error) {
    if (error instanceof VmFailure && error.status !== "OUT_OF_GAS") {
      error.location ??= { module: callee.module.id, functionIndex: callee.index, offset: 0 };
    }
    throw error;
  }
  for (const [index, type] of callee.returns.entries()) {
    const value = results[index];
    if (value !== undefined) push(machine, value, type);
  }
}

function runPlain(
  machine: Machine,
  callee: ResolvedFunction,
  native: PlainNative,
  args: readonly Value[],
): readonly Value[] {
  const typeArgs = callee.typeArgs.map(tagOf);
  const plain = args.map((arg, index) => toPlain(callee.parameters[index], arg));
  chargeGas(machine, native.gas(plain, typeArgs));
  const result = native.run(plain, typeArgs);
  if (result.type === "aborted") return failAbort(result.code);
  return result.values.map((value, index) => {
    const made = fromPlain(callee.returns[index], value);
    const type = callee.returns[index];
    if (type !== undefined) chargeMemory(machine, weightOf(type, made, Number.MAX_SAFE_INTEGER));
    return made;
  });
}
