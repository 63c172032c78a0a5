/** What each instruction does to references, and when it must not. */
import type { CodeOffset, Instruction } from "../../binary-format/file-format.ts";
import { functionHandleAt, parametersOf, returnsOf } from "../../binary-format/module-view.ts";
import { functionOperand, structOperand } from "../../binary-format/operands.ts";
import { isReference } from "../../binary-format/signature-tokens.ts";
import { assert, present } from "../../core/assert.ts";
import type { AcquiresByHandle } from "../acquires-list.ts";
import { type FunctionContext, refuseAt } from "../function-context.ts";
import { charge, chargeGrowing } from "../meter.ts";
import { stackEffect } from "../stack-effects.ts";
import type { VerificationStatus } from "../statuses.ts";
import { fieldLabel, globalLabel, localLabel } from "./borrow-edges.ts";
import { addExactBorrow, addPrefixBorrow, isMutable, type RefId } from "./borrow-graph.ts";
import {
  type AbstractValue,
  isBorrowed,
  isFullyBorrowed,
  isGlobalBorrowed,
  isGlobalMutablyBorrowed,
  isLocalBorrowed,
  isLocalMutablyBorrowed,
  isMutablyBorrowed,
  isReadable,
  isWritable,
  newReference,
  type ReferenceState,
  release,
  rootOf,
} from "./reference-state.ts";

/** Units as the lineage charges them. */
const CALL_UNITS_PER_ACQUIRES = 100;
/** Of the first edge; every further one costs more: many references in and out are dense. */
const CALL_UNITS_PER_EDGE = 100;

export interface Frame {
  readonly context: FunctionContext;
  readonly acquires: AcquiresByHandle;
  /** Operands of the block at hand. */
  readonly stack: AbstractValue[];
  /** The instruction at hand. */
  offset: CodeOffset;
}

/** Applies one instruction to `state` and the operand stack. */
export function transfer(frame: Frame, state: ReferenceState, instruction: Instruction): void {
  switch (instruction.opcode) {
    case "CopyLoc":
      return copyLocal(frame, state, instruction.index);
    case "MoveLoc":
      return moveLocal(frame, state, instruction.index);
    case "StLoc":
      return storeLocal(frame, state, instruction.index);
    case "MutBorrowLoc":
    case "ImmBorrowLoc":
      return borrowLocal(frame, state, instruction);
    case "ReadRef":
    case "TestVariant":
    case "TestVariantGeneric":
      return readReference(frame, state);
    case "WriteRef":
      return writeReference(frame, state);
    case "FreezeRef":
      return freezeReference(frame, state);
    case "Eq":
    case "Neq":
      return compare(frame, state);
    case "MutBorrowField":
    case "MutBorrowFieldGeneric":
    case "ImmBorrowField":
    case "ImmBorrowFieldGeneric":
    case "MutBorrowVariantField":
    case "MutBorrowVariantFieldGeneric":
    case "ImmBorrowVariantField":
    case "ImmBorrowVariantFieldGeneric":
      return borrowField(frame, state, instruction);
    case "MutBorrowGlobal":
    case "MutBorrowGlobalGeneric":
    case "ImmBorrowGlobal":
    case "ImmBorrowGlobalGeneric":
      return borrowGlobal(frame, state, instruction);
    case "MoveFrom":
    case "MoveFromGeneric":
      return moveFrom(frame, state, instruction);
    case "VecImmBorrow":
    case "VecMutBorrow":
      return borrowElement(frame, state, instruction);
    case "VecPushBack":
    case "VecPopBack":
    case "VecSwap":
      return updateVector(frame, state, instruction);
    case "Call":
    case "CallGeneric":
      return call(frame, state, instruction);
    case "Ret":
      return returnValues(frame, state);
    default:
      return applyToValues(frame, state, instruction);
  }
}

/**
 * Instructions that only take operands, references among them at most to end their lives, and make
 * values.
 */
function applyToValues(frame: Frame, state: ReferenceState, instruction: Instruction): void {
  const { context, stack } = frame;
  const effect = stackEffect(context.module, instruction, context.returns.length);
  for (let count = 0; count < effect.pops; count++) release(state, pop(frame));
  for (let count = 0; count < effect.pushes; count++) stack.push("value");
}

function copyLocal(frame: Frame, state: ReferenceState, local: number): void {
  const held = valueOf(state, local);
  if (held === "value") {
    if (isLocalMutablyBorrowed(state, local)) {
      refuseHere(frame, "COPYLOC_EXISTS_BORROW_ERROR", `local ${local} is mutably borrowed`);
    }
    frame.stack.push("value");
    return;
  }
  const copy = newReference(state, isMutable(state.graph, held));
  addExactBorrow(state.graph, held, [], copy);
  frame.stack.push(copy);
}

function moveLocal(frame: Frame, state: ReferenceState, local: number): void {
  const held = valueOf(state, local);
  if (held === "value" && isLocalBorrowed(state, local)) {
    refuseHere(frame, "MOVELOC_EXISTS_BORROW_ERROR", `local ${local} is borrowed`);
  }
  state.locals[local] = "value";
  frame.stack.push(held);
}

