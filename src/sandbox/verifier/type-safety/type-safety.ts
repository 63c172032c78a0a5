/**
 * Every instruction gets operands of the types it works on. Blocks begin with an empty stack and
 * locals have fixed types, so each block is checked once and by itself, in code order; how blocks
 * follow one another does not matter.
 */
import type { ControlFlowGraph } from "../../binary-format/control-flow-graph.ts";
import { entryAt } from "../../binary-format/module-view.ts";
import type { Opcode } from "../../binary-format/opcodes.ts";
import type { FunctionContext } from "../function-context.ts";
import type { OperandTypes, TypeRule } from "./operand-types.ts";
import { GLOBAL_RULES, REFERENCE_RULES } from "./references.ts";
import { CALL_RULES, STRUCT_RULES } from "./structs.ts";
import { createTypeTable } from "./type-table.ts";
import {
  ARITHMETIC_RULES,
  COMPARISON_RULES,
  CONTROL_RULES,
  LITERAL_RULES,
  LOCAL_RULES,
} from "./values.ts";
import { VECTOR_RULES } from "./vectors.ts";

const RULES: Readonly<Record<Opcode, TypeRule>> = {
  ...LITERAL_RULES,
  ...LOCAL_RULES,
  ...ARITHMETIC_RULES,
  ...COMPARISON_RULES,
  ...CONTROL_RULES,
  ...STRUCT_RULES,
  ...CALL_RULES,
  ...REFERENCE_RULES,
  ...GLOBAL_RULES,
  ...VECTOR_RULES,
};

export function verifyTypeSafety(context: FunctionContext, graph: ControlFlowGraph): void {
  const types = createTypeTable(context.module, context.handle.typeParameters);
  const operands: OperandTypes = { context, types, stack: [], offset: 0 };
  for (const { start, end } of graph.blocks) {
    for (let offset = start; offset <= end; offset++) {
      operands.offset = offset;
      const instruction = entryAt(context.code, offset);
      RULES[instruction.opcode](operands, instruction);
    }
  }
}
