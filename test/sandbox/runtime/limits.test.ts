// Stacks, types and values that grow too far: [LI1] to [LI5].
import { describe, expect, it } from "vitest";
import { statusName, UNCHECKED_PUBLISHING } from "#sandbox";
import { CHAIN_LIMITS } from "../../../src/sandbox/runtime/limits.ts";
import { createHarness } from "../harness.ts";
import type { CodeText, FunctionText, ModuleText, StructText } from "../module-builder.ts";

function statusOf(module: ModuleText, fn = "f", typeArgs: readonly string[] = []) {
  const harness = createHarness();
  harness.publish(module);
  return harness.call(`0x1::m::${fn}`, { typeArgs }).status;
}

function fill(count: number, line: CodeText): readonly CodeText[] {
  return Array.from({ length: count }, () => line);
}

describe("the operand stack", () => {
  const code = (count: number): FunctionText => ({
    name: "f",
    code: [...fill(count, ["LdTrue"]), ...fill(count, ["Pop"]), ["Ret"]],
  });

  it("[LI1] holds 1024 values and not one more", () => {
    expect(statusName(statusOf({ name: "m", functions: [code(1024)] }))).toBe("EXECUTED");
    expect(statusOf({ name: "m", functions: [code(1025)] })).toMatchObject({
      status: "EXECUTION_STACK_OVERFLOW",
      location: { offset: 1024 },
    });
  });

  it("[LI1] counts all frames together", () => {
    const caller: FunctionText = {
      name: "g",
      code: [["LdTrue"], ["Call", "f"], ["Pop"], ["Ret"]],
    };
    const status = statusOf({ name: "m", functions: [code(1024), caller] }, "g");
    expect(statusName(status)).toBe("EXECUTION_STACK_OVERFLOW");
  });
});

describe("the call stack", () => {
  /** Calls itself as often as its argument says. */
  const down: FunctionText = {
    name: "f",
    params: ["u64"],
    code: [
      ["CopyLoc", 0],
      ["LdU64", 0n],
      ["Eq"],
      ["BrTrue", 8],
      ["MoveLoc", 0],
      ["LdU64", 1n],
      ["Sub"],
      ["Call", "f"],
      ["Ret"],
    ],
  };

  it("[LI1] holds 1024 waiting frames and not one more", () => {
    const harness = createHarness();
    harness.publish({ name: "m", functions: [down] });
    const depth = (calls: bigint) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(calls);
      return harness.call("0x1::m::f", { args: [bytes.toString("hex")] }).status;
    };
    expect(statusName(depth(1024n))).toBe("EXECUTED");
    expect(depth(1025n)).toMatchObject({
      status: "CALL_STACK_OVERFLOW",
      location: { offset: 7 },
    });
  });
});

describe("types", () => {
  /** f0 calls f1 calls f2 … each with twice the type. */
  function doubling(steps: number): ModuleText {
    const pair: StructText = {
      name: "P",
      abilities: ["drop"],
      typeParameters: 2,
      fields: { a: "#0", b: "#1" },
    };
    const functions = Array.from({ length: steps }, (_, step): FunctionText => {
      const next: CodeText = ["CallGeneric", `f${step + 1}`, ["P<#0, #0>"]];
      return { name: `f${step}`, typeParameters: [0], code: [next, ["Ret"]] };
    });
    const last: FunctionText = { name: `f${steps}`, typeParameters: [0], code: [["Ret"]] };
    return { name: "m", structs: [pair], functions: [...functions, last] };
  }

  it("[LI2] have at most 128 nodes, and the call that would make more fails", () => {
    // After n doublings 2^(n + 1) - 1 nodes.
    expect(statusName(statusOf(doubling(6), "f0", ["u8"]))).toBe("EXECUTED");
    expect(statusOf(doubling(7), "f0", ["u8"])).toMatchObject({
      status: "TOO_MANY_TYPE_NODES",
      location: { functionIndex: 6, offset: 0 },
    });
  });

  it("[LI2] nest at most 20 deep", () => {
    const vector = (depth: number) => `${"vector<".repeat(depth)}u8${">".repeat(depth)}`;
    const module = (depth: number): ModuleText => ({
      name: "m",
      functions: [{ name: "f", code: [["VecPack", vector(depth), 0n], ["Pop"], ["Ret"]] }],
    });
    // The vector that is packed nests two deeper than what it is a vector of.
    expect(statusName(statusOf(module(18)))).toBe("EXECUTED");
    expect(statusName(statusOf(module(19)))).toBe("VM_MAX_TYPE_DEPTH_REACHED");
  });

  it("[LI2] become keys only when a tag can name them", () => {
    const nested = (depth: number) => `${"B<".repeat(depth)}u8${">".repeat(depth)}`;
    const module = (depth: number): ModuleText => ({
      name: "m",
      structs: [
        { name: "B", abilities: ["store"], typeParameters: 1, fields: { v: "#0" } },
        { name: "K", abilities: ["key"], typeParameters: 1, fields: { v: "#0" } },
      ],
      functions: [
        {
          name: "f",
          code: [
            ["LdConst", "address", "00".repeat(32)],
            ["ExistsGeneric", "K", [nested(depth)]],
            ["Pop"],
            ["Ret"],
          ],
        },
      ],
    });
    expect(statusName(statusOf(module(7)))).toBe("EXECUTED");
    expect(statusName(statusOf(module(8)))).toBe("TYPE_TAG_LIMIT_EXCEEDED");
  });
});

