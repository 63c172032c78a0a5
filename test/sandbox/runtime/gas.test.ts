// What calls cost, to the unit: [GA4] to [GA7], [CH5], [CH6].
import { describe, expect, it } from "vitest";
import { type Outcome, statusName } from "#sandbox";
import { CHAIN_LIMITS } from "../../../src/sandbox/runtime/limits.ts";
import { COUNTER, ONE, u64 } from "../fixtures.ts";
import { createHarness } from "../harness.ts";
import type { CodeText, FunctionText } from "../module-builder.ts";

const CALL_BASE = 50;

function harnessWith(...functions: readonly FunctionText[]) {
  const harness = createHarness();
  harness.publish({ name: "m", functions });
  return harness;
}

/** A function over one parameter that is copied, perhaps worked on, and dropped. */
function over(type: string, ...code: readonly CodeText[]): FunctionText {
  return { name: "f", params: [type], code: [...code, ["Ret"]] };
}

function gasOf(fn: FunctionText, args: readonly string[]): number {
  const outcome = harnessWith(fn).call("0x1::m::f", { args });
  expect(statusName(outcome.status)).toBe("EXECUTED");
  return outcome.gasUsed - CALL_BASE - Math.ceil(args.join("").length / 16);
}

describe("dynamic charges", () => {
  it("[GA4] copies of scalars cost nothing besides the instruction", () => {
    expect(gasOf(over("u256", ["CopyLoc", 0], ["Pop"]), ["00".repeat(32)])).toBe(3);
  });

  it("[GA4] copies cost an eighth of their weight", () => {
    const copy = over("vector<u8>", ["CopyLoc", 0], ["Pop"]);
    const sizes = [0, 7, 8, 63, 64].map((size) => {
      const prefix = size.toString(16).padStart(2, "0");
      return gasOf(copy, [prefix + "00".repeat(size)]) - 3;
    });
    expect(sizes).toEqual([1, 1, 2, 8, 9]);
  });

  it("[GA4][VA3] weigh nested vectors with their inner ones", () => {
    const copy = over("vector<vector<u64>>", ["CopyLoc", 0], ["Pop"]);
    // 8 + (8 + 16) + 8
    expect(gasOf(copy, [`0202${u64(1)}${u64(2)}00`])).toBe(3 + 5);
  });

  it("[GA4] reading through a reference is a copy", () => {
    const read = over("vector<u8>", ["ImmBorrowLoc", 0], ["ReadRef"], ["Pop"]);
    expect(gasOf(read, [`40${"00".repeat(64)}`])).toBe(4 + 9);
  });

  it("[GA4] comparing walks both sides whole, however early they differ", () => {
    const compare: FunctionText = {
      name: "f",
      params: ["vector<u8>", "vector<u8>"],
      code: [["ImmBorrowLoc", 0], ["ImmBorrowLoc", 1], ["Eq"], ["Pop"], ["Ret"]],
    };
    const [long, short] = [`20${"01".repeat(32)}`, `10${"02".repeat(16)}`];
    expect(gasOf(compare, [long, short])).toBe(5 + 5 + 3);
  });

  it.each([
    ["u64", 0],
    ["u128", 2],
    ["u256", 8],
  ])("[GA4] a product of %s costs %i more, a sum nothing", (type, more) => {
    const size = Number(type.slice(1)) / 8;
    const one = `01${"00".repeat(size - 1)}`;
    const gas = (opcode: "Mul" | "Div" | "Mod" | "Add") =>
      gasOf(over(type, ["CopyLoc", 0], ["CopyLoc", 0], [opcode], ["Pop"]), [one]);
    expect([gas("Mul"), gas("Div"), gas("Mod"), gas("Add")]).toEqual([
      5 + more,
      5 + more,
      5 + more,
      5,
    ]);
  });
});

