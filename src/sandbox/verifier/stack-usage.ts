/**
 * Every basic block leaves the operand stack as high as it found it and never reaches below. Blocks
 * then agree on the stack's height wherever they meet, and later passes take each one with an empty
 * stack. A return takes exactly the returned values.
 */
import type { ControlFlowGraph } from "../binary-format/control-flow-graph.ts";
import { entryAt } from "../binary-format/module-view.ts";
import { type FunctionContext, refuseAt } from "./function-context.ts";
import { charge } from "./meter.ts";
import { stackEffect } from "./stack-effects.ts";

export function verifyStackUsage(context: FunctionContext, graph: ControlFlowGraph): void {
  for (const { start, end } of graph.blocks) checkBlock(context, start, end);
}

function checkBlock(context: FunctionContext, start: number, end: number): void {
  const { config, module, returns } = context;
  let height = 0;
  let pushed = 0;
  for (let offset = start; offset <= end; offset++) {
    charge(context.meter, 1);
    const instruction = entryAt(context.code, offset);
    const { pops, pushes } = stackEffect(module, instruction, returns.length);
    pushed += pushes;
    if (pushed > config.pushesMax) {
      refuseAt(context, offset, "VALUE_STACK_PUSH_OVERFLOW", `${pushed} values pushed in a block`);
    }
    if (height < pops) {
      refuseAt(
        context,
        offset,
        "NEGATIVE_STACK_SIZE_WITHIN_BLOCK",
        `${instruction.opcode} takes ${pops} operands and its block has ${height}`,
      );
    }
    height += pushes - pops;
    if (height > config.valueStackMax) {
      refuseAt(context, offset, "VALUE_STACK_OVERFLOW", `${height} values on the stack`);
    }
  }
  if (height === 0) return;
  refuseAt(context, start, "POSITIVE_STACK_SIZE_AT_BLOCK_END", `${height} values left over`);
}