function storeLocal(frame: Frame, state: ReferenceState, local: number): void {
  const held = valueOf(state, local);
  if (held === "value" && isLocalBorrowed(state, local)) {
    refuseHere(frame, "STLOC_UNSAFE_TO_DESTROY_ERROR", `local ${local} is borrowed`);
  }
  release(state, held);
  state.locals[local] = pop(frame);
}

function borrowLocal(frame: Frame, state: ReferenceState, { opcode, index }: Instruction): void {
  const isMutableBorrow = opcode === "MutBorrowLoc";
  const root = rootOf(state);
  // Mutable borrows of the same local are re-hung below the new reference and so keep it from being
  // written. That works for borrows that are known to be of this local. When too many ways to
  // borrow had to be forgotten, what is left is a borrow of the whole frame that may be of this
  // local and can not be re-hung.
  const isInTheWay = isMutableBorrow
    ? isFullyBorrowed(state, root)
    : isLocalMutablyBorrowed(state, index);
  if (isInTheWay) {
    refuseHere(frame, "BORROWLOC_EXISTS_BORROW_ERROR", `local ${index} is borrowed`);
  }
  const reference = newReference(state, isMutableBorrow);
  addExactBorrow(state.graph, root, [localLabel(index)], reference);
  frame.stack.push(reference);
}

function readReference(frame: Frame, state: ReferenceState): void {
  const reference = popReference(frame);
  if (!isReadable(state, reference)) {
    refuseHere(frame, "READREF_EXISTS_MUTABLE_BORROW_ERROR", "it is mutably borrowed");
  }
  release(state, reference);
  frame.stack.push("value");
}

function writeReference(frame: Frame, state: ReferenceState): void {
  const reference = popReference(frame);
  popValue(frame);
  if (!isWritable(state, reference)) {
    refuseHere(frame, "WRITEREF_EXISTS_BORROW_ERROR", "it is borrowed");
  }
  release(state, reference);
}

function freezeReference(frame: Frame, state: ReferenceState): void {
  const reference = popReference(frame);
  if (isMutablyBorrowed(state, reference)) {
    refuseHere(frame, "FREEZEREF_EXISTS_MUTABLE_BORROW_ERROR", "it is mutably borrowed");
  }
  const frozen = newReference(state, false);
  addExactBorrow(state.graph, reference, [], frozen);
  release(state, reference);
  frame.stack.push(frozen);
}

/** References are compared by what they point to, which is reading. */
function compare(frame: Frame, state: ReferenceState): void {
  const operands = [pop(frame), pop(frame)];
  for (const operand of operands) {
    if (operand === "value" || isReadable(state, operand)) continue;
    refuseHere(frame, "READREF_EXISTS_MUTABLE_BORROW_ERROR", "it is mutably borrowed");
  }
  for (const operand of operands) release(state, operand);
  frame.stack.push("value");
}

function borrowField(frame: Frame, state: ReferenceState, instruction: Instruction): void {
  const operand = present(structOperand(frame.context.module, instruction), "a field is named");
  const { member } = operand;
  assert(member.kind === "field" || member.kind === "variantField", "a field is named");
  const isMutableBorrow = instruction.opcode.startsWith("Mut");
  const label = fieldLabel(member.field);
  const owner = popReference(frame);
  // As with locals: borrows of this very field are re-hung, borrows of the whole can not be.
  const isInTheWay = isMutableBorrow
    ? isFullyBorrowed(state, owner)
    : !isReadable(state, owner, label);
  if (isInTheWay) {
    refuseHere(frame, "BORROWFIELD_EXISTS_MUTABLE_BORROW_ERROR", "its owner is borrowed");
  }
  const field = newReference(state, isMutableBorrow);
  addExactBorrow(state.graph, owner, [label], field);
  release(state, owner);
  frame.stack.push(field);
}

/** Addresses are not told apart: every instance of the resource counts as one. */
function borrowGlobal(frame: Frame, state: ReferenceState, instruction: Instruction): void {
  const struct = globalStruct(frame, instruction);
  const isMutableBorrow = instruction.opcode.startsWith("Mut");
  popValue(frame);
  const isInTheWay = isMutableBorrow
    ? isGlobalBorrowed(state, struct)
    : isGlobalMutablyBorrowed(state, struct);
  if (isInTheWay) refuseHere(frame, "GLOBAL_REFERENCE_ERROR", "the resource is borrowed");
  const reference = newReference(state, isMutableBorrow);
  addPrefixBorrow(state.graph, rootOf(state), [globalLabel(struct)], reference);
  frame.stack.push(reference);
}

function moveFrom(frame: Frame, state: ReferenceState, instruction: Instruction): void {
  const struct = globalStruct(frame, instruction);
  popValue(frame);
  if (isGlobalBorrowed(state, struct)) {
    refuseHere(frame, "GLOBAL_REFERENCE_ERROR", "the resource is borrowed");
  }
  frame.stack.push("value");
}

