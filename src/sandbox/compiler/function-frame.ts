/** Begins and ends a function: its parameters, where its locals live, its frame in memory. */
import type { ResolvedFunction } from "../runtime/machine-model.ts";
import type { RuntimeType } from "../runtime/types.ts";
import { type Emission, framePlace, type Inlining, type LocalStorage } from "./emission.ts";
import { alignUp, layoutOf, valueTypesOf } from "./layout.ts";
import { emitCopy, emitStore } from "./memory-access.ts";
import { FRAMES, FRAMES_END, MEMORY_LEFT } from "./memory-map.ts";
import type { Address } from "./operand.ts";
import { functionTypeOf, type ProgramContext } from "./program-context.ts";
import { unsupported } from "./unsupported.ts";
import { FunctionBuilder, type Local } from "./wasm/function-builder.ts";

/** A larger frame leaves the program to the interpreter. */
const FRAME_SIZE_MAX = (FRAMES_END - FRAMES) / 128;
const FRAME_ALIGN = 8;
/** Engines take 50,000 locals and bodies of 7,654,321 bytes. */
const LOCAL_COUNT_MAX = 40_000;
const CODE_SIZE_MAX = 7_000_000;

/**
 * Whether a function keeps the memory counter in a local: it fills vectors and calls nobody who
 * could too.
 */
function keepsMemory(callee: ResolvedFunction): boolean {
  const code = callee.definition.code?.code ?? [];
  return (
    code.some(({ opcode }) => opcode === "VecPushBack" || opcode === "VecPack") &&
    !code.some(({ opcode }) => opcode === "Call" || opcode === "CallGeneric")
  );
}

/** How a function uses its locals. */
export interface LocalUse {
  readonly isBorrowed: readonly boolean[];
  /** Whether a parameter in memory may change, so that the caller's bytes will not do. */
  readonly isChanged: readonly boolean[];
}

export function usesOf(callee: ResolvedFunction): LocalUse {
  const isBorrowed = callee.locals.map(() => false);
  const isChanged = callee.locals.map(() => false);
  for (const { opcode, index } of callee.definition.code?.code ?? []) {
    if (opcode === "MutBorrowLoc" || opcode === "ImmBorrowLoc") isBorrowed[index] = true;
    if (opcode === "MutBorrowLoc" || opcode === "StLoc") isChanged[index] = true;
  }
  return { isBorrowed, isChanged };
}

export function beginFunction(
  program: ProgramContext,
  callee: ResolvedFunction,
  inline: Inlining,
): Emission {
  const type = functionTypeOf(program, callee);
  const out = new FunctionBuilder(type);
  const use = usesOf(callee);
  let parameter = 0;
  const frame = parameter++;
  const gas = parameter++;
  const depth = program.countsDepth ? parameter++ : undefined;
  const places = callee.returns.map((result) =>
    layoutOf(result).representation === "memory" ? parameter++ : undefined,
  );
  const storage: LocalStorage[] = [];
  const emission: Emission = {
    program,
    inline,
    schedule: program.schedule,
    callee,
    out,
    storage,
    isBorrowed: use.isBorrowed,
    stack: [],
    frame,
    depth,
    exit: { kind: "return", places },
    next: out.local("i32"),
    gas,
    memory: keepsMemory(callee) ? out.local("i64") : undefined,
    site: out.local("i32"),
    stop: out.block(),
    frameSize: { fixed: 0, used: 0, most: 0 },
    scope: { locals: [] },
    loads: [],
    calls: [],
    heightMax: 0,
    offset: 0,
  };
  for (const [index, local] of callee.locals.entries()) {
    const isParameter = index < callee.parameters.length;
    const given = isParameter ? valueTypesOf(local).map(() => parameter++) : [];
    storage.push(
      isParameter
        ? parameterStorage(emission, local, given, use, index)
        : storageOfLocal(emission, local, use.isBorrowed[index] === true),
    );
  }
  emission.frameSize.fixed = emission.frameSize.used;
  return emission;
}

function parameterStorage(
  emission: Emission,
  type: RuntimeType,
  given: readonly Local[],
  { isBorrowed, isChanged }: LocalUse,
  index: number,
): LocalStorage {
  const { representation, size } = layoutOf(type);
  const [base] = given;
  if (representation === "memory" && base !== undefined) {
    const from: Address = { base, offset: 0 };
    if (isChanged[index] !== true) return { kind: "place", address: from };
    const address = framePlace(emission, size);
    emission.loads.push((out) => emitCopy(out, address, from, size));
    return { kind: "place", address };
  }
  if (isBorrowed[index] !== true) return { kind: "registers", locals: given };
  const address = framePlace(emission, size);
  emission.loads.push((out) => {
    for (const [position, local] of given.entries()) {
      out.get(address.base).get(local);
      if (given.length > 1) out.memory("i64.store", address.offset + 8 * position);
      else emitStore(out, type, address.offset);
    }
  });
  return { kind: "place", address };
}

export function storageOfLocal(
  emission: Emission,
  type: RuntimeType,
  isBorrowed: boolean,
): LocalStorage {
  const { representation, size } = layoutOf(type);
  if (isBorrowed || representation === "memory") {
    return { kind: "place", address: framePlace(emission, size) };
  }
  const locals = valueTypesOf(type).map((valueType) => emission.out.local(valueType));
  return { kind: "registers", locals };
}

/**
 * Defines the function. The prologue is written last, when the frame's size is known, and goes in
 * front of the body.
 *
 * @param emitEnd writes where stops lead.
 */
export function finishFunction(emission: Emission, emitEnd: () => void): void {
  const { out, program, callee, frame, next, frameSize } = emission;
  out.op("unreachable").end();
  emitEnd();
  const size = alignUp(frameSize.most, FRAME_ALIGN);
  if (size > FRAME_SIZE_MAX) unsupported(`a frame of over ${FRAME_SIZE_MAX} bytes`);
  if (out.locals.length > LOCAL_COUNT_MAX) unsupported("more locals than engines take");
  if (out.size > CODE_SIZE_MAX) unsupported("a longer body than engines take");
  const prologue = out.fragment();
  prologue.get(frame);
  if (size > 0) prologue.i32(size).op("i32.add");
  prologue.set(next);
  const { memory } = emission;
  if (memory !== undefined) prologue.i32(0).memory("i64.load", MEMORY_LEFT).set(memory);
  for (const load of emission.loads) load(prologue);
  const index = program.functions.get(callee);
  if (index !== undefined) program.module.define(index, out, prologue);
  const { heightMax, calls } = emission;
  program.extents.set(callee, { frameSize: size, heightMax, calls });
}
