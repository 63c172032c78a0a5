import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BorrowEdge,
  covers,
  EDGES_MAX,
  type EdgeSet,
  insertEdge,
  joinPaths,
} from "../../../src/sandbox/verifier/reference-safety/borrow-edges.ts";
import {
  addExactBorrow,
  addPrefixBorrow,
  addReference,
  type BorrowGraph,
  borrowersOf,
  copyGraph,
  graphSize,
  joinGraph,
  type RefId,
  releaseReference,
  renumberGraph,
} from "../../../src/sandbox/verifier/reference-safety/borrow-graph.ts";

const REFERENCES = 5;

const edge: fc.Arbitrary<BorrowEdge> = fc.record({
  path: fc.array(fc.nat(2), { maxLength: 3 }),
  isExact: fc.boolean(),
});

type Addition = readonly [RefId, BorrowEdge, RefId];

/** A graph over a fixed set of references, with any edges, cycles among them too. */
const graph: fc.Arbitrary<BorrowGraph> = fc
  .array(fc.tuple(fc.nat(REFERENCES - 1), edge, fc.nat(REFERENCES - 1)), { maxLength: 40 })
  .map((additions) => build(additions.filter(([parent, , child]) => parent !== child)));

/** The references without edges, then each edge joined in: any edge can come about by a join. */
function build(additions: readonly Addition[]): BorrowGraph {
  const made = references();
  for (const [parent, { path, isExact }, child] of additions) {
    const single = references();
    if (isExact) addExactBorrow(single, parent, path, child);
    else addPrefixBorrow(single, parent, path, child);
    joinGraph(made, single);
  }
  return made;
}

function references(): BorrowGraph {
  const made: BorrowGraph = new Map();
  for (let id = 0; id < REFERENCES; id++) addReference(made, id, true);
  return made;
}

/** Every edge as text, sorted: what the graph says, whatever the order it was told in. */
function edgesOf(made: BorrowGraph): string[] {
  return [...made.keys()]
    .flatMap((parent) =>
      [...borrowersOf(made, parent)].flatMap(([child, { edges }]) =>
        edges.map(
          ({ path, isExact }) => `${parent} ${isExact ? "=" : "-"}${path.join(".")} ${child}`,
        ),
      ),
    )
    .sort((a, b) => (a < b ? -1 : 1));
}

/** Both ends of every edge know of it. */
function isConsistent(made: BorrowGraph): boolean {
  return [...made].every(([id, { borrowedBy, borrowsFrom }]) => {
    const down = [...borrowedBy.keys()].every((child) => made.get(child)?.borrowsFrom.has(id));
    const up = [...borrowsFrom].every((parent) => made.get(parent)?.borrowedBy.has(id));
    const edges = [...borrowedBy.values()].every((set) => set.edges.length > 0);
    return down && up && edges && !borrowedBy.has(id);
  });
}

describe("edges", () => {
  it("cover themselves, and what lies at or below a prefix", () => {
    fc.assert(
      fc.property(edge, (one) => {
        expect(covers(one, one)).toBe(true);
      }),
    );
    const prefix = { path: [1], isExact: false };
    expect(covers(prefix, { path: [1, 2], isExact: true })).toBe(true);
    expect(covers(prefix, { path: [2], isExact: true })).toBe(false);
    expect(covers({ path: [1], isExact: true }, { path: [1, 2], isExact: true })).toBe(false);
    expect(covers({ path: [1], isExact: true }, prefix)).toBe(false);
  });

  it("cover transitively", () => {
    fc.assert(
      fc.property(edge, edge, edge, (a, b, c) => {
        fc.pre(covers(a, b) && covers(b, c));
        expect(covers(a, c)).toBe(true);
      }),
    );
  });

  it("join along paths, and stop where the upper one is not exact", () => {
    const lower = { path: [2], isExact: true };
    expect(joinPaths({ path: [1], isExact: true }, lower)).toEqual({ path: [1, 2], isExact: true });
    expect(joinPaths({ path: [1], isExact: false }, lower)).toEqual({ path: [1], isExact: false });
  });

  it("collapse to one that covers all once there are too many", () => {
    const set: EdgeSet = { edges: [], isOverfull: false };
    for (let label = 0; label < EDGES_MAX; label++)
      insertEdge(set, { path: [label], isExact: true });
    insertEdge(set, { path: [0], isExact: true });
    expect(set).toMatchObject({ isOverfull: false });
    expect(set.edges).toHaveLength(EDGES_MAX);
    insertEdge(set, { path: [EDGES_MAX], isExact: true });
    expect(set).toEqual({ edges: [{ path: [], isExact: false }], isOverfull: true });
    insertEdge(set, { path: [1], isExact: true });
    expect(set.edges).toHaveLength(1);
  });
});

