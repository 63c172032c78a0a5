/** Values of the running program as a trace keeps them: copied when seen, and never large. */
import { VmFailure } from "../runtime/failure.ts";
import type { Machine, ResolvedFunction } from "../runtime/machine-model.ts";
import { isReference, type RuntimeType, typeText } from "../runtime/types.ts";
import { toJs } from "../runtime/values/js.ts";
import type { Value } from "../runtime/values/value.ts";
import { weightOf } from "../runtime/values/walk.ts";
import type { TracedValue } from "./call-trace.ts";
import type { CallHead } from "./recording.ts";

/** Heaviest value that is kept: a trace's memory is bounded by this times its steps. */
export const TRACED_WEIGHT_MAX = 512;

export function tracedValue(type: RuntimeType, value: Value | undefined): TracedValue {
  return { type: typeText(type), value: unlessFailing(() => shown(type, value)) };
}

function shown(type: RuntimeType, value: Value | undefined): TracedValue["value"] {
  if (isReference(type)) {
    const isHeld = typeof value === "object" && !Array.isArray(value);
    return isHeld ? shown(type.target, value.container[value.index]) : undefined;
  }
  if (value === undefined || weightOf(type, value, TRACED_WEIGHT_MAX) > TRACED_WEIGHT_MAX) {
    return undefined;
  }
  return toJs(type, value);
}

export function tracedValues(
  types: readonly RuntimeType[],
  values: readonly (Value | undefined)[],
): readonly TracedValue[] {
  return types.map((type, index) => tracedValue(type, values[index]));
}

export function callHead(callee: ResolvedFunction, args: readonly (Value | undefined)[]): CallHead {
  const { module, name, typeArgs, parameters, native } = callee;
  const types = typeArgs.length === 0 ? "" : `<${typeArgs.map(typeText).join(", ")}>`;
  return {
    function: `${module.key}::${name}${types}`,
    isNative: native !== undefined,
    args: tracedValues(parameters, args),
  };
}

/** The last `count` operands, the top one last; fewer where the stack is shorter. */
export function topValues({ values, height }: Machine, count: number): readonly Value[] {
  return values.slice(Math.max(0, height - count), height);
}

/** Looking must not change how a call ends, even over code that no verifier has seen. */
export function unlessFailing<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof VmFailure) return undefined;
    throw error;
  }
}
