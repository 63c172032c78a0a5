/** Natives that work on the interpreter's own values: one function for each `HostOperation`. */
import { present } from "../core/assert.ts";
import { encodeBcs } from "../core/bcs/writer.ts";
import { concatBytes } from "../core/bytes.ts";
import { parseTypeTag } from "../core/type-tag.ts";
import { NATIVE_PRICES, nativeGas } from "../gas/schedule.ts";
import { INLINE_REQUEST, NOTIFY_REQUEST } from "../natives/action.ts";
import type { HostOperation } from "../natives/native.ts";
import { TABLE_ALREADY_EXISTS, TABLE_NOT_FOUND } from "../natives/table.ts";
import { type GlobalSlot, tableSlot } from "./data-cache.ts";
import { appendEvent } from "./event-log.ts";
import { fail, failAbort, failInvariant, VECTOR_INDEX_OUT_OF_BOUNDS } from "./failure.ts";
import { asReference, chargeGas, chargeMemory, chargeWalk, target } from "./machine.ts";
import type { Machine, ResolvedFunction } from "./machine-model.ts";
import {
  elementSlot,
  elementsOf,
  markWritten,
  popElement,
  pushElement,
  swapElements,
} from "./opcodes/vectors.ts";
import { typeShape, VECTOR_WEIGHT } from "./type-shape.ts";
import { isReference, type RuntimeType, tagOf } from "./types.ts";
import { addressOf, bigintOf, encodeValue } from "./values/bcs.ts";
import type { Reference, Value } from "./values/value.ts";
import { compareValues, slotsOf } from "./values/walk.ts";

type Operation = (
  machine: Machine,
  callee: ResolvedFunction,
  args: readonly Value[],
) => readonly Value[];

function argument(args: readonly Value[], index: number): Value {
  const value = args[index];
  return value === undefined ? failInvariant("a native lacks an argument") : value;
}

function referenceAt(args: readonly Value[], index: number): Reference {
  return asReference(argument(args, index));
}

function typeArgument({ typeArgs }: ResolvedFunction, index: number): RuntimeType {
  return typeArgs[index] ?? failInvariant("a native lacks a type argument");
}

/** BCS of a value, charged by its size. */
function encodeCharged(machine: Machine, type: RuntimeType, value: Value): Uint8Array {
  chargeWalk(machine, type, value);
  const bytes = encodeValue(type, value);
  chargeGas(machine, nativeGas(NATIVE_PRICES.bcs, bytes.length));
  return bytes;
}

const signerBorrowAddress: Operation = (machine, _callee, args) => {
  chargeGas(machine, NATIVE_PRICES.plain.base);
  // A signer is held as its address, so the reference names the address already.
  return [referenceAt(args, 0)];
};

const bcsToBytes: Operation = (machine, callee, args) => {
  const bytes = encodeCharged(machine, typeArgument(callee, 0), target(referenceAt(args, 0)));
  chargeMemory(machine, VECTOR_WEIGHT + bytes.length);
  return [Array.from(bytes)];
};

const bcsSerializedSize: Operation = (machine, callee, args) => {
  const bytes = encodeCharged(machine, typeArgument(callee, 0), target(referenceAt(args, 0)));
  return [BigInt(bytes.length)];
};

function emit(machine: Machine, type: RuntimeType, value: Value): void {
  chargeGas(machine, machine.schedule.event);
  const data = encodeCharged(machine, type, value);
  appendEvent(machine.events, { type: tagOf(type), data });
}

const eventEmit: Operation = (machine, callee, args) => {
  emit(machine, typeArgument(callee, 0), argument(args, 0));
  return [];
};

const eventEmitByReference: Operation = (machine, callee, args) => {
  emit(machine, typeArgument(callee, 0), target(referenceAt(args, 0)));
  return [];
};

/** An event that names the calling module before what it asks for. */
function requestOperation(name: string): Operation {
  const type = present(parseTypeTag(name), "the type of a request");
  return (machine, callee, args) => {
    chargeGas(machine, machine.schedule.event);
    const { address, name: module } = machine.frame.function.module.id;
    const parts = callee.parameters.map((parameter, index) =>
      encodeCharged(machine, parameter, argument(args, index)),
    );
    const caller = encodeBcs((writer) => writer.address(address).string(module));
    appendEvent(machine.events, { type, data: concatBytes(caller, ...parts) });
    return [];
  };
}

const LESS = 0;
const EQUAL = 1;
const GREATER = 2;

const compare: Operation = (machine, callee, args) => {
  const type = typeArgument(callee, 0);
  const [a, b] = [target(referenceAt(args, 0)), target(referenceAt(args, 1))];
  chargeGas(machine, NATIVE_PRICES.plain.base);
  chargeWalk(machine, type, a);
  chargeWalk(machine, type, b);
  const order = compareValues(type, a, b);
  // Ordering { Less, Equal, Greater }
  return [[order === 0 ? EQUAL : order < 0 ? LESS : GREATER]];
};

const tableNewHandle: Operation = (machine) => {
  chargeGas(machine, NATIVE_PRICES.tableHandle.base);
  return [machine.nextTableHandle()];
};

/** The item of a table under a key; `Box<V>` is the third type argument. */
export function itemSlot(
  machine: Machine,
  callee: ResolvedFunction,
  args: readonly Value[],
): GlobalSlot {
  const [handle] = slotsOf(target(referenceAt(args, 0)));
  const key = encodeKey(machine, typeArgument(callee, 0), argument(args, 1));
  return tableSlot(machine.data, addressOf(handle), key, typeArgument(callee, 2));
}

function encodeKey(machine: Machine, type: RuntimeType, key: Value): Uint8Array {
  chargeWalk(machine, type, key);
  const bytes = encodeValue(type, key);
  chargeGas(machine, nativeGas(NATIVE_PRICES.tableItem, bytes.length));
  return bytes;
}