describe("running out of gas", () => {
  const loop = harnessWith({
    name: "f",
    isEntry: true,
    code: [["Nop"], ["Nop"], ["Branch", 1]],
  });

  it("[GA5] uses the whole limit and stops at a leader", () => {
    for (const gasLimit of [CALL_BASE + 10, CALL_BASE + 11, CALL_BASE + 12]) {
      const outcome = loop.call("0x1::m::f", { gasLimit });
      expect(outcome.gasUsed).toBe(gasLimit);
      expect(outcome.status).toMatchObject({ status: "OUT_OF_GAS", location: { offset: 1 } });
    }
  });

  it("[GA5] before any code has no place", () => {
    const outcome = loop.call("0x1::m::f", { gasLimit: CALL_BASE - 1 });
    expect(outcome.status).toEqual({ type: "failed", status: "OUT_OF_GAS" });
  });

  it("[GA5] at a native is at the call", () => {
    const harness = createHarness();
    harness.publish({
      name: "hash",
      functions: [
        { name: "sha2_256", params: ["vector<u8>"], returns: ["vector<u8>"] },
        {
          name: "f",
          params: ["vector<u8>"],
          code: [["Nop"], ["MoveLoc", 0], ["Call", "sha2_256"], ["Pop"], ["Ret"]],
        },
      ],
    });
    const gasLimit = CALL_BASE + 20;
    const outcome = harness.call("0x1::hash::f", { args: ["00"], gasLimit });
    expect(outcome.status).toMatchObject({
      status: "OUT_OF_GAS",
      location: { functionIndex: 1, offset: 2 },
    });
  });

  it("[GA2] what a callee leaves unused is not given back to the caller", () => {
    const harness = harnessWith(
      { name: "fails", code: [["LdU64", 3n], ["Abort"]] },
      { name: "f", code: [["Call", "fails"], ...Array<CodeText>(90).fill(["Nop"]), ["Ret"]] },
    );
    const outcome = harness.call("0x1::m::f");
    expect(outcome.status).toMatchObject({ type: "aborted", code: 3n });
    expect(outcome.gasUsed).toBe(CALL_BASE + 10 + 91 + 2);
  });
});

describe("what state costs", () => {
  function opened() {
    const harness = createHarness();
    harness.publish(COUNTER);
    const options = { args: [u64(5)], signers: ["0x1"] };
    return { harness, made: harness.call("0x1::counter::open", options) };
  }

  it("[CH5][CH6] touching, and writing what changed", () => {
    const { harness, made } = opened();
    // Arguments 1; code 1+1+2+11+1; touch 200 of nothing; write 800 and 8 bytes.
    expect(made.gasUsed).toBe(CALL_BASE + 1 + 16 + 200 + 801);
    const read = harness.call("0x1::counter::get", { args: [ONE] });
    // Arguments 4; code 1+11+1+1+1; touch 200 and 8 bytes.
    expect(read.gasUsed).toBe(CALL_BASE + 4 + 15 + 201);
    const same = harness.call("0x1::counter::set", { args: [ONE, u64(5)] });
    const changed = harness.call("0x1::counter::set", { args: [ONE, u64(6)] });
    expect(changed.gasUsed - same.gasUsed).toBe(801);
  });

  it("[CH6] running out of gas behind the last instruction has no place and keeps nothing", () => {
    const harness = createHarness();
    harness.publish(COUNTER);
    const options = { args: [u64(5)], signers: ["0x1"], gasLimit: 500 };
    const outcome = harness.call("0x1::counter::open", options);
    expect(outcome.status).toEqual({ type: "failed", status: "OUT_OF_GAS" });
    expect(harness.call("0x1::counter::has", { args: [ONE] }).returns).toEqual([Uint8Array.of(0)]);
  });

  it("[CH5] the same call costs the same in a session of many and alone", () => {
    const gas = (outcome: Outcome) => outcome.gasUsed;
    const { harness } = opened();
    const first = gas(harness.call("0x1::counter::get", { args: [ONE] }));
    expect(gas(harness.call("0x1::counter::get", { args: [ONE] }))).toBe(first);
  });
});

describe("memory", () => {
  const grow: FunctionText = {
    name: "f",
    locals: ["vector<u64>"],
    code: [
      ["VecPack", "u64", 0n],
      ["StLoc", 0],
      ["MutBorrowLoc", 0],
      ["LdU64", 1n],
      ["VecPushBack", "u64"],
      ["Branch", 2],
    ],
  };

  it("[GA7] is bounded whatever the gas", () => {
    const harness = createHarness({ limits: { ...CHAIN_LIMITS, memoryWeight: 800 } });
    harness.publish({ name: "m", functions: [grow] });
    const outcome = harness.call("0x1::m::f");
    expect(outcome.status).toMatchObject({
      status: "MEMORY_LIMIT_EXCEEDED",
      location: { offset: 4 },
    });
    // 100 elements of weight 8 fit; each round of the loop costs 4.
    expect(outcome.gasUsed).toBe(CALL_BASE + 2 + 101 * 4);
  });

  it("[GA7] is not given back within a call", () => {
    const copies: FunctionText = {
      name: "f",
      params: ["vector<u8>"],
      code: [["CopyLoc", 0], ["Pop"], ["CopyLoc", 0], ["Pop"], ["Ret"]],
    };
    const statuses = [31, 32].map((memoryWeight) => {
      const harness = createHarness({ limits: { ...CHAIN_LIMITS, memoryWeight } });
      harness.publish({ name: "m", functions: [copies] });
      const { status } = harness.call("0x1::m::f", { args: [`08${"00".repeat(8)}`] });
      return statusName(status);
    });
    expect(statuses).toEqual(["MEMORY_LIMIT_EXCEEDED", "EXECUTED"]);
  });
});
