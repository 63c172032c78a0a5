/**
 * What an instruction's operand names, followed through instantiations and member handles down to
 * the function or struct. Only for modules that the bounds pass has accepted.
 */
import type {
  CompiledModule,
  FunctionHandleIndex,
  Instruction,
  MemberIndex,
  SignatureIndex,
  StructDefinitionIndex,
} from "./file-format.ts";
import { entryAt } from "./module-view.ts";
import { OPCODES } from "./opcodes.ts";

export interface FunctionOperand {
  readonly handle: FunctionHandleIndex;
  /** Present in the generic form. */
  readonly typeArgs: SignatureIndex | undefined;
}

/** A struct or enum of the module, or a member of one. */
export interface StructOperand {
  readonly owner: StructDefinitionIndex;
  /** Present in the generic form. */
  readonly typeArgs: SignatureIndex | undefined;
  readonly member:
    | { readonly kind: "whole" }
    | { readonly kind: "field"; readonly field: MemberIndex }
    /** A field that several variants may have. */
    | {
        readonly kind: "variantField";
        readonly field: MemberIndex;
        readonly variants: readonly MemberIndex[];
      }
    | { readonly kind: "variant"; readonly variant: MemberIndex };
}

/** The function that a call names; undefined for any other instruction. */
export function functionOperand(
  module: CompiledModule,
  { opcode, index }: Instruction,
): FunctionOperand | undefined {
  switch (OPCODES[opcode].operand) {
    case "functionHandle":
      return { handle: index, typeArgs: undefined };
    case "functionInstantiation":
      return entryAt(module.functionInstantiations, index);
    default:
      return undefined;
  }
}

/** The struct, enum or member that an instruction names; undefined where it names none. */
export function structOperand(
  module: CompiledModule,
  { opcode, index }: Instruction,
): StructOperand | undefined {
  switch (OPCODES[opcode].operand) {
    case "structDefinition":
      return { owner: index, typeArgs: undefined, member: { kind: "whole" } };
    case "structInstantiation": {
      const { definition, typeArgs } = entryAt(module.structInstantiations, index);
      return { owner: definition, typeArgs, member: { kind: "whole" } };
    }
    case "fieldHandle":
      return fieldOperand(module, index, undefined);
    case "fieldInstantiation": {
      const { handle, typeArgs } = entryAt(module.fieldInstantiations, index);
      return fieldOperand(module, handle, typeArgs);
    }
    case "variantFieldHandle":
      return variantFieldOperand(module, index, undefined);
    case "variantFieldInstantiation": {
      const { handle, typeArgs } = entryAt(module.variantFieldInstantiations, index);
      return variantFieldOperand(module, handle, typeArgs);
    }
    case "structVariantHandle":
      return variantOperand(module, index, undefined);
    case "structVariantInstantiation": {
      const { handle, typeArgs } = entryAt(module.structVariantInstantiations, index);
      return variantOperand(module, handle, typeArgs);
    }
    default:
      return undefined;
  }
}

function fieldOperand(
  module: CompiledModule,
  handle: number,
  typeArgs: SignatureIndex | undefined,
): StructOperand {
  const { owner, field } = entryAt(module.fieldHandles, handle);
  return { owner, typeArgs, member: { kind: "field", field } };
}

function variantFieldOperand(
  module: CompiledModule,
  handle: number,
  typeArgs: SignatureIndex | undefined,
): StructOperand {
  const { owner, field, variants } = entryAt(module.variantFieldHandles, handle);
  return { owner, typeArgs, member: { kind: "variantField", field, variants } };
}

function variantOperand(
  module: CompiledModule,
  handle: number,
  typeArgs: SignatureIndex | undefined,
): StructOperand {
  const { owner, variant } = entryAt(module.structVariantHandles, handle);
  return { owner, typeArgs, member: { kind: "variant", variant } };
}