describe("values", () => {
  /** S0 holds a u8, each other S the one before: Sn nests n + 2 deep. */
  function chain(depth: number): ModuleText {
    const structs = Array.from(
      { length: depth },
      (_, index): StructText => ({
        name: `S${index}`,
        abilities: ["drop"],
        fields: { inner: index === 0 ? "u8" : `S${index - 1}` },
      }),
    );
    const packs = structs.map(({ name }): CodeText => ["Pack", name]);
    return {
      name: "m",
      structs,
      functions: [{ name: "f", code: [["LdU8", 1n], ...packs, ["Pop"], ["Ret"]] }],
    };
  }

  it("[LI3] nest at most 128 deep, and the pack that would nest deeper fails", () => {
    expect(statusName(statusOf(chain(127)))).toBe("EXECUTED");
    expect(statusOf(chain(128))).toMatchObject({
      status: "VM_MAX_VALUE_DEPTH_REACHED",
      location: { offset: 128 },
    });
  });

  it("[LI3] of a type that holds itself are never made", () => {
    const structs: readonly StructText[] = [
      { name: "S", abilities: ["drop"], fields: { all: "vector<S>" } },
    ];
    const code: readonly CodeText[] = [["VecPack", "S", 0n], ["Pack", "S"], ["Pop"], ["Ret"]];
    const status = statusOf({ name: "m", structs, functions: [{ name: "f", code }] });
    expect(statusName(status)).toBe("VM_MAX_VALUE_DEPTH_REACHED");
  });
});

describe("events", () => {
  const module: ModuleText = {
    name: "event",
    functions: [
      { name: "emit", typeParameters: [6], params: ["#0"] },
      {
        name: "f",
        code: [
          ["LdU64", 1n],
          ["CallGeneric", "emit", ["u64"]],
          ["LdConst", "vector<u8>", "020102"],
          ["CallGeneric", "emit", ["vector<u8>"]],
          ["Ret"],
        ],
      },
    ],
  };

  it.each([
    [2, 8, "EXECUTED"],
    [1, 8, "EXECUTION_LIMIT_REACHED"],
    [2, 7, "EXECUTION_LIMIT_REACHED"],
  ])("[LI4] at most %i of at most %i bytes: %s", (events, eventBytes, status) => {
    const harness = createHarness({ limits: { ...CHAIN_LIMITS, events, eventBytes } });
    harness.publish(module);
    const outcome = harness.call("0x1::event::f");
    expect(statusName(outcome.status)).toBe(status);
    expect(outcome.events.length).toBe(status === "EXECUTED" ? 2 : 0);
  });
});

describe("a closure of modules", () => {
  it("[LI5] has at most 256", () => {
    const harness = createHarness({ publishPolicy: UNCHECKED_PUBLISHING });
    for (let index = 0; index < 257; index++) {
      const before = `0x1::m${index - 1}`;
      const imports = index === 0 ? {} : { [before]: { functions: [{ name: "f" }] } };
      const call: CodeText = index === 0 ? ["Nop"] : ["Call", `${before}::f`];
      harness.publish({
        name: `m${index}`,
        imports,
        functions: [{ name: "f", code: [call, ["Ret"]] }],
      });
    }
    expect(statusName(harness.call("0x1::m255::f").status)).toBe("EXECUTED");
    expect(statusName(harness.call("0x1::m256::f").status)).toBe("DEPENDENCY_LIMIT_REACHED");
  });
});