describe("borrow graph", () => {
  it("knows each edge at both ends, whatever happens", () => {
    fc.assert(
      fc.property(graph, graph, fc.nat(REFERENCES - 1), (made, other, id) => {
        expect(isConsistent(made)).toBe(true);
        joinGraph(made, other);
        expect(isConsistent(made)).toBe(true);
        releaseReference(made, id);
        expect(isConsistent(made)).toBe(true);
        expect(made.has(id)).toBe(false);
      }),
    );
  });

  it("re-hangs what lies behind an exact borrow", () => {
    const made = build([
      [0, { path: [1, 2], isExact: true }, 1],
      [0, { path: [3], isExact: true }, 2],
    ]);
    addExactBorrow(made, 0, [1], 3);
    expect(edgesOf(made)).toEqual(["0 =1 3", "0 =3 2", "3 =2 1"]);
  });

  it("hands the children of a released reference to its parents", () => {
    const made = build([
      [0, { path: [1], isExact: true }, 1],
      [1, { path: [2], isExact: true }, 2],
      [1, { path: [], isExact: false }, 3],
    ]);
    releaseReference(made, 1);
    expect(edgesOf(made)).toEqual(["0 -1 3", "0 =1.2 2"]);
  });

  it("joins are idempotent: joining again changes nothing", () => {
    fc.assert(
      fc.property(graph, graph, (made, other) => {
        joinGraph(made, other);
        const before = edgesOf(made);
        expect(joinGraph(made, other)).toBe(false);
        expect(joinGraph(made, copyGraph(made))).toBe(false);
        expect(edgesOf(made)).toEqual(before);
      }),
    );
  });

  it("joins are monotone: they keep covering what was there, and say when they grow", () => {
    fc.assert(
      fc.property(graph, graph, (made, other) => {
        const before = copyGraph(made);
        const isChanged = joinGraph(made, other);
        expect(isChanged).toBe(edgesOf(before).join() !== edgesOf(made).join());
        // What was known before, and what the other side knows, is covered by the join.
        expect(joinGraph(copyGraph(made), before)).toBe(false);
        expect(joinGraph(copyGraph(made), other)).toBe(false);
      }),
    );
  });

  it("joins come to rest: no chain of joins is longer than the edges that fit", () => {
    const most = REFERENCES * (REFERENCES - 1) * (EDGES_MAX + 1);
    fc.assert(
      fc.property(fc.array(graph, { maxLength: 30 }), (others) => {
        const made = build([]);
        let changes = 0;
        for (const other of [...others, ...others]) if (joinGraph(made, other)) changes += 1;
        expect(changes).toBeLessThanOrEqual(most);
        for (const other of others) expect(joinGraph(made, other)).toBe(false);
      }),
    );
  });

  it("renumbers without changing what it says", () => {
    fc.assert(
      fc.property(graph, (made) => {
        const shifted = renumberGraph(made, (id) => id + REFERENCES);
        expect(graphSize(shifted)).toBe(graphSize(made));
        expect(edgesOf(renumberGraph(shifted, (id) => id - REFERENCES))).toEqual(edgesOf(made));
      }),
    );
  });
});
