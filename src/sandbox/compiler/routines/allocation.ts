/**
 * The heap: a bump allocator, and growth of vectors. A program that needs more than the heap may
 * have is replayed.
 */
import {
  HEAP_END,
  HEAP_TOP,
  MEMORY_PAGES_MAX,
  REPLAY_SITE,
  STOP_SITE,
  VECTOR_CAPACITY,
  VECTOR_ELEMENTS,
} from "../memory-map.ts";
import { type ProgramContext, type Routine, routineIndex } from "../program-context.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";

const PAGE_BITS = 16;
const ALIGN_MASK = 7;
const FIRST_CAPACITY = 4;

/** Stops the program for the interpreter to replay. */
function emitReplay(out: FunctionBuilder): void {
  out.i32(0).i32(REPLAY_SITE).memory("i32.store", STOP_SITE).op("unreachable");
}

/** (size) → address of as many bytes, aligned to 8. Their contents are not defined. */
const ALLOCATE: Routine = {
  name: "allocate",
  type: { parameters: ["i32"], results: ["i32"] },
  body(program, out) {
    const [size, top, end] = [0, out.local("i32"), out.local("i32")];
    out.i32(0).memory("i32.load", HEAP_TOP).tee(top);
    out.get(size).i32(ALIGN_MASK).op("i32.add").i32(~ALIGN_MASK).op("i32.and");
    out.op("i32.add").tee(end);
    out.i32(0).memory("i32.load", HEAP_END).op("i32.gt_u");
    out.if();
    out.get(end).call(routineIndex(program, GROW_HEAP));
    out.end();
    out.i32(0).get(end).memory("i32.store", HEAP_TOP);
    out.get(top);
  },
};

/** (end): makes the memory reach at least `end`, by half as much again or more. */
const GROW_HEAP: Routine = {
  name: "grow_heap",
  type: { parameters: ["i32"], results: [] },
  body(_program, out) {
    const [end, pages] = [0, out.local("i32")];
    out.memorySize().set(pages);
    // Pages still missing, then half of what there is on top.
    out.get(end).i32(PAGE_BITS).op("i32.shr_u").i32(1).op("i32.add").get(pages).op("i32.sub");
    out.get(pages).i32(1).op("i32.shr_u").op("i32.add").tee(pages);
    out.memorySize().op("i32.add").i32(MEMORY_PAGES_MAX).op("i32.gt_u").if();
    emitReplay(out);
    out.end();
    out.get(pages).memoryGrow().i32(-1).op("i32.eq").if();
    emitReplay(out);
    out.end();
    out.i32(0).memorySize().i32(PAGE_BITS).op("i32.shl").memory("i32.store", HEAP_END);
  },
};

/**
 * (address of the vector's slot, stride): doubles the capacity, in place where the vector is the
 * newest allocation.
 */
export const GROW_VECTOR: Routine = {
  name: "grow_vector",
  type: { parameters: ["i32", "i32"], results: [] },
  body(program, out) {
    const [slot, stride] = [0, 1];
    const vector = out.local("i32");
    const capacity = out.local("i32");
    const grown = out.local("i32");
    const end = out.local("i32");
    out.get(slot).memory("i32.load", 0).tee(vector);
    out.memory("i32.load", VECTOR_CAPACITY).tee(capacity).i32(1).op("i32.shl").tee(grown);
    out.op("i32.eqz").if();
    out.i32(FIRST_CAPACITY).set(grown);
    out.end();
    emitEnd(out, vector, capacity, stride);
    out.tee(end).i32(0).memory("i32.load", HEAP_TOP).op("i32.eq").if();
    emitEnd(out, vector, grown, stride);
    out.get(end).op("i32.sub").call(routineIndex(program, ALLOCATE)).op("drop");
    out.else();
    out.get(grown).get(stride).op("i32.mul").i32(VECTOR_ELEMENTS).op("i32.add");
    out.call(routineIndex(program, ALLOCATE)).set(end);
    out.get(end).i32(VECTOR_ELEMENTS).op("i32.add");
    out.get(vector).i32(VECTOR_ELEMENTS).op("i32.add");
    out.get(vector).memory("i32.load", 0).get(stride).op("i32.mul").memoryCopy();
    out.get(end).get(vector).memory("i32.load", 0).memory("i32.store", 0);
    out.get(slot).get(end).tee(vector).memory("i32.store", 0);
    out.end();
    out.get(vector).get(grown).memory("i32.store", VECTOR_CAPACITY);
  },
};

/** Where a vector with this capacity ends, aligned. */
function emitEnd(out: FunctionBuilder, vector: Local, capacity: Local, stride: Local): void {
  out.get(capacity).get(stride).op("i32.mul").get(vector).op("i32.add");
  out
    .i32(VECTOR_ELEMENTS + ALIGN_MASK)
    .op("i32.add")
    .i32(~ALIGN_MASK)
    .op("i32.and");
}

/** Allocates `size` bytes, which are on the stack. */
export function emitAllocate(program: ProgramContext, out: FunctionBuilder): void {
  out.call(routineIndex(program, ALLOCATE));
}
