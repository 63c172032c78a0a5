/**
 * Stored values that stay in linear memory from call to call. A resident is as good as the bytes it
 * stands for: when the state has another bytes object under its key, the value is decoded anew, so
 * aborts, rollbacks and other states need no undoing. Bytes that a state hands out must therefore
 * never change in place.
 */
import { ADDRESS_SIZE, addressFromBytes } from "../core/address.ts";
import { assert } from "../core/assert.ts";
import { compareBytes, equalBytes } from "../core/bytes.ts";
import { encodeStateKey, type StateKey } from "../core/effects.ts";
import type { StateReader } from "../execution.ts";
import { type Meter, takeGas, takeMemory } from "../gas/meter.ts";
import type { ExecutionProfile } from "../runtime/execution-profile.ts";
import { fail } from "../runtime/failure.ts";
import { type RuntimeType, structTagOf } from "../runtime/types.ts";
import { Decoder, type Plan, planOf, weightAt } from "./codec.ts";
import { layoutOf } from "./layout.ts";
import type { LinearMemory } from "./linear-memory.ts";
import {
  RESOURCE_SLOT_SIZE,
  RESOURCES,
  SLOT_EPOCH,
  SLOT_VALUE,
  SLOT_WRITTEN,
} from "./memory-map.ts";
import { clearSlots, createResourceTable, hasRoom, insertSlot } from "./resource-table.ts";

export interface Resident {
  readonly key: StateKey;
  /** The encoded key: what changes and touches are sorted by. */
  readonly order: Uint8Array;
  readonly type: RuntimeType;
  readonly plan: Plan;
  readonly slot: number;
  /**
   * What the value in memory encodes to; undefined for no value. Means nothing unless `isValid`.
   */
  bytes: Uint8Array | undefined;
  isValid: boolean;
  /** Weight of the value in memory; undefined after a write. */
  weight: number | undefined;
  /** What the running call found. */
  before: Uint8Array | undefined;
  /** The call that touched it last. */
  epoch: number;
  /** The stretch of a session that wrote `bytes`, so that its view is known to hold them. */
  stretch: object | undefined;
}

/** What a touch is metered against. */
export interface TouchMeter {
  readonly meter: Meter;
  readonly profile: ExecutionProfile;
  readonly state: StateReader;
  /** Calls of one session in a row, with nothing else in between. */
  readonly stretch: object;
  touchedBytes: number;
}

/** Residents are dropped, to be loaded again on demand, once they fill this much of the heap. */
const HEAP_USED_MAX = 64 * 1024 * 1024;
/** A call that leaves more than this on the heap gives it back. */
const RECLAIM_SIZE_MIN = 64 * 1024;
const EPOCH_MAX = 2 ** 32 - 1;
const ITEM_COUNT_MAX = 64 * 1024;

