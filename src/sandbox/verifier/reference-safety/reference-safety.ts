/**
 * No reference outlives what it points to, and while something can be written through one reference
 * nothing else can see it. This is what lets an executor hold references as plain pointers: nothing
 * behind a live pointer moves, ends or changes its shape.
 *
 * Each instruction is applied to a graph of borrows (borrow-graph.ts); what is known before a block
 * covers all ways to reach it.
 */
import type { ControlFlowGraph } from "../../binary-format/control-flow-graph.ts";
import { assert } from "../../core/assert.ts";
import { analyze } from "../absint.ts";
import type { AcquiresByHandle } from "../acquires-list.ts";
import type { FunctionContext } from "../function-context.ts";
import { charge } from "../meter.ts";
import { graphSize } from "./borrow-graph.ts";
import {
  canonicalize,
  copyState,
  entryState,
  joinState,
  type ReferenceState,
} from "./reference-state.ts";
import { type Frame, transfer } from "./transfer.ts";

/** Units as the lineage charges them. */
const STEP_UNITS = 10;
const STEP_UNITS_PER_LOCAL = 20;
const STEP_UNITS_PER_GRAPH_ITEM = 50;

export function verifyReferenceSafety(
  context: FunctionContext,
  graph: ControlFlowGraph,
  acquires: AcquiresByHandle,
): void {
  const frame: Frame = { context, acquires, stack: [], offset: 0 };
  analyze<ReferenceState>(graph, context.code, entryState(context), {
    copy: copyState,
    step: (state, instruction, offset) => {
      frame.offset = offset;
      charge(
        context.meter,
        STEP_UNITS +
          STEP_UNITS_PER_LOCAL * state.locals.length +
          STEP_UNITS_PER_GRAPH_ITEM * graphSize(state.graph),
      );
      transfer(frame, state, instruction);
    },
    finishBlock: (state) => {
      assert(frame.stack.length === 0, "a block leaves an empty stack");
      canonicalize(state);
    },
    join: (state, other) => joinState(context, state, other),
  });
}
