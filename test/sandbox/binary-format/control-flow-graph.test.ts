import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  buildControlFlowGraph,
  endsBlock,
  reversePostorder,
} from "../../../src/sandbox/binary-format/control-flow-graph.ts";
import type { Instruction } from "../../../src/sandbox/binary-format/file-format.ts";
import type { Opcode } from "../../../src/sandbox/binary-format/opcodes.ts";

function code(...lines: readonly (readonly [Opcode, number?])[]): Instruction[] {
  return lines.map(([opcode, index = 0]) => ({ opcode, index, value: 0n }));
}

describe("basic blocks", () => {
  it("are none in an empty body", () => {
    expect(buildControlFlowGraph([])).toEqual({ blocks: [] });
    expect(reversePostorder({ blocks: [] })).toEqual([]);
  });

  it("start at targets and behind branches", () => {
    const body = code(["Nop"], ["BrTrue", 3], ["Nop"], ["LdTrue"], ["BrFalse", 0], ["Ret"]);
    expect(buildControlFlowGraph(body).blocks).toEqual([
      { start: 0, end: 1, successors: [1, 2] },
      { start: 2, end: 2, successors: [2] },
      { start: 3, end: 4, successors: [0, 3] },
      { start: 5, end: 5, successors: [] },
    ]);
  });

  it("have each successor once", () => {
    const body = code(["BrTrue", 1], ["Branch", 2], ["Ret"]);
    expect(buildControlFlowGraph(body).blocks.map(({ successors }) => successors)).toEqual([
      [1],
      [2],
      [],
    ]);
  });

  it("may run off the end, and then lead nowhere", () => {
    expect(buildControlFlowGraph(code(["Nop"])).blocks).toEqual([
      { start: 0, end: 0, successors: [] },
    ]);
    expect(buildControlFlowGraph(code(["BrTrue", 0])).blocks).toEqual([
      { start: 0, end: 0, successors: [0] },
    ]);
  });

  it("end at returns and aborts", () => {
    const body = code(["Ret"], ["Abort"], ["Nop"], ["Ret"]);
    expect(buildControlFlowGraph(body).blocks.map(({ end }) => end)).toEqual([0, 1, 3]);
  });
});

/** A body of any branches, in bounds. */
const body = fc
  .integer({ min: 1, max: 40 })
  .chain((length) =>
    fc.array(
      fc.tuple(
        fc.constantFrom<Opcode>("Nop", "BrTrue", "BrFalse", "Branch", "Ret", "Abort"),
        fc.nat(length - 1),
      ),
      { minLength: length, maxLength: length },
    ),
  )
  .map((lines) => code(...lines));

describe("control flow graph", () => {
  it("covers the body without gap or overlap", () => {
    fc.assert(
      fc.property(body, (instructions) => {
        const { blocks } = buildControlFlowGraph(instructions);
        let next = 0;
        for (const { start, end } of blocks) {
          expect(start).toBe(next);
          expect(end).toBeGreaterThanOrEqual(start);
          next = end + 1;
        }
        expect(next).toBe(instructions.length);
      }),
    );
  });

  it("has an edge exactly where the last instruction may go on", () => {
    fc.assert(
      fc.property(body, (instructions) => {
        const { blocks } = buildControlFlowGraph(instructions);
        for (const { start, end, successors } of blocks) {
          for (let offset = start; offset < end; offset++) {
            expect(endsBlock(instructions[offset]?.opcode ?? "Ret")).toBe(false);
          }
          const { opcode, index } = instructions[end] ?? { opcode: "Ret", index: 0 };
          const falls =
            !["Branch", "Ret", "Abort"].includes(opcode) && end + 1 < instructions.length;
          const jumps = ["Branch", "BrTrue", "BrFalse"].includes(opcode);
          const targets = new Set([...(falls ? [end + 1] : []), ...(jumps ? [index] : [])]);
          expect(successors.map((block) => blocks[block]?.start)).toEqual(
            [...targets].sort((a, b) => a - b),
          );
        }
      }),
    );
  });

  it("is ordered so that a block stands behind what leads to it, loops aside", () => {
    fc.assert(
      fc.property(body, (instructions) => {
        const graph = buildControlFlowGraph(instructions);
        const order = reversePostorder(graph);
        expect(order[0]).toBe(0);
        expect(new Set(order).size).toBe(order.length);
        const reached = new Set([0]);
        for (const block of order) {
          expect(reached.has(block)).toBe(true);
          for (const next of graph.blocks[block]?.successors ?? []) reached.add(next);
        }
        expect(reached.size).toBe(order.length);
      }),
    );
  });
});
