/**
 * Values that a session writes again and again. Their encodings stay in linear memory, so that a
 * program turns its writes into changes by itself (routines/finishing.ts). The session's overlay
 * learns of such values only when somebody is about to ask it: until then they are dirty.
 */
import { present } from "../core/assert.ts";
import type { Overlay } from "../storage/overlay.ts";
import type { LinearMemory } from "./linear-memory.ts";
import {
  SLOT_BYTES,
  SLOT_BYTES_SIZE,
  SLOT_CAPACITY,
  SLOT_DIRTY,
  SLOT_RECORD,
  SLOT_SPARE,
} from "./memory-map.ts";
import type { Resident } from "./resident.ts";

/** More than this are given up together. */
const HOT_COUNT_MAX = 1024;
/** Larger values are encoded by the host each time. */
const HOT_SIZE_MAX = 16 * 1024;
const CAPACITY_MIN = 64;

export class HotValues {
  readonly #memory: LinearMemory;
  #residents: Resident[] = [];
  /** Whose values are dirty. */
  #owner: Overlay | undefined;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
  }

  /** Notes that a call of the session behind `overlay` left dirty values. */
  own(overlay: Overlay): void {
    this.#owner = overlay;
  }

  /** Tells a session's overlay of its values if they are another's than `overlay`'s. */
  flushUnlessOf(overlay: Overlay): void {
    if (this.#owner !== overlay) this.flush();
  }

  /** Tells the overlay of every dirty value. */
  flush(): void {
    if (this.#owner === undefined) return;
    for (const resident of this.#residents) this.settle(resident);
    this.#owner = undefined;
  }

  /** Tells the overlay of one value, if it is dirty. */
  settle(resident: Resident): void {
    const memory = this.#memory;
    const { slot } = resident;
    if (memory.readU32(slot + SLOT_DIRTY) === 0) return;
    const start = memory.readU32(slot + SLOT_BYTES);
    const size = memory.readU32(slot + SLOT_BYTES_SIZE);
    const bytes = memory.bytes.slice(start, start + size);
    resident.bytes = bytes;
    memory.writeU32(slot + SLOT_DIRTY, 0);
    present(this.#owner, "dirty values are somebody's").put(resident.key, bytes);
  }

  /** Makes a value hot that encodes to `bytes`, unless it is too large. */
  add(resident: Resident, bytes: Uint8Array): void {
    const memory = this.#memory;
    const { slot } = resident;
    const size = bytes.length;
    if (size > HOT_SIZE_MAX) {
      this.drop(resident);
      return;
    }
    if (memory.readU32(slot + SLOT_BYTES) === 0) {
      if (this.#residents.length >= HOT_COUNT_MAX) this.clear();
      this.#residents.push(resident);
    }
    if (memory.readU32(slot + SLOT_CAPACITY) < Math.max(CAPACITY_MIN, 2 * size)) {
      const capacity = Math.max(CAPACITY_MIN, 4 * size);
      memory.writeU32(slot + SLOT_BYTES, memory.allocate(capacity));
      memory.writeU32(slot + SLOT_SPARE, memory.allocate(capacity));
      memory.writeU32(slot + SLOT_CAPACITY, capacity);
    }
    memory.bytes.set(bytes, memory.readU32(slot + SLOT_BYTES));
    memory.writeU32(slot + SLOT_RECORD, 0);
    memory.writeU32(slot + SLOT_BYTES_SIZE, size);
  }

  /** The journal begins anew: changes stand on nothing that was recorded before. */
  forgetRecords(): void {
    for (const { slot } of this.#residents) this.#memory.writeU32(slot + SLOT_RECORD, 0);
  }

  /** Makes a value that is not dirty an ordinary one. */
  drop({ slot }: Resident): void {
    this.#memory.writeU32(slot + SLOT_RECORD, 0);
    this.#memory.writeU32(slot + SLOT_BYTES, 0);
    this.#memory.writeU32(slot + SLOT_CAPACITY, 0);
  }

  /** Makes all values ordinary. */
  clear(): void {
    this.flush();
    for (const resident of this.#residents) this.drop(resident);
    this.#residents = [];
  }
}
