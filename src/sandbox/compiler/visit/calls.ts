/**
 * Calls: of Move functions directly, of natives in line where they are small, else through the
 * host.
 */
import { assert } from "../../core/assert.ts";
import { HASH_SIZE } from "../../core/hash.ts";
import { NATIVE_PRICES, type NativePrice, nativeGas } from "../../gas/schedule.ts";
import type { HostOperation, NativeFunction } from "../../natives/native.ts";
import { STANDARD_NATIVES } from "../../natives/registry.ts";
import { CALL_STACK_SIZE_MAX } from "../../runtime/limits.ts";
import type { ResolvedFunction } from "../../runtime/machine-model.ts";
import { typeShape, VECTOR_WEIGHT } from "../../runtime/type-shape.ts";
import { isScalar, type RuntimeType } from "../../runtime/types.ts";
import {
  type Emission,
  failIf,
  framePlace,
  loadCounters,
  memoryOperand,
  operandFromStack,
  pop,
  popMany,
  push,
  pushFromPlace,
  replayIf,
  siteHere,
  stopIf,
  storeCounters,
  storeOperand,
  takeGas,
  takeGasOnStack,
  takeMemory,
} from "../emission.ts";
import { alignUp, layoutOf } from "../layout.ts";
import { ROOT_OFFSET, SLOT_VALUE, VECTOR_CAPACITY, VECTOR_ELEMENTS } from "../memory-map.ts";
import { type Address, emitAddress, emitOperand, type Operand } from "../operand.ts";
import {
  countFunction,
  functionIndex,
  hostFunctionIndex,
  nativeNumber,
  noteWritten,
  type Routine,
  routineIndex,
  typeNumber,
} from "../program-context.ts";
import { emitAllocate } from "../routines/allocation.ts";
import { TOUCH_ITEM } from "../routines/items.ts";
import { SHA2_256 } from "../routines/sha2.ts";
import { SHA3_256 } from "../routines/sha3.ts";
import { siteNumber } from "../site.ts";
import { popReference } from "./references.ts";
import {
  type FailVector,
  visitVecBorrow,
  visitVecLen,
  visitVecPopBack,
  visitVecPushBack,
  visitVecSwap,
} from "./vectors.ts";

export function visitCall(emission: Emission, callee: ResolvedFunction): void {
  if (callee.native !== undefined) visitNative(emission, callee, callee.native);
  else callFunction(emission, callee);
}

function callFunction(emission: Emission, callee: ResolvedFunction): void {
  const { out, program, depth } = emission;
  countFunction(program, callee);
  if (depth !== undefined) {
    const condition = () => out.get(depth).i32(program.depthMax).op("i32.ge_u");
    if (program.depthMax === CALL_STACK_SIZE_MAX) {
      failIf(emission, "CALL_STACK_OVERFLOW", condition);
    } else {
      replayIf(emission, condition);
    }
  }
  if (emission.inline(emission, callee)) return;
  const args = popMany(emission, callee.parameters.length);
  emission.calls.push({ callee, height: emission.stack.length });
  out.get(emission.next).get(emission.gas);
  if (depth !== undefined) out.get(depth).i32(1).op("i32.add");
  const places = callee.returns.map((type) => resultPlace(emission, type));
  for (const place of places) if (place !== undefined) emitAddress(out, place);
  for (const arg of args) emitOperand(out, arg);
  out.call(functionIndex(program, callee)).set(emission.gas);
  const results: Operand[] = [];
  // The last result is on top.
  for (const [index, type] of [...callee.returns.entries()].toReversed()) {
    const place = places[index];
    results.unshift(
      place === undefined ? operandFromStack(emission, type) : memoryOperand(type, place),
    );
  }
  for (const result of results) push(emission, result);
}

function resultPlace(emission: Emission, type: RuntimeType) {
  const { representation, size } = layoutOf(type);
  return representation === "memory" ? framePlace(emission, size) : undefined;
}

type InlineNative = (emission: Emission, callee: ResolvedFunction, fail: FailVector) => void;

