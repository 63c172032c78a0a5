/**
 * BCS straight out of linear memory and into it, by a plan made once for each type. Scalars lie in
 * memory as BCS writes them, so whatever has neither vectors nor variants nor gaps is copied whole.
 */
import { assert } from "../core/assert.ts";
import { membersOf } from "../runtime/closed-types.ts";
import { typeShape, VARIANT_WEIGHT, VECTOR_WEIGHT } from "../runtime/type-shape.ts";
import { isReference, type RuntimeType, type StructType } from "../runtime/types.ts";
import { layoutOf, placedFields } from "./layout.ts";
import type { LinearMemory } from "./linear-memory.ts";
import { VECTOR_CAPACITY, VECTOR_ELEMENTS } from "./memory-map.ts";

/** How values of one type are encoded. */
export type Plan =
  /** The bytes in memory are the encoding; `hasBools` says that some of them are 0 or 1 only. */
  | {
      readonly kind: "flat";
      readonly size: number;
      readonly weight: number;
      readonly bools: readonly number[];
    }
  | { readonly kind: "vector"; readonly element: Plan; readonly stride: number }
  | { readonly kind: "struct"; readonly fields: readonly PlannedField[] }
  | { readonly kind: "enum"; readonly variants: readonly (readonly PlannedField[])[] };

interface PlannedField {
  readonly plan: Plan;
  readonly offset: number;
}

const plans = new WeakMap<RuntimeType, Plan>();

export function planOf(type: RuntimeType): Plan {
  const known = plans.get(type);
  if (known !== undefined) return known;
  const made = makePlan(type);
  plans.set(type, made);
  return made;
}

function makePlan(type: RuntimeType): Plan {
  assert(!isReference(type), "a reference has no bytes");
  const { size } = layoutOf(type);
  if (type.kind === "vector") {
    return { kind: "vector", element: planOf(type.element), stride: layoutOf(type.element).size };
  }
  if (type.kind === "struct") return structPlan(type);
  const { fixedWeight } = typeShape(type);
  assert(fixedWeight !== undefined, "scalars have one weight");
  return { kind: "flat", size, weight: fixedWeight, bools: type.kind === "bool" ? [0] : [] };
}

function structPlan(type: StructType): Plan {
  const members = membersOf(type);
  const planned = (variant: number) =>
    placedFields(type, variant).map((field) => ({
      plan: planOf(field.type),
      offset: field.offset,
    }));
  if (members.kind === "variants") {
    return { kind: "enum", variants: members.variants.map((_, variant) => planned(variant)) };
  }
  const fields = planned(0);
  const { size, isDense } = layoutOf(type);
  const { fixedWeight } = typeShape(type);
  if (!isDense || fixedWeight === undefined) return { kind: "struct", fields };
  const bools = fields.flatMap(({ plan, offset }) =>
    plan.kind === "flat" ? plan.bools.map((at) => offset + at) : [],
  );
  return { kind: "flat", size, weight: fixedWeight, bools };
}

/** Encodes values out of one memory into one buffer, again and again. */
export class Encoder {
  readonly #memory: LinearMemory;
  #buffer = new Uint8Array(1024);
  #size = 0;
  #bytes: Uint8Array;
  #view: DataView;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
    this.#bytes = memory.bytes;
    this.#view = memory.view;
  }

  /** BCS of the value at `address`. */
  encode(plan: Plan, address: number): Uint8Array {
    this.#size = 0;
    this.#bytes = this.#memory.bytes;
    this.#view = this.#memory.view;
    this.#write(plan, address);
    return this.#buffer.slice(0, this.#size);
  }

  #write(plan: Plan, address: number): void {
    switch (plan.kind) {
      case "flat":
        this.#copy(address, plan.size);
        return;
      case "vector":
        this.#writeVector(plan, this.#view.getUint32(address, true));
        return;
      case "struct":
        for (const { plan: field, offset } of plan.fields) this.#write(field, address + offset);
        return;
      case "enum": {
        const variant = this.#view.getUint32(address, true);
        this.#length(variant);
        for (const { plan: field, offset } of plan.variants[variant] ?? []) {
          this.#write(field, address + offset);
        }
      }
    }
  }

  #writeVector({ element, stride }: Plan & { kind: "vector" }, vector: number): void {
    const length = this.#view.getUint32(vector, true);
    this.#length(length);
    if (element.kind === "flat") {
      this.#copy(vector + VECTOR_ELEMENTS, length * stride);
      return;
    }
    for (let index = 0; index < length; index++) {
      this.#write(element, vector + VECTOR_ELEMENTS + index * stride);
    }
  }

  #length(value: number): void {
    this.#reserve(5);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#size++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#size++] = rest;
  }

  #copy(from: number, size: number): void {
    this.#reserve(size);
    if (size > 64) {
      this.#buffer.set(this.#bytes.subarray(from, from + size), this.#size);
    } else {
      for (let index = 0; index < size; index++) {
        this.#buffer[this.#size + index] = this.#bytes[from + index] ?? 0;
      }
    }
    this.#size += size;
  }

  #reserve(more: number): void {
    if (this.#size + more <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#size + more, 2 * this.#buffer.length));
    grown.set(this.#buffer.subarray(0, this.#size));
    this.#buffer = grown;
  }
}

