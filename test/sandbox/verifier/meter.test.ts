import { describe, expect, it } from "vitest";
import { PRODUCTION_CONFIG } from "../../../src/sandbox/verifier/config.ts";
import { VerificationFailure } from "../../../src/sandbox/verifier/error.ts";
import {
  charge,
  chargeGrowing,
  createMeter,
  enterScope,
} from "../../../src/sandbox/verifier/meter.ts";
import { judge, refusal, repeat } from "./judge.ts";

const CONFIG = { ...PRODUCTION_CONFIG, meterUnitsMax: 100, meterTotalMax: 250 };

describe("the meter", () => {
  it("lets a scope use what it has, and no more", () => {
    const meter = createMeter(CONFIG);
    charge(meter, 100);
    expect(() => charge(meter, 1)).toThrow(VerificationFailure);
  });

  it("starts anew with each scope, but counts all together", () => {
    const meter = createMeter(CONFIG);
    charge(meter, 100);
    enterScope(meter, "function f");
    charge(meter, 100);
    enterScope(meter, "function g");
    charge(meter, 50);
    expect(() => charge(meter, 1)).toThrow("the module takes over 250");
  });

  it("charges each further item half as much again", () => {
    const meter = createMeter({ ...CONFIG, meterUnitsMax: 1000 });
    chargeGrowing(meter, 10, 4);
    expect(meter.units).toBe(10 + 15 + 22 + 33);
    expect(() => chargeGrowing(meter, 10, 1_000_000)).toThrow(VerificationFailure);
  });

  it("refuses an unbounded charge", () => {
    expect(() => charge(createMeter(CONFIG), Number.POSITIVE_INFINITY)).toThrow(
      VerificationFailure,
    );
  });
});

describe("a module that takes too much work", () => {
  const body = `${repeat(200, () => "copy_loc a\npop")}\nret`;
  const functions = (count: number) =>
    `module 0x1::m\n${repeat(count, (index) => `fun f${index}(a: u64)\n${body}`)}`;

  it("is refused for one function, by name", () => {
    expect(refusal(functions(1), { meterUnitsMax: 10_000 })).toMatchObject({
      status: "PROGRAM_TOO_COMPLEX",
      detail: expect.stringContaining("function f0"),
    });
  });

  it("is refused for many that each pass", () => {
    const limits = { meterUnitsMax: 100_000, meterTotalMax: 300_000 };
    expect(judge(functions(3), limits)).toBe("OK");
    expect(judge(functions(30), limits)).toBe("PROGRAM_TOO_COMPLEX");
  });

  it("is refused for its tables", () => {
    expect(refusal(functions(1), { meterUnitsMax: 100 })).toMatchObject({
      status: "PROGRAM_TOO_COMPLEX",
      detail: expect.stringContaining("the tables"),
    });
  });
});
