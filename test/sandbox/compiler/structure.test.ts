import { describe, expect, it } from "vitest";
import { structureOf } from "../../../src/sandbox/compiler/structure.ts";
import { UnsupportedError } from "../../../src/sandbox/compiler/unsupported.ts";

/** A graph by the successors of each block. */
function graph(...successors: readonly number[][]) {
  return {
    blocks: successors.map((targets, index) => ({ start: index, end: index, successors: targets })),
  };
}

describe("the structure of control flow", () => {
  it("finds no merges and no loops on a straight line", () => {
    const { merges, loopHeaders, children } = structureOf(graph([1], [2], []));
    expect([...merges, ...loopHeaders]).toEqual([]);
    expect(children.get(0)).toEqual([1]);
    expect(children.get(1)).toEqual([2]);
  });

  it("merges the arms of a diamond under their dominator", () => {
    const { merges, children } = structureOf(graph([1, 2], [3], [3], []));
    expect([...merges]).toEqual([3]);
    expect(children.get(0)?.toSorted()).toEqual([1, 2, 3]);
  });

  it("tells the edge back of a loop from an edge forward", () => {
    const { merges, loopHeaders } = structureOf(graph([1], [2, 3], [1], []));
    expect([...loopHeaders]).toEqual([1]);
    expect([...merges]).toEqual([]);
  });

  it("handles a loop that is left from its middle and a loop in a loop", () => {
    const { loopHeaders, merges } = structureOf(graph([1], [2, 5], [3], [2, 4], [1, 5], []));
    expect([...loopHeaders].toSorted()).toEqual([1, 2]);
    expect([...merges]).toEqual([5]);
  });

  it("ignores blocks that nothing reaches", () => {
    const { order, merges } = structureOf(graph([2], [2], []));
    expect(order.has(1)).toBe(false);
    expect([...merges]).toEqual([]);
  });

  it("leaves a loop with two entries to the interpreter", () => {
    expect(() => structureOf(graph([1, 2], [2], [1]))).toThrow(UnsupportedError);
  });

  it("takes a chain of a thousand blocks", () => {
    const chain = Array.from({ length: 1000 }, (_, index) => (index < 999 ? [index + 1] : []));
    expect(structureOf(graph(...chain)).order.size).toBe(1000);
  });
});
