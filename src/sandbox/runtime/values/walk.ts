/**
 * Walks over values by type: weight, copy, equality, order. Recursion is as deep as the type's
 * values nest, which `typeShape` bounds; a walk's length is bounded by its caller through the
 * weight it charges first.
 */
import { assert } from "../../core/assert.ts";
import { compareText } from "../../core/bytes.ts";
import { membersOf } from "../closed-types.ts";
import { failInvariant } from "../failure.ts";
import { typeShape, VARIANT_WEIGHT, VECTOR_WEIGHT } from "../type-shape.ts";
import { isScalar, type RuntimeType, type StructType } from "../types.ts";
import { VARIANT_FIELDS_START, type Value } from "./value.ts";

/**
 * The slots of a vector, struct or enum; a stray reference that left something else there fails.
 */
export function slotsOf(value: Value | undefined): Value[] {
  return Array.isArray(value) ? value : failInvariant("a value is not of its type");
}

/** The types of a struct value's fields, or of the fields of the variant it is. */
export function fieldTypes(type: StructType, slots: readonly Value[]): readonly RuntimeType[] {
  const members = membersOf(type);
  if (members.kind === "fields") return members.fields;
  const variant = slots[0];
  const fields = typeof variant === "number" ? members.variants[variant] : undefined;
  return fields ?? failInvariant("a variant that its enum lacks");
}

/** Slot of the first field. */
export function fieldsStart(type: StructType): number {
  return membersOf(type).kind === "fields" ? 0 : VARIANT_FIELDS_START;
}

/** Weight of a value, counted no further than `most`: more than `most` means at least that much. */
export function weightOf(type: RuntimeType, value: Value | undefined, most: number): number {
  const { fixedWeight } = typeShape(type);
  if (fixedWeight !== undefined) return fixedWeight;
  const slots = slotsOf(value);
  if (type.kind === "vector") return vectorWeight(type.element, slots, most);
  assert(type.kind === "struct", "only vectors and structs vary in weight");
  const start = fieldsStart(type);
  let weight = start === 0 ? 0 : VARIANT_WEIGHT;
  fieldTypes(type, slots).forEach((field, index) => {
    if (weight <= most) weight += weightOf(field, slots[start + index], most - weight);
  });
  return weight;
}

function vectorWeight(element: RuntimeType, slots: readonly Value[], most: number): number {
  const { fixedWeight } = typeShape(element);
  if (fixedWeight !== undefined) return VECTOR_WEIGHT + slots.length * fixedWeight;
  let weight = VECTOR_WEIGHT;
  for (const slot of slots) {
    if (weight > most) return weight;
    weight += weightOf(element, slot, most - weight);
  }
  return weight;
}

/** A copy that shares nothing with the original. */
export function copyValue(type: RuntimeType, value: Value | undefined): Value {
  if (value === undefined) return failInvariant("nothing to copy");
  if (isScalar(type)) return value;
  const slots = slotsOf(value);
  if (type.kind === "vector") {
    const { element } = type;
    if (isScalar(element)) return slots.slice();
    return slots.map((slot) => copyValue(element, slot));
  }
  assert(type.kind === "struct", "what is not scalar is a vector or a struct");
  const start = fieldsStart(type);
  const copy = slots.slice(0, start);
  fieldTypes(type, slots).forEach((field, index) => {
    copy.push(copyValue(field, slots[start + index]));
  });
  return copy;
}

/** Structural equality of two values of one type. */
export function equalValues(
  type: RuntimeType,
  a: Value | undefined,
  b: Value | undefined,
): boolean {
  if (isScalar(type)) return a === b;
  const [left, right] = [slotsOf(a), slotsOf(b)];
  if (left.length !== right.length) return false;
  if (type.kind === "vector") {
    const { element } = type;
    return left.every((slot, index) => equalValues(element, slot, right[index]));
  }
  assert(type.kind === "struct", "what is not scalar is a vector or a struct");
  const start = fieldsStart(type);
  if (start > 0 && left[0] !== right[0]) return false;
  return fieldTypes(type, left).every((field, index) =>
    equalValues(field, left[start + index], right[start + index]),
  );
}

/**
 * Total order of two values of one type, negative when `a` is first: numbers by size, false before
 * true, addresses by bytes, vectors element by element with a prefix first, structs field by field,
 * enums by variant first.
 */
export function compareValues(
  type: RuntimeType,
  a: Value | undefined,
  b: Value | undefined,
): number {
  if (isScalar(type)) return compareScalars(a, b);
  const [left, right] = [slotsOf(a), slotsOf(b)];
  if (type.kind === "vector") {
    const shared = Math.min(left.length, right.length);
    for (let index = 0; index < shared; index++) {
      const order = compareValues(type.element, left[index], right[index]);
      if (order !== 0) return order;
    }
    return left.length - right.length;
  }
  assert(type.kind === "struct", "what is not scalar is a vector or a struct");
  const start = fieldsStart(type);
  if (start > 0 && left[0] !== right[0]) return compareScalars(left[0], right[0]);
  const fields = fieldTypes(type, left);
  for (const [index, field] of fields.entries()) {
    const order = compareValues(field, left[start + index], right[start + index]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareScalars(a: Value | undefined, b: Value | undefined): number {
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (typeof a === "bigint" && typeof b === "bigint") return a === b ? 0 : a < b ? -1 : 1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  return failInvariant("values that have no order");
}
