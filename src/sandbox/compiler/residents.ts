/**
 * Stored values that stay in linear memory from call to call. A resident is as good as the bytes it
 * stands for: when the state has another bytes object under its key, the value is decoded anew, so
 * aborts, rollbacks and other states need no undoing. Bytes that a state hands out must therefore
 * never change in place. What programs look at stands in the resident's slot (memory-map.ts).
 */
import { ADDRESS_SIZE, addressFromBytes } from "../core/address.ts";
import { assert, present } from "../core/assert.ts";
import { equalBytes } from "../core/bytes.ts";
import { encodeStateKey, type StateKey } from "../core/effects.ts";
import type { StateReader } from "../execution.ts";
import { type Meter, takeGas, takeMemory } from "../gas/meter.ts";
import type { ExecutionProfile } from "../runtime/execution-profile.ts";
import { fail } from "../runtime/failure.ts";
import type { ExecutionLimits } from "../runtime/limits.ts";
import { type RuntimeType, structTagOf } from "../runtime/types.ts";
import { Decoder, planOf, weightAt } from "./codec.ts";
import { compact } from "./compaction.ts";
import { HotValues } from "./hot-values.ts";
import {
  clearItems,
  findItem,
  handleWord,
  hashOfItem,
  insertItem,
  isOfTable,
} from "./item-index.ts";
import { layoutOf } from "./layout.ts";
import { HeapExhaustedError, type LinearMemory } from "./linear-memory.ts";
import {
  RESOURCE_SLOT_COUNT,
  SLOT_BYTES_SIZE,
  SLOT_DIRTY,
  SLOT_EPOCH,
  SLOT_KEY,
  SLOT_KEY_SIZE,
  SLOT_RESIDENT,
  SLOT_SIZE,
  SLOT_STRETCH,
  SLOT_TYPE,
  SLOT_VALUE,
  SLOT_WEIGHT,
  SLOT_WRITTEN,
  STRETCH,
  TOUCHED,
  TOUCHED_BYTES,
  TOUCHED_BYTES_MAX,
  TOUCHED_CAPACITY,
  TOUCHED_COUNT,
  TOUCHED_KEYS_MAX,
  VALUE_BYTES_MAX,
  WEIGHT_UNKNOWN,
} from "./memory-map.ts";
import { ReplaySignal } from "./replay-signal.ts";
import type { Resident } from "./resident.ts";
import { clearSlots, createResourceTable, hasRoom, insertSlot } from "./resource-table.ts";

/** What a touch is metered against. */
export interface TouchMeter {
  readonly meter: Meter;
  readonly profile: ExecutionProfile;
  readonly state: StateReader;
}

/** The heap is compacted once it holds this much, or twice what the last time left. */
const COMPACT_SIZE_MIN = 4 * 1024 * 1024;
/** Values of more than this are dropped, to be loaded again on demand. */
const LIVE_SIZE_MAX = 64 * 1024 * 1024;
const NUMBER_MAX = 2 ** 32 - 1;
const ITEM_COUNT_MAX = 64 * 1024;

