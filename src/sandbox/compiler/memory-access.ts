/**
 * Loads, stores and plain copies of values in memory. Copies are byte by byte; what vectors hold is
 * not followed.
 */
import { assert } from "../core/assert.ts";
import type { RuntimeType } from "../runtime/types.ts";
import { layoutOf } from "./layout.ts";
import { type Address, emitAddress } from "./operand.ts";
import type { FunctionBuilder } from "./wasm/function-builder.ts";
import type { MemoryOpcode } from "./wasm/opcodes.ts";

/** Up to this size a copy is a run of loads and stores. */
const INLINE_COPY_SIZE_MAX = 64;
const WORD = 8;

const LOADS: Readonly<Record<number, MemoryOpcode>> = {
  1: "i32.load8_u",
  2: "i32.load16_u",
  4: "i32.load",
  8: "i64.load",
};
const STORES: Readonly<Record<number, MemoryOpcode>> = {
  1: "i32.store8",
  2: "i32.store16",
  4: "i32.store",
  8: "i64.store",
};

function opcodeOf(table: Readonly<Record<number, MemoryOpcode>>, size: number): MemoryOpcode {
  const opcode = table[size];
  assert(opcode !== undefined, "a scalar of 1, 2, 4 or 8 bytes");
  return opcode;
}

/** Loads a value that travels as i32 or i64 from the address on the stack plus `offset`. */
export function emitLoad(out: FunctionBuilder, type: RuntimeType, offset: number): void {
  out.memory(opcodeOf(LOADS, layoutOf(type).size), offset);
}

/** Stores a value that travels as i32 or i64; address and value are on the stack. */
export function emitStore(out: FunctionBuilder, type: RuntimeType, offset: number): void {
  out.memory(opcodeOf(STORES, layoutOf(type).size), offset);
}

/** Copies `size` bytes between places that do not overlap, or are the same. */
export function emitCopy(out: FunctionBuilder, to: Address, from: Address, size: number): void {
  if (size > INLINE_COPY_SIZE_MAX) {
    emitAddress(out, to);
    emitAddress(out, from);
    out.i32(size).memoryCopy();
    return;
  }
  for (let done = 0; done < size; ) {
    const step = stepSize(size - done);
    out.get(to.base).get(from.base);
    out.memory(opcodeOf(LOADS, step), from.offset + done);
    out.memory(opcodeOf(STORES, step), to.offset + done);
    done += step;
  }
}

/** The largest scalar that fits. */
function stepSize(rest: number): number {
  if (rest >= WORD) return WORD;
  if (rest >= 4) return 4;
  return rest >= 2 ? 2 : 1;
}