const tableAdd: Operation = (machine, callee, args) => {
  const slot = itemSlot(machine, callee, args);
  if (slot.cell[0] !== undefined) return failAbort(TABLE_ALREADY_EXISTS);
  if (callee.parameters[2] !== slot.type) return failInvariant("a box of another type");
  slot.cell[0] = argument(args, 2);
  slot.written = true;
  return [];
};

/** `borrow_box` and `borrow_box_mut`. */
const tableBorrow: Operation = (machine, callee, args) => {
  const slot = itemSlot(machine, callee, args);
  if (slot.cell[0] === undefined) return failAbort(TABLE_NOT_FOUND);
  const [returned] = callee.returns;
  const boxed = returned !== undefined && isReference(returned) ? returned.target : undefined;
  if (boxed !== slot.type) return failInvariant("a box of another type");
  return [{ container: slot.cell, index: 0, root: slot }];
};

const tableContains: Operation = (machine, callee, args) => {
  return [itemSlot(machine, callee, args).cell[0] !== undefined];
};

const tableRemove: Operation = (machine, callee, args) => {
  const slot = itemSlot(machine, callee, args);
  const value = slot.cell[0];
  if (value === undefined) return failAbort(TABLE_NOT_FOUND);
  if (callee.returns[0] !== slot.type) return failInvariant("a box of another type");
  slot.cell[0] = undefined;
  slot.written = true;
  return [value];
};

/** Items are not listed anywhere, so emptiness is the Move side's to know: it keeps the length. */
const tableForget: Operation = (machine) => {
  chargeGas(machine, NATIVE_PRICES.tableItem.base);
  return [];
};

const vectorEmpty: Operation = (machine) => {
  chargeGas(machine, NATIVE_PRICES.vector.base);
  return [[]];
};

const vectorLength: Operation = (machine, _callee, args) => {
  chargeGas(machine, NATIVE_PRICES.vector.base);
  return [BigInt(elementsOf(referenceAt(args, 0)).length)];
};

/** `borrow` and `borrow_mut`. */
const vectorBorrow: Operation = (machine, _callee, args) => {
  chargeGas(machine, NATIVE_PRICES.vector.base);
  return [elementSlot(referenceAt(args, 0), bigintOf(argument(args, 1)))];
};

const vectorPushBack: Operation = (machine, callee, args) => {
  chargeGas(machine, NATIVE_PRICES.vector.base);
  pushElement(machine, referenceAt(args, 0), typeArgument(callee, 0), argument(args, 1));
  return [];
};

const vectorPopBack: Operation = (machine, _callee, args) => {
  chargeGas(machine, NATIVE_PRICES.vector.base);
  return [popElement(referenceAt(args, 0))];
};

/** The instruction this stands for is `VecUnpack` of no elements. */
const vectorDestroyEmpty: Operation = (machine, _callee, args) => {
  chargeGas(machine, NATIVE_PRICES.vector.base);
  if (slotsOf(argument(args, 0)).length > 0) {
    return fail("VECTOR_OPERATION_ERROR", "the vector is not empty", VECTOR_NOT_EMPTY);
  }
  return [];
};

const VECTOR_NOT_EMPTY = 3;

const vectorSwap: Operation = (machine, _callee, args) => {
  chargeGas(machine, NATIVE_PRICES.vector.base);
  swapElements(referenceAt(args, 0), bigintOf(argument(args, 1)), bigintOf(argument(args, 2)));
  return [];
};

/** (from, removal, length, to, insertion), as `0x1::vector::move_range`. */
const vectorMoveRange: Operation = (machine, callee, args) => {
  const [source, sink] = [referenceAt(args, 0), referenceAt(args, 3)];
  const [from, to] = [elementsOf(source), elementsOf(sink)];
  const [removal, length] = [bigintOf(argument(args, 1)), bigintOf(argument(args, 2))];
  const insertion = bigintOf(argument(args, 4));
  if (removal + length > BigInt(from.length) || insertion > BigInt(to.length)) {
    return fail("VECTOR_OPERATION_ERROR", "a range out of bounds", VECTOR_INDEX_OUT_OF_BOUNDS);
  }
  if (from === to) return failInvariant("a vector moved into itself");
  const { inlineWeight } = typeShape(typeArgument(callee, 0));
  const count = Number(length);
  // What lies behind either end moves along.
  const moved = from.length - Number(removal) + to.length - Number(insertion) + count;
  chargeGas(machine, nativeGas(NATIVE_PRICES.vector, moved * inlineWeight));
  chargeMemory(machine, count * inlineWeight);
  const tail = to.splice(Number(insertion));
  for (const element of from.splice(Number(removal), count)) to.push(element);
  for (const element of tail) to.push(element);
  markWritten(source);
  markWritten(sink);
  return [];
};

export const HOST_OPERATIONS: Readonly<Record<HostOperation, Operation>> = {
  signerBorrowAddress,
  bcsToBytes,
  bcsSerializedSize,
  eventEmit,
  eventEmitByReference,
  actionInline: requestOperation(INLINE_REQUEST),
  actionNotify: requestOperation(NOTIFY_REQUEST),
  compare,
  tableNewHandle,
  tableAdd,
  tableBorrow,
  tableBorrowMut: tableBorrow,
  tableContains,
  tableRemove,
  tableDestroyEmpty: tableForget,
  tableDropUnchecked: tableForget,
  vectorEmpty,
  vectorLength,
  vectorBorrow,
  vectorBorrowMut: vectorBorrow,
  vectorPushBack,
  vectorPopBack,
  vectorDestroyEmpty,
  vectorSwap,
  vectorMoveRange,
};
