/**
 * Multiplication and division of u128, as two i64 (low, high). The division of 128 by 64 bits and
 * its extension to 128 by 128 follow the well-known normalise, estimate, correct method (Knuth,
 * volume 2, 4.3.1, algorithm D).
 */
import { type Routine, routineIndex } from "../program-context.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";

const LOW_HALF = 0xffff_ffffn;
const HALF_BITS = 32n;

function emitLowHalf(out: FunctionBuilder, local: Local): FunctionBuilder {
  return out.get(local).i64(LOW_HALF).op("i64.and");
}

function emitHighHalf(out: FunctionBuilder, local: Local): FunctionBuilder {
  return out.get(local).i64(HALF_BITS).op("i64.shr_u");
}

/** (a, b) → the high word of their product. */
export const MULTIPLY_HIGH: Routine = {
  name: "multiply_high",
  type: { parameters: ["i64", "i64"], results: ["i64"] },
  body(_program, out) {
    const [a, b] = [0, 1];
    const middle = out.local("i64");
    const cross = out.local("i64");
    // middle = aHigh·bLow + (aLow·bLow >> 32): cannot overflow.
    emitLowHalf(out, a);
    emitLowHalf(out, b).op("i64.mul").i64(HALF_BITS).op("i64.shr_u");
    emitHighHalf(out, a);
    emitLowHalf(out, b).op("i64.mul").op("i64.add").set(middle);
    // cross = aLow·bHigh + low half of middle: neither can this.
    emitLowHalf(out, a);
    emitHighHalf(out, b).op("i64.mul");
    emitLowHalf(out, middle).op("i64.add").set(cross);
    emitHighHalf(out, a);
    emitHighHalf(out, b).op("i64.mul");
    emitHighHalf(out, middle).op("i64.add");
    emitHighHalf(out, cross).op("i64.add");
  },
};

/** (a, b as low, high each) → low, high, and 1 where the product is too large. */
export const MULTIPLY: Routine = {
  name: "u128_multiply",
  type: { parameters: ["i64", "i64", "i64", "i64"], results: ["i64", "i64", "i32"] },
  body(program, out) {
    const [aLow, aHigh, bLow, bHigh] = [0, 1, 2, 3];
    const high = out.local("i64");
    const cross = out.local("i64");
    const overflow = out.local("i32");
    const multiplyHigh = routineIndex(program, MULTIPLY_HIGH);
    out.get(aLow).get(bLow).call(multiplyHigh).set(high);
    out.get(aHigh).get(bHigh).op("i64.or").op("i64.eqz").op("i32.eqz").if();
    out.get(aHigh).op("i64.eqz").op("i32.eqz").get(bHigh).op("i64.eqz").op("i32.eqz");
    out.op("i32.and").set(overflow);
    for (const [upper, lower] of [
      [aHigh, bLow],
      [bHigh, aLow],
    ] as const) {
      out.get(upper).get(lower).call(multiplyHigh).op("i64.eqz").op("i32.eqz");
      out.get(overflow).op("i32.or").set(overflow);
      out.get(upper).get(lower).op("i64.mul").tee(cross);
      out.get(high).op("i64.add").tee(high).get(cross).op("i64.lt_u");
      out.get(overflow).op("i32.or").set(overflow);
    }
    out.end();
    out.get(aLow).get(bLow).op("i64.mul").get(high).get(overflow);
  },
};

/** (high, low, divisor) → quotient, for high < divisor, so that it fits one word. */
const DIVIDE_NARROW: Routine = {
  name: "divide_128_by_64",
  type: { parameters: ["i64", "i64", "i64"], results: ["i64"] },
  body(_program, out) {
    const [high, low, divisor] = [0, 1, 2];
    const shift = out.local("i64");
    const quotientHigh = out.local("i64");
    const digit = out.local("i64");
    out.get(high).op("i64.eqz").if();
    out.get(low).get(divisor).op("i64.div_u").op("return").end();
    // Normalise: the divisor's top bit is set.
    out.get(divisor).op("i64.clz").set(shift);
    out.get(divisor).get(shift).op("i64.shl").set(divisor);
    out.get(high).get(shift).op("i64.shl");
    out.get(low).i64(1n).op("i64.shr_u").i64(63n).get(shift).op("i64.sub").op("i64.shr_u");
    out.op("i64.or").set(high);
    out.get(low).get(shift).op("i64.shl").set(low);
    emitHighHalf(out, low).set(digit);
    emitDigit(out, high, digit, divisor, quotientHigh);
    emitLowHalf(out, low).set(digit);
    const quotientLow = out.local("i64");
    emitDigit(out, high, digit, divisor, quotientLow);
    out.get(quotientHigh).i64(HALF_BITS).op("i64.shl").get(quotientLow).op("i64.or");
  },
};

