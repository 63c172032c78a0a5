/** Natives about bytes, straight out of memory: BCS, events, and plain natives. */
import { addressFromBytes } from "../core/address.ts";
import { takeGas, takeMemory } from "../gas/meter.ts";
import { NATIVE_PRICES, nativeGas } from "../gas/schedule.ts";
import type { HostOperation, PlainNative, PlainValue } from "../natives/native.ts";
import { appendEvent } from "../runtime/event-log.ts";
import { fail, failAbort, failInvariant } from "../runtime/failure.ts";
import { fromPlain } from "../runtime/plain-conversion.ts";
import { VECTOR_WEIGHT } from "../runtime/type-shape.ts";
import { isReference, isScalar, type RuntimeType, tagOf } from "../runtime/types.ts";
import { weightOf } from "../runtime/values/walk.ts";
import { planOf, weightAt } from "./codec.ts";
import type { HostCall } from "./host-call.ts";
import type { LinearMemory } from "./linear-memory.ts";
import { VECTOR_CAPACITY, VECTOR_ELEMENTS } from "./memory-map.ts";
import type { NativeInMemory } from "./native-tables.ts";
import type { NativeUse } from "./program-context.ts";
import { loadValue, storeValue } from "./value-bridge.ts";

function chargeGas({ meter }: HostCall, amount: number): void {
  if (!takeGas(meter, amount)) fail("OUT_OF_GAS");
}

function chargeMemory({ meter }: HostCall, weight: number): void {
  if (!takeMemory(meter, weight)) fail("MEMORY_LIMIT_EXCEEDED", "a call allocated too much");
}

function typeArgument({ callee }: NativeUse): RuntimeType {
  return callee.typeArgs[0] ?? failInvariant("a native lacks a type argument");
}

/** BCS of the value at an address, charged by its size. */
function encodeCharged(call: HostCall, type: RuntimeType, address: number): Uint8Array {
  const { memory, encoder, profile } = call;
  const plan = planOf(type);
  if (!isScalar(type)) {
    const weight = weightAt(memory, plan, address);
    chargeGas(call, Math.floor(weight / profile.schedule.weightPerGas));
  }
  const bytes = encoder.encode(plan, address);
  chargeGas(call, nativeGas(NATIVE_PRICES.bcs, bytes.length));
  return bytes;
}

const bcsToBytes: NativeInMemory = (call, use, block) => {
  const { memory } = call;
  const bytes = encodeCharged(call, typeArgument(use), memory.readU32(block));
  chargeMemory(call, VECTOR_WEIGHT + bytes.length);
  memory.writeU32(block + (use.offsets[1] ?? 0), storeBytes(memory, bytes));
};

const bcsSerializedSize: NativeInMemory = (call, use, block) => {
  const { memory } = call;
  const { length } = encodeCharged(call, typeArgument(use), memory.readU32(block));
  memory.writeSafe(block + (use.offsets[1] ?? 0), length);
};

function emit(call: HostCall, type: RuntimeType, address: number): void {
  chargeGas(call, call.profile.schedule.event);
  const data = encodeCharged(call, type, address);
  appendEvent(call.events, { type: tagOf(type), data });
}

const eventEmit: NativeInMemory = (call, use, block) => {
  emit(call, typeArgument(use), block + (use.offsets[0] ?? 0));
};

const eventEmitByReference: NativeInMemory = (call, use, block) => {
  emit(call, typeArgument(use), call.memory.readU32(block));
};

export const BYTE_NATIVES: Partial<Record<HostOperation, NativeInMemory>> = {
  bcsToBytes,
  bcsSerializedSize,
  eventEmit,
  eventEmitByReference,
};

/** Makes a `vector<u8>` on the heap and returns its address. */
function storeBytes(memory: LinearMemory, bytes: Uint8Array): number {
  if (bytes.length === 0) return 0;
  const vector = memory.allocate(VECTOR_ELEMENTS + bytes.length);
  memory.writeU32(vector, bytes.length);
  memory.writeU32(vector + VECTOR_CAPACITY, bytes.length);
  memory.bytes.set(bytes, vector + VECTOR_ELEMENTS);
  return vector;
}

/** Runs a pure function over plain data, as runtime/native-call.ts does. */
export function runPlain(
  call: HostCall,
  { callee, offsets }: NativeUse,
  native: PlainNative,
  block: number,
): void {
  const { memory } = call;
  const { parameters, returns } = callee;
  const typeArgs = callee.typeArgs.map(tagOf);
  const args = parameters.map((type, index) =>
    toPlain(memory, type, block + (offsets[index] ?? 0)),
  );
  chargeGas(call, native.gas(args, typeArgs));
  const result = native.run(args, typeArgs);
  if (result.type === "aborted") return failAbort(result.code);
  returns.forEach((type, index) => {
    const plain = result.values[index];
    if (plain === undefined) return;
    const at = block + (offsets[parameters.length + index] ?? 0);
    if (plain instanceof Uint8Array) {
      chargeMemory(call, VECTOR_WEIGHT + plain.length);
      memory.writeU32(at, storeBytes(memory, plain));
      return;
    }
    const value = fromPlain(type, plain);
    chargeMemory(call, weightOf(type, value, Number.MAX_SAFE_INTEGER));
    storeValue(memory, type, value, at);
  });
}

/** References become what they name. Of vectors only those of bytes have a plain form. */
function toPlain(memory: LinearMemory, type: RuntimeType, address: number): PlainValue {
  if (isReference(type)) return toPlain(memory, type.target, memory.readU32(address));
  if (type.kind === "vector" && type.element.kind === "u8") {
    const vector = memory.readU32(address);
    const start = vector + VECTOR_ELEMENTS;
    return memory.bytes.slice(start, start + memory.readU32(vector));
  }
  if (type.kind === "address" || type.kind === "signer") {
    return addressFromBytes(memory.bytes.subarray(address, address + 32));
  }
  const value = loadValue(memory, type, address);
  return typeof value === "object" ? failInvariant("an argument has no plain form") : value;
}
