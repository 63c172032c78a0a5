// Equality of byte strings, which looks at words where it can.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equalBytes } from "#core/bytes.ts";

describe("equality of bytes", () => {
  it("knows no bytes, and few", () => {
    expect(equalBytes(Uint8Array.of(), Uint8Array.of())).toBe(true);
    expect(equalBytes(Uint8Array.of(1), Uint8Array.of(1))).toBe(true);
    expect(equalBytes(Uint8Array.of(1), Uint8Array.of(2))).toBe(false);
  });

  it("is that of each byte, long ones too, wherever they lie", () => {
    // Two of them begin at a word.
    const offset = fc.constantFrom(0, 4, 1);
    const flip = fc.option(fc.nat(), { freq: 4 });
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 50, maxLength: 80, size: "max" }),
        offset,
        offset,
        flip,
        (bytes, left, right, at) => {
          const a = placed(bytes, left);
          const b = placed(bytes, right);
          const isChanged = at !== null;
          if (isChanged) b[at % bytes.length] = (b[at % bytes.length] ?? 0) ^ 1;
          expect(equalBytes(a, b)).toBe(!isChanged);
          expect(equalBytes(b, a)).toBe(!isChanged);
          expect(equalBytes(a, a)).toBe(true);
          expect(equalBytes(a, a.subarray(1))).toBe(false);
        },
      ),
    );
  });
});

/** A copy that begins `offset` bytes into its buffer, with other bytes around it. */
function placed(bytes: Uint8Array, offset: number): Uint8Array {
  const buffer = new Uint8Array(offset + bytes.length + 5).fill(offset + 1);
  buffer.set(bytes, offset);
  return buffer.subarray(offset, offset + bytes.length);
}
