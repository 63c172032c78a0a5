/**
 * Arithmetic, bits, shifts, order and casts of unsigned integers. Every overflow is
 * `ARITHMETIC_ERROR`.
 */
import type { PrimitiveName } from "../../core/type-tag.ts";
import { fail, failInvariant } from "../failure.ts";
import { chargeGas, pop, poppedType, popTyped, push } from "../machine.ts";
import type { Handler, Machine } from "../machine-model.ts";
import { BOOL, type RuntimeType, U8, U16, U32, U64, U128, U256 } from "../types.ts";
import { numberOf } from "../values/bcs.ts";
import type { Value } from "../values/value.ts";

interface Width {
  readonly bits: number;
  /** Largest value, for those held as numbers and those held as bigints. */
  readonly most: number | bigint;
}

const WIDTHS: Partial<Record<RuntimeType["kind"], Width>> = {
  u8: { bits: 8, most: 0xff },
  u16: { bits: 16, most: 0xffff },
  u32: { bits: 32, most: 0xffff_ffff },
  u64: { bits: 64, most: (1n << 64n) - 1n },
  u128: { bits: 128, most: (1n << 128n) - 1n },
  u256: { bits: 256, most: (1n << 256n) - 1n },
} satisfies Partial<Record<PrimitiveName, Width>>;

function widthOf(type: RuntimeType): Width {
  return WIDTHS[type.kind] ?? failInvariant("an operand is no integer");
}

/** An operation on two operands of one integer type, for either representation. */
interface Binary {
  readonly small: (a: number, b: number, width: Width) => number;
  readonly large: (a: bigint, b: bigint, width: Width) => bigint;
}

function binary({ small, large }: Binary, isCostly = false): Handler {
  return (machine) => {
    const right = pop(machine);
    const type = poppedType(machine);
    const left = popTyped(machine, type);
    const width = widthOf(type);
    if (isCostly) chargeWide(machine, type);
    let result: Value;
    if (typeof left === "number" && typeof right === "number") result = small(left, right, width);
    else if (typeof left === "bigint" && typeof right === "bigint") {
      result = large(left, right, width);
    } else result = failInvariant("operands are not of their type");
    push(machine, result, type);
  };
}

function chargeWide(machine: Machine, type: RuntimeType): void {
  if (type === U128) chargeGas(machine, machine.schedule.wideMultiply);
  else if (type === U256) chargeGas(machine, machine.schedule.widestMultiply);
}

function within<T extends number | bigint>(result: T, { most }: Width): T {
  return result > most ? fail("ARITHMETIC_ERROR", "the result is too large") : result;
}

function notNegative<T extends number | bigint>(result: T): T {
  return result < 0 ? fail("ARITHMETIC_ERROR", "the result is below zero") : result;
}

function notZero<T extends number | bigint>(divisor: T): T {
  return Number(divisor) === 0 ? fail("ARITHMETIC_ERROR", "division by zero") : divisor;
}

export const add = binary({
  small: (a, b, width) => within(a + b, width),
  large: (a, b, width) => within(a + b, width),
});

export const sub = binary({
  small: (a, b) => notNegative(a - b),
  large: (a, b) => notNegative(a - b),
});

/** A product of u32 can exceed what a number holds exactly, but then it exceeds u32 as well. */
export const mul = binary(
  {
    small: (a, b, width) => within(a * b, width),
    large: (a, b, width) => within(a * b, width),
  },
  true,
);

export const div = binary(
  {
    small: (a, b) => Math.floor(a / notZero(b)),
    large: (a, b) => a / notZero(b),
  },
  true,
);

export const mod = binary(
  {
    small: (a, b) => a % notZero(b),
    large: (a, b) => a % notZero(b),
  },
  true,
);

export const bitOr = binary({ small: (a, b) => (a | b) >>> 0, large: (a, b) => a | b });
export const bitAnd = binary({ small: (a, b) => (a & b) >>> 0, large: (a, b) => a & b });
export const xor = binary({ small: (a, b) => (a ^ b) >>> 0, large: (a, b) => a ^ b });

/** A shift by a u8 smaller than the width; bits shifted out are lost. */
function shift(
  small: (a: number, by: number, width: Width) => number,
  large: (a: bigint, by: bigint, width: Width) => bigint,
): Handler {
  return (machine) => {
    const by = numberOf(popTyped(machine, U8));
    const value = pop(machine);
    const type = poppedType(machine);
    const width = widthOf(type);
    if (by >= width.bits) fail("ARITHMETIC_ERROR", "a shift by the width or more");
    let result: Value;
    if (typeof value === "number") result = small(value, by, width);
    else if (typeof value === "bigint") result = large(value, BigInt(by), width);
    else result = failInvariant("an operand is not of its type");
    push(machine, result, type);
  };
}

export const shl = shift(
  // Shifting a number in 32 bits is exact for the bits that stay.
  (a, by, { bits }) => ((a << by) & (bits === 32 ? -1 : (1 << bits) - 1)) >>> 0,
  (a, by, { bits }) => BigInt.asUintN(bits, a << by),
);

export const shr = shift(
  (a, by) => a >>> by,
  (a, by) => a >> by,
);

function order(holds: (a: number | bigint, b: number | bigint) => boolean): Handler {
  return (machine) => {
    const right = pop(machine);
    const type = poppedType(machine);
    const left = popTyped(machine, type);
    widthOf(type);
    push(machine, holds(integer(left), integer(right)), BOOL);
  };
}

function integer(value: Value): number | bigint {
  return typeof value === "number" || typeof value === "bigint"
    ? value
    : failInvariant("an operand is no integer");
}

export const lt = order((a, b) => a < b);
export const gt = order((a, b) => a > b);
export const le = order((a, b) => a <= b);
export const ge = order((a, b) => a >= b);

function cast(type: RuntimeType): Handler {
  const { most } = widthOf(type);
  const isSmall = typeof most === "number";
  return (machine) => {
    const value = integer(pop(machine));
    widthOf(poppedType(machine));
    if (value > most) fail("ARITHMETIC_ERROR", `${type.kind} is too narrow`);
    push(machine, isSmall ? Number(value) : BigInt(value), type);
  };
}

export const castU8 = cast(U8);
export const castU16 = cast(U16);
export const castU32 = cast(U32);
export const castU64 = cast(U64);
export const castU128 = cast(U128);
export const castU256 = cast(U256);