export class Residents {
  readonly hot: HotValues;
  readonly #memory: LinearMemory;
  readonly #decoder: Decoder;
  readonly #table = createResourceTable();
  #all: Resident[] = [];
  #itemCount = 0;
  #compactAt = COMPACT_SIZE_MIN;
  /** Where the heap ended when the running call began. */
  #mark = 0;
  /** Whether the running call has put anything on the heap that is to stay. */
  #keepsHeap = false;
  #epoch = 0;
  #stretch = 0;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
    this.#decoder = new Decoder(memory);
    this.hot = new HotValues(memory);
  }

  /** Tells programs the limits of the profile that they run under. */
  limit({ touchedBytes, touchedKeys, valueBytes }: ExecutionLimits): void {
    const memory = this.#memory;
    memory.writeSafe(TOUCHED_BYTES_MAX, touchedBytes);
    memory.writeU32(TOUCHED_KEYS_MAX, Math.min(touchedKeys, NUMBER_MAX));
    memory.writeU32(VALUE_BYTES_MAX, Math.min(valueBytes, NUMBER_MAX));
  }

  /**
   * A number for calls of one session in a row, with nothing else in between. What they find and
   * write stays known from one to the next.
   */
  nextStretch(): number {
    if (this.#stretch === NUMBER_MAX) this.evict();
    this.#stretch = (this.#stretch % NUMBER_MAX) + 1;
    return this.#stretch;
  }

  /** Begins a call. Reclaims the heap if it has grown too full. Returns the call's number. */
  begin(): number {
    const memory = this.#memory;
    const isFull = !hasRoom(this.#table) || this.#itemCount > ITEM_COUNT_MAX;
    if (isFull || this.#epoch === NUMBER_MAX) {
      this.evict();
      this.#epoch = 0;
    }
    if (memory.heapUsed > this.#compactAt) this.#reclaim();
    this.#epoch += 1;
    this.#mark = memory.heapTop;
    this.#keepsHeap = false;
    memory.writeU32(TOUCHED_COUNT, 0);
    return this.#epoch;
  }

  /** Notes that what the running call put on the heap is in use. */
  keepHeap(): void {
    this.#keepsHeap = true;
  }

  /** Ends a call. */
  end(): void {
    if (!this.#keepsHeap) this.#memory.heapTop = this.#mark;
  }

  /** Forgets every value and the whole heap. */
  evict(): void {
    this.hot.clear();
    clearSlots(this.#table, this.#memory);
    clearItems(this.#memory);
    this.#all = [];
    this.#itemCount = 0;
    this.#memory.resetHeap();
    this.#compactAt = COMPACT_SIZE_MIN;
    this.#mark = this.#memory.heapTop;
  }

  /** Moves what is in use together, or gives it up where it is too much. */
  #reclaim(): void {
    const memory = this.#memory;
    this.hot.clear();
    try {
      compact(memory, this.#all);
    } catch (error) {
      if (!(error instanceof HeapExhaustedError)) throw error;
      this.evict();
      return;
    }
    if (memory.heapUsed > LIVE_SIZE_MAX) {
      this.evict();
      return;
    }
    clearItems(memory);
    for (const { key, slot } of this.#all) {
      if (key.kind !== "tableItem") continue;
      insertItem(memory, hashOfItem(handleWord(memory, slot), key.key), slot);
    }
    this.#compactAt = Math.max(COMPACT_SIZE_MIN, 2 * memory.heapUsed);
  }

  hasRoom(): boolean {
    return hasRoom(this.#table) && this.#all.length < RESOURCE_SLOT_COUNT + 2 * ITEM_COUNT_MAX;
  }

  /** The resident of a slot. */
  atSlot(slot: number): Resident {
    const resident = this.#all[this.#memory.readU32(slot + SLOT_RESIDENT)];
    return present(resident, "a slot in use has its resident");
  }

  /** The resource of an account that has no slot. */
  addResource(type: RuntimeType, address: Uint8Array): Resident {
    assert(type.kind === "struct", "a resource is a struct");
    const key: StateKey = {
      kind: "resource",
      address: addressFromBytes(address),
      type: structTagOf(type),
    };
    return this.#add(key, type, insertSlot(this.#table, this.#memory, type.id, address));
  }

  /** The item of the table whose handle lies at `handle`, under an encoded key. */
  item(type: RuntimeType, handle: number, itemKey: Uint8Array): Resident {
    const memory = this.#memory;
    const hash = hashOfItem(handleWord(memory, handle), itemKey);
    const found = findItem(memory, hash, (slot) => {
      if (memory.readU32(slot + SLOT_TYPE) !== type.id || !isOfTable(memory, slot, handle)) {
        return false;
      }
      const { key } = this.atSlot(slot);
      return key.kind === "tableItem" && equalBytes(key.key, itemKey);
    });
    if (found !== undefined) return this.atSlot(found);
    const key: StateKey = {
      kind: "tableItem",
      handle: addressFromBytes(memory.bytes.subarray(handle, handle + ADDRESS_SIZE)),
      key: itemKey,
    };
    const slot = memory.allocate(SLOT_SIZE);
    memory.bytes.fill(0, slot, slot + SLOT_SIZE);
    memory.bytes.copyWithin(slot, handle, handle + ADDRESS_SIZE);
    memory.writeU32(slot + SLOT_TYPE, type.id);
    insertItem(memory, hash, slot);
    this.#itemCount += 1;
    return this.#add(key, type, slot);
  }

  #add(key: StateKey, type: RuntimeType, slot: number): Resident {
    const memory = this.#memory;
    const order = encodeStateKey(key);
    const place = memory.allocate(order.length);
    memory.bytes.set(order, place);
    memory.writeU32(slot + SLOT_KEY, place);
    memory.writeU32(slot + SLOT_KEY_SIZE, order.length);
    memory.writeU32(slot + SLOT_RESIDENT, this.#all.length);
    const resident: Resident = {
      key,
      order,
      type,
      plan: planOf(type),
      slot,
      bytes: undefined,
      isValid: false,
      before: undefined,
      writtenIn: 0,
    };
    this.#all.push(resident);
    this.#keepsHeap = true;
    return resident;
  }

  /**
   * Touches a resident in the running call, unless it has been: meters it and makes its value
   * current.
   */
  touch(resident: Resident, { meter, profile, state }: TouchMeter): void {
    const memory = this.#memory;
    const { slot } = resident;
    if (memory.readU32(slot + SLOT_EPOCH) === this.#epoch) return;
    const { limits, schedule } = profile;
    const count = memory.readU32(TOUCHED_COUNT);
    if (count === limits.touchedKeys) {
      fail("IO_LIMIT_REACHED", `a call touches over ${limits.touchedKeys} state keys`);
    }
    if (count === TOUCHED_CAPACITY) throw new ReplaySignal("too many keys for the list");
    if (!takeGas(meter, schedule.touchKey)) fail("OUT_OF_GAS");
    if (memory.readU32(slot + SLOT_DIRTY) !== 0) this.hot.settle(resident);
    const stretch = memory.readU32(STRETCH);
    const isKnown = memory.readU32(slot + SLOT_STRETCH) === stretch;
    const before = isKnown ? resident.bytes : state.get(resident.key);
    if (before !== undefined) {
      this.countBytes(limits, before.length);
      if (!takeGas(meter, Math.ceil(before.length / schedule.bytesPerGas))) fail("OUT_OF_GAS");
    }
    if (!isKnown) {
      memory.writeU32(slot + SLOT_STRETCH, 0);
      this.#load(resident, before);
    }
    if (before !== undefined) this.#takeWeight(resident, meter);
    memory.writeU32(slot + SLOT_STRETCH, stretch);
    memory.writeU32(slot + SLOT_EPOCH, this.#epoch);
    memory.writeU32(slot + SLOT_WRITTEN, 0);
    memory.writeU32(TOUCHED + 4 * count, slot);
    memory.writeU32(TOUCHED_COUNT, count + 1);
  }

  /** How many state keys the running call has touched. */
  get touchedCount(): number {
    return this.#memory.readU32(TOUCHED_COUNT);
  }

  /** What the running call touched at its `index`th touch. */
  touchedAt(index: number): Resident {
    return this.atSlot(this.#memory.readU32(TOUCHED + 4 * index));
  }

  /** What the running call has touched, in that order. */
  touched(): Resident[] {
    return Array.from({ length: this.touchedCount }, (_, index) => this.touchedAt(index));
  }

  /** Adds to the running call's touched bytes. Fails with `IO_LIMIT_REACHED`. */
  countBytes({ touchedBytes }: ExecutionLimits, size: number): void {
    const total = this.#memory.readSafe(TOUCHED_BYTES) + size;
    this.#memory.writeSafe(TOUCHED_BYTES, total);
    if (total > touchedBytes) {
      fail("IO_LIMIT_REACHED", `a call touches over ${touchedBytes} bytes of state`);
    }
  }

  isWritten({ slot }: Resident): boolean {
    return this.#memory.readU32(slot + SLOT_WRITTEN) !== 0;
  }

  /** Address of the value, 0 for none. */
  valueOf({ slot }: Resident): number {
    return this.#memory.readU32(slot + SLOT_VALUE);
  }

  /** The running call, in its stretch, leaves a resident at these bytes. */
  write(resident: Resident, bytes: Uint8Array | undefined): void {
    const memory = this.#memory;
    const stretch = memory.readU32(STRETCH);
    const isAgain = resident.writtenIn === stretch;
    resident.bytes = bytes;
    resident.writtenIn = stretch;
    memory.writeU32(resident.slot + SLOT_BYTES_SIZE, bytes?.length ?? 0);
    this.#writeWeight(resident, bytes === undefined ? 0 : WEIGHT_UNKNOWN);
    if (isAgain && bytes !== undefined) this.hot.add(resident, bytes);
    else this.hot.drop(resident);
  }

  /**
   * What the call wrote is not what the state holds: it is decoded anew when it is touched again.
   */
  discardWrites(): void {
    for (const resident of this.touched()) {
      if (!this.isWritten(resident)) continue;
      resident.isValid = false;
      this.#memory.writeU32(resident.slot + SLOT_STRETCH, 0);
    }
  }

  #load(resident: Resident, bytes: Uint8Array | undefined): void {
    if (resident.isValid && resident.bytes === bytes) return;
    const memory = this.#memory;
    resident.isValid = false;
    if (resident.bytes !== bytes) this.hot.drop(resident);
    let [value, weight] = [0, 0];
    if (bytes !== undefined) {
      this.#keepsHeap = true;
      value = memory.allocate(layoutOf(resident.type).size);
      if (!this.#decoder.decode(resident.plan, bytes, value)) {
        fail("FAILED_TO_DESERIALIZE_RESOURCE", "stored bytes are not of the type");
      }
      weight = this.#decoder.weight;
    }
    memory.writeU32(resident.slot + SLOT_VALUE, value);
    memory.writeU32(resident.slot + SLOT_BYTES_SIZE, bytes?.length ?? 0);
    this.#writeWeight(resident, weight);
    resident.bytes = bytes;
    resident.isValid = true;
  }

  #writeWeight({ slot }: Resident, weight: number): void {
    this.#memory.view.setBigInt64(slot + SLOT_WEIGHT, BigInt(weight), true);
  }

  #takeWeight(resident: Resident, meter: Meter): void {
    const { view } = this.#memory;
    let weight = Number(view.getBigInt64(resident.slot + SLOT_WEIGHT, true));
    if (weight === WEIGHT_UNKNOWN) {
      weight = weightAt(this.#memory, resident.plan, this.valueOf(resident));
      this.#writeWeight(resident, weight);
    }
    if (!takeMemory(meter, weight)) {
      fail("MEMORY_LIMIT_EXCEEDED", "a call loads more than its limit");
    }
  }
}