/**
 * One 32-bit digit of a quotient: divides (rest, digit) by divisor and leaves the remainder in
 * `rest`.
 */
function emitDigit(
  out: FunctionBuilder,
  rest: Local,
  digit: Local,
  divisor: Local,
  quotient: Local,
): void {
  const estimateRest = out.local("i64");
  const top = out.local("i64");
  emitHighHalf(out, divisor).set(top);
  out.get(rest).get(top).op("i64.div_u").set(quotient);
  out.get(rest).get(quotient).get(top).op("i64.mul").op("i64.sub").set(estimateRest);
  const done = out.block();
  const again = out.loop();
  // The estimate is at most two too large.
  emitHighHalf(out, quotient).op("i64.eqz").if();
  out.get(quotient);
  emitLowHalf(out, divisor).op("i64.mul");
  out.get(estimateRest).i64(HALF_BITS).op("i64.shl").get(digit).op("i64.or");
  out.op("i64.le_u").brIf(done);
  out.end();
  out.get(quotient).i64(1n).op("i64.sub").set(quotient);
  out.get(estimateRest).get(top).op("i64.add").tee(estimateRest);
  out.i64(HALF_BITS).op("i64.shr_u").op("i64.eqz").brIf(again);
  out.end().end();
  out.get(rest).i64(HALF_BITS).op("i64.shl").get(digit).op("i64.or");
  out.get(quotient).get(divisor).op("i64.mul").op("i64.sub").set(rest);
}

/** (a, b as low, high each) → quotient low, high, for b ≠ 0. */
export const DIVIDE: Routine = {
  name: "u128_divide",
  type: { parameters: ["i64", "i64", "i64", "i64"], results: ["i64", "i64"] },
  body(program, out) {
    const [aLow, aHigh, bLow, bHigh] = [0, 1, 2, 3];
    const quotient = out.local("i64");
    const shift = out.local("i64");
    const narrow = routineIndex(program, DIVIDE_NARROW);
    out.get(bHigh).op("i64.eqz").if();
    out.get(aHigh).get(bLow).op("i64.div_u").set(quotient);
    out.get(aHigh).get(bLow).op("i64.rem_u").get(aLow).get(bLow).call(narrow);
    out.get(quotient).op("return").end();
    // Here the quotient fits one word: estimate it from the divisor's top 64 bits, one too large at
    // most.
    out.get(bHigh).op("i64.clz").set(shift);
    out.get(aHigh).i64(1n).op("i64.shr_u");
    out.get(aHigh).i64(63n).op("i64.shl").get(aLow).i64(1n).op("i64.shr_u").op("i64.or");
    out.get(bHigh).get(shift).op("i64.shl");
    out.get(bLow).i64(1n).op("i64.shr_u").i64(63n).get(shift).op("i64.sub").op("i64.shr_u");
    out.op("i64.or").call(narrow);
    out.i64(63n).get(shift).op("i64.sub").op("i64.shr_u").set(quotient);
    out.get(quotient).op("i64.eqz").op("i32.eqz").if();
    out.get(quotient).i64(1n).op("i64.sub").set(quotient);
    out.end();
    emitCorrection(out, routineIndex(program, MULTIPLY_HIGH), quotient);
    out.get(quotient).i64(0n);
  },
};

/** Adds one to the quotient if what it leaves of `a` still holds `b`. */
function emitCorrection(out: FunctionBuilder, multiplyHigh: number, quotient: Local): void {
  const [aLow, aHigh, bLow, bHigh] = [0, 1, 2, 3];
  const [low, restHigh] = [out.local("i64"), out.local("i64")];
  out.get(quotient).get(bLow).op("i64.mul").set(low);
  out.get(aHigh).get(quotient).get(bHigh).op("i64.mul").op("i64.sub");
  out.get(quotient).get(bLow).call(multiplyHigh).op("i64.sub");
  out.get(aLow).get(low).op("i64.lt_u").op("i64.extend_i32_u").op("i64.sub").set(restHigh);
  out.get(aLow).get(low).op("i64.sub").set(low);
  out.get(restHigh).get(bHigh).op("i64.gt_u");
  out.get(restHigh).get(bHigh).op("i64.eq").get(low).get(bLow).op("i64.ge_u").op("i32.and");
  out.op("i32.or").op("i64.extend_i32_u").get(quotient).op("i64.add").set(quotient);
}
