/**
 * How one reference borrows from another. An edge says where inside the parent the child points: at
 * the end of a path of labels exactly, or anywhere at or below that end. Two references may have
 * several edges between them, one for each way in which control may have come.
 */

/** One step into a value: a local of the frame, a resource in global storage, a field. */
export type Label = number;

const LABEL_RANGE = 0x1_0000;

export function localLabel(local: number): Label {
  return local;
}

export function globalLabel(struct: number): Label {
  return LABEL_RANGE + struct;
}

/**
 * A field by its position. Positions, not field handles: two handles may name one field of an enum
 * through different sets of variants, and must then count as one.
 */
export function fieldLabel(field: number): Label {
  return 2 * LABEL_RANGE + field;
}

export interface BorrowEdge {
  readonly path: readonly Label[];
  /** The child points exactly there; otherwise somewhere at or below. */
  readonly isExact: boolean;
}

/** The edges between two references: at least one, and a bounded number. */
export interface EdgeSet {
  edges: BorrowEdge[];
  /** Whether the one edge left stands for more than could be kept. */
  isOverfull: boolean;
}

/**
 * More edges than this are replaced by one that covers them all. Without a bound a loop could go on
 * finding new paths, or a body of a few hundred instructions cost exponentially much.
 */
export const EDGES_MAX = 10;

/** Anywhere in the parent. */
const ANYWHERE: BorrowEdge = { path: [], isExact: false };

/**
 * Whether every place that `edge` may mean is one that `cover` may mean, as far as this analysis
 * can tell.
 */
export function covers(cover: BorrowEdge, edge: BorrowEdge): boolean {
  if (!cover.isExact) return startsWith(edge.path, cover.path);
  return (
    edge.isExact && cover.path.length === edge.path.length && startsWith(edge.path, cover.path)
  );
}

export function startsWith(path: readonly Label[], prefix: readonly Label[]): boolean {
  return prefix.length <= path.length && prefix.every((label, step) => label === path[step]);
}

/**
 * Adds an edge unless it is there; an overfull set collapses to the edge that covers everything.
 */
export function insertEdge(set: EdgeSet, edge: BorrowEdge): void {
  if (set.isOverfull || set.edges.some((other) => isSame(other, edge))) return;
  if (set.edges.length < EDGES_MAX) {
    set.edges.push(edge);
    return;
  }
  set.edges = [ANYWHERE];
  set.isOverfull = true;
}

/** The edge from a grandparent that the edges to and from the parent make up. */
export function joinPaths(toParent: BorrowEdge, fromParent: BorrowEdge): BorrowEdge {
  if (!toParent.isExact) return toParent;
  return { path: [...toParent.path, ...fromParent.path], isExact: fromParent.isExact };
}

function isSame(a: BorrowEdge, b: BorrowEdge): boolean {
  return a.isExact === b.isExact && a.path.length === b.path.length && startsWith(a.path, b.path);
}
