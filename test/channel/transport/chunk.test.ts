import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createReassembly, cutFrame, PIECE_SIZE } from "../../../src/channel/transport/chunk.ts";

const CONTENT_SIZE = PIECE_SIZE - 1;
const CODES = ["PIECE_EMPTY", "PIECE_HEADER", "PIECE_SIZE", "FRAME_TOO_LARGE"];

function feed(pieces: readonly Uint8Array[], frameSizeMax?: number) {
  const reassembly = createReassembly(frameSizeMax);
  return pieces.map((piece) => reassembly.push(piece));
}

describe("chunks", () => {
  for (const size of [0, 1, CONTENT_SIZE - 1, CONTENT_SIZE, CONTENT_SIZE + 1, 3 * CONTENT_SIZE]) {
    it(`carry a frame of ${size} bytes in as few pieces as can be`, () => {
      const frame = Uint8Array.from({ length: size }, (_, index) => index % 253);
      const pieces = [...cutFrame(frame)];
      expect(pieces).toHaveLength(Math.max(1, Math.ceil(size / CONTENT_SIZE)));
      expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(PIECE_SIZE);
      const results = feed(pieces);
      expect(results.slice(0, -1).every((result) => result.ok && result.value === undefined)).toBe(
        true,
      );
      expect(results.at(-1)).toEqual({ ok: true, value: frame });
    });
  }

  it("carry frame after frame", () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 3 * PIECE_SIZE }), { maxLength: 6 });
    fc.assert(
      fc.property(sizes, (given) => {
        const frames = given.map((size, at) => new Uint8Array(size).fill(at));
        const results = feed(frames.flatMap((frame) => [...cutFrame(frame)]));
        const whole = results.flatMap((result) =>
          result.ok && result.value !== undefined ? [result.value] : [],
        );
        expect(whole.map((frame) => [frame.length, frame[0]])).toEqual(
          frames.map((frame) => [frame.length, frame[0]]),
        );
      }),
    );
  });

  it("[LK7] refuse empty pieces, unknown headers, bad sizes, and frames over the limit", () => {
    const full = new Uint8Array(PIECE_SIZE);
    const code = (pieces: Uint8Array[], max?: number) => {
      const last = feed(pieces, max).at(-1);
      return last?.ok ? "OK" : last?.error;
    };
    expect(code([new Uint8Array()])).toEqual({ code: "PIECE_EMPTY", offset: 0 });
    expect(code([Uint8Array.of(2, 1)])).toEqual({ code: "PIECE_HEADER", offset: 0 });
    expect(code([Uint8Array.of(0, 1)])).toEqual({ code: "PIECE_SIZE", offset: 0 });
    expect(code([Uint8Array.of(0)])).toEqual({ code: "PIECE_SIZE", offset: 0 });
    expect(code([full, Uint8Array.of(1)])).toEqual({ code: "PIECE_SIZE", offset: CONTENT_SIZE });
    expect(code([new Uint8Array(PIECE_SIZE + 1)])).toEqual({ code: "PIECE_SIZE", offset: 0 });
    expect(code([full, Uint8Array.of(1, 1)], CONTENT_SIZE)).toEqual({
      code: "FRAME_TOO_LARGE",
      offset: CONTENT_SIZE,
    });
  });

  it("let out only listed codes, and never more than the limit, whatever comes in", () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constant(new Uint8Array(PIECE_SIZE)),
      fc.constant(new Uint8Array(PIECE_SIZE).fill(1, 0, 1)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const limit = 3 * CONTENT_SIZE;
        const results = feed(pieces, limit);
        const end = results.findIndex((result) => !result.ok);
        for (const result of end < 0 ? results : results.slice(0, end)) {
          expect(result.ok && (result.value?.length ?? 0) <= limit).toBe(true);
        }
        const failure = results[end];
        expect(failure === undefined || failure.ok || CODES.includes(failure.error.code)).toBe(
          true,
        );
      }),
    );
  });
});
