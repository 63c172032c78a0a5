/**
 * Small functions that call no Move function themselves are compiled in place of calls to them.
 * Gas, sites and bounds on frames and operands stay those of a call.
 */
import { assert } from "../core/assert.ts";
import type { ResolvedFunction } from "../runtime/machine-model.ts";
import type { RuntimeType } from "../runtime/types.ts";
import {
  type Emission,
  framePlace,
  type LocalStorage,
  memoryOperand,
  popMany,
  push,
  storeOperand,
} from "./emission.ts";
import { emitBody } from "./function-compiler.ts";
import { storageOfLocal, usesOf } from "./function-frame.ts";
import { layoutOf, valueTypesOf } from "./layout.ts";
import { emitOperand, type Operand } from "./operand.ts";
import { registerOperand } from "./visit/locals.ts";

/** Longer functions are called. */
const INSTRUCTION_COUNT_MAX = 48;
/** A function that has grown this large inlines nothing more. */
const CODE_SIZE_MAX = 16 * 1024;

function isInlinable({ definition }: ResolvedFunction): boolean {
  const code = definition.code?.code;
  if (code === undefined || code.length > INSTRUCTION_COUNT_MAX) return false;
  return !code.some(({ opcode }) => opcode === "Call" || opcode === "CallGeneric");
}

/** Compiles `callee` in place and leaves its results as operands; false if it has to be called. */
export function inlineCall(emission: Emission, callee: ResolvedFunction): boolean {
  const { out, program, frameSize } = emission;
  if (!isInlinable(callee) || out.size > CODE_SIZE_MAX) return false;
  const args = popMany(emission, callee.parameters.length);
  const results = callee.returns.map((type) => storageOfLocal(emission, type, false));
  const use = usesOf(callee);
  const storage = callee.locals.map((type, index) => {
    const arg = args[index];
    const isBorrowed = use.isBorrowed[index] === true;
    if (arg === undefined) return storageOfLocal(emission, type, isBorrowed);
    return argumentStorage(emission, arg, isBorrowed, use.isChanged[index] === true);
  });
  const inner: Emission = {
    ...emission,
    callee,
    storage,
    isBorrowed: use.isBorrowed,
    stack: [],
    scope: { locals: [] },
    exit: { kind: "jump", results, label: out.block() },
    frameSize: { fixed: frameSize.used, used: frameSize.used, most: frameSize.used },
    heightMax: 0,
    offset: 0,
  };
  emitBody(inner);
  out.op("unreachable").end();
  out.release(inner.scope);
  out.enterScope(emission.scope);
  frameSize.used = inner.frameSize.most;
  frameSize.most = Math.max(frameSize.most, frameSize.used);
  const { heightMax } = inner;
  if (!program.extents.has(callee)) {
    program.extents.set(callee, { frameSize: 0, heightMax, calls: [] });
  }
  emission.calls.push({ callee, height: emission.stack.length });
  callee.returns.forEach((type, index) => {
    const result = results[index];
    assert(result !== undefined, "storage for every result");
    push(emission, resultOperand(type, result));
  });
  return true;
}

function resultOperand(type: RuntimeType, storage: LocalStorage): Operand {
  if (storage.kind === "place") return memoryOperand(type, storage.address);
  return registerOperand(type, storage);
}

/** Parameters are locals of their own, except for values in memory that nobody changes. */
function argumentStorage(
  emission: Emission,
  arg: Operand,
  isBorrowed: boolean,
  isChanged: boolean,
): LocalStorage {
  const { out } = emission;
  const { type } = arg;
  const { representation, size } = layoutOf(type);
  if (representation === "memory" && !isChanged) {
    assert(arg.kind === "memory", "a memory value has a place");
    return { kind: "place", address: { base: arg.base, offset: arg.offset } };
  }
  if (representation === "memory" || isBorrowed) {
    const address = framePlace(emission, size);
    storeOperand(emission, arg, address);
    return { kind: "place", address };
  }
  const locals = valueTypesOf(type).map((valueType) => out.local(valueType));
  emitOperand(out, arg);
  for (const local of locals.toReversed()) out.set(local);
  return { kind: "registers", locals };
}
