// Types, ABIs and JavaScript values for people.
import { describe, expect, it } from "vitest";
import { present } from "#core/assert.ts";
import { toHex } from "#core/bytes.ts";
import { parseFunctionId } from "#core/identifier.ts";
import { abiOf, bcsArgument, createTypeReader, makeStructTag, parseTypeTag } from "#sandbox";
import type { JsValue } from "../../../src/sandbox/runtime/values/js.ts";
import { buildBytes, type ModuleText } from "../module-builder.ts";

const STRING: ModuleText = {
  name: "string",
  structs: [
    { name: "String", abilities: ["copy", "drop", "store"], fields: { bytes: "vector<u8>" } },
  ],
};

const OPTION: ModuleText = {
  name: "option",
  structs: [
    {
      name: "Option",
      abilities: ["copy", "drop", "store"],
      typeParameters: 1,
      fields: { vec: "vector<#0>" },
    },
  ],
};

const GAME: ModuleText = {
  address: "0x21",
  name: "game",
  version: 7,
  friends: ["0x21::admin"],
  imports: {
    "0x1::string": { structs: STRING.structs ?? [] },
    "0x1::option": { structs: OPTION.structs ?? [] },
  },
  structs: [
    {
      name: "Hero",
      abilities: ["key", "store"],
      typeParameters: 1,
      fields: {
        name: "0x1::string::String",
        level: "u8",
        gold: "u64",
        home: "0x1::option::Option<address>",
        items: "vector<#0>",
        seal: "vector<u8>",
      },
    },
    {
      name: "Move",
      abilities: ["copy", "drop"],
      variants: { Rest: {}, Step: { dx: "u8", dy: "u8" } },
    },
  ],
  functions: [
    {
      name: "rename",
      isEntry: true,
      params: ["&signer", "0x1::string::String", "vector<u8>", "u64"],
      code: [["Ret"]],
    },
    {
      name: "look",
      visibility: "friend",
      typeParameters: [1],
      params: ["&Hero<#0>", "&mut Move"],
      returns: ["vector<Hero<#0>>"],
      code: [["Ret"]],
    },
    { name: "last", params: ["&u64"], returns: ["&u64"], code: [["MoveLoc", 0], ["Ret"]] },
  ],
};

const CODE = new Map([
  ["0x1::string", buildBytes(STRING)],
  ["0x1::option", buildBytes(OPTION)],
  ["0x21::game", buildBytes(GAME)],
]);
const types = createTypeReader({
  get: ({ address, name }) => CODE.get(`${address.replace(/^0x0*/, "0x")}::${name}`),
});

function tag(text: string) {
  return present(parseTypeTag(text), "a type");
}

function fn(text: string) {
  return present(parseFunctionId(text), "a function");
}

const HERO = "0x21::game::Hero<u16>";
const HERO_VALUE: JsValue = {
  name: "Zoë",
  level: 3,
  gold: 10n,
  home: null,
  items: [1, 2],
  seal: Uint8Array.of(9),
};
const HERO_BYTES = "045a6fc3ab030a0000000000000000020100020001" + "09";

