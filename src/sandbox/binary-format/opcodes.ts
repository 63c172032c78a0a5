/**
 * The one opcode table: byte, name, operand kind and first bytecode version (Aptos lineage, v5 to
 * v7).
 */

import type { Version } from "./version.ts";

/** What follows an opcode byte. */
export type OperandKind =
  | "none"
  | "u8"
  | "u16"
  | "u32"
  | "u64"
  | "u128"
  | "u256"
  | "local"
  | "codeOffset"
  | "constant"
  | "functionHandle"
  | "functionInstantiation"
  | "structDefinition"
  | "structInstantiation"
  | "fieldHandle"
  | "fieldInstantiation"
  | "variantFieldHandle"
  | "variantFieldInstantiation"
  | "structVariantHandle"
  | "structVariantInstantiation"
  | "signature"
  | "signatureAndCount";

export interface OpcodeInfo {
  readonly byte: number;
  readonly operand: OperandKind;
  /** First version of the format that has it. */
  readonly since: Version;
}

function entry(byte: number, operand: OperandKind = "none", since: Version = 5): OpcodeInfo {
  return { byte, operand, since };
}

export const OPCODES = {
  Pop: entry(0x01),
  Ret: entry(0x02),
  BrTrue: entry(0x03, "codeOffset"),
  BrFalse: entry(0x04, "codeOffset"),
  Branch: entry(0x05, "codeOffset"),
  LdU64: entry(0x06, "u64"),
  LdConst: entry(0x07, "constant"),
  LdTrue: entry(0x08),
  LdFalse: entry(0x09),
  CopyLoc: entry(0x0a, "local"),
  MoveLoc: entry(0x0b, "local"),
  StLoc: entry(0x0c, "local"),
  MutBorrowLoc: entry(0x0d, "local"),
  ImmBorrowLoc: entry(0x0e, "local"),
  MutBorrowField: entry(0x0f, "fieldHandle"),
  ImmBorrowField: entry(0x10, "fieldHandle"),
  Call: entry(0x11, "functionHandle"),
  Pack: entry(0x12, "structDefinition"),
  Unpack: entry(0x13, "structDefinition"),
  ReadRef: entry(0x14),
  WriteRef: entry(0x15),
  Add: entry(0x16),
  Sub: entry(0x17),
  Mul: entry(0x18),
  Mod: entry(0x19),
  Div: entry(0x1a),
  BitOr: entry(0x1b),
  BitAnd: entry(0x1c),
  Xor: entry(0x1d),
  Or: entry(0x1e),
  And: entry(0x1f),
  Not: entry(0x20),
  Eq: entry(0x21),
  Neq: entry(0x22),
  Lt: entry(0x23),
  Gt: entry(0x24),
  Le: entry(0x25),
  Ge: entry(0x26),
  Abort: entry(0x27),
  Nop: entry(0x28),
  Exists: entry(0x29, "structDefinition"),
  MutBorrowGlobal: entry(0x2a, "structDefinition"),
  ImmBorrowGlobal: entry(0x2b, "structDefinition"),
  MoveFrom: entry(0x2c, "structDefinition"),
  MoveTo: entry(0x2d, "structDefinition"),
  FreezeRef: entry(0x2e),
  Shl: entry(0x2f),
  Shr: entry(0x30),
  LdU8: entry(0x31, "u8"),
  LdU128: entry(0x32, "u128"),
  CastU8: entry(0x33),
  CastU64: entry(0x34),
  CastU128: entry(0x35),
  MutBorrowFieldGeneric: entry(0x36, "fieldInstantiation"),
  ImmBorrowFieldGeneric: entry(0x37, "fieldInstantiation"),
  CallGeneric: entry(0x38, "functionInstantiation"),
  PackGeneric: entry(0x39, "structInstantiation"),
  UnpackGeneric: entry(0x3a, "structInstantiation"),
  ExistsGeneric: entry(0x3b, "structInstantiation"),
  MutBorrowGlobalGeneric: entry(0x3c, "structInstantiation"),
  ImmBorrowGlobalGeneric: entry(0x3d, "structInstantiation"),
  MoveFromGeneric: entry(0x3e, "structInstantiation"),
  MoveToGeneric: entry(0x3f, "structInstantiation"),
  VecPack: entry(0x40, "signatureAndCount"),
  VecLen: entry(0x41, "signature"),
  VecImmBorrow: entry(0x42, "signature"),
  VecMutBorrow: entry(0x43, "signature"),
  VecPushBack: entry(0x44, "signature"),
  VecPopBack: entry(0x45, "signature"),
  VecUnpack: entry(0x46, "signatureAndCount"),
  VecSwap: entry(0x47, "signature"),
  LdU16: entry(0x48, "u16", 6),
  LdU32: entry(0x49, "u32", 6),
  LdU256: entry(0x4a, "u256", 6),
  CastU16: entry(0x4b, "none", 6),
  CastU32: entry(0x4c, "none", 6),
  CastU256: entry(0x4d, "none", 6),
  ImmBorrowVariantField: entry(0x4e, "variantFieldHandle", 7),
  MutBorrowVariantField: entry(0x4f, "variantFieldHandle", 7),
  ImmBorrowVariantFieldGeneric: entry(0x50, "variantFieldInstantiation", 7),
  MutBorrowVariantFieldGeneric: entry(0x51, "variantFieldInstantiation", 7),
  PackVariant: entry(0x52, "structVariantHandle", 7),
  PackVariantGeneric: entry(0x53, "structVariantInstantiation", 7),
  UnpackVariant: entry(0x54, "structVariantHandle", 7),
  UnpackVariantGeneric: entry(0x55, "structVariantInstantiation", 7),
  TestVariant: entry(0x56, "structVariantHandle", 7),
  TestVariantGeneric: entry(0x57, "structVariantInstantiation", 7),
} as const satisfies Record<string, OpcodeInfo>;

export type Opcode = keyof typeof OPCODES;

/** Opcode names by byte; undefined where the lineage has none. */
export const OPCODE_BY_BYTE: readonly (Opcode | undefined)[] = byByte();

function byByte(): (Opcode | undefined)[] {
  const names: (Opcode | undefined)[] = Array.from({ length: 256 }, () => undefined);
  for (const name of Object.keys(OPCODES) as Opcode[]) names[OPCODES[name].byte] = name;
  return names;
}
