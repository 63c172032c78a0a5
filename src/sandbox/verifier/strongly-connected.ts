/**
 * Strongly connected components of a directed graph: the classes of nodes that reach one another.
 * Tarjan's algorithm ("Depth-first search and linear graph algorithms", 1972), with an explicit
 * path instead of recursion.
 */

/** @returns for each node a number that it shares with exactly the nodes of its component. */
export function componentsOf(successors: readonly (readonly number[])[]): Int32Array {
  const count = successors.length;
  const search: Search = {
    successors,
    component: new Int32Array(count).fill(-1),
    order: new Int32Array(count).fill(-1),
    low: new Int32Array(count),
    taken: new Int32Array(count),
    open: [],
    met: 0,
  };
  for (let root = 0; root < count; root++) {
    if (search.order[root] === -1) explore(search, root);
  }
  return search.component;
}

interface Search {
  readonly successors: readonly (readonly number[])[];
  readonly component: Int32Array;
  /** When a node was met first. */
  readonly order: Int32Array;
  /** The earliest node that is open and known to be reachable. */
  readonly low: Int32Array;
  /** How many successors have been looked at. */
  readonly taken: Int32Array;
  /** Nodes met whose component is not known yet. */
  readonly open: number[];
  met: number;
}

function explore(search: Search, root: number): void {
  const path: number[] = [];
  enter(search, path, root);
  for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
    const next = search.successors[node]?.[search.taken[node] ?? 0];
    if (next === undefined) {
      path.pop();
      leave(search, node, path.at(-1));
      continue;
    }
    search.taken[node] = (search.taken[node] ?? 0) + 1;
    if (search.order[next] === -1) enter(search, path, next);
    else if (search.component[next] === -1) lower(search, node, search.order[next] ?? 0);
  }
}

function enter(search: Search, path: number[], node: number): void {
  search.order[node] = search.met;
  search.low[node] = search.met;
  search.met += 1;
  search.open.push(node);
  path.push(node);
}

function leave(search: Search, node: number, parent: number | undefined): void {
  const low = search.low[node] ?? 0;
  if (parent !== undefined) lower(search, parent, low);
  if (low !== search.order[node]) return;
  for (let member = search.open.pop(); member !== undefined; member = search.open.pop()) {
    search.component[member] = node;
    if (member === node) break;
  }
}

function lower(search: Search, node: number, low: number): void {
  search.low[node] = Math.min(search.low[node] ?? 0, low);
}
