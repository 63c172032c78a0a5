// Values: canonical bytes, copies, equality, order, weight. [VA1] to [VA3].
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBytes, toHex } from "#core/bytes.ts";
import { typeShape } from "../../../../src/sandbox/runtime/type-shape.ts";
import { BYTES, U8, U64, vectorType } from "../../../../src/sandbox/runtime/types.ts";
import { decodeValue, encodeValue } from "../../../../src/sandbox/runtime/values/bcs.ts";
import { fromJs, toJs } from "../../../../src/sandbox/runtime/values/js.ts";
import type { Value } from "../../../../src/sandbox/runtime/values/value.ts";
import {
  compareValues,
  copyValue,
  equalValues,
  weightOf,
} from "../../../../src/sandbox/runtime/values/walk.ts";
import { typed, typedPair } from "./arbitrary.ts";

const NO_END = Number.MAX_SAFE_INTEGER;

/** Overwrites everything inside a value, so that a shared part would show. */
function scribble(value: Value): void {
  if (!Array.isArray(value)) return;
  value.forEach(scribble);
  value.length = 0;
}

describe("BCS of values", () => {
  it("[VA1] decodes to the value it was made of", () => {
    fc.assert(
      fc.property(typed, ({ type, value }) => {
        expect(decodeValue(type, encodeValue(type, value))).toEqual(value);
      }),
    );
  });

  it("[VA1] is the only encoding: other bytes are another value or none", () => {
    fc.assert(
      fc.property(typed, fc.nat(), fc.nat(255), ({ type, value }, at, byte) => {
        const bytes = encodeValue(type, value);
        const altered = bytes.slice();
        if (altered.length > 0) altered[at % altered.length] = byte;
        const decoded = decodeValue(type, altered);
        const again = decoded === undefined ? altered : encodeValue(type, decoded);
        expect(again).toEqual(altered);
      }),
    );
  });

  it("[VA1] refuses bytes missing or left over", () => {
    fc.assert(
      fc.property(typed, ({ type, value }) => {
        const bytes = encodeValue(type, value);
        expect(decodeValue(type, bytes.slice(0, -1))).toBeUndefined();
        expect(decodeValue(type, Uint8Array.of(...bytes, 0))).toBeUndefined();
      }),
    );
  });

  it("[VA1] refuses lengths that the bytes cannot hold, before making room for them", () => {
    const huge = Uint8Array.from([0xff, 0xff, 0xff, 0xff, 0x07, 0]);
    expect(decodeValue(vectorType(U64), huge)).toBeUndefined();
    expect(decodeValue(BYTES, huge)).toBeUndefined();
  });

  it("[VA1] writes small examples as expected", () => {
    expect(toHex(encodeValue(vectorType(U64), [1n, 256n]))).toBe(
      "0201000000000000000001000000000000",
    );
    expect(toHex(encodeValue(BYTES, Array<number>(128).fill(7)))).toBe(`8001${"07".repeat(128)}`);
  });
});

describe("copies and equality", () => {
  it("[VA2] a copy is equal and shares nothing", () => {
    fc.assert(
      fc.property(typed, ({ type, value }) => {
        const copy = copyValue(type, value);
        expect(equalValues(type, value, copy)).toBe(true);
        const before = encodeValue(type, value);
        scribble(copy);
        expect(encodeValue(type, value)).toEqual(before);
      }),
    );
  });

  it("[VA2] values are equal when their bytes are", () => {
    fc.assert(
      fc.property(typedPair, ({ type, a, b }) => {
        const same = compareBytes(encodeValue(type, a), encodeValue(type, b)) === 0;
        expect(equalValues(type, a, b)).toBe(same);
      }),
    );
  });
});

describe("the order of values", () => {
  it("[VA2] is total, and says equal exactly for equal values", () => {
    fc.assert(
      fc.property(typedPair, ({ type, a, b }) => {
        const order = Math.sign(compareValues(type, a, b));
        expect(order + Math.sign(compareValues(type, b, a))).toBe(0);
        expect(order === 0).toBe(equalValues(type, a, b));
      }),
    );
  });

  it("[VA2] puts smaller numbers, and of vectors the prefix, first", () => {
    expect(compareValues(U64, 2n, 10n)).toBeLessThan(0);
    expect(compareValues(vectorType(U8), [1, 2], [1, 2, 0])).toBeLessThan(0);
    expect(compareValues(vectorType(U8), [2], [1, 2, 0])).toBeGreaterThan(0);
  });
});

describe("weight", () => {
  it("[VA3] counts vectors 8 each instead of their length prefix", () => {
    expect(weightOf(BYTES, [1, 2, 3], NO_END)).toBe(11);
    expect(weightOf(vectorType(BYTES), [[1], []], NO_END)).toBe(8 + 9 + 8);
  });

  it("[VA3] of a type without vectors and enums is the size of its bytes", () => {
    fc.assert(
      fc.property(typed, ({ type, value }) => {
        const { fixedWeight } = typeShape(type);
        fc.pre(fixedWeight !== undefined);
        expect(fixedWeight).toBe(encodeValue(type, value).length);
        expect(weightOf(type, value, NO_END)).toBe(fixedWeight);
      }),
    );
  });

  it("[GA4] stops counting soon after the bound it was given", () => {
    const wide: Value = Array.from({ length: 1000 }, () => [1]);
    const weight = weightOf(vectorType(BYTES), wide, 20);
    expect(weight).toBeGreaterThan(20);
    expect(weight).toBeLessThan(60);
  });
});

describe("values for JavaScript", () => {
  it("come back as they went", () => {
    fc.assert(
      fc.property(typed, ({ type, value }) => {
        expect(fromJs(type, toJs(type, value))).toEqual(value);
      }),
    );
  });
});