describe("a type reader", () => {
  it("turns stored bytes into values by field name, and back", () => {
    const encoded = types.encode(tag(HERO), HERO_VALUE);
    expect(encoded.ok && toHex(encoded.value)).toBe(HERO_BYTES);
    const bytes = Uint8Array.from(Buffer.from(HERO_BYTES, "hex"));
    expect(types.decode(tag(HERO), bytes)).toEqual({ ok: true, value: HERO_VALUE });
  });

  it("names the variant of an enum", () => {
    const move = tag("0x21::game::Move");
    const step = { $variant: "Step", dx: 1, dy: 2 };
    expect(types.decode(move, Uint8Array.of(1, 1, 2))).toEqual({ ok: true, value: step });
    expect(types.encode(move, step)).toEqual({ ok: true, value: Uint8Array.of(1, 1, 2) });
    expect(types.encode(move, { $variant: "Fly" }).ok).toBe(false);
  });

  it("describes a type one level at a time", () => {
    const layout = types.layoutOf(tag(HERO));
    expect(layout.ok && layout.value.kind === "struct" && layout.value.fields).toEqual([
      { name: "name", type: tag("0x1::string::String") },
      { name: "level", type: tag("u8") },
      { name: "gold", type: tag("u64") },
      { name: "home", type: tag("0x1::option::Option<address>") },
      { name: "items", type: tag("vector<u16>") },
      { name: "seal", type: tag("vector<u8>") },
    ]);
    const move = types.layoutOf(tag("0x21::game::Move"));
    expect(move.ok && move.value).toEqual({
      kind: "enum",
      tag: makeStructTag("0x21::game::Move"),
      variants: [
        { name: "Rest", fields: [] },
        {
          name: "Step",
          fields: [
            { name: "dx", type: tag("u8") },
            { name: "dy", type: tag("u8") },
          ],
        },
      ],
    });
    expect(types.layoutOf(tag("vector<u8>"))).toEqual({
      ok: true,
      value: { kind: "vector", element: tag("u8") },
    });
  });

  it("encodes arguments behind the signers, hex and bytes alike", () => {
    const callee = fn("0x21::game::rename");
    const encode = (...args: Parameters<typeof types.encodeArguments>[2]) => {
      const encoded = types.encodeArguments(callee, [], args);
      return encoded.ok ? encoded.value.map(toHex) : encoded.error.status;
    };
    expect(encode("ab", "0x0102", "18446744073709551615")).toEqual([
      "026162",
      "020102",
      "ff".repeat(8),
    ]);
    expect(encode("ab", Uint8Array.of(1), 5)).toEqual(["026162", "0101", "0500000000000000"]);
    expect(encode("ab", [1, 2], bcsArgument(Uint8Array.of(7)))).toEqual(["026162", "020102", "07"]);
    expect(encode("ab")).toBe("NUMBER_OF_ARGUMENTS_MISMATCH");
  });

  it.each([
    ["u8", 256],
    ["u8", -1],
    ["u8", 1.5],
    ["u64", 2 ** 53],
    ["u64", "12a"],
    ["u64", 1n << 64n],
    ["bool", 1],
    ["address", "0xzz"],
    ["address", 1],
    ["vector<u8>", "abc"],
    ["vector<u8>", "0xabc"],
    ["vector<u16>", "0x01"],
    ["vector<u8>", [256]],
    ["0x1::string::String", 5],
    [HERO, null],
    [HERO, { name: "a" }],
    ["signer", "0x1"],
  ] satisfies readonly (readonly [string, JsValue])[])("refuses for %s: %s", (type, value) => {
    expect(types.encode(tag(type), value)).toMatchObject({
      ok: false,
      error: { status: "FAILED_TO_DESERIALIZE_ARGUMENT" },
    });
  });

  it("says where in an argument something does not fit", () => {
    const wrong = { ...HERO_VALUE, items: [1, "x"] };
    const encoded = types.encode(tag(HERO), wrong);
    expect(!encoded.ok && encoded.error.detail).toBe("argument.items[1] is not a u16");
  });

  it("answers unknown types and functions with a status", () => {
    const missing = types.layoutOf(tag("0x5::m::S"));
    expect(!missing.ok && missing.error.status).toBe("LINKER_ERROR");
    const unknown = types.encodeArguments(fn("0x21::game::none"), [], []);
    expect(!unknown.ok && unknown.error.status).toBe("FUNCTION_RESOLUTION_FAILURE");
    expect(types.decode(tag("u8"), Uint8Array.of()).ok).toBe(false);
  });

  it("decodes what functions return, references by what they name", () => {
    const returned = types.decodeReturns(fn("0x21::game::last"), [], [new Uint8Array(8)]);
    expect(returned).toEqual({ ok: true, value: [0n] });
  });

  it("knows which functions are entry points", () => {
    expect(types.modeOf(fn("0x21::game::rename"))).toBe("entry");
    expect(types.modeOf(fn("0x21::game::last"))).toBe("function");
  });
});

describe("the ABI of a module", () => {
  const read = abiOf(CODE.get("0x21::game") ?? new Uint8Array());
  const abi = read.ok ? read.value : undefined;

  it("names functions with their types", () => {
    expect(
      abi?.functions.map(({ name, visibility, isEntry }) => [name, visibility, isEntry]),
    ).toEqual([
      ["rename", "public", true],
      ["look", "friend", false],
      ["last", "public", false],
    ]);
    expect(abi?.functions[1]).toMatchObject({
      typeParameters: [["copy"]],
      parameters: ["&0x21::game::Hero<T0>", "&mut 0x21::game::Move"].map(long),
      returns: [long("vector<0x21::game::Hero<T0>>")],
    });
  });

  it("names structs, enums and friends", () => {
    expect(abi?.structs.map(({ name, abilities }) => [name, abilities])).toEqual([
      ["Hero", ["store", "key"]],
      ["Move", ["copy", "drop"]],
    ]);
    expect(abi?.structs[0]?.fields[4]).toEqual({ name: "items", type: "vector<T0>" });
    expect(abi?.structs[1]?.variants.map(({ name }) => name)).toEqual(["Rest", "Step"]);
    expect(abi?.friends.map(({ name }) => name)).toEqual(["admin"]);
  });

  it("is refused for bytes that are no module", () => {
    expect(abiOf(Uint8Array.of(1))).toMatchObject({ ok: false, error: { status: "BAD_MAGIC" } });
  });
});

/** Addresses beyond 0xf are written with all their digits. */
function long(text: string): string {
  return text.replaceAll("0x21::", `0x${"21".padStart(64, "0")}::`);
}
