import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Address,
  addressFromBytes,
  addressToBytes,
  formatAddress,
  makeAddress,
  parseAddress,
  shortAddress,
} from "#core/address.ts";
import { decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import { toHex } from "#core/bytes.ts";
import {
  formatFunctionId,
  parseFunctionId,
  parseIdentifier,
  parseModuleId,
} from "#core/identifier.ts";
import {
  formatTypeTag,
  parseStructTag,
  parseTypeTag,
  readTypeTag,
  TYPE_TAG_DEPTH_MAX,
  type TypeTag,
  writeTypeTag,
} from "#core/type-tag.ts";

describe("addresses", () => {
  it("read AIP-40's relaxed forms", () => {
    expect(parseAddress("0x1")).toBe(makeAddress("1"));
    expect(parseAddress("00A")).toBe(makeAddress("0xa"));
    for (const bad of ["", "0x", "0xg", "1".repeat(65), " 0x1", "0x1 "]) {
      expect(parseAddress(bad)).toBeUndefined();
    }
  });

  it("print special ones short and all others whole", () => {
    expect(formatAddress(makeAddress("0xf"))).toBe("0xf");
    expect(formatAddress(makeAddress("0x10"))).toBe(`0x${"0".repeat(62)}10`);
    expect(shortAddress(makeAddress("0x0"))).toBe("0x0");
    expect(shortAddress(makeAddress("0x0020"))).toBe("0x20");
  });

  it("go to 32 bytes and back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        expect(addressToBytes(addressFromBytes(bytes))).toEqual(bytes);
      }),
    );
  });
});

describe("identifiers", () => {
  it("follow Move's rule", () => {
    for (const good of ["a", "A_1", "_x", "__", "<SELF>"]) expect(parseIdentifier(good)).toBe(good);
    for (const bad of ["", "_", "1a", "a-b", "é", "a".repeat(256)]) {
      expect(parseIdentifier(bad)).toBeUndefined();
    }
  });

  it("build module and function names", () => {
    expect(parseModuleId("0x1::coin")).toEqual({ address: makeAddress("0x1"), name: "coin" });
    const id = parseFunctionId("0x1::coin::transfer");
    expect(id && formatFunctionId(id)).toBe("0x1::coin::transfer");
    for (const bad of ["0x1::coin", "coin::a::b", "0x1::a::b::c", "0x1::::b"]) {
      expect(parseFunctionId(bad)).toBeUndefined();
    }
  });
});

const primitive = fc.constantFrom<TypeTag>(
  { kind: "bool" },
  { kind: "u8" },
  { kind: "u16" },
  { kind: "u32" },
  { kind: "u64" },
  { kind: "u128" },
  { kind: "u256" },
  { kind: "address" },
  { kind: "signer" },
);
const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/).map((text) => {
  const identifier = parseIdentifier(text);
  if (identifier === undefined) throw new TypeError(text);
  return identifier;
});
const address = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes): Address => addressFromBytes(bytes));
const { tag: typeTag } = fc.letrec<{ tag: TypeTag }>((tie) => ({
  tag: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    primitive,
    tie("tag").map((element): TypeTag => ({ kind: "vector", element })),
    fc
      .record({
        address,
        module: name,
        name,
        typeArgs: fc.array(tie("tag"), { maxLength: 3 }),
      })
      .map((struct): TypeTag => ({ kind: "struct", struct })),
  ),
}));

describe("type tags", () => {
  it("go to text and bytes and back", () => {
    fc.assert(
      fc.property(typeTag, (tag) => {
        expect(parseTypeTag(formatTypeTag(tag))).toEqual(tag);
        const bytes = encodeBcs((writer) => writeTypeTag(writer, tag));
        expect(decodeBcs(bytes, (reader) => readTypeTag(reader))).toEqual(tag);
      }),
    );
  });

  it("read with or without spaces and print with one behind the comma", () => {
    const tag = parseTypeTag("0x1::m::S< u8,vector<0x1::m::T > >");
    expect(tag && formatTypeTag(tag)).toBe("0x1::m::S<u8, vector<0x1::m::T>>");
  });

  it("have the variants of the wire format", () => {
    const variants = [
      "bool",
      "u8",
      "u64",
      "u128",
      "address",
      "signer",
      "",
      "",
      "u16",
      "u32",
      "u256",
    ];
    for (const [variant, kind] of variants.entries()) {
      const tag = parseTypeTag(kind);
      if (tag === undefined) continue;
      expect(toHex(encodeBcs((writer) => writeTypeTag(writer, tag)))).toBe(
        variant.toString(16).padStart(2, "0"),
      );
    }
  });

  it("refuse nesting beyond the limit in text and in bytes", () => {
    const nested = (depth: number) => `${"vector<".repeat(depth - 1)}u8${">".repeat(depth - 1)}`;
    expect(parseTypeTag(nested(TYPE_TAG_DEPTH_MAX))).toBeDefined();
    expect(parseTypeTag(nested(TYPE_TAG_DEPTH_MAX + 1))).toBeUndefined();
    const bytes = new Uint8Array(TYPE_TAG_DEPTH_MAX + 1).fill(6);
    expect(() => decodeBcs(bytes, (reader) => readTypeTag(reader))).toThrow("TOO_DEEP");
  });

  it.each([
    "",
    "u7",
    "vector",
    "vector<>",
    "vector<u8",
    "vector<u8,u8>",
    "0x1::m",
    "0x1::m::S<>",
    "u8>",
  ])("refuse %j", (text) => {
    expect(parseTypeTag(text)).toBeUndefined();
  });

  it("know a struct tag from other types", () => {
    expect(parseStructTag("vector<u8>")).toBeUndefined();
    expect(parseStructTag("0x1::m::S")?.name).toBe("S");
  });
});
