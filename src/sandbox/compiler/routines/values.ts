/**
 * Walks over values by type: deep copies, equality and weight, as runtime/values/walk.ts defines
 * them. One routine a type; they nest as deep as the type does. Vectors are passed as their
 * address, all other values as that of their first byte.
 */
import { assert } from "../../core/assert.ts";
import { typeShape, VARIANT_WEIGHT, VECTOR_WEIGHT } from "../../runtime/type-shape.ts";
import type { RuntimeType, StructType, VectorType } from "../../runtime/types.ts";
import { layoutOf, placedFields } from "../layout.ts";
import { emitLoad } from "../memory-access.ts";
import { VECTOR_CAPACITY, VECTOR_ELEMENTS } from "../memory-map.ts";
import { type ProgramContext, type Routine, routineIndex } from "../program-context.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { emitAllocate } from "./allocation.ts";
import { emitCases, isEnum } from "./enum-cases.ts";

/** Runs `body` with the address of one element after another. */
export function emitElements(
  out: FunctionBuilder,
  vector: Local,
  stride: number,
  body: (element: Local) => void,
): void {
  const [element, end] = [out.local("i32"), out.local("i32")];
  out.get(vector).i32(VECTOR_ELEMENTS).op("i32.add").tee(element);
  out.get(vector).memory("i32.load", 0).i32(stride).op("i32.mul").op("i32.add").set(end);
  const done = out.block();
  const again = out.loop();
  out.get(element).get(end).op("i32.ge_u").brIf(done);
  body(element);
  out.get(element).i32(stride).op("i32.add").set(element).br(again);
  out.end().end();
}

/** (vector) → a copy that shares nothing with it. */
export function copyVector(type: VectorType): Routine {
  return {
    name: `copy_vector/${type.element.id}`,
    type: { parameters: ["i32"], results: ["i32"] },
    body(program, out) {
      const { size: stride, hasVectors } = layoutOf(type.element);
      const [vector, length, copy] = [0, out.local("i32"), out.local("i32")];
      out.get(vector).memory("i32.load", 0).tee(length).op("i32.eqz").if();
      out.i32(0).op("return").end();
      out.get(length).i32(stride).op("i32.mul").i32(VECTOR_ELEMENTS).op("i32.add");
      emitAllocate(program, out);
      out.tee(copy).get(length).memory("i32.store", 0);
      out.get(copy).get(length).memory("i32.store", VECTOR_CAPACITY);
      out.get(copy).i32(VECTOR_ELEMENTS).op("i32.add");
      out.get(vector).i32(VECTOR_ELEMENTS).op("i32.add");
      out.get(length).i32(stride).op("i32.mul").memoryCopy();
      if (hasVectors) {
        emitElements(out, copy, stride, (element) =>
          emitUnshare(program, out, type.element, element, 0),
        );
      }
      out.get(copy);
    },
  };
}

/**
 * Replaces every vector in the value at `address + offset`, which is a byte copy, by a copy of its
 * own.
 */
export function emitUnshare(
  program: ProgramContext,
  out: FunctionBuilder,
  type: RuntimeType,
  address: Local,
  offset: number,
): void {
  if (!layoutOf(type).hasVectors) return;
  if (type.kind === "vector") {
    out.get(address).get(address).memory("i32.load", offset);
    out.call(routineIndex(program, copyVector(type))).memory("i32.store", offset);
    return;
  }
  assert(type.kind === "struct", "only structs hold vectors");
  out.get(address);
  if (offset !== 0) out.i32(offset).op("i32.add");
  out.call(routineIndex(program, unshareStruct(type)));
}

/** (address): {@link emitUnshare} of a struct. */
function unshareStruct(type: StructType): Routine {
  return {
    name: `unshare/${type.id}`,
    type: { parameters: ["i32"], results: [] },
    body(program, out) {
      emitCases(out, type, 0, (variant) => {
        for (const field of placedFields(type, variant)) {
          emitUnshare(program, out, field.type, 0, field.offset);
        }
      });
    },
  };
}

/** (address, address, size) → whether the bytes are the same. */
export const EQUAL_BYTES: Routine = {
  name: "equal_bytes",
  type: { parameters: ["i32", "i32", "i32"], results: ["i32"] },
  body(_program, out) {
    const [left, right, size] = [0, 1, 2];
    const end = out.local("i32");
    out.get(left).get(size).op("i32.add").set(end);
    for (const [width, load, differ] of [
      [8, "i64.load", "i64.ne"],
      [1, "i32.load8_u", "i32.ne"],
    ] as const) {
      const done = out.block();
      const again = out.loop();
      out.get(end).get(left).op("i32.sub").i32(width).op("i32.lt_u").brIf(done);
      out.get(left).memory(load, 0).get(right).memory(load, 0).op(differ).if();
      out.i32(0).op("return").end();
      out.get(left).i32(width).op("i32.add").set(left);
      out.get(right).i32(width).op("i32.add").set(right).br(again);
      out.end().end();
    }
    out.i32(1);
  },
};

