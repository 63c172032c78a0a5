import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "#core/bytes.ts";
import { ByteSink } from "../../../../src/sandbox/compiler/wasm/byte-sink.ts";

describe("integers of the WebAssembly format", () => {
  it.each([
    [0, "00"],
    [127, "7f"],
    [128, "8001"],
    [624_485, "e58e26"],
    [0xffff_ffff, "ffffffff0f"],
  ])("writes unsigned %i", (value, hex) => {
    expect(toHex(new ByteSink().unsigned(value).finish())).toBe(hex);
  });

  it.each([
    [0, "00"],
    [63, "3f"],
    [64, "c000"],
    [-1, "7f"],
    [-64, "40"],
    [-65, "bf7f"],
    [-123_456, "c0bb78"],
    [0x7fff_ffff, "ffffffff07"],
    [-0x8000_0000, "8080808078"],
  ])("writes signed %i", (value, hex) => {
    expect(toHex(new ByteSink().signed(value).finish())).toBe(hex);
  });

  it("writes 64-bit integers by their bits, whatever their sign", () => {
    const most = (1n << 64n) - 1n;
    expect(toHex(new ByteSink().signedLong(most).finish())).toBe("7f");
    expect(toHex(new ByteSink().signedLong(-1n).finish())).toBe("7f");
    expect(toHex(new ByteSink().signedLong(1n << 63n).finish())).toBe("8080808080808080807f");
  });

  it("agrees between the 32-bit and the 64-bit form", () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const short = new ByteSink().signed(value).finish();
        expect(new ByteSink().signedLong(BigInt(value)).finish()).toEqual(short);
      }),
    );
  });
});

describe("a byte sink", () => {
  it("keeps everything as it grows", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (parts) => {
        const sink = new ByteSink();
        for (const part of parts) sink.sized(part);
        const whole = sink.finish();
        let at = 0;
        for (const part of parts) {
          at += part.length < 128 ? 1 : 2;
          expect(whole.subarray(at, at + part.length)).toEqual(part);
          at += part.length;
        }
        expect(sink.size).toBe(at);
      }),
    );
  });
});