/** Reads strict BCS into memory. */
export class Decoder {
  readonly #memory: LinearMemory;
  #input: Uint8Array = new Uint8Array();
  #at = 0;
  /** Weight of what was read last. */
  weight = 0;

  constructor(memory: LinearMemory) {
    this.#memory = memory;
  }

  /**
   * Writes the value that `input` encodes to `address`.
   *
   * @returns whether all of `input` is the canonical encoding of a value; memory is garbage if not.
   */
  decode(plan: Plan, input: Uint8Array, address: number): boolean {
    this.#input = input;
    this.#at = 0;
    this.weight = 0;
    return this.#read(plan, address) && this.#at === input.length;
  }

  #read(plan: Plan, address: number): boolean {
    switch (plan.kind) {
      case "flat":
        this.weight += plan.weight;
        return this.#copy(address, plan.size) && this.#areBools(plan.bools, address);
      case "vector":
        return this.#readVector(plan, address);
      case "struct":
        return this.#readFields(plan.fields, address);
      case "enum": {
        const variant = this.#length();
        const fields = variant === undefined ? undefined : plan.variants[variant];
        if (variant === undefined || fields === undefined) return false;
        this.weight += VARIANT_WEIGHT;
        this.#memory.writeU32(address, variant);
        return this.#readFields(fields, address);
      }
    }
  }

  #readFields(fields: readonly PlannedField[], address: number): boolean {
    for (const { plan, offset } of fields) {
      if (!this.#read(plan, address + offset)) return false;
    }
    return true;
  }

  #readVector({ element, stride }: Plan & { kind: "vector" }, address: number): boolean {
    const length = this.#length();
    // Every element has a byte at least.
    if (length === undefined || length > this.#input.length - this.#at) return false;
    this.weight += VECTOR_WEIGHT;
    if (length === 0) {
      this.#memory.writeU32(address, 0);
      return true;
    }
    if (element.kind === "flat" && length * stride > this.#input.length - this.#at) return false;
    const vector = this.#memory.allocate(VECTOR_ELEMENTS + length * stride);
    this.#memory.writeU32(vector, length);
    this.#memory.writeU32(vector + VECTOR_CAPACITY, length);
    this.#memory.writeU32(address, vector);
    const start = vector + VECTOR_ELEMENTS;
    if (element.kind === "flat" && element.bools.length === 0) {
      this.weight += length * element.weight;
      return this.#copy(start, length * stride);
    }
    for (let index = 0; index < length; index++) {
      if (!this.#read(element, start + index * stride)) return false;
    }
    return true;
  }

  #areBools(offsets: readonly number[], address: number): boolean {
    for (const offset of offsets) if ((this.#memory.bytes[address + offset] ?? 2) > 1) return false;
    return true;
  }

  /** A ULEB128 of at most 32 bits in its shortest form. */
  #length(): number | undefined {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#input[this.#at++];
      if (byte === undefined) return undefined;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte >= 0x80) continue;
      return (byte === 0 && shift > 0) || value > 0x7fff_ffff ? undefined : value;
    }
    return undefined;
  }

  #copy(to: number, size: number): boolean {
    const end = this.#at + size;
    if (end > this.#input.length) return false;
    const { bytes } = this.#memory;
    if (size > 64) bytes.set(this.#input.subarray(this.#at, end), to);
    else
      for (let index = 0; index < size; index++)
        bytes[to + index] = this.#input[this.#at + index] ?? 0;
    this.#at = end;
    return true;
  }
}

/** Weight of the value at an address. */
export function weightAt(memory: LinearMemory, plan: Plan, address: number): number {
  switch (plan.kind) {
    case "flat":
      return plan.weight;
    case "vector":
      return vectorWeightAt(memory, plan, memory.readU32(address));
    case "struct":
      return fieldsWeight(memory, plan.fields, address);
    case "enum":
      return (
        VARIANT_WEIGHT + fieldsWeight(memory, plan.variants[memory.readU32(address)] ?? [], address)
      );
  }
}

function vectorWeightAt(
  memory: LinearMemory,
  { element, stride }: Plan & { kind: "vector" },
  vector: number,
): number {
  const length = memory.readU32(vector);
  if (element.kind === "flat") return VECTOR_WEIGHT + length * element.weight;
  let weight = VECTOR_WEIGHT;
  for (let index = 0; index < length; index++) {
    weight += weightAt(memory, element, vector + VECTOR_ELEMENTS + index * stride);
  }
  return weight;
}

function fieldsWeight(
  memory: LinearMemory,
  fields: readonly PlannedField[],
  address: number,
): number {
  let weight = 0;
  for (const { plan, offset } of fields) weight += weightAt(memory, plan, address + offset);
  return weight;
}