/** (vector, vector) → whether they are equal. */
export function equalVectors(type: VectorType): Routine {
  return {
    name: `equal_vectors/${type.element.id}`,
    type: { parameters: ["i32", "i32"], results: ["i32"] },
    body(program, out) {
      const { size: stride, isDense } = layoutOf(type.element);
      const [left, right] = [0, 1];
      out.get(left).memory("i32.load", 0).get(right).memory("i32.load", 0).op("i32.ne").if();
      out.i32(0).op("return").end();
      if (isDense) {
        out.get(left).i32(VECTOR_ELEMENTS).op("i32.add");
        out.get(right).i32(VECTOR_ELEMENTS).op("i32.add");
        out.get(left).memory("i32.load", 0).i32(stride).op("i32.mul");
        out.call(routineIndex(program, EQUAL_BYTES));
        return;
      }
      const shift = out.local("i32");
      const other = out.local("i32");
      out.get(right).get(left).op("i32.sub").set(shift);
      emitElements(out, left, stride, (element) => {
        out.get(element).get(shift).op("i32.add").set(other);
        emitEqualAt(program, out, type.element, element, other, 0);
        out.op("i32.eqz").if();
        out.i32(0).op("return").end();
      });
      out.i32(1);
    },
  };
}

/** Leaves whether the values at two addresses, plus `offset`, are equal. */
export function emitEqualAt(
  program: ProgramContext,
  out: FunctionBuilder,
  type: RuntimeType,
  left: Local,
  right: Local,
  offset: number,
): void {
  const { representation, size, isDense } = layoutOf(type);
  if (type.kind === "vector") {
    out.get(left).memory("i32.load", offset).get(right).memory("i32.load", offset);
    out.call(routineIndex(program, equalVectors(type)));
  } else if (representation === "i32" || representation === "i64") {
    for (const side of [left, right]) {
      out.get(side);
      emitLoad(out, type, offset);
    }
    out.op(representation === "i32" ? "i32.eq" : "i64.eq");
  } else {
    for (const side of [left, right]) out.get(side).i32(offset).op("i32.add");
    if (isDense) out.i32(size).call(routineIndex(program, EQUAL_BYTES));
    else {
      assert(type.kind === "struct", "other values are dense");
      out.call(routineIndex(program, equalStructs(type)));
    }
  }
}

/** (address, address) → whether the structs or enums there are equal. */
function equalStructs(type: StructType): Routine {
  return {
    name: `equal/${type.id}`,
    type: { parameters: ["i32", "i32"], results: ["i32"] },
    body(program, out) {
      const [left, right] = [0, 1];
      if (isEnum(type)) {
        out.get(left).memory("i32.load", 0).get(right).memory("i32.load", 0).op("i32.ne").if();
        out.i32(0).op("return").end();
      }
      emitCases(out, type, left, (variant) => {
        for (const field of placedFields(type, variant)) {
          emitEqualAt(program, out, field.type, left, right, field.offset);
          out.op("i32.eqz").if();
          out.i32(0).op("return").end();
        }
      });
      out.i32(1);
    },
  };
}

/** (vector) → its weight, an i64. */
export function vectorWeight(type: VectorType): Routine {
  return {
    name: `vector_weight/${type.element.id}`,
    type: { parameters: ["i32"], results: ["i64"] },
    body(program, out) {
      const { element } = type;
      const { fixedWeight } = typeShape(element);
      const vector = 0;
      if (fixedWeight !== undefined) {
        out.get(vector).memory("i64.load32_u", 0).i64(BigInt(fixedWeight)).op("i64.mul");
        out.i64(BigInt(VECTOR_WEIGHT)).op("i64.add");
        return;
      }
      const weight = out.local("i64");
      out.i64(BigInt(VECTOR_WEIGHT)).set(weight);
      emitElements(out, vector, layoutOf(element).size, (at) => {
        emitWeightAt(program, out, element, at, 0);
        out.get(weight).op("i64.add").set(weight);
      });
      out.get(weight);
    },
  };
}

/** Leaves the weight of the value at `address + offset`. */
export function emitWeightAt(
  program: ProgramContext,
  out: FunctionBuilder,
  type: RuntimeType,
  address: Local,
  offset: number,
): void {
  const { fixedWeight } = typeShape(type);
  if (fixedWeight !== undefined) {
    out.i64(BigInt(fixedWeight));
  } else if (type.kind === "vector") {
    out.get(address).memory("i32.load", offset);
    out.call(routineIndex(program, vectorWeight(type)));
  } else {
    assert(type.kind === "struct", "only vectors and structs vary in weight");
    out.get(address).i32(offset).op("i32.add");
    out.call(routineIndex(program, structWeight(type)));
  }
}

function structWeight(type: StructType): Routine {
  return {
    name: `weight/${type.id}`,
    type: { parameters: ["i32"], results: ["i64"] },
    body(program, out) {
      const weight = out.local("i64");
      out.i64(BigInt(isEnum(type) ? VARIANT_WEIGHT : 0)).set(weight);
      emitCases(out, type, 0, (variant) => {
        for (const field of placedFields(type, variant)) {
          emitWeightAt(program, out, field.type, 0, field.offset);
          out.get(weight).op("i64.add").set(weight);
        }
      });
      out.get(weight);
    },
  };
}
