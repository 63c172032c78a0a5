/** Type rules of literals, locals, arithmetic, comparison and control. */
import { ABILITY_COPY, ABILITY_DROP } from "../../binary-format/file-format.ts";
import { entryAt } from "../../binary-format/module-view.ts";
import {
  hasAbility,
  localType,
  mismatch,
  type OperandTypes,
  pop,
  push,
  type TypeRule,
  type TypeRules,
} from "./operand-types.ts";
import {
  declaredType,
  isInteger,
  primitiveType,
  referencedType,
  referenceType,
} from "./type-table.ts";

type IntegerKind = "u8" | "u16" | "u32" | "u64" | "u128" | "u256";

type Literals =
  | "LdU8"
  | "LdU16"
  | "LdU32"
  | "LdU64"
  | "LdU128"
  | "LdU256"
  | "LdTrue"
  | "LdFalse"
  | "LdConst";

function literal(kind: IntegerKind | "bool"): TypeRule {
  return (operands) => push(operands, primitiveType(operands.types, kind));
}

export const LITERAL_RULES: TypeRules<Literals> = {
  LdU8: literal("u8"),
  LdU16: literal("u16"),
  LdU32: literal("u32"),
  LdU64: literal("u64"),
  LdU128: literal("u128"),
  LdU256: literal("u256"),
  LdTrue: literal("bool"),
  LdFalse: literal("bool"),
  LdConst(operands, { index }) {
    const { type } = entryAt(operands.context.module.constants, index);
    push(operands, declaredType(operands.types, type));
  },
};

type Locals = "CopyLoc" | "MoveLoc" | "StLoc" | "MutBorrowLoc" | "ImmBorrowLoc";

function borrowLocal(isMutable: boolean): TypeRule {
  return (operands, { index }) => {
    const type = localType(operands, index);
    if (referencedType(operands.types, type) !== undefined) {
      mismatch(operands, "BORROWLOC_REFERENCE_ERROR", "a reference to a reference");
    }
    push(operands, referenceType(operands.types, isMutable, type));
  };
}

export const LOCAL_RULES: TypeRules<Locals> = {
  CopyLoc(operands, { index }) {
    const type = localType(operands, index);
    if (!hasAbility(operands, type, ABILITY_COPY)) {
      mismatch(operands, "COPYLOC_WITHOUT_COPY_ABILITY", "the local can not be copied");
    }
    push(operands, type);
  },
  MoveLoc(operands, { index }) {
    push(operands, localType(operands, index));
  },
  StLoc(operands, { index }) {
    if (pop(operands) !== localType(operands, index)) {
      mismatch(operands, "STLOC_TYPE_MISMATCH_ERROR", "the local has another type");
    }
  },
  MutBorrowLoc: borrowLocal(true),
  ImmBorrowLoc: borrowLocal(false),
};

type Arithmetic =
  | "Add"
  | "Sub"
  | "Mul"
  | "Mod"
  | "Div"
  | "BitOr"
  | "BitAnd"
  | "Xor"
  | "Shl"
  | "Shr"
  | "Or"
  | "And"
  | "Not"
  | "CastU8"
  | "CastU16"
  | "CastU32"
  | "CastU64"
  | "CastU128"
  | "CastU256";

const combineIntegers: TypeRule = (operands) => push(operands, popTwoIntegers(operands));

const shift: TypeRule = (operands) => {
  const amount = pop(operands);
  const value = pop(operands);
  if (!isInteger(operands.types, value) || amount !== primitiveType(operands.types, "u8")) {
    mismatch(operands, "INTEGER_OP_TYPE_MISMATCH_ERROR", "an integer is shifted by a u8");
  }
  push(operands, value);
};

const combineBooleans: TypeRule = (operands) => {
  const bool = primitiveType(operands.types, "bool");
  const [right, left] = [pop(operands), pop(operands)];
  if (left !== bool || right !== bool) {
    mismatch(operands, "BOOLEAN_OP_TYPE_MISMATCH_ERROR", "two booleans are combined");
  }
  push(operands, bool);
};

