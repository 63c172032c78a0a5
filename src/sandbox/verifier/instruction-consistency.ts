/**
 * The generic form of an instruction is used for generic members and the plain form for plain ones;
 * vectors are packed and unpacked in counts that a stack could hold.
 */
import type { CompiledModule, Instruction } from "../binary-format/file-format.ts";
import { functionHandleAt, handleOfDefinition } from "../binary-format/module-view.ts";
import { OPCODES } from "../binary-format/opcodes.ts";
import { functionOperand, structOperand } from "../binary-format/operands.ts";
import { refuse, type VerificationLocation } from "./error.ts";
import { charge, type Meter } from "./meter.ts";

/**
 * Elements that one instruction packs or unpacks. Also keeps counts in the range of plain numbers.
 */
const VECTOR_COUNT_MAX = 0xffffn;

export function verifyInstructionConsistency(module: CompiledModule, meter: Meter): void {
  for (const [functionIndex, { code }] of module.functionDefinitions.entries()) {
    for (const [offset, instruction] of code?.code.entries() ?? []) {
      charge(meter, 1);
      checkInstruction(module, instruction, { functionIndex, offset });
    }
  }
}

function checkInstruction(
  module: CompiledModule,
  instruction: Instruction,
  location: VerificationLocation,
): void {
  const { operand } = OPCODES[instruction.opcode];
  if (operand === "signatureAndCount" && instruction.value > VECTOR_COUNT_MAX) {
    refuse("CONSTRAINT_NOT_SATISFIED", `a vector of ${instruction.value} elements`, location);
  }
  const member = namedMember(module, instruction);
  if (member === undefined || member.isGeneric === member.isGenericForm) return;
  refuse(
    "GENERIC_MEMBER_OPCODE_MISMATCH",
    `${instruction.opcode} on a ${member.isGeneric ? "generic" : "plain"} member`,
    location,
  );
}

/**
 * Whether what an instruction names has type parameters, and whether the instruction passes type
 * arguments.
 */
function namedMember(
  module: CompiledModule,
  instruction: Instruction,
): { readonly isGeneric: boolean; readonly isGenericForm: boolean } | undefined {
  const callee = functionOperand(module, instruction);
  if (callee !== undefined) {
    const { typeParameters } = functionHandleAt(module, callee.handle);
    return { isGeneric: typeParameters.length > 0, isGenericForm: callee.typeArgs !== undefined };
  }
  const struct = structOperand(module, instruction);
  if (struct === undefined) return undefined;
  const { typeParameters } = handleOfDefinition(module, struct.owner);
  return { isGeneric: typeParameters.length > 0, isGenericForm: struct.typeArgs !== undefined };
}
