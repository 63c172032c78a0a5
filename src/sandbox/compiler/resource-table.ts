/**
 * The host's side of the table of touched resources: it alone inserts. See routines/resources.ts
 * for the search.
 */
import { assert } from "../core/assert.ts";
import type { LinearMemory } from "./linear-memory.ts";
import { RESOURCE_SLOT_COUNT, RESOURCES, SLOT_SIZE, SLOT_TYPE } from "./memory-map.ts";
import { HASH_FACTOR, HASH_SHIFT, HASH_WORDS, TYPE_FACTOR } from "./routines/resources.ts";

const ADDRESS_SIZE = 32;
/** Fuller than this, searches would grow long. */
const FILL_MAX = RESOURCE_SLOT_COUNT / 2;

export interface ResourceTable {
  /** Slots in use, for clearing. */
  readonly used: number[];
}

export function createResourceTable(): ResourceTable {
  return { used: [] };
}

/** Whether another slot may be taken. */
export function hasRoom({ used }: ResourceTable): boolean {
  return used.length < FILL_MAX;
}

/** Takes a free slot for a resource that has none and returns its address. */
export function insertSlot(
  table: ResourceTable,
  memory: LinearMemory,
  type: number,
  address: Uint8Array,
): number {
  assert(hasRoom(table), "the table has room");
  const { view, bytes } = memory;
  let index = hashOf(address, type);
  let slot = slotAt(index);
  while (view.getUint32(slot + SLOT_TYPE, true) !== 0) {
    index = (index + 1) % RESOURCE_SLOT_COUNT;
    slot = slotAt(index);
  }
  bytes.fill(0, slot, slot + SLOT_SIZE);
  bytes.set(address.subarray(0, ADDRESS_SIZE), slot);
  view.setUint32(slot + SLOT_TYPE, type, true);
  table.used.push(slot);
  return slot;
}

/** Frees every slot. */
export function clearSlots(table: ResourceTable, memory: LinearMemory): void {
  const { view } = memory;
  for (const slot of table.used) view.setUint32(slot + SLOT_TYPE, 0, true);
  table.used.length = 0;
}

function slotAt(index: number): number {
  return RESOURCES + index * SLOT_SIZE;
}

function hashOf(address: Uint8Array, type: number): number {
  const view = new DataView(address.buffer, address.byteOffset, ADDRESS_SIZE);
  const [first, last] = HASH_WORDS;
  const words = view.getInt32(first, true) ^ view.getInt32(last, true);
  return Math.imul(words ^ Math.imul(type, TYPE_FACTOR), HASH_FACTOR) >>> HASH_SHIFT;
}