/**
 * Elements are not told apart. The lineage does not look at the vector before borrowing an element
 * immutably from a mutable reference; this does, because a second, mutable element reference could
 * make a nested vector move its elements away under the first.
 */
function borrowElement(frame: Frame, state: ReferenceState, instruction: Instruction): void {
  const isMutableBorrow = instruction.opcode === "VecMutBorrow";
  popValue(frame);
  const vector = popReference(frame);
  const isFree = isMutableBorrow ? isWritable(state, vector) : isReadable(state, vector);
  if (!isFree) {
    refuseHere(frame, "VEC_BORROW_ELEMENT_EXISTS_MUTABLE_BORROW_ERROR", "the vector is borrowed");
  }
  const element = newReference(state, isMutableBorrow);
  addPrefixBorrow(state.graph, vector, [], element);
  release(state, vector);
  frame.stack.push(element);
}

function updateVector(frame: Frame, state: ReferenceState, instruction: Instruction): void {
  const { context, stack } = frame;
  const { pops, pushes } = stackEffect(context.module, instruction, context.returns.length);
  // The reference lies below the values.
  for (let count = 1; count < pops; count++) popValue(frame);
  const vector = popReference(frame);
  if (!isWritable(state, vector)) {
    refuseHere(frame, "VEC_UPDATE_EXISTS_MUTABLE_BORROW_ERROR", "the vector is borrowed");
  }
  release(state, vector);
  for (let count = 0; count < pushes; count++) stack.push("value");
}

/**
 * A callee may do anything with what it is given, and returned references may point anywhere into
 * the arguments: the mutable ones into mutable arguments only.
 */
function call(frame: Frame, state: ReferenceState, instruction: Instruction): void {
  const { context, acquires, stack } = frame;
  const { module, meter } = context;
  const callee = present(functionOperand(module, instruction), "a call names a function");
  const handle = functionHandleAt(module, callee.handle);
  const acquired = acquires.get(callee.handle) ?? [];
  charge(meter, CALL_UNITS_PER_ACQUIRES * acquired.length);
  if (acquired.some((struct) => isGlobalBorrowed(state, struct))) {
    refuseHere(frame, "GLOBAL_REFERENCE_ERROR", "the callee acquires a borrowed resource");
  }
  const given = parametersOf(module, handle)
    .map(() => pop(frame))
    .filter((value) => value !== "value")
    .toReversed();
  const mutable = given.filter((reference) => isMutable(state.graph, reference));
  if (mutable.some((reference) => isBorrowed(state, reference))) {
    refuseHere(frame, "CALL_BORROWED_MUTABLE_REFERENCE_ERROR", "an argument is borrowed");
  }
  const returns = returnsOf(module, handle);
  const edgeCount = given.length * returns.filter(isReference).length;
  chargeGrowing(meter, CALL_UNITS_PER_EDGE, edgeCount);
  for (const token of returns) {
    if (!isReference(token)) {
      stack.push("value");
      continue;
    }
    const isMutableReturn = token.kind === "mutableReference";
    const returned = newReference(state, isMutableReturn);
    for (const parent of isMutableReturn ? mutable : given) {
      addPrefixBorrow(state.graph, parent, [], returned);
    }
    stack.push(returned);
  }
  for (const reference of given) release(state, reference);
}

/**
 * Nothing that leaves points into the frame or into global storage, and what leaves mutable is not
 * shared.
 */
function returnValues(frame: Frame, state: ReferenceState): void {
  for (const [local, value] of state.locals.entries()) {
    release(state, value);
    state.locals[local] = "value";
  }
  if (isBorrowed(state, rootOf(state))) {
    const status = "UNSAFE_RET_LOCAL_OR_RESOURCE_STILL_BORROWED";
    refuseHere(frame, status, "a returned reference points into the frame or storage");
  }
  const returned = frame.context.returns.map(() => pop(frame));
  for (const value of returned) {
    if (value === "value" || !isMutable(state.graph, value) || isWritable(state, value)) continue;
    refuseHere(frame, "RET_BORROWED_MUTABLE_REFERENCE_ERROR", "a returned reference is borrowed");
  }
  for (const value of returned) release(state, value);
}

function globalStruct(frame: Frame, instruction: Instruction): number {
  return present(structOperand(frame.context.module, instruction), "a resource is named").owner;
}

function valueOf(state: ReferenceState, local: number): AbstractValue {
  return present(state.locals[local], "a local is in bounds");
}

/** Stack use has been verified, so there is an operand to take. */
function pop(frame: Frame): AbstractValue {
  return present(frame.stack.pop(), "an operand is on the stack");
}

/** Types have been verified, so the operand is a reference. */
function popReference(frame: Frame): RefId {
  const operand = pop(frame);
  assert(operand !== "value", "the operand is a reference");
  return operand;
}

function popValue(frame: Frame): void {
  assert(pop(frame) === "value", "the operand is no reference");
}

function refuseHere(frame: Frame, status: VerificationStatus, detail: string): never {
  return refuseAt(frame.context, frame.offset, status, detail);
}
