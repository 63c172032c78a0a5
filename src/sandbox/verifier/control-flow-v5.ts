/**
 * Loops of versions up to 5, which are read off the order of the code: a loop runs from the target
 * of a backward jump to the last jump back to it. Backward jumps go to the innermost loop's head
 * only, jumps out of a loop only right behind its end, other jumps stay at their depth.
 */
import { hasBranchTarget } from "../binary-format/control-flow-graph.ts";
import type { CodeOffset } from "../binary-format/file-format.ts";
import { type FunctionContext, refuseAt } from "./function-context.ts";
import { charge } from "./meter.ts";

export function verifySourceOrder(context: FunctionContext): void {
  const ends = loopEnds(context);
  forEachJump(context, ends, (from, target, loop) => {
    if (target <= from && target !== loop?.head) {
      refuseAt(context, from, "INVALID_LOOP_CONTINUE", "a jump back to an outer loop");
    }
  });
  forEachJump(context, ends, (from, target, loop) => {
    if (target > from && loop !== undefined && target > loop.end + 1) {
      refuseAt(context, from, "INVALID_LOOP_BREAK", "a jump out of more than the loop");
    }
  });
  const depths = loopDepths(context, ends);
  forEachJump(context, ends, (from, target, loop) => {
    const leavesLoop = loop !== undefined && target > loop.end;
    if (target <= from || leavesLoop) return;
    const outside = (depths[target] ?? 0) - (ends.has(target) ? 1 : 0);
    if (outside !== depths[from]) {
      refuseAt(context, from, "INVALID_LOOP_SPLIT", "a jump into the middle of a loop");
    }
  });
  const tooDeep = depths.findIndex((depth) => depth > context.config.loopDepthMax);
  if (tooDeep < 0) return;
  refuseAt(context, tooDeep, "LOOP_MAX_DEPTH_REACHED", `a loop at depth ${depths[tooDeep]}`);
}

interface Loop {
  readonly head: CodeOffset;
  /** The last jump back. */
  readonly end: CodeOffset;
}

/** The last jump back to each loop head. */
function loopEnds(context: FunctionContext): Map<CodeOffset, CodeOffset> {
  const ends = new Map<CodeOffset, CodeOffset>();
  for (const [offset, { opcode, index }] of context.code.entries()) {
    if (hasBranchTarget(opcode) && index <= offset) ends.set(index, offset);
  }
  return ends;
}

/** @param visit gets each jump, its target, and the innermost loop open around it. */
function forEachJump(
  context: FunctionContext,
  ends: ReadonlyMap<CodeOffset, CodeOffset>,
  visit: (from: CodeOffset, target: CodeOffset, loop: Loop | undefined) => void,
): void {
  const open: Loop[] = [];
  for (const [offset, { opcode, index: target }] of context.code.entries()) {
    charge(context.meter, 1);
    const end = ends.get(offset);
    if (end !== undefined) open.push({ head: offset, end });
    if (!hasBranchTarget(opcode)) continue;
    visit(offset, target, open.at(-1));
    if (target <= offset && open.at(-1)?.end === offset) open.pop();
  }
}

/** How many loops are open at each instruction. */
function loopDepths(context: FunctionContext, ends: ReadonlyMap<CodeOffset, CodeOffset>): number[] {
  const last = new Set(ends.values());
  const depths: number[] = [];
  let depth = 0;
  for (const offset of context.code.keys()) {
    if (ends.has(offset)) depth += 1;
    depths.push(depth);
    if (last.has(offset)) depth -= 1;
  }
  return depths;
}
