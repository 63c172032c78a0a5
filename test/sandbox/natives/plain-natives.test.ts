import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { utf8 } from "#core/bytes.ts";
import { publicKeyOf, type SecretKey, signEd25519 } from "#core/ed25519.ts";
import { parseTypeTag } from "#core/type-tag.ts";
import {
  aborted,
  type NativeResult,
  type PlainNative,
  type PlainValue,
  returned,
} from "../../../src/sandbox/natives/native.ts";
import { createNativeRegistry, STANDARD_NATIVES } from "../../../src/sandbox/natives/registry.ts";

function plain(name: string): PlainNative {
  const native = present(STANDARD_NATIVES.get(name), name);
  if (native.kind !== "plain") throw new Error(`${name} is no plain native`);
  return native;
}

function run(name: string, args: readonly PlainValue[], type?: string): NativeResult {
  const typeArgs = type === undefined ? [] : [present(parseTypeTag(type), "a type")];
  return plain(name).run(args, typeArgs);
}

describe("0x1::hash", () => {
  it.each([
    ["sha2_256", "sha256"],
    ["sha3_256", "sha3-256"],
  ])("%s agrees with another implementation", (name, algorithm) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const expected = createHash(algorithm).update(bytes).digest();
        const result = run(`0x1::hash::${name}`, [bytes]);
        expect(result).toEqual(returned(Uint8Array.from(expected)));
      }),
    );
  });

  it("[NA2] costs more for more bytes", () => {
    const native = plain("0x1::hash::sha3_256");
    const gas = (size: number) => native.gas([new Uint8Array(size)], []);
    expect(gas(1000) - gas(0)).toBe(1000);
  });
});

describe("0x1::ed25519", () => {
  const secret = new Uint8Array(32).fill(9) as SecretKey;
  const message = utf8("move the knight");
  const [signature, key] = [signEd25519(message, secret), publicKeyOf(secret)];

  it("accepts a signature over the message", () => {
    expect(run("0x1::ed25519::verify_strict", [signature, key, message])).toEqual(returned(true));
  });

  it("says false, never aborts, for anything else", () => {
    const altered = signature.slice();
    altered[3] = (altered[3] ?? 0) ^ 1;
    const cases: readonly (readonly PlainValue[])[] = [
      [altered, key, message],
      [signature, key, utf8("another")],
      [signature.slice(1), key, message],
      [signature, new Uint8Array(31), message],
      [new Uint8Array(64), new Uint8Array(32), message],
    ];
    for (const args of cases) {
      expect(run("0x1::ed25519::verify_strict", args)).toEqual(returned(false));
    }
  });
});

describe("0x1::string", () => {
  const text = utf8("aé漢🂡z");

  it("tells UTF-8 from other bytes", () => {
    const check = (bytes: Uint8Array) => run("0x1::string::internal_check_utf8", [bytes]);
    expect(check(text)).toEqual(returned(true));
    for (const bad of [[0xc3, 0x28], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xff], [0xe6, 0xbc]]) {
      expect(check(Uint8Array.from(bad))).toEqual(returned(false));
    }
  });

  it("knows where characters begin", () => {
    const boundaries = Array.from({ length: text.length + 2 }, (_, offset) =>
      run("0x1::string::internal_is_char_boundary", [text, BigInt(offset)]),
    );
    const expected = [0, 1, 3, 6, 10, 11];
    expect(boundaries).toEqual(boundaries.map((_, offset) => returned(expected.includes(offset))));
  });

  it("cuts ranges of bytes and aborts outside of them", () => {
    const cut = (start: bigint, end: bigint) =>
      run("0x1::string::internal_sub_string", [text, start, end]);
    expect(cut(1n, 3n)).toEqual(returned(utf8("é")));
    expect(cut(11n, 11n)).toEqual(returned(new Uint8Array()));
    expect(cut(3n, 1n)).toEqual(aborted(1n));
    expect(cut(0n, 12n)).toEqual(aborted(1n));
    expect(cut(2n ** 64n - 1n, 2n ** 64n - 1n)).toEqual(aborted(1n));
  });

  it("finds as JavaScript finds, and gives the length for nothing", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 12 });
    fc.assert(
      fc.property(letters, letters, (hay, needle) => {
        const at = hay.indexOf(needle);
        const expected = returned(BigInt(at < 0 ? hay.length : at));
        const found = run("0x1::string::internal_index_of", [utf8(hay), utf8(needle)]);
        expect(found).toEqual(expected);
      }),
    );
  });

  it("[NA2] charges a search for what it may compare at worst", () => {
    const native = plain("0x1::string::internal_index_of");
    const [hay, needle] = [new Uint8Array(1000), new Uint8Array(500)];
    expect(native.gas([hay, needle], [])).toBeGreaterThan((501 * 500) / 8);
  });
});

describe("0x1::type_name and 0x1::type_info", () => {
  const type = "vector<0x2::m::S<u8, 0x1::n::T>>";

  it("writes types as the rest of the product does", () => {
    expect(run("0x1::type_name::get", [], type)).toEqual(returned([[utf8(type)]]));
    expect(run("0x1::type_info::type_name", [], type)).toEqual(returned([utf8(type)]));
  });

  it("takes a struct type apart", () => {
    const parts = [makeAddress("0x2"), utf8("m"), utf8("S<u8, 0x1::n::T>")];
    const found = run("0x1::type_info::type_of", [], "0x2::m::S<u8, 0x1::n::T>");
    expect(found).toEqual(returned(parts));
  });

  it("aborts for what is no struct", () => {
    expect(run("0x1::type_info::type_of", [], "u8")).toEqual(aborted(1n));
  });
});

describe("0x1::from_bcs", () => {
  it("[NA4] makes an address of 32 bytes and aborts for any other number", () => {
    const convert = (size: number) =>
      run("0x1::from_bcs::to_address", [new Uint8Array(size).fill(1)]);
    expect(convert(32)).toEqual(returned(makeAddress("01".repeat(32))));
    expect(convert(31)).toEqual(aborted(0x10001n));
    expect(convert(33)).toEqual(aborted(0x10001n));
  });
});

describe("a registry of natives", () => {
  it("refuses one name twice", () => {
    const native = plain("0x1::hash::sha2_256");
    expect(() => createNativeRegistry([native, native])).toThrow(/once/);
  });

  it("[NA4] has no native that returns a type parameter made from nothing but bytes", () => {
    for (const { parameters, returns } of STANDARD_NATIVES.values()) {
      const makesAnything = returns.some((type) => type.includes("#"));
      const takesAny = parameters.some((type) => type.includes("#"));
      expect(makesAnything && !takesAny && !returns.includes("vector<#0>")).toBe(false);
    }
  });
});
