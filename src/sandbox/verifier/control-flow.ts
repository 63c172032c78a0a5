/**
 * The shape of a body: it does not run off its end, has a bounded number of basic blocks, and its
 * loops are entered only at their heads and nest to a bounded depth. Such a body can be compiled to
 * structured code and analysed in a bounded number of rounds.
 */
import {
  type BlockIndex,
  buildControlFlowGraph,
  type ControlFlowGraph,
  isUnconditionalBranch,
  reversePostorder,
} from "../binary-format/control-flow-graph.ts";
import { entryAt } from "../binary-format/module-view.ts";
import { verifySourceOrder } from "./control-flow-v5.ts";
import { type FunctionContext, refuseAt } from "./function-context.ts";
import { charge } from "./meter.ts";

/** From this version on loops are found in the graph; before, by the order of the code. */
const GRAPH_LOOPS_SINCE = 6;

/** @returns the graph that the passes behind this one share. */
export function verifyControlFlow(context: FunctionContext): ControlFlowGraph {
  checkFallThrough(context);
  const graph = buildControlFlowGraph(context.code);
  charge(context.meter, context.code.length);
  const usesSourceOrder = context.module.version < GRAPH_LOOPS_SINCE;
  if (usesSourceOrder) verifySourceOrder(context);
  if (graph.blocks.length > context.config.basicBlocksMax) {
    refuseAt(context, 0, "TOO_MANY_BASIC_BLOCKS", `${graph.blocks.length} basic blocks`);
  }
  if (!usesSourceOrder) checkLoops(context, graph);
  return graph;
}

function checkFallThrough(context: FunctionContext): void {
  const last = context.code.at(-1);
  if (last === undefined) refuseAt(context, 0, "EMPTY_CODE_UNIT", "a body without instructions");
  if (isUnconditionalBranch(last.opcode)) return;
  const offset = context.code.length - 1;
  refuseAt(context, offset, "INVALID_FALL_THROUGH", `the body ends in ${last.opcode}`);
}

/**
 * Loops by dominance: a jump backwards in the order of the search makes a loop, and its target must
 * be on every way from the entry to the jump. Unreachable blocks are in no loop that runs.
 */
function checkLoops(context: FunctionContext, graph: ControlFlowGraph): void {
  const order = reversePostorder(graph);
  const rank = new Map(order.map((block, position) => [block, position]));
  const predecessors = predecessorsOf(graph, order);
  const dominators = immediateDominators(context, order, rank, predecessors);
  const bodies = new Map<BlockIndex, Set<BlockIndex>>();
  for (const block of order) {
    for (const head of entryAt(graph.blocks, block).successors) {
      if ((rank.get(head) ?? 0) > (rank.get(block) ?? 0)) continue;
      if (!dominates(dominators, head, block)) {
        const { start } = entryAt(graph.blocks, block);
        refuseAt(context, start, "INVALID_LOOP_SPLIT", "a jump into the middle of a loop");
      }
      const body = bodies.get(head) ?? new Set([head]);
      bodies.set(head, body);
      growLoop(context, body, block, predecessors);
    }
  }
  checkDepth(context, graph, bodies);
}

type BlockLists = ReadonlyMap<BlockIndex, readonly BlockIndex[]>;

function predecessorsOf(graph: ControlFlowGraph, order: readonly BlockIndex[]): BlockLists {
  const predecessors = new Map<BlockIndex, BlockIndex[]>(order.map((block) => [block, []]));
  for (const block of order) {
    for (const next of entryAt(graph.blocks, block).successors) predecessors.get(next)?.push(block);
  }
  return predecessors;
}

/**
 * The closest block that every way to a block passes, for each reachable block but the entry.
 * Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm".
 */
function immediateDominators(
  context: FunctionContext,
  order: readonly BlockIndex[],
  rank: ReadonlyMap<BlockIndex, number>,
  predecessors: BlockLists,
): ReadonlyMap<BlockIndex, BlockIndex> {
  const dominators = new Map<BlockIndex, BlockIndex>([[0, 0]]);
  const meet = (a: BlockIndex, b: BlockIndex): BlockIndex => {
    let [left, right] = [a, b];
    while (left !== right) {
      charge(context.meter, 1);
      if ((rank.get(left) ?? 0) > (rank.get(right) ?? 0)) left = dominators.get(left) ?? 0;
      else right = dominators.get(right) ?? 0;
    }
    return left;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of order.slice(1)) {
      const known = (predecessors.get(block) ?? []).filter((other) => dominators.has(other));
      const dominator = known.reduce(meet);
      if (dominators.get(block) === dominator) continue;
      dominators.set(block, dominator);
      changed = true;
    }
  }
  return dominators;
}

function dominates(
  dominators: ReadonlyMap<BlockIndex, BlockIndex>,
  head: BlockIndex,
  block: BlockIndex,
): boolean {
  let above = block;
  while (above !== head && above !== 0) above = dominators.get(above) ?? 0;
  return above === head;
}

/** Adds to a loop every block from which `tail` is reached without passing the head. */
function growLoop(
  context: FunctionContext,
  body: Set<BlockIndex>,
  tail: BlockIndex,
  predecessors: BlockLists,
): void {
  const pending = [tail];
  for (let block = pending.pop(); block !== undefined; block = pending.pop()) {
    charge(context.meter, 1);
    if (body.has(block)) continue;
    body.add(block);
    pending.push(...(predecessors.get(block) ?? []));
  }
}

/**
 * Loops with different heads are disjoint or one lies in the other, so a head's depth is the loops
 * it is in.
 */
function checkDepth(
  context: FunctionContext,
  graph: ControlFlowGraph,
  bodies: ReadonlyMap<BlockIndex, ReadonlySet<BlockIndex>>,
): void {
  for (const head of bodies.keys()) {
    charge(context.meter, bodies.size);
    let depth = 0;
    for (const body of bodies.values()) if (body.has(head)) depth += 1;
    if (depth <= context.config.loopDepthMax) continue;
    const { start } = entryAt(graph.blocks, head);
    refuseAt(context, start, "LOOP_MAX_DEPTH_REACHED", `a loop at depth ${depth}`);
  }
}
