// Gas blocks and static prices: [GA2], [GA3].
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildControlFlowGraph } from "../../../src/sandbox/binary-format/control-flow-graph.ts";
import { GAS_SCHEDULE } from "../../../src/sandbox/gas/schedule.ts";
import { blockCharges, instructionGas, leaders } from "../../../src/sandbox/runtime/gas-blocks.ts";
import { buildModule, type CodeText } from "../module-builder.ts";

function moduleOf(code: readonly CodeText[]) {
  const module = buildModule({
    name: "m",
    structs: [
      { name: "S", fields: { a: "u64", b: "u64" } },
      { name: "E", variants: { A: {}, B: { x: "u8", y: "u8", z: "u8" } } },
    ],
    functions: [{ name: "f", code }],
    version: 7,
  });
  const unit = module.functionDefinitions[0]?.code;
  return { module, code: unit?.code ?? [] };
}

describe("gas blocks", () => {
  it("[GA2] begin at the start, at targets, and behind branches, returns and aborts", () => {
    const { code } = moduleOf([
      ["LdTrue"],
      ["BrTrue", 4],
      ["LdU64", 1n],
      ["Abort"],
      ["Nop"],
      ["Branch", 7],
      ["Nop"],
      ["Call", "f"],
      ["Nop"],
      ["Ret"],
      ["Nop"],
    ]);
    const offsets = leaders(code).flatMap((isLeader, offset) => (isLeader ? [offset] : []));
    expect(offsets).toEqual([0, 2, 4, 6, 7, 10]);
  });

  it("[GA2] are the basic blocks of the control flow graph", () => {
    const line = fc.oneof(
      fc.constant<CodeText>(["Nop"]),
      fc.constant<CodeText>(["Ret"]),
      fc.tuple(fc.constantFrom("Branch" as const, "BrTrue" as const), fc.nat(9)),
    );
    const body = fc.array(line, { minLength: 10, maxLength: 10 });
    fc.assert(
      fc.property(body, (text) => {
        const { code } = moduleOf(text);
        const starts = buildControlFlowGraph(code).blocks.map(({ start }) => start);
        expect(leaders(code).flatMap((isLeader, at) => (isLeader ? [at] : []))).toEqual(starts);
      }),
    );
  });

  it("[GA3] are charged the sum of their instructions, at their first one only", () => {
    const { module, code } = moduleOf([
      ["LdTrue"],
      ["BrFalse", 4],
      ["Call", "f"],
      ["Nop"],
      ["Ret"],
    ]);
    expect(blockCharges(module, code, GAS_SCHEDULE)).toEqual([2, 0, 11, 0, 1]);
  });

  it("[GA3] never cost more than a number can count", () => {
    const huge: CodeText = ["VecPack", "u64", 2n ** 64n - 1n];
    const { module, code } = moduleOf([huge, huge, ["Ret"]]);
    expect(blockCharges(module, code, GAS_SCHEDULE)[0]).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe("static prices", () => {
  it.each([
    [["Nop"], 1],
    [["Call", "f"], 10],
    [["Pack", "S"], 3],
    [["Unpack", "S"], 3],
    [["PackVariant", "E::A"], 1],
    [["UnpackVariant", "E::B"], 4],
    [["VecPack", "u64", 5n], 6],
    [["VecUnpack", "u64", 0n], 1],
    [["Exists", "S"], 11],
    [["LdConst", "vector<u8>", "00"], 2],
    [["LdConst", "vector<u8>", `10${"00".repeat(16)}`], 4],
  ] satisfies readonly (readonly [CodeText, number])[])("[GA3] %s", (text, gas) => {
    const { module, code } = moduleOf([text]);
    const [instruction] = code;
    expect(instruction && instructionGas(module, instruction, GAS_SCHEDULE)).toBe(gas);
  });
});
