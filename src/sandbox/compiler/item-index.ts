/**
 * The host's side of the index of table items: it alone inserts. See routines/items.ts for the
 * search that programs do themselves.
 */
import { ADDRESS_SIZE } from "../core/address.ts";
import type { LinearMemory } from "./linear-memory.ts";
import { ITEM_INDEX, ITEM_INDEX_COUNT } from "./memory-map.ts";
import { HASH_PRIME, HASH_SPREAD } from "./routines/items.ts";

/** Hash of the item under an encoded key of the table whose handle begins with this word. */
export function hashOfItem(handleWord: number, key: Uint8Array): number {
  let hash = handleWord;
  for (const byte of key) hash = Math.imul(hash ^ byte, HASH_PRIME);
  return (hash ^ (hash >>> HASH_SPREAD)) >>> 0;
}

/** The first word of a table's handle. */
export function handleWord(memory: LinearMemory, handle: number): number {
  return memory.readU32(handle) | 0;
}

/** The first slot under a hash that `matches`; undefined if there is none. */
export function findItem(
  memory: LinearMemory,
  hash: number,
  matches: (slot: number) => boolean,
): number | undefined {
  for (let index = hash % ITEM_INDEX_COUNT; ; index = (index + 1) % ITEM_INDEX_COUNT) {
    const slot = memory.readU32(ITEM_INDEX + 4 * index);
    if (slot === 0) return undefined;
    if (matches(slot)) return slot;
  }
}

/** Puts a slot behind all others of its hash. The index must have room. */
export function insertItem(memory: LinearMemory, hash: number, slot: number): void {
  let index = hash % ITEM_INDEX_COUNT;
  while (memory.readU32(ITEM_INDEX + 4 * index) !== 0) index = (index + 1) % ITEM_INDEX_COUNT;
  memory.writeU32(ITEM_INDEX + 4 * index, slot);
}

export function clearItems(memory: LinearMemory): void {
  memory.bytes.fill(0, ITEM_INDEX, ITEM_INDEX + 4 * ITEM_INDEX_COUNT);
}

/** Whether the slot's table is the one whose handle lies at `handle`. */
export function isOfTable(memory: LinearMemory, slot: number, handle: number): boolean {
  for (let at = 0; at < ADDRESS_SIZE; at += 4) {
    if (memory.readU32(slot + at) !== memory.readU32(handle + at)) return false;
  }
  return true;
}
