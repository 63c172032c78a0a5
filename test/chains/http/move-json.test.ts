// Values as JSON and back, over types of every kind.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAddress, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { parseModuleId } from "#core/identifier.ts";
import { parseTypeTag } from "#core/type-tag.ts";
import { createTypeReader, pinnedModules } from "#sandbox";
import { contractModules } from "../../../src/chains/contract-modules.ts";
import type { JsonValue } from "../../../src/chains/http/message.ts";
import { jsonToValue, valueToJson } from "../../../src/chains/http/move-json.ts";

const SHELF = join(import.meta.dirname, "..", "contracts", "trial", "bytecode", "shelf.mv");
const shelf = {
  id: present(parseModuleId("0x7e57::shelf"), "a module"),
  bytes: Uint8Array.from(readFileSync(SHELF)),
};
const types = createTypeReader(pinnedModules([...contractModules(), shelf]));

function tag(text: string) {
  return present(parseTypeTag(text), `a type: ${text}`);
}

function written(type: string, json: JsonValue) {
  return jsonToValue(types, tag(type), json);
}

function integer(bits: number): fc.Arbitrary<bigint> {
  return fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
}

const address = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => formatAddress(makeAddress(Buffer.from(bytes).toString("hex"))));
const hexText = fc.uint8Array({ maxLength: 40 }).map((bytes) => {
  return `0x${Buffer.from(bytes).toString("hex")}`;
});
const digits = (bits: number): fc.Arbitrary<string> => integer(bits).map(String);
const option = (value: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> =>
  fc.oneof(
    fc.constant({ vec: [] }),
    value.map((inner): JsonValue => ({ vec: [inner] })),
  );

const VALUES: readonly [string, fc.Arbitrary<JsonValue>][] = [
  ["bool", fc.boolean()],
  ["u8", integer(8).map(Number)],
  ["u16", integer(16).map(Number)],
  ["u32", integer(32).map(Number)],
  ["u64", digits(64)],
  ["u128", digits(128)],
  ["u256", digits(256)],
  ["address", address],
  ["vector<u8>", hexText],
  ["vector<vector<u16>>", fc.array(fc.array(integer(16).map(Number)))],
  ["0x1::string::String", fc.string({ unit: "grapheme" })],
  ["0x1::option::Option<u64>", option(digits(64))],
  ["0x1::option::Option<u8>", option(integer(8).map(Number))],
  ["0x1::option::Option<0x1::option::Option<bool>>", option(option(fc.boolean()))],
  ["0x1::table::Table<u64, bool>", address.map((handle) => ({ handle }))],
  [
    "0x7e57::shelf::Book",
    fc.record({
      title: fc.string(),
      pages: integer(16).map(Number),
      mark: option(digits(64)),
      cover: hexText,
      lent_to: fc.array(address),
    }),
  ],
];

describe("a Move value as JSON", () => {
  it.each(VALUES)("of type %s comes back as it was", (type, values) => {
    fc.assert(
      fc.property(values, (json) => {
        const bytes = written(type, json);
        expect(bytes).toMatchObject({ ok: true });
        if (!bytes.ok) return;
        expect(valueToJson(types, tag(type), bytes.value)).toEqual({ ok: true, value: json });
      }),
      { numRuns: 50 },
    );
  });

  it.each<[string, JsonValue]>([
    ["bool", 1],
    ["u8", 256],
    ["u8", -1],
    ["u8", 1.5],
    ["u64", "18446744073709551616"],
    ["u64", "0x1"],
    ["u64", ""],
    ["u64", 2 ** 53],
    ["address", "alice"],
    ["address", 1],
    ["signer", "0x1"],
    ["vector<u8>", "0xabc"],
    ["vector<u8>", "zz"],
    ["vector<u16>", "0x01"],
    ["0x1::string::String", 5],
    ["0x1::option::Option<u8>", { vec: [1, 2] }],
    ["0x1::option::Option<u8>", null],
    ["0x1::table::Table<u64, bool>", {}],
    ["0x1::table::Table<u64, bool>", []],
    ["0x1::coin::Nothing", {}],
    ["0x7e57::shelf::Book", { title: "" }],
  ])("of type %s is refused where it is %j", (type, json) => {
    expect(written(type, json)).toMatchObject({ ok: false });
  });

  it("is taken from bytes of its own type only, whatever they are", () => {
    const anyType = fc.constantFrom(...VALUES.map(([type]) => type));
    fc.assert(
      fc.property(anyType, fc.uint8Array({ maxLength: 120 }), (type, bytes) => {
        const json = valueToJson(types, tag(type), bytes);
        if (!json.ok) return;
        const again = written(type, json.value);
        expect(again.ok && Buffer.from(again.value).equals(bytes)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