/** Natives that are as short as the instructions they stand for. */
const INLINE: Partial<Record<HostOperation, InlineNative>> = {
  signerBorrowAddress(emission, { returns }) {
    takeGas(emission, NATIVE_PRICES.plain.base);
    const [type] = returns;
    assert(type !== undefined, "an address is returned");
    push(emission, { ...popReference(emission), type });
  },
  vectorEmpty(emission, { returns }) {
    takeGas(emission, NATIVE_PRICES.vector.base);
    const [type] = returns;
    assert(type !== undefined, "a vector is returned");
    push(emission, { kind: "literal", type, value: 0n });
  },
  vectorLength(emission) {
    takeGas(emission, NATIVE_PRICES.vector.base);
    visitVecLen(emission);
  },
  vectorBorrow: borrowElement,
  vectorBorrowMut: borrowElement,
  vectorPushBack(emission, { typeArgs }) {
    takeGas(emission, NATIVE_PRICES.vector.base);
    const [element] = typeArgs;
    assert(element !== undefined, "an element type");
    const { inlineWeight } = typeShape(element);
    takeMemory(emission, () => emission.out.i64(BigInt(inlineWeight)));
    visitVecPushBack(emission);
  },
  vectorPopBack(emission, _callee, fail) {
    takeGas(emission, NATIVE_PRICES.vector.base);
    visitVecPopBack(emission, fail);
  },
  vectorSwap(emission, _callee, fail) {
    takeGas(emission, NATIVE_PRICES.vector.base);
    visitVecSwap(emission, fail);
  },
};

/** Hashes, which programs compute themselves. */
const HASHES: Readonly<Record<string, { readonly routine: Routine; readonly price: NativePrice }>> =
  {
    "0x1::hash::sha2_256": { routine: SHA2_256, price: NATIVE_PRICES.sha2_256 },
    "0x1::hash::sha3_256": { routine: SHA3_256, price: NATIVE_PRICES.sha3_256 },
  };
const KILOBYTE_BITS = 10;

/** Takes bytes and leaves the 32 bytes of their hash. */
function visitHash(
  emission: Emission,
  { returns }: ResolvedFunction,
  routine: Routine,
  { base, perKilobyte }: NativePrice,
): void {
  const { out, program } = emission;
  const [type] = returns;
  assert(type !== undefined, "a hash is returned");
  const [message, digest] = [out.local("i32"), out.local("i32")];
  emitOperand(out, pop(emission));
  out.tee(message).memory("i64.load32_u", 0).i64(BigInt(perKilobyte)).op("i64.mul");
  out.i64((1n << BigInt(KILOBYTE_BITS)) - 1n).op("i64.add");
  out.i64(BigInt(KILOBYTE_BITS)).op("i64.shr_u").i64(BigInt(base)).op("i64.add");
  takeGasOnStack(emission);
  takeMemory(emission, () => out.i64(BigInt(VECTOR_WEIGHT + HASH_SIZE)));
  out.i32(VECTOR_ELEMENTS + HASH_SIZE);
  emitAllocate(program, out);
  out.tee(digest).i32(HASH_SIZE).memory("i32.store", 0);
  out.get(digest).i32(HASH_SIZE).memory("i32.store", VECTOR_CAPACITY);
  out.get(digest).i32(VECTOR_ELEMENTS).op("i32.add");
  out.get(message).i32(VECTOR_ELEMENTS).op("i32.add");
  out.get(message).memory("i32.load", 0).call(routineIndex(program, routine));
  push(emission, { kind: "local", type, local: digest });
}

function borrowElement(emission: Emission, { returns }: ResolvedFunction, fail: FailVector): void {
  takeGas(emission, NATIVE_PRICES.vector.base);
  const [type] = returns;
  assert(type !== undefined, "a reference is returned");
  visitVecBorrow(emission, type, fail);
}