export class Residents {
  readonly touched: Resident[] = [];
  readonly #memory: LinearMemory;
  readonly #decoder: Decoder;
  readonly #table = createResourceTable();
  #bySlot: (Resident | undefined)[] = [];
  #items = new Map<number, Resident[]>();
  #itemCount = 0;
  /** Items that the running call met first: their slots lie on the heap. */
  readonly #added: { readonly hash: number; readonly item: Resident }[] = [];
  /** Where the heap ended when the running call began. */
  #mark = 0;
  #epoch = 0;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
    this.#decoder = new Decoder(memory);
  }

  /** Begins a call and returns its number. Reclaims the heap if it has grown too full. */
  begin(): number {
    const isFull = this.#memory.heapUsed > HEAP_USED_MAX || !hasRoom(this.#table);
    const isWorn = this.#itemCount > ITEM_COUNT_MAX || this.#epoch === EPOCH_MAX;
    if (isFull || isWorn) this.evict();
    this.#epoch = (this.#epoch % EPOCH_MAX) + 1;
    this.#mark = this.#memory.heapTop;
    this.#added.length = 0;
    this.touched.length = 0;
    return this.#epoch;
  }

  /**
   * Ends a call. If it left much on the heap, all of that is given back at once: what the call
   * loaded or wrote is forgotten, everything else lies below.
   */
  end(): void {
    const memory = this.#memory;
    if (memory.heapTop - this.#mark < RECLAIM_SIZE_MIN) return;
    for (const resident of this.touched) {
      if (!this.isWritten(resident) && this.valueOf(resident) < this.#mark) continue;
      resident.isValid = false;
      resident.stretch = undefined;
    }
    for (const { hash, item } of this.#added) {
      const bucket = this.#items.get(hash)?.filter((other) => other !== item) ?? [];
      if (bucket.length === 0) this.#items.delete(hash);
      else this.#items.set(hash, bucket);
    }
    this.#itemCount -= this.#added.length;
    memory.heapTop = this.#mark;
  }

  /** Forgets every value and the whole heap. */
  evict(): void {
    clearSlots(this.#table, this.#memory);
    this.#bySlot = [];
    this.#items.clear();
    this.#itemCount = 0;
    this.#memory.resetHeap();
  }

  hasRoom(): boolean {
    return hasRoom(this.#table);
  }

  /** The resource whose slot programs have found but not touched in this call. */
  atSlot(slot: number): Resident {
    const resident = this.#bySlot[(slot - RESOURCES) / RESOURCE_SLOT_SIZE];
    assert(resident !== undefined, "a slot in use has its resident");
    return resident;
  }

  /** The resource of an account that has no slot. */
  addResource(type: RuntimeType, address: Uint8Array): Resident {
    assert(type.kind === "struct", "a resource is a struct");
    const key: StateKey = {
      kind: "resource",
      address: addressFromBytes(address),
      type: structTagOf(type),
    };
    const slot = insertSlot(this.#table, this.#memory, type.id, address, 0);
    const resident = makeResident(key, type, slot);
    this.#bySlot[(slot - RESOURCES) / RESOURCE_SLOT_SIZE] = resident;
    return resident;
  }

  /** The item of the table whose handle lies at `handle`, under an encoded key. */
  item(type: RuntimeType, handle: number, itemKey: Uint8Array): Resident {
    const { bytes } = this.#memory;
    const hash = hashOfItem(bytes, handle, itemKey);
    const bucket = this.#items.get(hash);
    const known = bucket?.find((item) => isItem(item, type, bytes, handle, itemKey));
    if (known !== undefined) return known;
    const key: StateKey = {
      kind: "tableItem",
      handle: addressFromBytes(bytes.subarray(handle, handle + ADDRESS_SIZE)),
      key: itemKey,
    };
    const slot = this.#memory.allocate(RESOURCE_SLOT_SIZE);
    const resident = makeResident(key, type, slot);
    if (bucket === undefined) this.#items.set(hash, [resident]);
    else bucket.push(resident);
    this.#added.push({ hash, item: resident });
    this.#itemCount += 1;
    return resident;
  }

  /**
   * Touches a resident in the running call, unless it has been: meters it and makes its value
   * current.
   */
  touch(resident: Resident, metering: TouchMeter): void {
    if (resident.epoch === this.#epoch) return;
    const { meter, profile, state } = metering;
    const { limits, schedule } = profile;
    if (this.touched.length === limits.touchedKeys) {
      fail("IO_LIMIT_REACHED", `a call touches over ${limits.touchedKeys} state keys`);
    }
    if (!takeGas(meter, schedule.touchKey)) fail("OUT_OF_GAS");
    const isKnown = resident.stretch === metering.stretch;
    const before = isKnown ? resident.bytes : state.get(resident.key);
    if (before !== undefined) {
      countBytes(metering, before.length);
      if (!takeGas(meter, Math.ceil(before.length / schedule.bytesPerGas))) fail("OUT_OF_GAS");
    }
    if (!isKnown) {
      resident.stretch = undefined;
      this.#load(resident, before);
    }
    if (before !== undefined) this.#takeWeight(resident, meter);
    resident.before = before;
    resident.epoch = this.#epoch;
    const { view } = this.#memory;
    view.setUint32(resident.slot + SLOT_EPOCH, this.#epoch, true);
    view.setUint32(resident.slot + SLOT_WRITTEN, 0, true);
    this.touched.push(resident);
  }

  isWritten({ slot }: Resident): boolean {
    return this.#memory.readU32(slot + SLOT_WRITTEN) !== 0;
  }

  /** Address of the value, 0 for none. */
  valueOf({ slot }: Resident): number {
    return this.#memory.readU32(slot + SLOT_VALUE);
  }

  /**
   * What the call wrote is not what the state holds: it is decoded anew when it is touched again.
   */
  discardWrites(): void {
    for (const resident of this.touched) {
      if (!this.isWritten(resident)) continue;
      resident.isValid = false;
      resident.stretch = undefined;
    }
  }

  #load(resident: Resident, bytes: Uint8Array | undefined): void {
    if (resident.isValid && resident.bytes === bytes) return;
    resident.isValid = false;
    let value = 0;
    resident.weight = 0;
    if (bytes !== undefined) {
      value = this.#memory.allocate(layoutOf(resident.type).size);
      if (!this.#decoder.decode(resident.plan, bytes, value)) {
        fail("FAILED_TO_DESERIALIZE_RESOURCE", "stored bytes are not of the type");
      }
      resident.weight = this.#decoder.weight;
    }
    this.#memory.writeU32(resident.slot + SLOT_VALUE, value);
    resident.bytes = bytes;
    resident.isValid = true;
  }

  #takeWeight(resident: Resident, meter: Meter): void {
    resident.weight ??= weightAt(this.#memory, resident.plan, this.valueOf(resident));
    if (!takeMemory(meter, resident.weight)) {
      fail("MEMORY_LIMIT_EXCEEDED", "a call loads more than its limit");
    }
  }
}

/** Adds to a call's touched bytes. Fails with `IO_LIMIT_REACHED`. */
export function countBytes(metering: TouchMeter, size: number): void {
  metering.touchedBytes += size;
  const { touchedBytes } = metering.profile.limits;
  if (metering.touchedBytes > touchedBytes) {
    fail("IO_LIMIT_REACHED", `a call touches over ${touchedBytes} bytes of state`);
  }
}

export function compareResidents(a: Resident, b: Resident): number {
  return compareBytes(a.order, b.order);
}

function makeResident(key: StateKey, type: RuntimeType, slot: number): Resident {
  return {
    key,
    order: encodeStateKey(key),
    type,
    plan: planOf(type),
    slot,
    bytes: undefined,
    isValid: false,
    weight: undefined,
    before: undefined,
    epoch: 0,
    stretch: undefined,
  };
}

/** Bytes of a table item's encoded state key in front of its handle. */
const HANDLE_OFFSET = 1;
const HASH_PRIME = 0x0100_0193;

function hashOfItem(bytes: Uint8Array, handle: number, itemKey: Uint8Array): number {
  let hash = 0;
  for (let index = 0; index < ADDRESS_SIZE; index += 4) {
    hash = Math.imul(hash ^ (bytes[handle + index] ?? 0), HASH_PRIME);
  }
  for (const byte of itemKey) hash = Math.imul(hash ^ byte, HASH_PRIME);
  return hash;
}

/** Whether a resident is the item of this table, compared by its encoded key. */
function isItem(
  { order, key, type }: Resident,
  wanted: RuntimeType,
  bytes: Uint8Array,
  handle: number,
  itemKey: Uint8Array,
): boolean {
  if (type !== wanted || key.kind !== "tableItem" || !equalBytes(key.key, itemKey)) return false;
  for (let index = 0; index < ADDRESS_SIZE; index++) {
    if (order[HANDLE_OFFSET + index] !== bytes[handle + index]) return false;
  }
  return true;
}
