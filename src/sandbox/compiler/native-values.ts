/**
 * Natives run the interpreter's way: arguments are copied out of memory, results back into it. For
 * what is rare or large anyway.
 */
import { assert } from "../core/assert.ts";
import { createDataCache } from "../runtime/data-cache.ts";
import type { Machine } from "../runtime/machine-model.ts";
import { callNative } from "../runtime/native-call.ts";
import { makeFrame } from "../runtime/opcodes/control.ts";
import { isReference } from "../runtime/types.ts";
import type { Container, Reference, Value } from "../runtime/values/value.ts";
import type { HostCall } from "./host-call.ts";
import { ROOT_OFFSET, SLOT_WRITTEN } from "./memory-map.ts";
import type { NativeUse } from "./program-context.ts";
import { loadValue, storeValue } from "./value-bridge.ts";

/** Runs a native the interpreter's way. */
export function runOnValues(call: HostCall, use: NativeUse, block: number): void {
  const { memory } = call;
  const { callee, native, offsets } = use;
  const args = loadArguments(call, use, block);
  const machine = machineWith(call, use, args);
  callNative(machine, callee, native);
  const { parameters, returns } = callee;
  returns.forEach((type, index) => {
    const value = machine.values[index];
    storeValue(memory, type, value, block + (offsets[parameters.length + index] ?? 0));
  });
  parameters.forEach((type, index) => {
    if (type.kind !== "mutableReference") return;
    const reference = args[index];
    assert(isReferenceValue(reference), "an argument by reference");
    const at = block + (offsets[index] ?? 0);
    storeValue(memory, type.target, reference.container[0], memory.readU32(at));
    memory.writeU32(memory.readU32(at + ROOT_OFFSET) + SLOT_WRITTEN, 1);
  });
}

function isReferenceValue(value: Value | undefined): value is Reference {
  return typeof value === "object" && !Array.isArray(value);
}

/** Arguments as the interpreter holds them; a reference names a copy of its own. */
function loadArguments({ memory }: HostCall, use: NativeUse, block: number): Value[] {
  const { callee, offsets } = use;
  return callee.parameters.map((type, index) => {
    const value = loadValue(memory, type, block + (offsets[index] ?? 0));
    if (!isReference(type)) return value;
    const container: Container = [value];
    return { container, index: 0, root: undefined };
  });
}

/** A machine that has just the native's arguments on its stack. */
function machineWith(
  call: HostCall,
  { callee, caller }: NativeUse,
  args: readonly Value[],
): Machine {
  const { meter, profile, view, events, state } = call;
  return {
    meter,
    schedule: profile.schedule,
    resolver: view.resolver,
    data: createDataCache(state, meter, profile.schedule, profile.limits),
    events,
    instances: new Set(),
    allowsChainOnly: profile.allowsChainOnly,
    nextTableHandle: view.nextTableHandle,
    values: [...args],
    types: [...callee.parameters],
    height: args.length,
    frame: makeFrame(caller, [], 0),
    callers: [],
    isDone: false,
  };
}
