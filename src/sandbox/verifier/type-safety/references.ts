/** Type rules of references to fields and values, and of global storage. */
import {
  ABILITY_COPY,
  ABILITY_DROP,
  ABILITY_KEY,
  type FieldDefinition,
} from "../../binary-format/file-format.ts";
import {
  entryAt,
  fieldsOf,
  structDefinitionAt,
  variantFieldsOf,
} from "../../binary-format/module-view.ts";
import type { StructOperand } from "../../binary-format/operands.ts";
import { assert } from "../../core/assert.ts";
import type { VerificationStatus } from "../statuses.ts";
import {
  hasAbility,
  mismatch,
  type OperandTypes,
  pop,
  push,
  type TypeRule,
  type TypeRules,
} from "./operand-types.ts";
import { type NamedStruct, namedStruct } from "./structs.ts";
import {
  instantiate,
  isMutableReference,
  primitiveType,
  referencedType,
  referenceType,
  type TypeId,
} from "./type-table.ts";

type References =
  | "ReadRef"
  | "WriteRef"
  | "FreezeRef"
  | "MutBorrowField"
  | "MutBorrowFieldGeneric"
  | "ImmBorrowField"
  | "ImmBorrowFieldGeneric"
  | "MutBorrowVariantField"
  | "MutBorrowVariantFieldGeneric"
  | "ImmBorrowVariantField"
  | "ImmBorrowVariantFieldGeneric";

function borrowField(isMutable: boolean): TypeRule {
  return (operands, instruction) => {
    const { types } = operands;
    const reference = pop(operands);
    const struct = namedStruct(operands, instruction);
    const isAllowed = !isMutable || isMutableReference(types, reference);
    if (!isAllowed || referencedType(types, reference) !== struct.whole) {
      mismatch(operands, "BORROWFIELD_TYPE_MISMATCH_ERROR", "a reference to the field's owner");
    }
    push(operands, referenceType(types, isMutable, fieldType(operands, struct)));
  };
}

const borrowFieldMutably = borrowField(true);
const borrowFieldImmutably = borrowField(false);

export const REFERENCE_RULES: TypeRules<References> = {
  ReadRef(operands) {
    const value = referencedType(operands.types, pop(operands));
    if (value === undefined) {
      mismatch(operands, "READREF_TYPE_MISMATCH_ERROR", "only references are read");
    }
    if (!hasAbility(operands, value, ABILITY_COPY)) {
      mismatch(operands, "READREF_WITHOUT_COPY_ABILITY", "the value can not be copied");
    }
    push(operands, value);
  },
  WriteRef(operands) {
    const reference = pop(operands);
    const value = pop(operands);
    const target = referencedType(operands.types, reference);
    if (target === undefined || !isMutableReference(operands.types, reference)) {
      mismatch(operands, "WRITEREF_NO_MUTABLE_REFERENCE_ERROR", "no mutable reference");
    }
    if (!hasAbility(operands, target, ABILITY_DROP)) {
      mismatch(operands, "WRITEREF_WITHOUT_DROP_ABILITY", "the old value can not be dropped");
    }
    if (value !== target) {
      mismatch(operands, "WRITEREF_TYPE_MISMATCH_ERROR", "a value of another type");
    }
  },
  FreezeRef(operands) {
    const reference = pop(operands);
    const target = referencedType(operands.types, reference);
    if (target === undefined || !isMutableReference(operands.types, reference)) {
      mismatch(operands, "FREEZEREF_TYPE_MISMATCH_ERROR", "only mutable references are frozen");
    }
    push(operands, referenceType(operands.types, false, target));
  },
  MutBorrowField: borrowFieldMutably,
  MutBorrowFieldGeneric: borrowFieldMutably,
  ImmBorrowField: borrowFieldImmutably,
  ImmBorrowFieldGeneric: borrowFieldImmutably,
  MutBorrowVariantField: borrowFieldMutably,
  MutBorrowVariantFieldGeneric: borrowFieldMutably,
  ImmBorrowVariantField: borrowFieldImmutably,
  ImmBorrowVariantFieldGeneric: borrowFieldImmutably,
};

