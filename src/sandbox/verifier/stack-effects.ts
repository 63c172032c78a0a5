/** How many operands each instruction takes from the stack and leaves on it. */
import type { CompiledModule, Instruction } from "../binary-format/file-format.ts";
import {
  fieldsOf,
  functionHandleAt,
  parametersOf,
  returnsOf,
  structDefinitionAt,
  variantFieldsOf,
} from "../binary-format/module-view.ts";
import type { Opcode } from "../binary-format/opcodes.ts";
import { functionOperand, structOperand } from "../binary-format/operands.ts";
import { present } from "../core/assert.ts";

export interface StackEffect {
  readonly pops: number;
  readonly pushes: number;
}

/** @param returnCount values that the function at hand returns. */
export function stackEffect(
  module: CompiledModule,
  instruction: Instruction,
  returnCount: number,
): StackEffect {
  const effect = EFFECTS[instruction.opcode];
  if (effect !== "computed") return effect;
  switch (instruction.opcode) {
    case "Ret":
      return { pops: returnCount, pushes: 0 };
    case "VecPack":
      return { pops: Number(instruction.value), pushes: 1 };
    case "VecUnpack":
      return { pops: 1, pushes: Number(instruction.value) };
    case "Call":
    case "CallGeneric": {
      const callee = present(functionOperand(module, instruction), "a call names a function");
      const handle = functionHandleAt(module, callee.handle);
      const pops = parametersOf(module, handle).length;
      return { pops, pushes: returnsOf(module, handle).length };
    }
    case "Unpack":
    case "UnpackGeneric":
    case "UnpackVariant":
    case "UnpackVariantGeneric":
      return { pops: 1, pushes: fieldCount(module, instruction) };
    default:
      return { pops: fieldCount(module, instruction), pushes: 1 };
  }
}

/**
 * Fields of the struct or variant that is packed or unpacked. A struct that has none to pack,
 * because it is native or an enum, counts as having none; type safety refuses it.
 */
function fieldCount(module: CompiledModule, instruction: Instruction): number {
  const operand = present(structOperand(module, instruction), "packing names a struct");
  const { layout } = structDefinitionAt(module, operand.owner);
  const fields =
    operand.member.kind === "variant"
      ? variantFieldsOf(layout, operand.member.variant)
      : fieldsOf(layout);
  return fields.length;
}

const NONE: StackEffect = { pops: 0, pushes: 0 };
const PRODUCES: StackEffect = { pops: 0, pushes: 1 };
const CONSUMES: StackEffect = { pops: 1, pushes: 0 };
const CONSUMES_TWO: StackEffect = { pops: 2, pushes: 0 };
const CONVERTS: StackEffect = { pops: 1, pushes: 1 };
const COMBINES: StackEffect = { pops: 2, pushes: 1 };

const EFFECTS: Readonly<Record<Opcode, StackEffect | "computed">> = {
  Pop: CONSUMES,
  Ret: "computed",
  BrTrue: CONSUMES,
  BrFalse: CONSUMES,
  Branch: NONE,
  Abort: CONSUMES,
  Nop: NONE,
  LdU8: PRODUCES,
  LdU16: PRODUCES,
  LdU32: PRODUCES,
  LdU64: PRODUCES,
  LdU128: PRODUCES,
  LdU256: PRODUCES,
  LdConst: PRODUCES,
  LdTrue: PRODUCES,
  LdFalse: PRODUCES,
  CopyLoc: PRODUCES,
  MoveLoc: PRODUCES,
  StLoc: CONSUMES,
  MutBorrowLoc: PRODUCES,
  ImmBorrowLoc: PRODUCES,
  MutBorrowField: CONVERTS,
  ImmBorrowField: CONVERTS,
  MutBorrowFieldGeneric: CONVERTS,
  ImmBorrowFieldGeneric: CONVERTS,
  ImmBorrowVariantField: CONVERTS,
  MutBorrowVariantField: CONVERTS,
  ImmBorrowVariantFieldGeneric: CONVERTS,
  MutBorrowVariantFieldGeneric: CONVERTS,
  ReadRef: CONVERTS,
  WriteRef: CONSUMES_TWO,
  FreezeRef: CONVERTS,
  Call: "computed",
  CallGeneric: "computed",
  Pack: "computed",
  PackGeneric: "computed",
  Unpack: "computed",
  UnpackGeneric: "computed",
  PackVariant: "computed",
  PackVariantGeneric: "computed",
  UnpackVariant: "computed",
  UnpackVariantGeneric: "computed",
  TestVariant: CONVERTS,
  TestVariantGeneric: CONVERTS,
  Add: COMBINES,
  Sub: COMBINES,
  Mul: COMBINES,
  Mod: COMBINES,
  Div: COMBINES,
  BitOr: COMBINES,
  BitAnd: COMBINES,
  Xor: COMBINES,
  Shl: COMBINES,
  Shr: COMBINES,
  Or: COMBINES,
  And: COMBINES,
  Not: CONVERTS,
  Eq: COMBINES,
  Neq: COMBINES,
  Lt: COMBINES,
  Gt: COMBINES,
  Le: COMBINES,
  Ge: COMBINES,
  CastU8: CONVERTS,
  CastU16: CONVERTS,
  CastU32: CONVERTS,
  CastU64: CONVERTS,
  CastU128: CONVERTS,
  CastU256: CONVERTS,
  Exists: CONVERTS,
  ExistsGeneric: CONVERTS,
  MutBorrowGlobal: CONVERTS,
  MutBorrowGlobalGeneric: CONVERTS,
  ImmBorrowGlobal: CONVERTS,
  ImmBorrowGlobalGeneric: CONVERTS,
  MoveFrom: CONVERTS,
  MoveFromGeneric: CONVERTS,
  MoveTo: CONSUMES_TWO,
  MoveToGeneric: CONSUMES_TWO,
  VecPack: "computed",
  VecLen: CONVERTS,
  VecImmBorrow: COMBINES,
  VecMutBorrow: COMBINES,
  VecPushBack: CONSUMES_TWO,
  VecPopBack: CONVERTS,
  VecUnpack: "computed",
  VecSwap: { pops: 3, pushes: 0 },
};
