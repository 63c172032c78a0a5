import { describe, expect, it } from "vitest";
import { percentile } from "../../bin/bench/measure.ts";

describe("a percentile", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => ((index * 37) % 100) + 1);

  it("is the least value that such a share of all does not exceed", () => {
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
    expect(percentile(hundred, 0)).toBe(1);
  });

  it("of few values is one of them", () => {
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([3, 1, 2], 0.5)).toBe(2);
    expect(percentile([3, 1, 2], 0.99)).toBe(3);
  });

  it("of none is no number", () => {
    expect(percentile([], 0.5)).toBeNaN();
  });
});
