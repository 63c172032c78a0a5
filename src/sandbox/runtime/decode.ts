/**
 * Joins instructions to what their operands name, for one instance of a function: types closed,
 * fields counted, constants read. Callees are found at their first call.
 */
import type { Instruction as RawInstruction } from "../binary-format/file-format.ts";
import { OPCODES, type Opcode, type OperandKind } from "../binary-format/opcodes.ts";
import { calleeOf } from "./callee.ts";
import { membersOf, structType, typeOfToken, typesOfSignature } from "./closed-types.ts";
import { entryAt, fail, failInvariant, VmFailure } from "./failure.ts";
import type { FunctionResolver, FunctionShell, Instruction } from "./machine-model.ts";
import { HANDLERS } from "./opcodes/handlers.ts";
import { failingHandler } from "./resolved-function.ts";
import { typeShape } from "./type-shape.ts";
import {
  BOOL,
  type RuntimeType,
  referenceType,
  type StructType,
  U8,
  U16,
  U32,
  U64,
  U128,
  U256,
  vectorType,
} from "./types.ts";
import { decodeValue } from "./values/bcs.ts";

type Operands = Partial<
  Pick<Instruction, "index" | "value" | "type" | "result" | "types" | "variants" | "findCallee">
>;

interface Context {
  readonly resolver: FunctionResolver;
  readonly shell: FunctionShell;
}

/** @param charges gas of each block at its first instruction, 0 elsewhere. */
export function decodeCode(
  resolver: FunctionResolver,
  shell: FunctionShell,
  charges: readonly number[],
): readonly Instruction[] {
  const context = { resolver, shell };
  const code = shell.definition.code?.code ?? [];
  return code.map((raw, offset) => decodeInstruction(context, raw, charges[offset] ?? 0));
}

function decodeInstruction(context: Context, raw: RawInstruction, gas: number): Instruction {
  let run = HANDLERS[raw.opcode];
  let operands: Operands = {};
  try {
    operands = OPERANDS[OPCODES[raw.opcode].operand](context, raw);
  } catch (error) {
    if (!(error instanceof VmFailure)) throw error;
    run = failingHandler(error);
  }
  return {
    run,
    gas,
    index: 0,
    value: false,
    type: BOOL,
    result: BOOL,
    types: [],
    variants: [],
    callee: undefined,
    findCallee: noCallee,
    ...operands,
  };
}

function noCallee(): never {
  return failInvariant("an instruction that calls nothing");
}

type Decoder = (context: Context, raw: RawInstruction) => Operands;

function literal(result: RuntimeType, isSmall: boolean): Decoder {
  return (_context, { value }) => ({ value: isSmall ? Number(value) : value, result });
}

const OPERANDS: Readonly<Record<OperandKind, Decoder>> = {
  none: (_context, { opcode }) =>
    opcode === "LdTrue" || opcode === "LdFalse" ? { value: opcode === "LdTrue", result: BOOL } : {},
  u8: literal(U8, true),
  u16: literal(U16, true),
  u32: literal(U32, true),
  u64: literal(U64, false),
  u128: literal(U128, false),
  u256: literal(U256, false),
  local({ shell }, { opcode, index }) {
    const type = entryAt(shell.locals, index, "local");
    if (opcode !== "MutBorrowLoc" && opcode !== "ImmBorrowLoc") return { index, type };
    return { index, type, result: referenceType(type, opcode === "MutBorrowLoc") };
  },
  codeOffset: (_context, { index }) => ({ index }),
  constant(context, { index }) {
    const { module } = context.shell;
    const constant = entryAt(module.module.constants, index, "constant");
    const result = typeOfToken(module, constant.type, []);
    const value = decodeValue(result, constant.data);
    return value === undefined ? fail("MALFORMED_CONSTANT_DATA") : { value, result };
  },
  functionHandle: ({ resolver, shell }, { index }) => ({
    findCallee: () => calleeOf(resolver, shell, index, []),
  }),
  functionInstantiation: ({ resolver, shell }, { index }) => ({
    findCallee() {
      const { functionInstantiations } = shell.module.module;
      const instantiation = entryAt(functionInstantiations, index, "function instantiation");
      const typeArgs = typesOfSignature(shell.module, instantiation.typeArgs, shell.typeArgs);
      return calleeOf(resolver, shell, instantiation.handle, typeArgs);
    },
  }),
  structDefinition: (context, { opcode, index }) =>
    structOperands(opcode, ownStruct(context, index, undefined)),
  structInstantiation(context, { opcode, index }) {
    const { structInstantiations } = context.shell.module.module;
    const { definition, typeArgs } = entryAt(structInstantiations, index, "struct instantiation");
    return structOperands(opcode, ownStruct(context, definition, typeArgs));
  },
  fieldHandle: (context, { opcode, index }) => fieldOperands(context, opcode, index, undefined),
  fieldInstantiation(context, { opcode, index }) {
    const { fieldInstantiations } = context.shell.module.module;
    const { handle, typeArgs } = entryAt(fieldInstantiations, index, "field instantiation");
    return fieldOperands(context, opcode, handle, typeArgs);
  },
  variantFieldHandle: (context, { opcode, index }) =>
    variantFieldOperands(context, opcode, index, undefined),
  variantFieldInstantiation(context, { opcode, index }) {
    const { variantFieldInstantiations } = context.shell.module.module;
    const { handle, typeArgs } = entryAt(variantFieldInstantiations, index, "instantiation");
    return variantFieldOperands(context, opcode, handle, typeArgs);
  },
  structVariantHandle: (context, { opcode, index }) =>
    variantOperands(context, opcode, index, undefined),
  structVariantInstantiation(context, { opcode, index }) {
    const { structVariantInstantiations } = context.shell.module.module;
    const { handle, typeArgs } = entryAt(structVariantInstantiations, index, "instantiation");
    return variantOperands(context, opcode, handle, typeArgs);
  },
  signature: vectorOperands,
  signatureAndCount(context, raw) {
    const operands = vectorOperands(context, raw);
    // A count above what fits a stack fails when it runs, whatever its exact size.
    const index = Number(raw.value);
    return { ...operands, index: Number.isSafeInteger(index) ? index : Number.MAX_SAFE_INTEGER };
  },
};

