/**
 * One visitor for each opcode. Branches, returns and aborts end a block and are visited with it.
 */
import type { Opcode } from "../../binary-format/opcodes.ts";
import type { Instruction } from "../../runtime/machine-model.ts";
import { U8, U16, U32, U64, U128, U256 } from "../../runtime/types.ts";
import { type Emission, pop } from "../emission.ts";
import { visitArithmetic } from "./arithmetic.ts";
import { visitBitwise, visitCast, visitShift } from "./bits.ts";
import { failVectorHere, visitCall } from "./calls.ts";
import { visitAnd, visitEquality, visitNot, visitOr, visitOrder } from "./comparisons.ts";
import { visitConstant, visitLiteral } from "./constants.ts";
import { visitBorrowGlobal, visitExists, visitMoveFrom, visitMoveTo } from "./globals.ts";
import { visitBorrowLoc, visitCopyLoc, visitMoveLoc, visitStLoc } from "./locals.ts";
import {
  visitBorrowField,
  visitBorrowVariantField,
  visitFreezeRef,
  visitReadRef,
  visitWriteRef,
} from "./references.ts";
import {
  visitPack,
  visitPackVariant,
  visitTestVariant,
  visitUnpack,
  visitUnpackVariant,
} from "./structs.ts";
import {
  visitVecBorrow,
  visitVecLen,
  visitVecPack,
  visitVecPopBack,
  visitVecPushBack,
  visitVecSwap,
  visitVecUnpack,
} from "./vectors.ts";

/** Instructions that end a block. */
export type Terminator = "Ret" | "Abort" | "Branch" | "BrTrue" | "BrFalse";

type Visitor = (emission: Emission, instruction: Instruction) => void;

const visitBorrowElement: Visitor = (emission, { result }) =>
  visitVecBorrow(emission, result, failVectorHere(emission));

const visitFunctionCall: Visitor = (emission, instruction) => {
  instruction.callee ??= instruction.findCallee();
  visitCall(emission, instruction.callee);
};

export const VISITORS: Readonly<Record<Exclude<Opcode, Terminator>, Visitor>> = {
  Pop: (emission) => {
    pop(emission);
  },
  Nop: () => undefined,
  LdU8: visitLiteral,
  LdU16: visitLiteral,
  LdU32: visitLiteral,
  LdU64: visitLiteral,
  LdU128: visitLiteral,
  LdU256: visitLiteral,
  LdTrue: visitLiteral,
  LdFalse: visitLiteral,
  LdConst: visitConstant,
  CopyLoc: visitCopyLoc,
  MoveLoc: visitMoveLoc,
  StLoc: visitStLoc,
  MutBorrowLoc: visitBorrowLoc,
  ImmBorrowLoc: visitBorrowLoc,
  MutBorrowField: visitBorrowField,
  ImmBorrowField: visitBorrowField,
  MutBorrowFieldGeneric: visitBorrowField,
  ImmBorrowFieldGeneric: visitBorrowField,
  MutBorrowVariantField: visitBorrowVariantField,
  ImmBorrowVariantField: visitBorrowVariantField,
  MutBorrowVariantFieldGeneric: visitBorrowVariantField,
  ImmBorrowVariantFieldGeneric: visitBorrowVariantField,
  Call: visitFunctionCall,
  CallGeneric: visitFunctionCall,
  Pack: visitPack,
  PackGeneric: visitPack,
  PackVariant: visitPackVariant,
  PackVariantGeneric: visitPackVariant,
  Unpack: visitUnpack,
  UnpackGeneric: visitUnpack,
  UnpackVariant: visitUnpackVariant,
  UnpackVariantGeneric: visitUnpackVariant,
  TestVariant: visitTestVariant,
  TestVariantGeneric: visitTestVariant,
  ReadRef: visitReadRef,
  WriteRef: visitWriteRef,
  FreezeRef: visitFreezeRef,
  Add: (emission) => visitArithmetic(emission, "Add"),
  Sub: (emission) => visitArithmetic(emission, "Sub"),
  Mul: (emission) => visitArithmetic(emission, "Mul"),
  Div: (emission) => visitArithmetic(emission, "Div"),
  Mod: (emission) => visitArithmetic(emission, "Mod"),
  BitOr: (emission) => visitBitwise(emission, "BitOr"),
  BitAnd: (emission) => visitBitwise(emission, "BitAnd"),
  Xor: (emission) => visitBitwise(emission, "Xor"),
  Shl: (emission) => visitShift(emission, "Shl"),
  Shr: (emission) => visitShift(emission, "Shr"),
  Or: visitOr,
  And: visitAnd,
  Not: visitNot,
  Eq: (emission) => visitEquality(emission, "Eq"),
  Neq: (emission) => visitEquality(emission, "Neq"),
  Lt: (emission) => visitOrder(emission, "Lt"),
  Gt: (emission) => visitOrder(emission, "Gt"),
  Le: (emission) => visitOrder(emission, "Le"),
  Ge: (emission) => visitOrder(emission, "Ge"),
  CastU8: (emission) => visitCast(emission, U8),
  CastU16: (emission) => visitCast(emission, U16),
  CastU32: (emission) => visitCast(emission, U32),
  CastU64: (emission) => visitCast(emission, U64),
  CastU128: (emission) => visitCast(emission, U128),
  CastU256: (emission) => visitCast(emission, U256),
  Exists: visitExists,
  ExistsGeneric: visitExists,
  MutBorrowGlobal: visitBorrowGlobal,
  ImmBorrowGlobal: visitBorrowGlobal,
  MutBorrowGlobalGeneric: visitBorrowGlobal,
  ImmBorrowGlobalGeneric: visitBorrowGlobal,
  MoveFrom: visitMoveFrom,
  MoveFromGeneric: visitMoveFrom,
  MoveTo: visitMoveTo,
  MoveToGeneric: visitMoveTo,
  VecPack: visitVecPack,
  VecLen: visitVecLen,
  VecImmBorrow: visitBorrowElement,
  VecMutBorrow: visitBorrowElement,
  VecPushBack: visitVecPushBack,
  VecPopBack: (emission) => visitVecPopBack(emission, failVectorHere(emission)),
  VecUnpack: (emission, instruction) =>
    visitVecUnpack(emission, instruction, failVectorHere(emission)),
  VecSwap: (emission) => visitVecSwap(emission, failVectorHere(emission)),
};