type Globals =
  | "Exists"
  | "ExistsGeneric"
  | "MutBorrowGlobal"
  | "MutBorrowGlobalGeneric"
  | "ImmBorrowGlobal"
  | "ImmBorrowGlobalGeneric"
  | "MoveFrom"
  | "MoveFromGeneric"
  | "MoveTo"
  | "MoveToGeneric";

function borrowGlobal(isMutable: boolean): TypeRule {
  return (operands, instruction) => {
    popAddress(operands, "BORROWGLOBAL_TYPE_MISMATCH_ERROR");
    const { whole } = namedStruct(operands, instruction);
    checkKey(operands, whole, "BORROWGLOBAL_WITHOUT_KEY_ABILITY");
    push(operands, referenceType(operands.types, isMutable, whole));
  };
}

const exists: TypeRule = (operands, instruction) => {
  const status = "EXISTS_WITHOUT_KEY_ABILITY_OR_BAD_ARGUMENT";
  checkKey(operands, namedStruct(operands, instruction).whole, status);
  popAddress(operands, status);
  push(operands, primitiveType(operands.types, "bool"));
};

const moveFrom: TypeRule = (operands, instruction) => {
  const { whole } = namedStruct(operands, instruction);
  checkKey(operands, whole, "MOVEFROM_WITHOUT_KEY_ABILITY");
  popAddress(operands, "MOVEFROM_TYPE_MISMATCH_ERROR");
  push(operands, whole);
};

const moveTo: TypeRule = (operands, instruction) => {
  const { types } = operands;
  const { whole } = namedStruct(operands, instruction);
  checkKey(operands, whole, "MOVETO_WITHOUT_KEY_ABILITY");
  const [resource, signer] = [pop(operands), pop(operands)];
  const signerReference = referenceType(types, false, primitiveType(types, "signer"));
  if (resource !== whole || signer !== signerReference) {
    mismatch(operands, "MOVETO_TYPE_MISMATCH_ERROR", "a &signer and the resource");
  }
};

const borrowGlobalMutably = borrowGlobal(true);
const borrowGlobalImmutably = borrowGlobal(false);

export const GLOBAL_RULES: TypeRules<Globals> = {
  Exists: exists,
  ExistsGeneric: exists,
  MutBorrowGlobal: borrowGlobalMutably,
  MutBorrowGlobalGeneric: borrowGlobalMutably,
  ImmBorrowGlobal: borrowGlobalImmutably,
  ImmBorrowGlobalGeneric: borrowGlobalImmutably,
  MoveFrom: moveFrom,
  MoveFromGeneric: moveFrom,
  MoveTo: moveTo,
  MoveToGeneric: moveTo,
};

/** The field's type, which is the same in all variants that the operand names. */
function fieldType(operands: OperandTypes, struct: NamedStruct): TypeId {
  const [first, ...others] = fieldsNamed(operands, struct.operand).map(({ type }) =>
    instantiate(operands.types, type, struct.typeArgs),
  );
  if (first === undefined) {
    mismatch(operands, "ZERO_VARIANTS_ERROR", "a field of no variant");
  }
  if (others.some((other) => other !== first)) {
    mismatch(operands, "BORROWFIELD_TYPE_MISMATCH_ERROR", "variants disagree on the field's type");
  }
  return first;
}

function fieldsNamed(operands: OperandTypes, { owner, member }: StructOperand): FieldDefinition[] {
  const { layout } = structDefinitionAt(operands.context.module, owner);
  if (member.kind === "field") return [entryAt(fieldsOf(layout), member.field)];
  assert(member.kind === "variantField", "a field is borrowed");
  return member.variants.map((variant) => entryAt(variantFieldsOf(layout, variant), member.field));
}

function popAddress(operands: OperandTypes, status: VerificationStatus): void {
  if (pop(operands) !== primitiveType(operands.types, "address")) {
    mismatch(operands, status, "global storage is indexed by addresses");
  }
}

function checkKey(operands: OperandTypes, type: TypeId, status: VerificationStatus): void {
  if (!hasAbility(operands, type, ABILITY_KEY)) {
    mismatch(operands, status, "only types with key are in global storage");
  }
}