/** The type of a struct that the module defines itself. */
function ownStruct(
  { shell }: Context,
  definition: number,
  typeArgs: number | undefined,
): StructType {
  const struct = entryAt(shell.module.structs, definition, "struct definition");
  const args =
    typeArgs === undefined ? [] : typesOfSignature(shell.module, typeArgs, shell.typeArgs);
  return structType(struct, args);
}

function structOperands(opcode: Opcode, type: StructType): Operands {
  switch (opcode) {
    case "Pack":
    case "PackGeneric":
      typeShape(type);
      return { types: structFields(type), result: type };
    case "Unpack":
    case "UnpackGeneric":
      return { types: structFields(type), type };
    case "MutBorrowGlobal":
    case "MutBorrowGlobalGeneric":
      return { type, result: referenceType(type, true) };
    case "ImmBorrowGlobal":
    case "ImmBorrowGlobalGeneric":
      return { type, result: referenceType(type, false) };
    default:
      return { type };
  }
}

function structFields(type: StructType): readonly RuntimeType[] {
  const members = membersOf(type);
  return members.kind === "fields" ? members.fields : failInvariant("an enum used as a struct");
}

function enumVariants(type: StructType): readonly (readonly RuntimeType[])[] {
  const members = membersOf(type);
  return members.kind === "variants" ? members.variants : failInvariant("a struct used as enum");
}

function fieldOperands(
  context: Context,
  opcode: Opcode,
  handle: number,
  typeArgs: number | undefined,
): Operands {
  const { fieldHandles } = context.shell.module.module;
  const { owner, field } = entryAt(fieldHandles, handle, "field handle");
  const struct = ownStruct(context, owner, typeArgs);
  const fieldType = entryAt(structFields(struct), field, "field");
  const isMutable = opcode === "MutBorrowField" || opcode === "MutBorrowFieldGeneric";
  return {
    index: field,
    type: referenceType(struct, isMutable),
    result: referenceType(fieldType, isMutable),
  };
}

function variantFieldOperands(
  context: Context,
  opcode: Opcode,
  handle: number,
  typeArgs: number | undefined,
): Operands {
  const { variantFieldHandles } = context.shell.module.module;
  const { owner, field, variants } = entryAt(variantFieldHandles, handle, "variant field handle");
  const struct = ownStruct(context, owner, typeArgs);
  const all = enumVariants(struct);
  const types = variants.map((variant) =>
    entryAt(entryAt(all, variant, "variant"), field, "field"),
  );
  const [fieldType] = types;
  if (fieldType === undefined || types.some((type) => type !== fieldType)) {
    return failInvariant("a field of several types");
  }
  const isMutable = opcode === "MutBorrowVariantField" || opcode === "MutBorrowVariantFieldGeneric";
  return {
    index: field,
    variants,
    type: referenceType(struct, isMutable),
    result: referenceType(fieldType, isMutable),
  };
}

function variantOperands(
  context: Context,
  opcode: Opcode,
  handle: number,
  typeArgs: number | undefined,
): Operands {
  const { structVariantHandles } = context.shell.module.module;
  const { owner, variant } = entryAt(structVariantHandles, handle, "variant handle");
  const struct = ownStruct(context, owner, typeArgs);
  const types = entryAt(enumVariants(struct), variant, "variant");
  switch (opcode) {
    case "PackVariant":
    case "PackVariantGeneric":
      typeShape(struct);
      return { index: variant, types, result: struct };
    case "TestVariant":
    case "TestVariantGeneric":
      return { index: variant, type: referenceType(struct, false) };
    default:
      return { index: variant, types, type: struct };
  }
}

/** `type` is the element; `result` the vector, or the reference to an element. */
function vectorOperands({ shell }: Context, { opcode, index }: RawInstruction): Operands {
  const [type, ...rest] = typesOfSignature(shell.module, index, shell.typeArgs);
  if (type === undefined || rest.length > 0) return failInvariant("not one element type");
  switch (opcode) {
    case "VecPack": {
      const result = vectorType(type);
      typeShape(result);
      return { type, result };
    }
    case "VecImmBorrow":
      return { type, result: referenceType(type, false) };
    case "VecMutBorrow":
      return { type, result: referenceType(type, true) };
    default:
      return { type, result: vectorType(type) };
  }
}
