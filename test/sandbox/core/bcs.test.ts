import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BcsError, type BcsErrorCode, type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { BcsWriter, encodeBcs } from "#core/bcs/writer.ts";
import { fromHex, toHex } from "#core/bytes.ts";

function bytes(hex: string): Uint8Array {
  const value = fromHex(hex);
  if (value === undefined) throw new TypeError(`not hex: ${hex}`);
  return value;
}

function refusal(hex: string, decode: (reader: BcsReader) => unknown): [BcsErrorCode, number] {
  try {
    decodeBcs(bytes(hex), decode);
  } catch (error) {
    if (error instanceof BcsError) return [error.code, error.offset];
    throw error;
  }
  throw new TypeError(`${hex} was accepted`);
}

function outcomeOf(run: () => unknown): unknown {
  try {
    run();
    return "decoded";
  } catch (error) {
    return error;
  }
}

describe("BCS integers", () => {
  it("are little-endian at every width", () => {
    const written = encodeBcs((writer) =>
      writer
        .u8(0x01)
        .u16(0x0102)
        .u32(0x01020304)
        .u64(0x0102030405060708n)
        .u128(1n << 127n)
        .u256(1n << 255n),
    );
    expect(toHex(written)).toBe(
      [
        "01",
        "0201",
        "04030201",
        "0807060504030201",
        "00".repeat(15),
        "80",
        "00".repeat(31),
        "80",
      ].join(""),
    );
  });

  it("come back as they were written", () => {
    fc.assert(
      fc.property(
        fc.nat(0xff),
        fc.nat(0xffff),
        fc.nat(0xffff_ffff),
        fc.bigInt(0n, 2n ** 64n - 1n),
        fc.bigInt(0n, 2n ** 128n - 1n),
        fc.bigInt(0n, 2n ** 256n - 1n),
        (a, b, c, d, e, f) => {
          const written = encodeBcs((w) => w.u8(a).u16(b).u32(c).u64(d).u128(e).u256(f));
          const read = decodeBcs(written, (r) => [
            r.u8(),
            r.u16(),
            r.u32(),
            r.u64(),
            r.u128(),
            r.u256(),
          ]);
          expect(read).toEqual([a, b, c, d, e, f]);
        },
      ),
    );
  });

  it("out of range are our own mistake", () => {
    expect(() => new BcsWriter().u8(256)).toThrow("in range");
    expect(() => new BcsWriter().u16(-1)).toThrow("in range");
    expect(() => new BcsWriter().u32(0.5)).toThrow("in range");
    expect(() => new BcsWriter().u64(1n << 64n)).toThrow("in range");
    expect(() => new BcsWriter().u256(-1n)).toThrow("in range");
  });
});

describe("ULEB128", () => {
  it.each([
    [0, "00"],
    [127, "7f"],
    [128, "8001"],
    [16384, "808001"],
    [0xffff_ffff, "ffffffff0f"],
  ])("writes %i as %s", (value, hex) => {
    expect(toHex(encodeBcs((writer) => writer.uleb128(value)))).toBe(hex);
    expect(decodeBcs(bytes(hex), (reader) => reader.uleb128())).toBe(value);
  });

  it.each<[string, BcsErrorCode]>([
    ["8000", "ULEB128_NOT_MINIMAL"],
    ["ff8000", "ULEB128_NOT_MINIMAL"],
    ["ffffffff10", "ULEB128_TOO_LARGE"],
    ["ffffffffff00", "ULEB128_TOO_LARGE"],
    ["80", "UNEXPECTED_END"],
  ])("refuses %s with %s", (hex, code) => {
    expect(refusal(hex, (reader) => reader.uleb128())[0]).toBe(code);
  });
});

describe("BCS values", () => {
  it("refuse anything that is not canonical, with the offset", () => {
    expect(refusal("02", (r) => r.bool())).toEqual(["BAD_BOOL", 0]);
    expect(refusal("0001", (r) => r.bool())).toEqual(["TRAILING_BYTES", 1]);
    expect(refusal("01ff", (r) => r.string())).toEqual(["BAD_UTF8", 0]);
    expect(refusal("05aa", (r) => r.bytes())).toEqual(["UNEXPECTED_END", 0]);
    expect(refusal("0102", (r) => r.u32())).toEqual(["UNEXPECTED_END", 0]);
    expect(refusal("ffffffff0f", (r) => r.bytes())).toEqual(["SEQUENCE_TOO_LONG", 0]);
  });

  it("do not allocate for a length that the input cannot hold", () => {
    expect(refusal("ffffff7f00", (r) => r.vector((item) => item.u64(), 8))[0]).toBe(
      "UNEXPECTED_END",
    );
  });

  it("compose into vectors and options", () => {
    const written = encodeBcs((writer) => {
      writer.vector([1, 2, 3], (out, value) => out.u16(value));
      writer.option("ja", (out, text) => out.string(text)).option(undefined, () => undefined);
    });
    expect(toHex(written)).toBe("030100020003000102" + "6a61" + "00");
    expect(
      decodeBcs(written, (r) => [
        r.vector((item) => item.u16()),
        r.option((item) => item.string()),
        r.option((item) => item.u8()),
      ]),
    ).toEqual([[1, 2, 3], "ja", undefined]);
  });

  it("let nothing but a BcsError out of arbitrary bytes", () => {
    const decode = (r: BcsReader) => {
      r.vector((item) => item.option((inner) => inner.string()));
      return [r.u256(), r.bool(), r.address()];
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (input) => {
        const outcome = outcomeOf(() => decodeBcs(input, decode));
        expect(outcome === "decoded" || outcome instanceof BcsError).toBe(true);
      }),
    );
  });
});
