/**
 * What is known of the references of a frame at one place in the code: which local holds which, and
 * who borrows from whom. The frame itself is a node, the root; locals and global resources are
 * borrowed from it.
 */
import type { StructDefinitionIndex } from "../../binary-format/file-format.ts";
import { isReference } from "../../binary-format/signature-tokens.ts";
import type { FunctionContext } from "../function-context.ts";
import { charge } from "../meter.ts";
import { globalLabel, type Label, localLabel } from "./borrow-edges.ts";
import {
  addReference,
  type BorrowGraph,
  borrowersOf,
  copyGraph,
  graphSize,
  isMutable,
  joinGraph,
  type RefId,
  releaseReference,
  renumberGraph,
} from "./borrow-graph.ts";

/** Units as the lineage charges them. */
const JOIN_UNITS = 100;
const JOIN_UNITS_PER_LOCAL = 10;
const JOIN_UNITS_PER_GRAPH_ITEM = 50;

/** A reference on the stack or in a local, or something that is none. */
export type AbstractValue = RefId | "value";

export interface ReferenceState {
  readonly locals: AbstractValue[];
  graph: BorrowGraph;
  nextId: RefId;
}

/** On entry, reference parameters hold references that borrow from nothing in the frame. */
export function entryState(context: FunctionContext): ReferenceState {
  const locals: AbstractValue[] = context.locals.map(() => "value");
  const state: ReferenceState = { locals, graph: new Map(), nextId: locals.length + 1 };
  addReference(state.graph, rootOf(state), true);
  for (const [parameter, token] of context.locals.slice(0, context.parameterCount).entries()) {
    if (!isReference(token)) continue;
    addReference(state.graph, parameter, token.kind === "mutableReference");
    locals[parameter] = parameter;
  }
  return state;
}

export function copyState({ locals, graph, nextId }: ReferenceState): ReferenceState {
  return { locals: [...locals], graph: copyGraph(graph), nextId };
}

/**
 * The frame. Between blocks a local's reference is named by the local; the root comes behind them.
 */
export function rootOf(state: ReferenceState): RefId {
  return state.locals.length;
}

export function newReference(state: ReferenceState, isMutableReference: boolean): RefId {
  const id = state.nextId++;
  addReference(state.graph, id, isMutableReference);
  return id;
}

export function release(state: ReferenceState, value: AbstractValue): void {
  if (value !== "value") releaseReference(state.graph, value);
}

/** Whether something borrows the whole of `id`, or may. */
export function isFullyBorrowed(state: ReferenceState, id: RefId): boolean {
  return someBorrow(state, id, ({ length }) => length === 0);
}

/** Whether something borrows from `id`, or from what is at `label` in it or contains that. */
export function isBorrowed(state: ReferenceState, id: RefId, label?: Label): boolean {
  return someBorrow(state, id, overlaps(label));
}

/** {@link isBorrowed} by a mutable reference. */
export function isMutablyBorrowed(state: ReferenceState, id: RefId, label?: Label): boolean {
  return someBorrow(state, id, overlaps(label), (borrower) => isMutable(state.graph, borrower));
}

/** A mutable reference is written through, or passed on, only while nothing else could see it. */
export function isWritable(state: ReferenceState, id: RefId): boolean {
  return isMutable(state.graph, id) && !isBorrowed(state, id);
}

/**
 * What a reference points to, or its part at `label`, can be read while nothing can write to it.
 */
export function isReadable(state: ReferenceState, id: RefId, label?: Label): boolean {
  return !isMutable(state.graph, id) || !isMutablyBorrowed(state, id, label);
}

export function isLocalBorrowed(state: ReferenceState, local: number): boolean {
  return isBorrowed(state, rootOf(state), localLabel(local));
}

export function isLocalMutablyBorrowed(state: ReferenceState, local: number): boolean {
  return isMutablyBorrowed(state, rootOf(state), localLabel(local));
}

export function isGlobalBorrowed(state: ReferenceState, struct: StructDefinitionIndex): boolean {
  return isBorrowed(state, rootOf(state), globalLabel(struct));
}

export function isGlobalMutablyBorrowed(
  state: ReferenceState,
  struct: StructDefinitionIndex,
): boolean {
  return isMutablyBorrowed(state, rootOf(state), globalLabel(struct));
}

/**
 * Names every reference by the local that holds it, so that states from different ways through the
 * code can be compared. The stack is empty, so there are no other references.
 */
export function canonicalize(state: ReferenceState): void {
  const root = rootOf(state);
  state.nextId = root + 1;
  const names = new Map<RefId, RefId>();
  for (const [local, value] of state.locals.entries()) {
    if (value === "value" || value === local) continue;
    names.set(value, local);
    state.locals[local] = local;
  }
  if (names.size === 0) return;
  state.graph = renumberGraph(state.graph, (id) => names.get(id) ?? id);
}

/** Lets canonical `state` describe `other` too. A reference that only one side has is given up. */
export function joinState(
  context: FunctionContext,
  state: ReferenceState,
  other: ReferenceState,
): boolean {
  charge(
    context.meter,
    JOIN_UNITS +
      JOIN_UNITS_PER_LOCAL * state.locals.length +
      JOIN_UNITS_PER_GRAPH_ITEM * graphSize(state.graph),
  );
  const otherGraph = copyGraph(other.graph);
  let isChanged = false;
  for (const [local, value] of state.locals.entries()) {
    const otherValue = other.locals[local] ?? "value";
    if (value === otherValue) continue;
    if (otherValue !== "value") releaseReference(otherGraph, otherValue);
    if (value === "value") continue;
    releaseReference(state.graph, value);
    state.locals[local] = "value";
    isChanged = true;
  }
  return joinGraph(state.graph, otherGraph) || isChanged;
}

/**
 * Paths that lead to or through `label`, or stop short of it; all paths where no label is given.
 */
function overlaps(label: Label | undefined): (path: readonly Label[]) => boolean {
  return ([first]) => label === undefined || first === undefined || first === label;
}

function someBorrow(
  state: ReferenceState,
  id: RefId,
  isMet: (path: readonly Label[]) => boolean,
  isBorrowerMet: (borrower: RefId) => boolean = () => true,
): boolean {
  for (const [borrower, { edges }] of borrowersOf(state.graph, id)) {
    if (isBorrowerMet(borrower) && edges.some(({ path }) => isMet(path))) return true;
  }
  return false;
}
