import { describe, expect, it } from "vitest";
import { internalGas } from "#core/gas-units.ts";
import { createMeter, gasUsed, takeGas, takeMemory } from "../../../src/sandbox/gas/meter.ts";
import { GAS_SCHEDULE, NATIVE_PRICES, nativeGas } from "../../../src/sandbox/gas/schedule.ts";

describe("a meter", () => {
  it("[GA5] takes what there is and refuses what is more, leaving nothing", () => {
    const meter = createMeter(internalGas(10), 0);
    expect(takeGas(meter, 10)).toBe(true);
    expect(gasUsed(meter)).toBe(10);
    expect(takeGas(meter, 1)).toBe(false);
    expect(gasUsed(meter)).toBe(10);
  });

  it("[GA5] counts the whole limit as used when a charge is too high", () => {
    const meter = createMeter(internalGas(10), 0);
    expect(takeGas(meter, 11)).toBe(false);
    expect(gasUsed(meter)).toBe(10);
  });

  it("[GA7] counts memory apart from gas", () => {
    const meter = createMeter(internalGas(1), 100);
    expect(takeMemory(meter, 60)).toBe(true);
    expect(takeMemory(meter, 41)).toBe(false);
    expect(gasUsed(meter)).toBe(0);
  });
});

describe("the gas schedule", () => {
  it("[GA1] is versioned and counts a plain instruction as one", () => {
    expect(GAS_SCHEDULE.version).toBe(1);
    expect(GAS_SCHEDULE.instruction).toBe(1);
  });

  it("[GA1] holds non-negative integers only", () => {
    const prices = Object.values(NATIVE_PRICES).flatMap((price) => Object.values(price));
    const numbers = Object.values(GAS_SCHEDULE).filter((value) => typeof value === "number");
    for (const number of [...numbers, ...prices, ...Object.values(GAS_SCHEDULE.publish)]) {
      expect(Number.isSafeInteger(number) && number >= 0).toBe(true);
    }
  });

  it("[NA2] prices bytes in proportion and rounds up", () => {
    const price = { base: 7, perKilobyte: 512 };
    expect([0, 1, 2, 3, 1024].map((size) => nativeGas(price, size))).toEqual([7, 8, 8, 9, 519]);
  });
});
