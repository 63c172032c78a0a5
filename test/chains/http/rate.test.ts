import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { admit, createRateLimiter } from "../../../src/chains/http/rate.ts";

describe("the rate limit", () => {
  it("lets nobody have more than the burst and what time has brought", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 });
    fc.assert(
      fc.property(gaps, (waits) => {
        const limiter = createRateLimiter({ perSecond: 10, burst: 5, clientsMax: 4 });
        let nowMs = 0;
        let admitted = 0;
        for (const wait of waits) {
          nowMs += wait;
          if (admit(limiter, "a", nowMs)) admitted += 1;
          expect(admitted).toBeLessThanOrEqual(5 + nowMs / 100);
        }
      }),
    );
  });

  it("counts clients apart, and remembers a bounded number of them", () => {
    const limiter = createRateLimiter({ perSecond: 1, burst: 1, clientsMax: 3 });
    for (const client of ["a", "b", "c"]) {
      expect(admit(limiter, client, 0)).toBe(true);
      expect(admit(limiter, client, 0)).toBe(false);
    }
    expect(admit(limiter, "d", 0)).toBe(true);
    expect(limiter.buckets.size).toBe(3);
    expect(admit(limiter, "c", 0)).toBe(false);
  });

  it("is not fooled by a clock that goes back", () => {
    const limiter = createRateLimiter({ perSecond: 1, burst: 1, clientsMax: 3 });
    expect(admit(limiter, "a", 5_000)).toBe(true);
    expect(admit(limiter, "a", 0)).toBe(false);
  });
});
