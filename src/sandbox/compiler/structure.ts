/**
 * Structured control flow out of a reducible graph: which blocks begin loops, which are entered
 * from several places, and which blocks each block dominates (after N. Ramsey, "Beyond Relooper",
 * ICFP 2022). Knows no instructions.
 */
import {
  type BasicBlock,
  type BlockIndex,
  type ControlFlowGraph,
  reversePostorder,
} from "../binary-format/control-flow-graph.ts";
import { present } from "../core/assert.ts";
import { unsupported } from "./unsupported.ts";

export interface Structure {
  /** Position in reverse postorder; undefined for blocks that nothing reaches. */
  readonly order: ReadonlyMap<BlockIndex, number>;
  readonly loopHeaders: ReadonlySet<BlockIndex>;
  /** Blocks with two or more forward edges to them. */
  readonly merges: ReadonlySet<BlockIndex>;
  /** Blocks that a block dominates directly, last in reverse postorder first. */
  readonly children: ReadonlyMap<BlockIndex, readonly BlockIndex[]>;
}

/** Throws `UnsupportedError` for an irreducible graph. */
export function structureOf(graph: ControlFlowGraph): Structure {
  const sequence = reversePostorder(graph);
  const order = new Map(sequence.map((block, position) => [block, position]));
  const predecessors = predecessorsOf(graph, sequence);
  const dominators = immediateDominators(sequence, order, predecessors);
  const loopHeaders = new Set<BlockIndex>();
  const merges = new Set<BlockIndex>();
  for (const block of sequence) {
    let forwardCount = 0;
    for (const from of predecessors.get(block) ?? []) {
      if (positionOf(order, from) < positionOf(order, block)) {
        forwardCount += 1;
      } else if (dominates(dominators, order, block, from)) {
        loopHeaders.add(block);
      } else {
        unsupported("control flow that is not reducible");
      }
    }
    if (forwardCount > 1) merges.add(block);
  }
  return { order, loopHeaders, merges, children: childrenOf(sequence, dominators) };
}

function positionOf(order: ReadonlyMap<BlockIndex, number>, block: BlockIndex): number {
  return present(order.get(block), "only reachable blocks are asked for");
}

export function blockAt(graph: ControlFlowGraph, index: BlockIndex): BasicBlock {
  return present(graph.blocks[index], "a block of the graph");
}

function predecessorsOf(
  graph: ControlFlowGraph,
  sequence: readonly BlockIndex[],
): ReadonlyMap<BlockIndex, readonly BlockIndex[]> {
  const predecessors = new Map<BlockIndex, BlockIndex[]>();
  for (const block of sequence) {
    for (const successor of blockAt(graph, block).successors) {
      const list = predecessors.get(successor);
      if (list === undefined) predecessors.set(successor, [block]);
      else list.push(block);
    }
  }
  return predecessors;
}

/** After Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm". */
function immediateDominators(
  sequence: readonly BlockIndex[],
  order: ReadonlyMap<BlockIndex, number>,
  predecessors: ReadonlyMap<BlockIndex, readonly BlockIndex[]>,
): ReadonlyMap<BlockIndex, BlockIndex> {
  const [entry, ...others] = sequence;
  const dominators = new Map<BlockIndex, BlockIndex>();
  if (entry === undefined) return dominators;
  dominators.set(entry, entry);
  const common = (a: BlockIndex, b: BlockIndex): BlockIndex => {
    let [left, right] = [a, b];
    while (left !== right) {
      if (positionOf(order, left) > positionOf(order, right)) {
        left = present(dominators.get(left), "processed before");
      } else {
        right = present(dominators.get(right), "processed before");
      }
    }
    return left;
  };
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const block of others) {
      let dominator: BlockIndex | undefined;
      for (const from of predecessors.get(block) ?? []) {
        if (!dominators.has(from)) continue;
        dominator = dominator === undefined ? from : common(dominator, from);
      }
      if (dominator === undefined || dominators.get(block) === dominator) continue;
      dominators.set(block, dominator);
      isChanged = true;
    }
  }
  return dominators;
}

function dominates(
  dominators: ReadonlyMap<BlockIndex, BlockIndex>,
  order: ReadonlyMap<BlockIndex, number>,
  dominator: BlockIndex,
  block: BlockIndex,
): boolean {
  let at = block;
  while (positionOf(order, at) > positionOf(order, dominator)) {
    at = present(dominators.get(at), "every reachable block is dominated");
  }
  return at === dominator;
}

function childrenOf(
  sequence: readonly BlockIndex[],
  dominators: ReadonlyMap<BlockIndex, BlockIndex>,
): ReadonlyMap<BlockIndex, readonly BlockIndex[]> {
  const children = new Map<BlockIndex, BlockIndex[]>();
  for (const block of sequence.toReversed()) {
    const dominator = dominators.get(block);
    if (dominator === undefined || dominator === block) continue;
    const list = children.get(dominator);
    if (list === undefined) children.set(dominator, [block]);
    else list.push(block);
  }
  return children;
}
