// Bitmaps of what executed: big-endian, bit i is transaction i, and a count beside them.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "#core/bytes.ts";
import { makeBitmap, readBitmap } from "../../../src/chains/para/bitmap.ts";

describe("a bitmap", () => {
  it("has its lowest bit for the first transaction, and no leading zeros", () => {
    const bits = (...results: boolean[]) => {
      const { count, bytes } = makeBitmap(results);
      return [count, toHex(bytes)];
    };
    expect(bits(false, true, true)).toEqual([3, "06"]);
    expect(bits(...Array.from({ length: 9 }, (_, index) => index === 8))).toEqual([9, "0100"]);
  });

  it("tells that all failed from that there was nothing", () => {
    expect(makeBitmap([false, false])).toEqual({ count: 2, bytes: new Uint8Array() });
    expect(makeBitmap([])).toEqual({ count: 0, bytes: new Uint8Array() });
  });

  it("gives back what it was made of", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 70 }), (results) => {
        const bitmap = makeBitmap(results);
        expect(readBitmap(bitmap)).toEqual(results);
        expect(bitmap.bytes[0]).not.toBe(0);
      }),
    );
  });
});
