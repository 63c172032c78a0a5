/**
 * The types on the operand stack while a block is checked, and what every rule needs to read and
 * change them.
 */

import { hasAbilities } from "../../binary-format/abilities.ts";
import type {
  AbilitySet,
  CodeOffset,
  Instruction,
  SignatureIndex,
  StructDefinitionIndex,
} from "../../binary-format/file-format.ts";
import { entryAt, signatureAt, structDefinitionAt } from "../../binary-format/module-view.ts";
import type { Opcode } from "../../binary-format/opcodes.ts";
import { assert } from "../../core/assert.ts";
import { type FunctionContext, refuseAt } from "../function-context.ts";
import { charge } from "../meter.ts";
import type { VerificationStatus } from "../statuses.ts";
import { declaredType, structType, type TypeId, type TypeTable, typeEntry } from "./type-table.ts";

/**
 * What the lineage charges for each node of a type that is put on the stack or named as an
 * argument.
 */
const TYPE_NODE_UNITS = 30;

export interface OperandTypes {
  readonly context: FunctionContext;
  readonly types: TypeTable;
  readonly stack: TypeId[];
  /** The instruction at hand. */
  offset: CodeOffset;
}

/** Checks an instruction against the stack and replaces its operands by its results. */
export type TypeRule = (operands: OperandTypes, instruction: Instruction) => void;

/** The rules of one family of instructions. */
export type TypeRules<Family extends Opcode> = Readonly<Record<Family, TypeRule>>;

export function push(operands: OperandTypes, type: TypeId): void {
  charge(operands.context.meter, TYPE_NODE_UNITS * typeEntry(operands.types, type).size);
  operands.stack.push(type);
}

/** Stack use has been verified, so there is an operand to take. */
export function pop(operands: OperandTypes): TypeId {
  const type = operands.stack.pop();
  assert(type !== undefined, "an operand is on the stack");
  return type;
}

export function hasAbility(operands: OperandTypes, type: TypeId, ability: AbilitySet): boolean {
  return hasAbilities(typeEntry(operands.types, type).abilities, ability);
}

export function localType(operands: OperandTypes, local: number): TypeId {
  return declaredType(operands.types, entryAt(operands.context.locals, local));
}

/** The type arguments of a generic form, charged for; none for the plain form. */
export function typeArguments(
  operands: OperandTypes,
  signature: SignatureIndex | undefined,
): TypeId[] {
  if (signature === undefined) return [];
  const { context, types } = operands;
  return signatureAt(context.module, signature).map((token) => {
    const type = declaredType(types, token);
    charge(context.meter, TYPE_NODE_UNITS * typeEntry(types, type).size);
    return type;
  });
}

/** The struct or enum that the module defines, with these arguments. */
export function ownType(
  operands: OperandTypes,
  owner: StructDefinitionIndex,
  typeArgs: readonly TypeId[],
): TypeId {
  const { handle } = structDefinitionAt(operands.context.module, owner);
  return structType(operands.types, handle, typeArgs);
}

/** Refuses the instruction at hand. */
export function mismatch(
  operands: OperandTypes,
  status: VerificationStatus,
  detail: string,
): never {
  return refuseAt(operands.context, operands.offset, status, detail);
}
