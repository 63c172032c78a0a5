/**
 * A function says exactly which resources of its module it, or what it calls in the module, borrows
 * or takes from global storage. Reference safety relies on the list wherever the function is
 * called.
 */
import { hasAbilities } from "../binary-format/abilities.ts";
import {
  ABILITY_KEY,
  type CompiledModule,
  type FunctionHandleIndex,
  type Instruction,
  type StructDefinitionIndex,
} from "../binary-format/file-format.ts";
import { handleOfDefinition } from "../binary-format/module-view.ts";
import { functionOperand, structOperand } from "../binary-format/operands.ts";
import { refuseEntry } from "./error.ts";
import { type FunctionContext, refuseAt } from "./function-context.ts";
import { charge } from "./meter.ts";

/**
 * What the functions that a module defines acquire, by their handles. Functions of other modules
 * acquire nothing here.
 */
export type AcquiresByHandle = ReadonlyMap<FunctionHandleIndex, readonly StructDefinitionIndex[]>;

export function acquiresByHandle(module: CompiledModule): AcquiresByHandle {
  return new Map(module.functionDefinitions.map(({ handle, acquires }) => [handle, acquires]));
}

export function verifyAcquiresList(context: FunctionContext, acquires: AcquiresByHandle): void {
  const { index, module } = context;
  const declared = new Set(context.acquires);
  const actual = new Set<StructDefinitionIndex>();
  for (const [offset, instruction] of context.code.entries()) {
    const touched = acquiredBy(module, acquires, instruction);
    charge(context.meter, 1 + touched.length);
    for (const struct of touched) {
      if (!declared.has(struct)) {
        refuseAt(context, offset, "MISSING_ACQUIRES_ANNOTATION", `struct ${struct} is touched`);
      }
      actual.add(struct);
    }
  }
  for (const struct of declared) {
    if (!actual.has(struct)) {
      const detail = `struct ${struct} is not touched`;
      refuseEntry("functionDefinitions", index, "EXTRANEOUS_ACQUIRES_ANNOTATION", detail);
    }
    if (!hasAbilities(handleOfDefinition(module, struct).abilities, ABILITY_KEY)) {
      const detail = `struct ${struct} has no key`;
      refuseEntry("functionDefinitions", index, "INVALID_ACQUIRES_ANNOTATION", detail);
    }
  }
}

/** Resources of the module that the instruction may hand out references to or remove. */
function acquiredBy(
  module: CompiledModule,
  acquires: AcquiresByHandle,
  instruction: Instruction,
): readonly StructDefinitionIndex[] {
  switch (instruction.opcode) {
    case "Call":
    case "CallGeneric": {
      const callee = functionOperand(module, instruction);
      return (callee && acquires.get(callee.handle)) ?? [];
    }
    case "MoveFrom":
    case "MoveFromGeneric":
    case "MutBorrowGlobal":
    case "MutBorrowGlobalGeneric":
    case "ImmBorrowGlobal":
    case "ImmBorrowGlobalGeneric": {
      const operand = structOperand(module, instruction);
      return operand === undefined ? [] : [operand.owner];
    }
    default:
      return [];
  }
}
