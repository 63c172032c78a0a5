// Values and types as people type them, and the column of what is wrong in them.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatTypeTag, type JsValue } from "#sandbox";
import { readable } from "../../bin/readable.ts";
import { readArgument, TextError } from "../../bin/run/argument-text.ts";
import { nearest } from "../../bin/run/suggestion.ts";
import { readType } from "../../bin/run/type-text.ts";
import { valueText } from "../../bin/run/value-output.ts";

/** Letters that texts are made of: those that mean something, and a few that do not. */
const VALUE_LETTERS = Array.from('[]{}",:0x1a_$ \\u@tn.-');
const TYPE_LETTERS = Array.from("vectoru8<>,: 0x1mS_&");
/** Read, or refused at a column. */
const ANSWER = /^(?:read$|[1-9]\d*: .)/;

function failure(read: () => unknown): string {
  try {
    read();
    return "read";
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    return `${error.column}: ${error.message}`;
  }
}

describe("readArgument", () => {
  it.each<[string, JsValue]>([
    ["12", 12n],
    ["1_000_000", 1_000_000n],
    [" true ", true],
    ["null", null],
    ["0x1F", "0x1F"],
    ["@0x1", "0x1"],
    ['"a \\"b\\" ü"', 'a "b" ü'],
    ["[]", []],
    ["[1, [true], {}]", [1n, [true], {}]],
    ['{x: 1, "y z": [2], $variant: "A"}', { x: 1n, "y z": [2n], $variant: "A" }],
  ])("reads %s", (text, value) => {
    expect(readArgument(text)).toEqual(value);
  });

  it.each([
    ["", "1: a value is missing"],
    ["[1, 2", '6: "," or "]" is missing'],
    ["[1,,2]", '4: "," begins no value'],
    ["1 2", '3: "2" is too much'],
    ["hello", '1: "hello" is no value; put text in quotes: \'"hello"\''],
    ["1.5", '2: ".5" is too much'],
    ["-1", '1: "-" begins no value'],
    ['"abc', "1: the closing quote is missing"],
    ['"\\q"', "1: text in quotes is written as in JSON"],
    ["{x 1}", '4: ":" is missing'],
    ["{: 1}", "2: a field's name is missing"],
    ["[".repeat(129), "129: nested deeper than 128"],
  ])("refuses %j", (text, message) => {
    expect(failure(() => readArgument(text))).toBe(message);
  });

  it("lets out nothing but a TextError, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...VALUE_LETTERS) }), (text) => {
        expect(failure(() => readArgument(text))).toMatch(ANSWER);
      }),
      { numRuns: 2_000 },
    );
  });

  it("reads back the text of a value", () => {
    const { value } = fc.letrec<{ value: JsValue }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.boolean(),
        fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
        fc.string().filter((text) => !text.startsWith("0x")),
        fc.constant(null),
        fc.array(tie("value")),
        fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_]*$/), tie("value"), {
          noNullPrototype: true,
        }),
      ),
    }));
    fc.assert(
      fc.property(value, (written) => {
        expect(readArgument(valueText(written))).toEqual(written);
      }),
    );
  });
});

describe("readType", () => {
  it.each(["u8", "vector<vector<address>>", "0x1::m::S<u8, vector<0x2::n::T>>"])(
    "reads %s",
    (text) => {
      expect(formatTypeTag(readType(text)).replaceAll(/0x0+(?=\d)/g, "0x")).toBe(text);
    },
  );

  it.each([
    ["", "1: a type is missing"],
    ["u17", '1: "u17" is no type; write structs in full: 0x1::module::Name'],
    ["vector", "7: vector needs its type: vector<u8>"],
    ["vector<u8", '10: "," or ">" is missing'],
    ["vector<u8,u8>", "7: vector takes one type"],
    ["vector<u8>>", '11: ">" is too much'],
    ["0xg::m::S", '1: "0xg" is no address'],
    ["0x1::1m::S", '6: "1m" is no Move name'],
    ["0x1::m::1S", '9: "1S" is no Move name'],
    [
      `${"vector<".repeat(9)}u8${">".repeat(9)}`,
      "1: a type nests at most 9 deep and takes at most 32 type arguments",
    ],
  ])("refuses %j", (text, message) => {
    expect(failure(() => readType(text))).toBe(message);
  });

  it("lets out nothing but a TextError, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...TYPE_LETTERS) }), (text) => {
        expect(failure(() => readType(text))).toMatch(ANSWER);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("readable", () => {
  it("shortens the addresses of names, and no bytes", () => {
    const zeros = "0".repeat(62);
    expect(readable(`0x${zeros}20::m::f(0x${zeros}20)`)).toBe(`0x20::m::f(0x${zeros}20)`);
    expect(readable("0x1::m, 0x0::n, 0x10::o")).toBe("0x1::m, 0x0::n, 0x10::o");
  });
});

describe("nearest", () => {
  it("names what is close, the closest first, and nothing that is not", () => {
    const known = ["open", "opened", "close", "bump_twice"];
    expect(nearest("opem", known)).toEqual(["open"]);
    expect(nearest("openet", known)).toEqual(["opened", "open"]);
    expect(nearest("transfer", known)).toEqual([]);
  });
});
