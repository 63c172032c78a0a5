/**
 * Natives of `0x1::table` over (table, key, [box]). The item is touched as
 * runtime/host-operations.ts touches it, then handled in memory.
 */
import { assert } from "../core/assert.ts";
import { takeGas } from "../gas/meter.ts";
import { NATIVE_PRICES, nativeGas } from "../gas/schedule.ts";
import type { HostOperation } from "../natives/native.ts";
import { TABLE_ALREADY_EXISTS, TABLE_NOT_FOUND } from "../natives/table.ts";
import { fail, failAbort } from "../runtime/failure.ts";
import { isScalar } from "../runtime/types.ts";
import { planOf, weightAt } from "./codec.ts";
import type { HostCall } from "./host-call.ts";
import { layoutOf } from "./layout.ts";
import type { LinearMemory } from "./linear-memory.ts";
import { ROOT_OFFSET, SLOT_VALUE, SLOT_WRITTEN } from "./memory-map.ts";
import type { NativeUse } from "./program-context.ts";
import type { Resident } from "./resident.ts";

/** A native over the block of its arguments and results. */
export type NativeInMemory = (call: HostCall, use: NativeUse, block: number) => void;

function resultAt({ callee, offsets }: NativeUse, block: number): number {
  return block + (offsets[callee.parameters.length] ?? 0);
}

const tableContains: NativeInMemory = (call, use, block) => {
  const item = touchItem(call, use, block);
  const isThere = call.residents.valueOf(item) !== 0;
  call.memory.view.setUint8(resultAt(use, block), isThere ? 1 : 0);
};

const tableAdd: NativeInMemory = (call, use, block) => {
  const { memory, residents } = call;
  const item = touchItem(call, use, block);
  if (residents.valueOf(item) !== 0) failAbort(TABLE_ALREADY_EXISTS);
  const { size } = layoutOf(item.type);
  const box = block + (use.offsets[2] ?? 0);
  const at = memory.allocate(size);
  memory.bytes.copyWithin(at, box, box + size);
  setItem(memory, item, at);
};

const tableRemove: NativeInMemory = (call, use, block) => {
  const { memory } = call;
  const item = touchItem(call, use, block);
  const value = presentValue(call, item);
  memory.bytes.copyWithin(resultAt(use, block), value, value + layoutOf(item.type).size);
  setItem(memory, item, 0);
};

const tableBorrow: NativeInMemory = (call, use, block) => {
  const item = touchItem(call, use, block);
  call.memory.writeU32(resultAt(use, block), presentValue(call, item));
};

const tableBorrowMut: NativeInMemory = (call, use, block) => {
  const { memory } = call;
  const item = touchItem(call, use, block);
  const result = resultAt(use, block);
  memory.writeU32(result, presentValue(call, item));
  memory.writeU32(result + ROOT_OFFSET, item.slot);
};

export const TABLE_NATIVES: Partial<Record<HostOperation, NativeInMemory>> = {
  tableAdd,
  tableBorrow,
  tableBorrowMut,
  tableContains,
  tableRemove,
};

function presentValue({ residents }: HostCall, item: Resident): number {
  const value = residents.valueOf(item);
  return value === 0 ? failAbort(TABLE_NOT_FOUND) : value;
}

function setItem(memory: LinearMemory, { slot }: Resident, value: number): void {
  memory.writeU32(slot + SLOT_VALUE, value);
  memory.writeU32(slot + SLOT_WRITTEN, 1);
}

/** Charges for the item under a key and returns it. */
function touchItem(call: HostCall, { callee, offsets }: NativeUse, block: number): Resident {
  const { memory, residents, encoder, meter, profile } = call;
  const [keyType, , boxType] = callee.typeArgs;
  assert(keyType !== undefined && boxType !== undefined, "a table of keys and boxes");
  const at = block + (offsets[1] ?? 0);
  const plan = planOf(keyType);
  const weight = isScalar(keyType) ? 0 : weightAt(memory, plan, at);
  const walk = Math.floor(weight / profile.schedule.weightPerGas);
  if (!takeGas(meter, walk)) fail("OUT_OF_GAS");
  const key = encoder.encode(plan, at);
  if (!takeGas(meter, nativeGas(NATIVE_PRICES.tableItem, key.length))) fail("OUT_OF_GAS");
  const item = residents.item(boxType, memory.readU32(block), key);
  residents.touch(item, call);
  return item;
}
