/** Type rules of vectors. */
import type { Instruction } from "../../binary-format/file-format.ts";
import { entryAt, signatureAt } from "../../binary-format/module-view.ts";
import {
  mismatch,
  type OperandTypes,
  pop,
  push,
  type TypeRule,
  type TypeRules,
} from "./operand-types.ts";
import {
  declaredType,
  isMutableReference,
  primitiveType,
  referencedType,
  referenceType,
  type TypeId,
  vectorType,
} from "./type-table.ts";

type Vectors =
  | "VecPack"
  | "VecLen"
  | "VecImmBorrow"
  | "VecMutBorrow"
  | "VecPushBack"
  | "VecPopBack"
  | "VecUnpack"
  | "VecSwap";

function borrowElement(isMutable: boolean): TypeRule {
  return (operands, instruction) => {
    const element = elementType(operands, instruction);
    popIndex(operands);
    popVectorReference(operands, element, isMutable);
    push(operands, referenceType(operands.types, isMutable, element));
  };
}

export const VECTOR_RULES: TypeRules<Vectors> = {
  VecPack(operands, instruction) {
    const element = elementType(operands, instruction);
    for (let count = instruction.value; count > 0n; count--) popElement(operands, element);
    push(operands, vectorType(operands.types, element));
  },
  VecLen(operands, instruction) {
    popVectorReference(operands, elementType(operands, instruction), false);
    push(operands, primitiveType(operands.types, "u64"));
  },
  VecImmBorrow: borrowElement(false),
  VecMutBorrow: borrowElement(true),
  VecPushBack(operands, instruction) {
    const element = elementType(operands, instruction);
    popElement(operands, element);
    popVectorReference(operands, element, true);
  },
  VecPopBack(operands, instruction) {
    const element = elementType(operands, instruction);
    popVectorReference(operands, element, true);
    push(operands, element);
  },
  VecUnpack(operands, instruction) {
    const element = elementType(operands, instruction);
    if (pop(operands) !== vectorType(operands.types, element)) {
      mismatch(operands, "TYPE_MISMATCH", "a vector of the named elements is unpacked");
    }
    for (let count = instruction.value; count > 0n; count--) push(operands, element);
  },
  VecSwap(operands, instruction) {
    popIndex(operands);
    popIndex(operands);
    popVectorReference(operands, elementType(operands, instruction), true);
  },
};

/** The signature pass has seen that the operand is one type. */
function elementType(operands: OperandTypes, { index }: Instruction): TypeId {
  return declaredType(operands.types, entryAt(signatureAt(operands.context.module, index), 0));
}

function popElement(operands: OperandTypes, element: TypeId): void {
  if (pop(operands) !== element) {
    mismatch(operands, "TYPE_MISMATCH", "an element has another type");
  }
}

function popIndex(operands: OperandTypes): void {
  if (pop(operands) !== primitiveType(operands.types, "u64")) {
    mismatch(operands, "TYPE_MISMATCH", "vectors are indexed by u64");
  }
}

function popVectorReference(operands: OperandTypes, element: TypeId, isMutable: boolean): void {
  const { types } = operands;
  const reference = pop(operands);
  const isAllowed = !isMutable || isMutableReference(types, reference);
  if (!isAllowed || referencedType(types, reference) !== vectorType(types, element)) {
    mismatch(operands, "TYPE_MISMATCH", "a reference to a vector of the named elements");
  }
}
