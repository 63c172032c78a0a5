/**
 * How values of a type lie in linear memory and travel between functions. Integers up to u64,
 * booleans, vectors and references are one WebAssembly value; a u128 is two; everything else stays
 * in memory and travels as its address. Structs are flat, their fields in order; an enum is its
 * variant's number and room for the largest variant.
 */
import { assert } from "../core/assert.ts";
import { membersOf } from "../runtime/closed-types.ts";
import { typeShape } from "../runtime/type-shape.ts";
import type { RuntimeType, StructType } from "../runtime/types.ts";
import { unsupported } from "./unsupported.ts";
import type { ValueType } from "./wasm/value-type.ts";

/**
 * How a value travels: in one i32, in one i64, in two i64 (low, high), or as an address. A mutable
 * reference is rooted: two i32, its address and the slot of the stored value it leads into (NO_ROOT
 * for none), which a write marks.
 */
export type Representation = "i32" | "i64" | "wide" | "memory" | "rooted";

/** How values that are no references travel. */
export type ValueRepresentation = Exclude<Representation, "rooted">;

export interface Layout {
  readonly size: number;
  readonly align: number;
  readonly representation: Representation;
  /** Whether copying needs more than the bytes at hand. */
  readonly hasVectors: boolean;
  /** Whether every byte counts, so that equal values have equal bytes. */
  readonly isDense: boolean;
  /** Offsets of fields; one list for a struct, one for each variant of an enum. Empty otherwise. */
  readonly offsets: readonly (readonly number[])[];
}

/** A larger value is left to the interpreter. */
const VALUE_SIZE_MAX = 16 * 1024;
const WORD = 8;

function scalar(size: number, representation: Representation): Layout {
  return {
    size,
    align: Math.min(size, WORD),
    representation,
    hasVectors: false,
    isDense: true,
    offsets: [],
  };
}

const SCALARS: Partial<Record<RuntimeType["kind"], Layout>> = {
  bool: scalar(1, "i32"),
  u8: scalar(1, "i32"),
  u16: scalar(2, "i32"),
  u32: scalar(4, "i32"),
  u64: scalar(8, "i64"),
  u128: scalar(16, "wide"),
  u256: scalar(32, "memory"),
  address: scalar(32, "memory"),
  signer: scalar(32, "memory"),
};
const POINTER = scalar(4, "i32");
const ROOTED: Layout = { ...scalar(8, "rooted"), align: 4 };
const VECTOR: Layout = { ...POINTER, hasVectors: true, isDense: false };

/** Bytes of a variant's number. */
const VARIANT_SIZE = 4;

const layouts = new WeakMap<RuntimeType, Layout>();

/** Throws `UnsupportedError` for values too large to be held flat. */
export function layoutOf(type: RuntimeType): Layout {
  const known = SCALARS[type.kind] ?? layouts.get(type);
  if (known !== undefined) return known;
  const made = makeLayout(type);
  layouts.set(type, made);
  return made;
}

/** The representation of a type that is no mutable reference. */
export function representationOf(type: RuntimeType): ValueRepresentation {
  const { representation } = layoutOf(type);
  assert(representation !== "rooted", "a value, not a reference");
  return representation;
}

function makeLayout(type: RuntimeType): Layout {
  if (type.kind === "vector") return VECTOR;
  if (type.kind === "mutableReference") return ROOTED;
  if (type.kind === "reference") return POINTER;
  assert(type.kind === "struct", "scalars have their layouts");
  // Refuses types that nest without end.
  typeShape(type);
  const members = membersOf(type);
  if (members.kind === "fields") return aggregate([members.fields], 0);
  const { size, ...rest } = aggregate(members.variants, VARIANT_SIZE);
  // Variants leave different bytes unused.
  return { ...rest, isDense: false, size };
}

/** @param head bytes in front of the fields. */
function aggregate(lists: readonly (readonly RuntimeType[])[], head: number): Layout {
  const offsets: number[][] = [];
  let [align, size, used] = [Math.max(1, head), head, head];
  let [hasVectors, isDense] = [false, true];
  for (const fields of lists) {
    let end = head;
    used = head;
    const placed: number[] = [];
    for (const field of fields) {
      const layout = layoutOf(field);
      end = alignUp(end, layout.align);
      placed.push(end);
      end += layout.size;
      used += layout.size;
      align = Math.max(align, layout.align);
      hasVectors ||= layout.hasVectors;
      isDense &&= layout.isDense;
    }
    if (end > VALUE_SIZE_MAX) unsupported(`a value of over ${VALUE_SIZE_MAX} bytes`);
    offsets.push(placed);
    size = Math.max(size, end);
  }
  size = alignUp(size, align);
  isDense &&= used === size;
  return { size, align, representation: "memory", hasVectors, isDense, offsets };
}

export function alignUp(offset: number, align: number): number {
  return Math.ceil(offset / align) * align;
}

/** Types and offsets of a struct's fields, or of those of one variant. */
export function placedFields(
  type: StructType,
  variant = 0,
): readonly { readonly type: RuntimeType; readonly offset: number }[] {
  const members = membersOf(type);
  const fields = members.kind === "fields" ? members.fields : members.variants[variant];
  const offsets = layoutOf(type).offsets[variant];
  assert(fields !== undefined && offsets !== undefined, "a variant of the enum");
  return fields.map((field, index) => {
    const offset = offsets[index];
    assert(offset !== undefined, "every field has its place");
    return { type: field, offset };
  });
}

/** The WebAssembly values that a value travels as. */
export function valueTypesOf(type: RuntimeType): readonly ValueType[] {
  switch (layoutOf(type).representation) {
    case "i32":
    case "memory":
      return ["i32"];
    case "i64":
      return ["i64"];
    case "wide":
      return ["i64", "i64"];
    case "rooted":
      return ["i32", "i32"];
  }
}
