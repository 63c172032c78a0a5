// `holdfast run` as a process: what a call did, as text and as JSON, and a coded answer to every
// wrong call.
import { describe, expect, it } from "vitest";
import { holdfast, lastObject } from "./holdfast.ts";

const ADD = ["modules/int_u8.mv", "--function", "0x1::int_u8::add"];
const STORAGE = ["modules/signer.mv", "modules/storage.mv"];
const OPEN = [...STORAGE, "--function", "0x1::storage::open", "--signer", "0xa11ce"];
const CELL = ["modules/generics.mv", "--function", "0x1::generics::cell"];

describe("holdfast run", () => {
  it("prints what a function returned", () => {
    const ended = holdfast("run", ...ADD, "--args", "250", "5");
    expect(ended).toMatchObject({ status: 0, stderr: "" });
    expect(ended.stdout).toMatch(/^0x1::int_u8::add: executed\ngas {6}\d+\nreturns {2}255\n$/);
  });

  it.each(["interpreter", "compiled"])("says the same as JSON by the %s", (engine) => {
    const ended = holdfast("run", ...ADD, "--args", "250", "5", "--engine", engine, "--json");
    expect(ended.status).toBe(0);
    expect(lastObject(ended)).toEqual({
      function: "0x1::int_u8::add",
      mode: "function",
      engine,
      status: "EXECUTED",
      gas: 55,
      returns: ["ff"],
      values: [255],
      events: [],
      changes: [],
    });
  });

  it.each(["interpreter", "compiled"])("fails with status and place by the %s", (engine) => {
    const ended = holdfast("run", ...ADD, "--args", "250", "6", "--engine", engine, "--json");
    expect(ended.status).toBe(1);
    expect(lastObject(ended)).toMatchObject({
      status: "ARITHMETIC_ERROR",
      location: "0x1::int_u8",
      functionName: "add",
      offset: 2,
      returns: [],
    });
  });

  it("tells an abort's code", () => {
    const modules = ["vector", "option", "aborts"].map((name) => `modules/${name}.mv`);
    const call = ["run", ...modules, "--function", "0x1::aborts::direct", "--args", "123"];
    const ended = holdfast(...call, "--json");
    expect(ended.status).toBe(1);
    expect(lastObject(ended)).toMatchObject({
      status: "ABORTED",
      abortCode: "123",
      location: "0x1::aborts",
      functionName: "direct",
    });
    expect(holdfast(...call).stdout).toContain("ABORTED with 123 in 0x1::aborts::direct");
  });

  it("shows changes and events with their bytes and their values", () => {
    const opened = lastObject(holdfast("run", ...OPEN, "--args", "5", "--json"));
    expect(opened).toMatchObject({
      mode: "entry",
      changes: [
        {
          key: { resource: "0x1::storage::Counter" },
          op: "new",
          new: "0500000000000000016f",
          value: { log: "0x6f" },
        },
      ],
    });
    const events = ["event", "events"].map((name) => `modules/${name}.mv`);
    const call = ["run", ...events, "--function", "0x1::events::one", "--args", "5"];
    expect(lastObject(holdfast(...call, "--json"))).toMatchObject({
      events: [{ type: "0x1::events::Ping", data: "0500000000000000026869" }],
    });
    expect(holdfast(...call).stdout).toContain("event    0x1::events::Ping {");
  });

  it("takes type arguments, nested values and raw BCS", () => {
    const typeArgs = ["--type-args", "vector<vector<u16>>"];
    const text = holdfast("run", ...CELL, ...typeArgs, "--args", "[[1, 2], [3]]", "--json");
    const bcs = holdfast("run", ...CELL, ...typeArgs, "--bcs-args", "020201000200010300", "--json");
    expect(lastObject(text)).toMatchObject({ returns: ["020201000200010300"] });
    expect(lastObject(bcs)).toEqual(lastObject(text));
  });

  it("mixes values and BCS in the order given", () => {
    const ended = holdfast("run", ...ADD, "--bcs-args", "fa", "--args", "5", "--json");
    expect(lastObject(ended)).toMatchObject({ values: [255] });
  });

  it("publishes modules in the order of their needs, and the framework where none is named", () => {
    const reversed = ["modules/xmod_user.mv", "modules/xmod_pkg.mv", "modules/xmod_base.mv"];
    const call = ["--function", "0x1::xmod_user::through_refs", "--args", "5"];
    expect(lastObject(holdfast("run", ...reversed, ...call, "--json"))).toMatchObject({
      values: ["12", { id: "12" }],
    });
    const alone = ["modules/storage.mv", "--function", "0x1::storage::open_and_close"];
    expect(holdfast("run", ...alone, "--signer", "0x7").status).toBe(0);
  });

  it("stops at the gas limit", () => {
    const ended = holdfast("run", ...ADD, "--args", "1", "2", "--gas-limit", "52", "--json");
    expect(ended.status).toBe(1);
    expect(lastObject(ended)).toMatchObject({ status: "OUT_OF_GAS", gas: 52 });
  });

  it("explains itself on --help", () => {
    const { status, stdout } = holdfast("run", "--help");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: holdfast run MODULE/);
  });
});

