/**
 * Abstract interpretation: runs a body on descriptions of state instead of state, until nothing new
 * can be learnt. What holds before a block is the join over all its predecessors, back edges
 * included; a block runs again whenever that join has changed, in whatever order blocks stand in
 * the code. Joins only ever lose knowledge, and there is finitely much to lose, so this ends; the
 * meter ends it early for bodies that would take too long.
 */
import {
  type BlockIndex,
  type ControlFlowGraph,
  reversePostorder,
} from "../binary-format/control-flow-graph.ts";
import type { CodeOffset, Instruction } from "../binary-format/file-format.ts";
import { entryAt } from "../binary-format/module-view.ts";
import { present } from "../core/assert.ts";

export interface Analysis<State> {
  readonly copy: (state: State) => State;
  /** Changes `state` as the instruction does, or throws a VerificationFailure. */
  readonly step: (state: State, instruction: Instruction, offset: CodeOffset) => void;
  /** Brings the state behind a block into the form in which states are joined. */
  readonly finishBlock: (state: State) => void;
  /**
   * Lets `state` also describe what `other` describes. Must be monotone: true, for changed, only
   * when `state` then describes strictly more than before.
   */
  readonly join: (state: State, other: State) => boolean;
}

/** Runs `analysis` over every reachable block until what holds before each block is stable. */
export function analyze<State>(
  graph: ControlFlowGraph,
  code: readonly Instruction[],
  entry: State,
  analysis: Analysis<State>,
): void {
  const order = reversePostorder(graph);
  const rank = new Map(order.map((block, position) => [block, position]));
  const before = new Map<BlockIndex, State>([[0, entry]]);
  const pending = new Set<BlockIndex>([0]);
  for (let at = 0; at < order.length; at++) {
    const block = entryAt(order, at);
    if (!pending.delete(block)) continue;
    const state = analysis.copy(present(before.get(block), "a pending block has been reached"));
    const { start, end, successors } = entryAt(graph.blocks, block);
    for (let offset = start; offset <= end; offset++) {
      analysis.step(state, entryAt(code, offset), offset);
    }
    analysis.finishBlock(state);
    let next = at;
    for (const successor of successors) {
      // Nobody uses the state behind its last successor, which may have it.
      const own = successor === successors.at(-1) ? state : undefined;
      if (!arrive(before, successor, state, analysis, own)) continue;
      pending.add(successor);
      next = Math.min(next, present(rank.get(successor), "a successor is reachable") - 1);
    }
    // Earlier blocks first: a loop is settled before what lies behind it is looked at again.
    at = next;
  }
}

/**
 * Joins a state into what holds before a block. Returns whether the block has to run (again).
 *
 * @param own the state, if it may be kept; otherwise a copy is.
 */
function arrive<State>(
  before: Map<BlockIndex, State>,
  block: BlockIndex,
  state: State,
  analysis: Analysis<State>,
  own: State | undefined,
): boolean {
  const known = before.get(block);
  if (known !== undefined) return analysis.join(known, state);
  before.set(block, own ?? analysis.copy(state));
  return true;
}
