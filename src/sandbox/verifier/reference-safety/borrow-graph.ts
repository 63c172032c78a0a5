/**
 * Which references live in a frame and which of them borrow from which. A node is a reference; an
 * edge from parent to child says that the child points into what the parent points to. While a
 * child lives, its parent must not be used in ways that the child could observe or that could pull
 * the ground from under it.
 *
 * Adding an exact borrow re-hangs what points behind it: if `p` is borrowed at `.f.g` by `x`, then
 * borrowing `.f` as `c` makes `x` borrow from `c` at `.g`. So the direct children of a node are all
 * there is to look at before using it.
 */
import { assert, present } from "../../core/assert.ts";
import {
  type BorrowEdge,
  covers,
  type EdgeSet,
  insertEdge,
  joinPaths,
  type Label,
  startsWith,
} from "./borrow-edges.ts";

/** Names a reference in one frame. */
export type RefId = number;

interface BorrowNode {
  readonly isMutable: boolean;
  /** Children, with what they borrow. */
  readonly borrowedBy: Map<RefId, EdgeSet>;
  /** Parents: the same edges from the other end. */
  readonly borrowsFrom: Set<RefId>;
}

export type BorrowGraph = Map<RefId, BorrowNode>;

export function copyGraph(graph: BorrowGraph): BorrowGraph {
  return renumberGraph(graph, (id) => id);
}

/** Nodes and edges: what walking the graph costs. */
export function graphSize(graph: BorrowGraph): number {
  let size = graph.size;
  for (const { borrowedBy } of graph.values()) {
    for (const { edges } of borrowedBy.values()) size += edges.length;
  }
  return size;
}

/** A copy with other names; `rename` gives different names to different references. */
export function renumberGraph(graph: BorrowGraph, rename: (id: RefId) => RefId): BorrowGraph {
  const renamed: BorrowGraph = new Map();
  for (const [id, { isMutable, borrowedBy, borrowsFrom }] of graph) {
    const children = new Map<RefId, EdgeSet>();
    for (const [child, { edges, isOverfull }] of borrowedBy) {
      children.set(rename(child), { edges: [...edges], isOverfull });
    }
    const parents = new Set<RefId>();
    for (const parent of borrowsFrom) parents.add(rename(parent));
    renamed.set(rename(id), { isMutable, borrowedBy: children, borrowsFrom: parents });
  }
  assert(renamed.size === graph.size, "references keep different names");
  return renamed;
}

export function addReference(graph: BorrowGraph, id: RefId, isMutable: boolean): void {
  assert(!graph.has(id), "a reference is new");
  graph.set(id, { isMutable, borrowedBy: new Map(), borrowsFrom: new Set() });
}

export function isMutable(graph: BorrowGraph, id: RefId): boolean {
  return nodeAt(graph, id).isMutable;
}

/** Who borrows from `id`, and through which edges. */
export function borrowersOf(graph: BorrowGraph, id: RefId): ReadonlyMap<RefId, EdgeSet> {
  return nodeAt(graph, id).borrowedBy;
}

/** `child` points somewhere at or below the end of `path` in `parent`. */
export function addPrefixBorrow(
  graph: BorrowGraph,
  parent: RefId,
  path: readonly Label[],
  child: RefId,
): void {
  addEdge(graph, parent, { path, isExact: false }, child);
}

/** `child`, which nothing borrows from yet, points exactly at the end of `path` in `parent`. */
export function addExactBorrow(
  graph: BorrowGraph,
  parent: RefId,
  path: readonly Label[],
  child: RefId,
): void {
  const { borrowedBy } = nodeAt(graph, parent);
  for (const [other, set] of borrowedBy) {
    const behind = set.edges.filter((edge) => startsWith(edge.path, path));
    if (behind.length === 0) continue;
    set.edges = set.edges.filter((edge) => !startsWith(edge.path, path));
    if (set.edges.length === 0) {
      borrowedBy.delete(other);
      nodeAt(graph, other).borrowsFrom.delete(parent);
    }
    for (const { path: whole, isExact } of behind) {
      addEdge(graph, child, { path: whole.slice(path.length), isExact }, other);
    }
  }
  addEdge(graph, parent, { path, isExact: true }, child);
}

/** Ends the life of `id`. Its children then borrow from its parents, along the joined paths. */
export function releaseReference(graph: BorrowGraph, id: RefId): void {
  const { borrowedBy, borrowsFrom } = nodeAt(graph, id);
  graph.delete(id);
  for (const child of borrowedBy.keys()) nodeAt(graph, child).borrowsFrom.delete(id);
  for (const parent of borrowsFrom) {
    const { borrowedBy: siblings } = nodeAt(graph, parent);
    const toParent = present(siblings.get(id), "edges are known at both ends").edges;
    siblings.delete(id);
    for (const [child, { edges }] of borrowedBy) {
      // Joins can make two references borrow from one another; releasing one leaves no loop at the
      // other.
      if (child === parent) continue;
      for (const upper of toParent) {
        for (const lower of edges) addEdge(graph, parent, joinPaths(upper, lower), child);
      }
    }
  }
}

/**
 * Adds to `graph` the edges of `other` that none of its own covers. Both have the same references.
 * Only ever adds, and each set of edges takes boundedly many before it covers everything, so
 * repeated joins come to rest.
 *
 * @returns whether any edge was added.
 */
export function joinGraph(graph: BorrowGraph, other: BorrowGraph): boolean {
  const missing: [RefId, BorrowEdge, RefId][] = [];
  for (const [parent, { borrowedBy }] of other) {
    const known = borrowersOf(graph, parent);
    for (const [child, { edges }] of borrowedBy) {
      const own = known.get(child)?.edges ?? [];
      for (const edge of edges) {
        if (!own.some((cover) => covers(cover, edge))) missing.push([parent, edge, child]);
      }
    }
  }
  for (const [parent, edge, child] of missing) addEdge(graph, parent, edge, child);
  return missing.length > 0;
}

function addEdge(graph: BorrowGraph, parent: RefId, edge: BorrowEdge, child: RefId): void {
  assert(parent !== child, "nothing borrows from itself");
  const { borrowedBy } = nodeAt(graph, parent);
  const set = borrowedBy.get(child) ?? { edges: [], isOverfull: false };
  borrowedBy.set(child, set);
  insertEdge(set, edge);
  nodeAt(graph, child).borrowsFrom.add(parent);
}

function nodeAt(graph: BorrowGraph, id: RefId): BorrowNode {
  return present(graph.get(id), "a reference lives");
}