function cast(kind: IntegerKind): TypeRule {
  return (operands) => {
    if (!isInteger(operands.types, pop(operands))) {
      mismatch(operands, "INTEGER_OP_TYPE_MISMATCH_ERROR", "only integers are cast");
    }
    push(operands, primitiveType(operands.types, kind));
  };
}

export const ARITHMETIC_RULES: TypeRules<Arithmetic> = {
  Add: combineIntegers,
  Sub: combineIntegers,
  Mul: combineIntegers,
  Mod: combineIntegers,
  Div: combineIntegers,
  BitOr: combineIntegers,
  BitAnd: combineIntegers,
  Xor: combineIntegers,
  Shl: shift,
  Shr: shift,
  Or: combineBooleans,
  And: combineBooleans,
  Not(operands) {
    const bool = primitiveType(operands.types, "bool");
    if (pop(operands) !== bool) {
      mismatch(operands, "BOOLEAN_OP_TYPE_MISMATCH_ERROR", "a boolean is negated");
    }
    push(operands, bool);
  },
  CastU8: cast("u8"),
  CastU16: cast("u16"),
  CastU32: cast("u32"),
  CastU64: cast("u64"),
  CastU128: cast("u128"),
  CastU256: cast("u256"),
};

type Comparison = "Eq" | "Neq" | "Lt" | "Gt" | "Le" | "Ge";

const compareIntegers: TypeRule = (operands) => {
  popTwoIntegers(operands);
  push(operands, primitiveType(operands.types, "bool"));
};

const compareAny: TypeRule = (operands) => {
  const [right, left] = [pop(operands), pop(operands)];
  if (left !== right || !hasAbility(operands, right, ABILITY_DROP)) {
    mismatch(operands, "EQUALITY_OP_TYPE_MISMATCH_ERROR", "two droppable values of one type");
  }
  push(operands, primitiveType(operands.types, "bool"));
};

export const COMPARISON_RULES: TypeRules<Comparison> = {
  Eq: compareAny,
  Neq: compareAny,
  Lt: compareIntegers,
  Gt: compareIntegers,
  Le: compareIntegers,
  Ge: compareIntegers,
};

type Control = "Pop" | "Ret" | "BrTrue" | "BrFalse" | "Branch" | "Abort" | "Nop";

const branchOnBoolean: TypeRule = (operands) => {
  if (pop(operands) !== primitiveType(operands.types, "bool")) {
    mismatch(operands, "BR_TYPE_MISMATCH_ERROR", "a branch takes a boolean");
  }
};

export const CONTROL_RULES: TypeRules<Control> = {
  Pop(operands) {
    if (!hasAbility(operands, pop(operands), ABILITY_DROP)) {
      mismatch(operands, "POP_WITHOUT_DROP_ABILITY", "the value can not be dropped");
    }
  },
  Ret(operands) {
    for (const token of operands.context.returns.toReversed()) {
      if (pop(operands) !== declaredType(operands.types, token)) {
        mismatch(operands, "RET_TYPE_MISMATCH_ERROR", "the function returns another type");
      }
    }
  },
  BrTrue: branchOnBoolean,
  BrFalse: branchOnBoolean,
  Branch() {},
  Abort(operands) {
    if (pop(operands) !== primitiveType(operands.types, "u64")) {
      mismatch(operands, "ABORT_TYPE_MISMATCH_ERROR", "an abort takes a u64");
    }
  },
  Nop() {},
};

function popTwoIntegers(operands: OperandTypes): number {
  const [right, left] = [pop(operands), pop(operands)];
  if (left !== right || !isInteger(operands.types, left)) {
    mismatch(operands, "INTEGER_OP_TYPE_MISMATCH_ERROR", "two integers of one type");
  }
  return left;
}
