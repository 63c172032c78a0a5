/** Locals: copy, move, store, borrow. */
import { assert, present } from "../../core/assert.ts";
import type { Instruction } from "../../runtime/machine-model.ts";
import type { RuntimeType } from "../../runtime/types.ts";
import {
  type Emission,
  type LocalStorage,
  operandIn,
  pop,
  push,
  pushFromPlace,
  pushFromStack,
  settleUsers,
  storeOperand,
} from "../emission.ts";
import { layoutOf } from "../layout.ts";
import { emitOperand, type Operand } from "../operand.ts";
import { routineIndex } from "../program-context.ts";
import { copyVector, vectorWeight } from "../routines/values.ts";
import { chargeCopyAt, chargeCopyOnStack, pushCopy } from "./copies.ts";

function storageOf(emission: Emission, index: number): LocalStorage {
  return present(emission.storage[index], "every local has storage");
}

/** What a local in registers is as an operand: a description of the registers themselves. */
export function registerOperand(type: RuntimeType, storage: LocalStorage): Operand {
  assert(storage.kind === "registers", "a local in registers");
  return operandIn(type, storage.locals);
}

export function visitCopyLoc(emission: Emission, { index, type }: Instruction): void {
  const { out, program } = emission;
  const storage = storageOf(emission, index);
  const { representation, hasVectors } = layoutOf(type);
  if (storage.kind === "registers") {
    const operand = registerOperand(type, storage);
    if (type.kind !== "vector") {
      push(emission, operand);
      return;
    }
    emitOperand(out, operand);
    out.call(routineIndex(program, vectorWeight(type)));
    chargeCopyOnStack(emission);
    emitOperand(out, operand);
    out.call(routineIndex(program, copyVector(type)));
    pushFromStack(emission, type);
  } else if (representation === "memory" && !hasVectors && !isWritable(emission, index)) {
    chargeCopyAt(emission, type, storage.address);
    pushFromPlace(emission, type, storage.address);
  } else if (representation === "memory" || type.kind === "vector") {
    pushCopy(emission, type, storage.address);
  } else {
    pushFromPlace(emission, type, storage.address);
  }
}

/**
 * Whether anyone but `StLoc`, which settles its users first, could write to a local in memory. If
 * not, a copy without vectors may as well be the local itself.
 */
function isWritable(emission: Emission, index: number): boolean {
  return emission.isBorrowed[index] === true;
}

export function visitMoveLoc(emission: Emission, { index, type }: Instruction): void {
  const storage = storageOf(emission, index);
  if (storage.kind === "registers") push(emission, registerOperand(type, storage));
  else pushFromPlace(emission, type, storage.address);
}

export function visitStLoc(emission: Emission, { index, type }: Instruction): void {
  const { out } = emission;
  const operand = pop(emission);
  const storage = storageOf(emission, index);
  settleUsers(emission, storage, layoutOf(type).size);
  if (storage.kind === "place") {
    storeOperand(emission, operand, storage.address);
    return;
  }
  emitOperand(out, operand);
  for (const local of storage.locals.toReversed()) out.set(local);
}

export function visitBorrowLoc(emission: Emission, { index, result }: Instruction): void {
  const storage = storageOf(emission, index);
  assert(storage.kind === "place", "a borrowed local lives in memory");
  push(emission, { kind: "reference", type: result, ...storage.address });
}
