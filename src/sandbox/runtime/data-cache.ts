/**
 * Stored values as one call sees them: resources and table items, decoded at first touch, encoded
 * again when the call succeeds. Every touch is metered. Dropping the cache undoes the call.
 */
import type { Address } from "../core/address.ts";
import { compareBytes } from "../core/bytes.ts";
import { type Change, encodeStateKey, opBetween, type StateKey } from "../core/effects.ts";
import type { StateReader, Touch } from "../execution.ts";
import type { Meter } from "../gas/meter.ts";
import { takeGas, takeMemory } from "../gas/meter.ts";
import type { GasSchedule } from "../gas/schedule.ts";
import { fail, failInvariant } from "./failure.ts";
import type { ExecutionLimits } from "./limits.ts";
import { type RuntimeType, type StructType, structTagOf } from "./types.ts";
import { decodeValue, encodeValue } from "./values/bcs.ts";
import type { Container, Value, WriteMark } from "./values/value.ts";
import { weightOf } from "./values/walk.ts";

/** One stored value. `cell[0]` is the value, undefined while there is none. */
export interface GlobalSlot extends WriteMark {
  readonly key: StateKey;
  readonly type: RuntimeType;
  /** The encoded key, which orders changes and touches. */
  readonly order: Uint8Array;
  readonly before: Uint8Array | undefined;
  readonly cell: Container;
}

export interface DataCache {
  readonly state: StateReader;
  readonly meter: Meter;
  readonly schedule: GasSchedule;
  readonly limits: ExecutionLimits;
  /** By place and type, in order of first touch. */
  readonly slots: Map<string, GlobalSlot>;
  /** Sum of the sizes of what was there before. */
  touchedBytes: number;
}

export function createDataCache(
  state: StateReader,
  meter: Meter,
  schedule: GasSchedule,
  limits: ExecutionLimits,
): DataCache {
  return { state, meter, schedule, limits, slots: new Map(), touchedBytes: 0 };
}

export function resourceSlot(cache: DataCache, address: Address, type: StructType): GlobalSlot {
  const text = `${address}/${type.id}`;
  return (
    cache.slots.get(text) ??
    touch(cache, text, { kind: "resource", address, type: structTagOf(type) }, type)
  );
}

/** @param type of the stored value, the table's `Box`. */
export function tableSlot(
  cache: DataCache,
  handle: Address,
  itemKey: Uint8Array,
  type: RuntimeType,
): GlobalSlot {
  const text = `${handle}[${itemKey.join()}]`;
  const slot =
    cache.slots.get(text) ?? touch(cache, text, { kind: "tableItem", handle, key: itemKey }, type);
  return slot.type === type ? slot : failInvariant("a table item is of another type");
}

function touch(cache: DataCache, text: string, key: StateKey, type: RuntimeType): GlobalSlot {
  const { state, meter, schedule, limits, slots } = cache;
  if (slots.size === limits.touchedKeys) {
    fail("IO_LIMIT_REACHED", `a call touches over ${limits.touchedKeys} state keys`);
  }
  chargeIo(meter, schedule.touchKey);
  const before = state.get(key);
  const cell: Container = [undefined];
  if (before !== undefined) {
    countBytes(cache, before.length);
    chargeIo(meter, Math.ceil(before.length / schedule.bytesPerGas));
    cell[0] = decodeStored(meter, type, before);
  }
  const order = encodeStateKey(key);
  const slot: GlobalSlot = { key, type, order, before, cell, written: false };
  slots.set(text, slot);
  return slot;
}

function decodeStored(meter: Meter, type: RuntimeType, bytes: Uint8Array): Value {
  const value = decodeValue(type, bytes);
  if (value === undefined) {
    return fail("FAILED_TO_DESERIALIZE_RESOURCE", "stored bytes are not of the type");
  }
  if (!takeMemory(meter, weightOf(type, value, meter.memoryLeft))) {
    fail("MEMORY_LIMIT_EXCEEDED", "a call loads more than its limit");
  }
  return value;
}

function countBytes(cache: DataCache, size: number): void {
  cache.touchedBytes += size;
  const { touchedBytes } = cache.limits;
  if (cache.touchedBytes > touchedBytes) {
    fail("IO_LIMIT_REACHED", `a call touches over ${touchedBytes} bytes of state`);
  }
}

function chargeIo(meter: Meter, amount: number): void {
  if (!takeGas(meter, amount)) fail("OUT_OF_GAS");
}

/**
 * Encodes, charges and checks what was written, in the order of the state keys. Fails like the call
 * itself.
 */
export function finishData(cache: DataCache): readonly Change[] {
  const { meter, schedule, limits } = cache;
  const changes: Change[] = [];
  for (const { key, type, before, cell, written } of sortedSlots(cache)) {
    if (!written) continue;
    const after = cell[0] === undefined ? undefined : encodeValue(type, cell[0]);
    const op = opBetween(before, after);
    if (op === undefined) continue;
    const size = after?.length ?? 0;
    if (size > limits.valueBytes) {
      fail("STORAGE_WRITE_LIMIT_REACHED", `a value of ${size} bytes, over ${limits.valueBytes}`);
    }
    countBytes(cache, Math.max(0, size - (before?.length ?? 0)));
    chargeIo(meter, schedule.writeKey + Math.ceil(size / schedule.bytesPerGas));
    changes.push({ key, op });
  }
  return changes;
}

/** What was touched so far, in the order of the state keys. */
export function touchesOf(cache: DataCache): readonly Touch[] {
  return sortedSlots(cache).map(({ key, before, cell, written }) => ({
    key,
    before,
    // Made and unmade again leaves no trace.
    written: written && (before !== undefined || cell[0] !== undefined),
  }));
}

function sortedSlots(cache: DataCache): readonly GlobalSlot[] {
  return [...cache.slots.values()].toSorted((a, b) => compareBytes(a.order, b.order));
}