describe("holdfast run --trace", () => {
  const CLOSE = [...STORAGE, "--function", "0x1::storage::open_and_close", "--signer", "0xa11ce"];

  it("shows every call with its cost, its accesses and its end", () => {
    const { stdout } = holdfast("run", ...CLOSE, "--trace");
    const lines = stdout.split("\n");
    expect(lines[0]).toMatch(
      /^0x1::storage::open_and_close\(&0xa11ce\) {2}\d+ instructions, \d+ gas \(own \d+, \d+\)$/,
    );
    expect(lines[1]).toMatch(
      /^ {2}0x1::storage::open\(&0xa11ce, 5\) {2}\d+ instructions, \d+ gas$/,
    );
    expect(lines[2]).toBe("    writes 0x1::storage::Counter at 0xa11ce, by move_to");
    expect(lines[3]).toBe("    returns");
    expect(stdout).toMatch(/\n {6}0x1::signer::borrow_address\(&0xa11ce\) {2}native, \d+ gas\n/);
    expect(stdout).toContain("\n      returns 0xa11ce\n");
  });

  it("changes nothing about the call, and goes into the JSON", () => {
    const plain = lastObject(holdfast("run", ...CLOSE, "--json"));
    const { trace, ...traced } = lastObject(holdfast("run", ...CLOSE, "--json", "--trace"));
    expect(traced).toEqual(plain);
    expect(trace).toMatchObject({
      calls: [{ function: "0x1::storage::open_and_close", end: { type: "returned" } }],
      omittedSteps: 0,
    });
  });

  it("marks where a call failed and what it unwound", () => {
    const call = [...STORAGE, "--function", "0x1::storage::reopen", "--signer", "0x1"];
    const { status, stdout } = holdfast("run", ...call, "--args", "5", "--trace");
    expect(status).toBe(1);
    expect(stdout).toContain(
      "    fails: MISSING_DATA at offset 2, no such resource\n  is unwound\n",
    );
  });

  it("is the interpreter's", () => {
    const ended = holdfast("run", ...CLOSE, "--trace", "--engine", "compiled");
    expect(ended.status).toBe(2);
    expect(ended.stderr).toMatch(/^TRACE_NEEDS_INTERPRETER: /);
  });
});

