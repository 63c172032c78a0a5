// Integer instructions of every width against plain mathematics. [VA4]
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "#core/bytes.ts";
import { statusName } from "#sandbox";
import { createHarness } from "../harness.ts";
import type { FunctionText } from "../module-builder.ts";

const WIDTHS = [8, 16, 32, 64, 128, 256] as const;
type Width = (typeof WIDTHS)[number];

/** The result, or undefined where there is none that fits. */
const OPERATIONS: Readonly<
  Record<string, (a: bigint, b: bigint, bits: number) => bigint | undefined>
> = {
  Add: (a, b, bits) => fitting(a + b, bits),
  Sub: (a, b, bits) => fitting(a - b, bits),
  Mul: (a, b, bits) => fitting(a * b, bits),
  Div: (a, b) => (b === 0n ? undefined : a / b),
  Mod: (a, b) => (b === 0n ? undefined : a % b),
  BitOr: (a, b) => a | b,
  BitAnd: (a, b) => a & b,
  Xor: (a, b) => a ^ b,
};

const ORDERS: Readonly<Record<string, (a: bigint, b: bigint) => boolean>> = {
  Lt: (a, b) => a < b,
  Gt: (a, b) => a > b,
  Le: (a, b) => a <= b,
  Ge: (a, b) => a >= b,
  Eq: (a, b) => a === b,
  Neq: (a, b) => a !== b,
};

function fitting(value: bigint, bits: number): bigint | undefined {
  return value >= 0n && value < 1n << BigInt(bits) ? value : undefined;
}

function encode(value: bigint, bits: number): string {
  const big = value.toString(16).padStart(bits / 4, "0");
  return big.match(/../g)?.toReversed().join("") ?? "";
}

function functionsOf(bits: Width): readonly FunctionText[] {
  const type = `u${bits}`;
  const binary = (opcode: string, returns: string): FunctionText => ({
    name: `${opcode.toLowerCase()}_${bits}`,
    params: [type, type],
    returns: [returns],
    code: [["MoveLoc", 0], ["MoveLoc", 1], [opcode as "Add"], ["Ret"]],
  });
  const shift = (opcode: "Shl" | "Shr"): FunctionText => ({
    name: `${opcode.toLowerCase()}_${bits}`,
    params: [type, "u8"],
    returns: [type],
    code: [["MoveLoc", 0], ["MoveLoc", 1], [opcode], ["Ret"]],
  });
  const casts = WIDTHS.map(
    (to): FunctionText => ({
      name: `cast_${bits}_${to}`,
      params: [type],
      returns: [`u${to}`],
      code: [["MoveLoc", 0], [`CastU${to}`], ["Ret"]],
    }),
  );
  return [
    ...Object.keys(OPERATIONS).map((opcode) => binary(opcode, type)),
    ...Object.keys(ORDERS).map((opcode) => binary(opcode, "bool")),
    shift("Shl"),
    shift("Shr"),
    ...casts,
  ];
}

const harness = createHarness();
harness.publish({ name: "m", functions: WIDTHS.flatMap(functionsOf) });

function run(fn: string, args: readonly string[]): string {
  const { status, returns } = harness.call(`0x1::m::${fn}`, { args });
  return status.type === "executed" ? returns.map(toHex).join() : statusName(status);
}

function expected(value: bigint | undefined, bits: number): string {
  return value === undefined ? "ARITHMETIC_ERROR" : encode(value, bits);
}

/** Numbers of a width, those at its edges and powers of two among them. */
function numbers(bits: number): fc.Arbitrary<bigint> {
  const most = (1n << BigInt(bits)) - 1n;
  return fc.oneof(
    fc.bigInt({ min: 0n, max: most }),
    fc.constantFrom(0n, 1n, 2n, most, most - 1n, most >> 1n, (most >> 1n) + 1n),
    fc.nat(bits - 1).map((shift) => 1n << BigInt(shift)),
  );
}

describe.each(WIDTHS)("u%i", (bits) => {
  it.each(Object.entries(OPERATIONS))("[VA4] %s", (opcode, model) => {
    fc.assert(
      fc.property(numbers(bits), numbers(bits), (a, b) => {
        const found = run(`${opcode.toLowerCase()}_${bits}`, [encode(a, bits), encode(b, bits)]);
        expect(found).toBe(expected(model(a, b, bits), bits));
      }),
    );
  });

  it.each(Object.entries(ORDERS))("%s", (opcode, model) => {
    fc.assert(
      fc.property(numbers(bits), numbers(bits), fc.boolean(), (a, other, same) => {
        const b = same ? a : other;
        const found = run(`${opcode.toLowerCase()}_${bits}`, [encode(a, bits), encode(b, bits)]);
        expect(found).toBe(model(a, b) ? "01" : "00");
      }),
    );
  });

  it("[VA4] shifts", () => {
    fc.assert(
      fc.property(numbers(bits), fc.nat(255), (a, by) => {
        const args = [encode(a, bits), encode(BigInt(by), 8)];
        const isTooFar = by >= bits;
        const left = isTooFar ? undefined : BigInt.asUintN(bits, a << BigInt(by));
        const right = isTooFar ? undefined : a >> BigInt(by);
        expect(run(`shl_${bits}`, args)).toBe(expected(left, bits));
        expect(run(`shr_${bits}`, args)).toBe(expected(right, bits));
      }),
    );
  });

  it.each(WIDTHS)("[VA4] casts to u%i", (to) => {
    fc.assert(
      fc.property(numbers(bits), (a) => {
        const found = run(`cast_${bits}_${to}`, [encode(a, bits)]);
        expect(found).toBe(expected(fitting(a, to), to));
      }),
    );
  });
});