function visitNative(emission: Emission, callee: ResolvedFunction, native: NativeFunction): void {
  const hash = HASHES[`${native.module}::${native.name}`];
  if (hash !== undefined && native === STANDARD_NATIVES.get(`${native.module}::${native.name}`)) {
    visitHash(emission, callee, hash.routine, hash.price);
    return;
  }
  const inline = native.kind === "host" ? INLINE[native.operation] : undefined;
  if (inline === undefined || native.chainOnly === true) {
    callHost(emission, callee, native);
    return;
  }
  inline(emission, callee, (subStatus, condition) => {
    // What fails inside a native is located at the native.
    const { module, index } = callee;
    const location = { module: module.id, functionIndex: index, offset: 0 };
    const reason = { kind: "status", status: "VECTOR_OPERATION_ERROR", subStatus } as const;
    const place = `${module.codeHash}/${index}/0`;
    stopIf(emission, siteNumber(emission.program.sites, place, { reason, location }), condition);
  });
}

/** Passes arguments and results through a block in the frame. */
function callHost(emission: Emission, callee: ResolvedFunction, native: NativeFunction): void {
  const { out, program } = emission;
  const { parameters, returns } = callee;
  let size = 0;
  const offsets = [...parameters, ...returns].map((type) => {
    const layout = layoutOf(type);
    const offset = alignUp(size, layout.align);
    size = offset + layout.size;
    return offset;
  });
  const args = popMany(emission, parameters.length);
  const place = framePlace(emission, size);
  const at = (index: number) => ({
    base: place.base,
    offset: place.offset + (offsets[index] ?? 0),
  });
  args.forEach((arg, index) => storeOperand(emission, arg, at(index)));
  storeCounters(emission);
  const isFound = touchKnownItem(emission, callee, native, at);
  if (isFound) out.else();
  out.i32(siteHere(emission, { kind: "host" }));
  out.i32(nativeNumber(program, { callee, native, caller: emission.callee, offsets }));
  emitAddress(out, place);
  out.call(hostFunctionIndex(program, "native"));
  if (isFound) out.end();
  loadCounters(emission);
  returns.forEach((type, index) => pushFromPlace(emission, type, at(parameters.length + index)));
}

/** Natives that only look an item up. */
const LOOKUPS: ReadonlySet<HostOperation> = new Set([
  "tableContains",
  "tableBorrow",
  "tableBorrowMut",
]);

/**
 * Opens an `if` whose body has done what a lookup in a table does, for items that the session
 * knows already. False for natives that the host always runs.
 *
 * @param at where the arguments are, and behind them the result.
 */
function touchKnownItem(
  { out, program }: Emission,
  { typeArgs: [keyType, , boxType], parameters }: ResolvedFunction,
  native: NativeFunction,
  at: (index: number) => Address,
): boolean {
  if (native.kind !== "host" || !LOOKUPS.has(native.operation)) return false;
  if (keyType === undefined || boxType === undefined || !isScalar(keyType)) return false;
  const { size } = layoutOf(keyType);
  const slot = out.local("i32");
  out.i32(typeNumber(program, boxType));
  out.get(at(0).base).memory("i32.load", at(0).offset);
  emitAddress(out, at(1));
  out.i32(size).i64(BigInt(nativeGas(NATIVE_PRICES.tableItem, size)));
  out.i32(native.operation === "tableContains" ? 0 : 1);
  out.call(routineIndex(program, TOUCH_ITEM)).tee(slot).if();
  const { base, offset } = at(parameters.length);
  out.get(base).get(slot).memory("i32.load", SLOT_VALUE);
  if (native.operation === "tableContains") {
    out.i32(0).op("i32.ne").memory("i32.store8", offset);
    return true;
  }
  out.memory("i32.store", offset);
  if (native.operation === "tableBorrowMut") {
    noteWritten(program, boxType);
    out
      .get(base)
      .get(slot)
      .memory("i32.store", offset + ROOT_OFFSET);
  }
  return true;
}

/** Locates a failing vector instruction at itself. */
export function failVectorHere(emission: Emission): FailVector {
  return (subStatus, condition) => failIf(emission, "VECTOR_OPERATION_ERROR", condition, subStatus);
}
