/** BCS of values in memory, by type: what codec.ts writes, in line. */
import { assert } from "../../core/assert.ts";
import { typeShape } from "../../runtime/type-shape.ts";
import type { RuntimeType, StructType, VectorType } from "../../runtime/types.ts";
import { layoutOf, placedFields } from "../layout.ts";
import { emitCopy } from "../memory-access.ts";
import { VECTOR_ELEMENTS } from "../memory-map.ts";
import { type ProgramContext, type Routine, routineIndex } from "../program-context.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { emitCases, isEnum } from "./enum-cases.ts";
import { emitElements } from "./values.ts";

/** (number, to) → the address behind its ULEB128. */
export const PUT_LENGTH: Routine = {
  name: "put_length",
  type: { parameters: ["i32", "i32"], results: ["i32"] },
  body(_program, out) {
    const [rest, to] = [0, 1];
    const again = out.loop();
    out.get(rest).i32(0x80).op("i32.lt_u").if();
    out.get(to).get(rest).memory("i32.store8", 0);
    out.get(to).i32(1).op("i32.add").op("return").end();
    out.get(to).get(rest).i32(0x80).op("i32.or").memory("i32.store8", 0);
    out.get(rest).i32(7).op("i32.shr_u").set(rest);
    out.get(to).i32(1).op("i32.add").set(to).br(again).end();
    out.op("unreachable");
  },
};

/** Whether the bytes of a value in memory are its encoding. */
function isFlat(type: RuntimeType): boolean {
  if (type.kind === "vector") return false;
  if (type.kind !== "struct") return true;
  const { isDense, hasVectors } = layoutOf(type);
  return isDense && !hasVectors && !isEnum(type) && typeShape(type).fixedWeight !== undefined;
}

/** Encodes the value at `address + offset` to `to`, and moves `to` behind it. */
export function emitEncode(
  program: ProgramContext,
  out: FunctionBuilder,
  type: RuntimeType,
  address: Local,
  offset: number,
  to: Local,
): void {
  if (isFlat(type)) {
    const { size } = layoutOf(type);
    emitCopy(out, { base: to, offset: 0 }, { base: address, offset }, size);
    out.get(to).i32(size).op("i32.add").set(to);
  } else if (type.kind === "vector") {
    out.get(address).memory("i32.load", offset).get(to);
    out.call(routineIndex(program, encodeVector(type))).set(to);
  } else {
    assert(type.kind === "struct", "all but vectors and structs is flat");
    out.get(address).i32(offset).op("i32.add").get(to);
    out.call(routineIndex(program, encodeStruct(type))).set(to);
  }
}

/** (vector, to) → the address behind. */
function encodeVector(type: VectorType): Routine {
  return {
    name: `encode_vector/${type.element.id}`,
    type: { parameters: ["i32", "i32"], results: ["i32"] },
    body(program, out) {
      const { element } = type;
      const { size: stride } = layoutOf(element);
      const [vector, to] = [0, 1];
      out.get(vector).memory("i32.load", 0).get(to);
      out.call(routineIndex(program, PUT_LENGTH)).set(to);
      if (isFlat(element)) {
        const size = out.local("i32");
        out.get(vector).memory("i32.load", 0).i32(stride).op("i32.mul").set(size);
        out.get(to).get(vector).i32(VECTOR_ELEMENTS).op("i32.add").get(size).memoryCopy();
        out.get(to).get(size).op("i32.add");
        return;
      }
      emitElements(out, vector, stride, (at) => emitEncode(program, out, element, at, 0, to));
      out.get(to);
    },
  };
}

/** (address, to) → the address behind. */
function encodeStruct(type: StructType): Routine {
  return {
    name: `encode/${type.id}`,
    type: { parameters: ["i32", "i32"], results: ["i32"] },
    body(program, out) {
      const [address, to] = [0, 1];
      if (isEnum(type)) {
        out.get(address).memory("i32.load", 0).get(to);
        out.call(routineIndex(program, PUT_LENGTH)).set(to);
      }
      emitCases(out, type, address, (variant) => {
        for (const field of placedFields(type, variant)) {
          emitEncode(program, out, field.type, address, field.offset, to);
        }
      });
      out.get(to);
    },
  };
}