const WRONG_CALLS: readonly (readonly [string, number, RegExp, readonly string[]])[] = [
  ["no module", 2, /^MODULES_MISSING: /, ["--function", "0x1::a::b"]],
  ["no function", 2, /^FUNCTION_MISSING: /, ["modules/int_u8.mv"]],
  ["half a name", 2, /^FUNCTION_INVALID: "add"/, ["modules/int_u8.mv", "--function", "add"]],
  ["an engine of nobody", 2, /^ENGINE_UNKNOWN: "fast"/, [...ADD, "--engine", "fast"]],
  ["no amount of gas", 2, /^GAS_LIMIT_INVALID: "much"/, [...ADD, "--gas-limit", "much"]],
  ["a signer that is no address", 2, /^SIGNER_INVALID: "me"/, [...ADD, "--signer", "me"]],
  ["an unknown option", 2, /^ERR_PARSE_ARGS_UNKNOWN_OPTION: /, [...ADD, "--fast"]],
  ["a file that is not there", 1, /^FILE_UNREADABLE: no\.mv: there is no such file/, ["no.mv"]],
  ["a folder", 1, /^FILE_UNREADABLE: modules: this is a folder/, ["modules"]],
  [
    "a file of another kind",
    1,
    /^MODULE_UNREADABLE: README\.md: .*BAD_MAGIC at byte 0/,
    ["README.md"],
  ],
  [
    "a refused module",
    1,
    /^MODULE_REFUSED: .*COPYLOC_WITHOUT_COPY_ABILITY/,
    ["neg/ab_copy_T_2.mv"],
  ],
  [
    "a module twice",
    1,
    /^MODULE_DUPLICATE: neg\/ab_copy_T_2\.mv and neg\/ab_eq_T_2\.mv both hold 0x1::Test/,
    ["neg/ab_copy_T_2.mv", "neg/ab_eq_T_2.mv"],
  ],
  [
    "a dependency that is nowhere",
    1,
    /^MODULE_MISSING: no file holds 0x1::xmod_base \(for 0x1::xmod_\w+\)/,
    ["modules/xmod_user.mv", "modules/xmod_pkg.mv"],
  ],
  [
    "a function that is not there",
    1,
    /^FUNCTION_UNKNOWN: there is no 0x1::int_u8::ad; did you mean add\./,
    ["modules/int_u8.mv", "--function", "0x1::int_u8::ad"],
  ],
  [
    "a module that is not there",
    1,
    /^FUNCTION_UNKNOWN: there is no module 0x1::int_u9; did you mean 0x1::int_u8\./,
    ["modules/int_u8.mv", "--function", "0x1::int_u9::add"],
  ],
  ["too few types", 1, /^TYPE_COUNT: cell<T0>\(T0\): .* takes 1 type argument/, CELL],
  [
    "half a type",
    1,
    /^TYPE_INVALID: type argument 1, "vector<u17>", column 8: "u17" is no type/,
    [...CELL, "--type-args", "vector<u17>"],
  ],
  [
    "a type of nobody",
    1,
    /^TYPE_UNKNOWN: type argument 1, "0x1::generics::No": .*TYPE_RESOLUTION_FAILURE/,
    [...CELL, "--type-args", "0x1::generics::No"],
  ],
  ["no signer", 1, /^SIGNER_COUNT: open\(&signer, u64\) takes 1 signer/, OPEN.slice(0, -2)],
  ["too few arguments", 1, /^ARGUMENT_COUNT: add\(u8, u8\): u8 takes 2 .* u8, u8\./, ADD],
  [
    "an argument that is no value",
    1,
    /^ARGUMENT_INVALID: argument 2 \(u8\), "\[1,,2\]", column 4: /,
    [...ADD, "--args", "1", "[1,,2]"],
  ],
  [
    "half a byte of BCS",
    1,
    /^ARGUMENT_INVALID: argument 1 \(u8\), "f": /,
    [...ADD, "--bcs-args", "f", "00"],
  ],
  [
    "an argument of another type",
    1,
    /^ARGUMENT_TYPE: argument 2 is not a u8 /,
    [...ADD, "--args", "1", "256"],
  ],
];

describe("holdfast run answers a wrong call", () => {
  it.each(WRONG_CALLS)("%s", (_what, status, message, args) => {
    const isCall = args.includes("--function") || status === 2;
    const call = isCall ? args : [...args, "--function", "0x1::Test::f"];
    const ended = holdfast("run", ...call, "--json");
    expect(ended.stderr).toMatch(message);
    expect(ended.status).toBe(status);
    if (ended.stderr.startsWith("ERR_")) return;
    const [code = "", text = ""] = ended.stderr.trimEnd().split(/: (.*)/s);
    expect(lastObject(ended)).toEqual({ error: { code, message: text } });
  });
});
