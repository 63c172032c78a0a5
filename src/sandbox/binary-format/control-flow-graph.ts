/**
 * Splits a function body into basic blocks: maximal straight runs, entered only at their first
 * instruction and left only at their last. Gas metering, verifier and compiler share this one
 * notion of a block. Pure and iterative, so that a body of any shape costs time in proportion to
 * its length.
 */
import { present } from "../core/assert.ts";
import type { CodeOffset, Instruction } from "./file-format.ts";
import type { Opcode } from "./opcodes.ts";

/** Position of a block in {@link ControlFlowGraph.blocks}. */
export type BlockIndex = number;

export interface BasicBlock {
  /** First instruction. */
  readonly start: CodeOffset;
  /** Last instruction, part of the block. */
  readonly end: CodeOffset;
  /** Where control may go next, ascending, each once. Empty behind a return or an abort. */
  readonly successors: readonly BlockIndex[];
}

export interface ControlFlowGraph {
  /**
   * All blocks in code order, unreachable ones too; the entry is block 0. Empty for an empty body.
   */
  readonly blocks: readonly BasicBlock[];
}

/** Whether control never passes from this instruction to the one behind it. */
export function isUnconditionalBranch(opcode: Opcode): boolean {
  return opcode === "Branch" || opcode === "Ret" || opcode === "Abort";
}

/** Whether the instruction names a place in the code to go on at. */
export function hasBranchTarget(opcode: Opcode): boolean {
  return opcode === "Branch" || opcode === "BrTrue" || opcode === "BrFalse";
}

/** Whether the instruction ends its block whatever stands behind it. */
export function endsBlock(opcode: Opcode): boolean {
  return isUnconditionalBranch(opcode) || hasBranchTarget(opcode);
}

/**
 * @param code a body whose branch targets lie inside it (the bounds pass checks that). It may run
 * off its end; such a last block has no successor behind it.
 */
export function buildControlFlowGraph(code: readonly Instruction[]): ControlFlowGraph {
  const leaders = findLeaders(code);
  const starts: CodeOffset[] = [];
  const blockByOffset = new Map<CodeOffset, BlockIndex>();
  for (let offset = 0; offset < code.length; offset++) {
    if (leaders[offset] !== 1) continue;
    blockByOffset.set(offset, starts.length);
    starts.push(offset);
  }
  const blocks = starts.map((start, block) => {
    const end = (starts[block + 1] ?? code.length) - 1;
    const targets = successorOffsets(code, end);
    const successors = targets.map((target) =>
      present(blockByOffset.get(target), "a branch target leads its block"),
    );
    return { start, end, successors };
  });
  return { blocks };
}

/**
 * Blocks that can be reached from the entry, each behind all its predecessors but those that loop
 * back to it. Of two branches the one that stands earlier in the code comes first, as in the
 * lineage, whose analyses meet a defect that lies on several ways in this order.
 */
export function reversePostorder(graph: ControlFlowGraph): BlockIndex[] {
  const { blocks } = graph;
  if (blocks.length === 0) return [];
  /** How many successors of each block are still to be looked at, last ones first. */
  const left = new Map<BlockIndex, number>([[0, successorCount(blocks, 0)]]);
  const postorder: BlockIndex[] = [];
  const path: BlockIndex[] = [0];
  for (let block = path.at(-1); block !== undefined; block = path.at(-1)) {
    const next = blocks[block]?.successors[(left.get(block) ?? 0) - 1];
    if (next === undefined) {
      postorder.push(block);
      path.pop();
      continue;
    }
    left.set(block, (left.get(block) ?? 0) - 1);
    if (left.has(next)) continue;
    left.set(next, successorCount(blocks, next));
    path.push(next);
  }
  return postorder.reverse();
}

function successorCount(blocks: readonly BasicBlock[], block: BlockIndex): number {
  return blocks[block]?.successors.length ?? 0;
}

/** One byte an offset: 1 where a block starts. */
function findLeaders(code: readonly Instruction[]): Uint8Array {
  const leaders = new Uint8Array(code.length);
  if (code.length > 0) leaders[0] = 1;
  for (const [offset, { opcode, index }] of code.entries()) {
    if (hasBranchTarget(opcode)) leaders[index] = 1;
    if (endsBlock(opcode) && offset + 1 < code.length) leaders[offset + 1] = 1;
  }
  return leaders;
}

/**
 * Offsets, ascending and without repetition, where control may go behind the instruction at
 * `offset`.
 */
function successorOffsets(code: readonly Instruction[], offset: CodeOffset): CodeOffset[] {
  const { opcode, index } = present(code[offset], "a block ends inside the code");
  const targets = hasBranchTarget(opcode) ? [index] : [];
  const next = offset + 1;
  if (isUnconditionalBranch(opcode) || next >= code.length || targets.includes(next)) {
    return targets;
  }
  return index < next && targets.length > 0 ? [index, next] : [next, ...targets];
}
