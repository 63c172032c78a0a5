// What may be called, and with what: [EX2] to [EX5].
import { describe, expect, it } from "vitest";
import { toHex } from "#core/bytes.ts";
import { type CallMode, type Outcome, statusName } from "#sandbox";
import { ONE, u64 } from "../fixtures.ts";
import { createHarness } from "../harness.ts";
import type { FunctionText, ModuleText } from "../module-builder.ts";

const RET = [["Ret"]] as const;

const CALLS: ModuleText = {
  name: "m",
  structs: [{ name: "S", abilities: ["copy", "drop"], fields: { a: "u8", b: "vector<u16>" } }],
  functions: [
    { name: "entry", isEntry: true, visibility: "private", params: ["u8"], code: [...RET] },
    { name: "plain", params: ["u64"], returns: ["u64"], code: [["MoveLoc", 0], ["Ret"]] },
    { name: "hidden", visibility: "private", code: [...RET] },
    { name: "friendly", visibility: "friend", code: [...RET] },
    { name: "returning", isEntry: true, returns: ["u8"], code: [["LdU8", 1n], ["Ret"]] },
    { name: "with_struct", isEntry: true, params: ["S"], code: [...RET] },
    { name: "with_ref", isEntry: true, params: ["&u8"], code: [...RET] },
    { name: "late_signer", isEntry: true, params: ["u8", "signer"], code: [...RET] },
    { name: "two", isEntry: true, params: ["signer", "&signer", "u8"], code: [...RET] },
    { name: "signers", params: ["vector<signer>"], code: [...RET] },
    {
      name: "second_of",
      params: ["&S"],
      returns: ["&vector<u16>"],
      code: [["MoveLoc", 0], ["ImmBorrowField", "S.b"], ["Ret"]],
    },
    { name: "struct_back", params: ["S"], returns: ["S"], code: [["MoveLoc", 0], ["Ret"]] },
    {
      name: "generic",
      isEntry: true,
      typeParameters: [1],
      code: [...RET],
    },
    {
      name: "both",
      returns: ["u8", "bool"],
      code: [["LdU8", 7n], ["LdTrue"], ["Ret"]],
    },
  ] satisfies readonly FunctionText[],
};

const harness = createHarness();
harness.publish(CALLS);

function names(fn: string, modes: readonly CallMode[], options = {}): readonly string[] {
  return modes.map((mode) =>
    statusName(harness.call(`0x1::m::${fn}`, { mode, ...options }).status),
  );
}

const MODES = ["entry", "function", "system"] as const;
const NOT_ENTRY = "INVALID_MAIN_FUNCTION_SIGNATURE";
const NOT_PUBLIC = "FUNCTION_RESOLUTION_FAILURE";

describe("modes of calling", () => {
  it("[EX3] entry takes entry functions, function public ones, system any", () => {
    const executed = "EXECUTED";
    expect(names("entry", MODES, { args: ["01"] })).toEqual([executed, NOT_PUBLIC, executed]);
    expect(names("plain", MODES, { args: [u64(1)] })).toEqual([NOT_ENTRY, executed, executed]);
    expect(names("hidden", MODES)).toEqual([NOT_ENTRY, NOT_PUBLIC, executed]);
    expect(names("friendly", MODES)).toEqual([NOT_ENTRY, NOT_PUBLIC, executed]);
  });

  it.each(["returning", "with_struct", "with_ref", "late_signer"])(
    "[EX3] an entry point is not %s",
    (fn) => {
      expect(names(fn, ["entry"])).toEqual([NOT_ENTRY]);
    },
  );

  it("[EX3] returned values come in order; of a reference what it names", () => {
    const hex = ({ returns }: Outcome) => returns.map(toHex);
    expect(hex(harness.call("0x1::m::both"))).toEqual(["07", "01"]);
    const struct = "0502010002ff";
    expect(hex(harness.call("0x1::m::struct_back", { args: [struct] }))).toEqual([struct]);
    expect(hex(harness.call("0x1::m::second_of", { args: [struct] }))).toEqual(["02010002ff"]);
  });
});

describe("refusals before any code", () => {
  it.each([
    ["0x1::none::f", "LINKER_ERROR", {}],
    ["0x1::m::none", "FUNCTION_RESOLUTION_FAILURE", {}],
    ["0x1::m::generic", "NUMBER_OF_TYPE_ARGUMENTS_MISMATCH", {}],
    ["0x1::m::generic", "CONSTRAINT_NOT_SATISFIED", { typeArgs: ["signer"] }],
    ["0x1::m::generic", "TYPE_RESOLUTION_FAILURE", { typeArgs: ["0x1::m::None"] }],
    ["0x1::m::generic", "LINKER_ERROR", { typeArgs: ["0x1::none::S"] }],
    ["0x1::m::generic", "NUMBER_OF_TYPE_ARGUMENTS_MISMATCH", { typeArgs: ["0x1::m::S<u8>"] }],
    ["0x1::m::two", "NUMBER_OF_SIGNER_ARGUMENTS_MISMATCH", { args: ["00"], signers: ["0x1"] }],
    ["0x1::m::two", "NUMBER_OF_ARGUMENTS_MISMATCH", { signers: ["0x1", "0x2"] }],
  ])("[EX2][EX4][ST1] %s is %s", (fn, status, options) => {
    const outcome = harness.call(fn, { mode: "entry", ...options });
    expect(statusName(outcome.status)).toBe(status);
    expect(outcome.status).not.toHaveProperty("location");
  });

  it("[EX4] fills signers by value and by reference, in order", () => {
    const options = { args: ["00"], signers: ["0x1", "0x2"] };
    expect(names("two", ["entry"], options)).toEqual(["EXECUTED"]);
  });

  it("[EX4] makes no signer from bytes, not even in a vector", () => {
    const name = "FAILED_TO_DESERIALIZE_ARGUMENT";
    expect(names("signers", ["function"], { args: [`01${ONE}`] })).toEqual([name]);
  });

  it("[EX4] lets signers go unused where nobody asks for one", () => {
    expect(names("entry", ["entry"], { args: ["01"], signers: ["0x1"] })).toEqual(["EXECUTED"]);
  });

  it.each([
    ["bool", "02"],
    ["bool", "0000"],
    ["u64", "00"],
    ["vector<u8>", "8000"],
    ["vector<u8>", "0200"],
    ["vector<bool>", "0102"],
    ["address", "00".repeat(31)],
    ["vector<address>", "ffffffff07"],
  ])("[EX5] %s is not %s", (type, bytes) => {
    const strict = createHarness();
    strict.publish({ name: "m", functions: [{ name: "f", params: [type], code: [...RET] }] });
    const { status } = strict.call("0x1::m::f", { args: [bytes] });
    expect(statusName(status)).toBe("FAILED_TO_DESERIALIZE_ARGUMENT");
  });
});
