/** Type rules of structs and enums, and of calls. */
import type { Instruction } from "../../binary-format/file-format.ts";
import {
  functionHandleAt,
  parametersOf,
  returnsOf,
  structDefinitionAt,
  variantFieldsOf,
} from "../../binary-format/module-view.ts";
import {
  functionOperand,
  type StructOperand,
  structOperand,
} from "../../binary-format/operands.ts";
import { present } from "../../core/assert.ts";
import {
  mismatch,
  type OperandTypes,
  ownType,
  pop,
  push,
  type TypeRule,
  type TypeRules,
  typeArguments,
} from "./operand-types.ts";
import { instantiate, primitiveType, referencedType, type TypeId } from "./type-table.ts";

type Structs =
  | "Pack"
  | "PackGeneric"
  | "Unpack"
  | "UnpackGeneric"
  | "PackVariant"
  | "PackVariantGeneric"
  | "UnpackVariant"
  | "UnpackVariantGeneric"
  | "TestVariant"
  | "TestVariantGeneric";

const pack: TypeRule = (operands, instruction) => {
  const { operand, typeArgs, whole } = namedStruct(operands, instruction);
  for (const field of packedFields(operands, operand, typeArgs).toReversed()) {
    if (pop(operands) !== field) {
      mismatch(operands, "PACK_TYPE_MISMATCH_ERROR", "a field has another type");
    }
  }
  push(operands, whole);
};

const unpack: TypeRule = (operands, instruction) => {
  const { operand, typeArgs, whole } = namedStruct(operands, instruction);
  if (pop(operands) !== whole) {
    mismatch(operands, "UNPACK_TYPE_MISMATCH_ERROR", "a value of another type");
  }
  for (const field of packedFields(operands, operand, typeArgs)) push(operands, field);
};

const testVariant: TypeRule = (operands, instruction) => {
  const { whole } = namedStruct(operands, instruction);
  if (referencedType(operands.types, pop(operands)) !== whole) {
    mismatch(operands, "TEST_VARIANT_TYPE_MISMATCH_ERROR", "a reference to the enum is tested");
  }
  push(operands, primitiveType(operands.types, "bool"));
};

export const STRUCT_RULES: TypeRules<Structs> = {
  Pack: pack,
  PackGeneric: pack,
  Unpack: unpack,
  UnpackGeneric: unpack,
  PackVariant: pack,
  PackVariantGeneric: pack,
  UnpackVariant: unpack,
  UnpackVariantGeneric: unpack,
  TestVariant: testVariant,
  TestVariantGeneric: testVariant,
};

const call: TypeRule = (operands, instruction) => {
  const { context, types } = operands;
  const callee = present(functionOperand(context.module, instruction), "a call names a function");
  const handle = functionHandleAt(context.module, callee.handle);
  const typeArgs = typeArguments(operands, callee.typeArgs);
  for (const parameter of parametersOf(context.module, handle).toReversed()) {
    if (pop(operands) !== instantiate(types, parameter, typeArgs)) {
      mismatch(operands, "CALL_TYPE_MISMATCH_ERROR", "an argument has another type");
    }
  }
  for (const result of returnsOf(context.module, handle)) {
    push(operands, instantiate(types, result, typeArgs));
  }
};

export const CALL_RULES: TypeRules<"Call" | "CallGeneric"> = { Call: call, CallGeneric: call };

export interface NamedStruct {
  readonly operand: StructOperand;
  readonly typeArgs: readonly TypeId[];
  /** The struct or enum with its arguments. */
  readonly whole: TypeId;
}

/** The struct or enum that the instruction names. */
export function namedStruct(operands: OperandTypes, instruction: Instruction): NamedStruct {
  const { module } = operands.context;
  const operand = present(structOperand(module, instruction), "the operand names a struct");
  const typeArgs = typeArguments(operands, operand.typeArgs);
  return { operand, typeArgs, whole: ownType(operands, operand.owner, typeArgs) };
}

/** Types of the fields that packing takes: a struct is packed as a whole, an enum by variant. */
function packedFields(
  operands: OperandTypes,
  operand: StructOperand,
  typeArgs: readonly TypeId[],
): TypeId[] {
  const { layout } = structDefinitionAt(operands.context.module, operand.owner);
  const { member } = operand;
  if (member.kind === "variant" && layout.kind === "variants") {
    return variantFieldsOf(layout, member.variant).map(({ type }) =>
      instantiate(operands.types, type, typeArgs),
    );
  }
  if (member.kind !== "whole" || layout.kind !== "fields") {
    mismatch(operands, "PACK_TYPE_MISMATCH_ERROR", `${layout.kind} packed as ${member.kind}`);
  }
  return layout.fields.map(({ type }) => instantiate(operands.types, type, typeArgs));
}
