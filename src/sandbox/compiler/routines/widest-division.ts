/** Division of u256 in memory: Knuth's algorithm D (volume 2, 4.3.1) over 32-bit digits. */
import { SCRATCH } from "../memory-map.ts";
import { type Routine, routineIndex } from "../program-context.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";
import { DIGIT_BITS, DIGIT_COUNT, emitDigitAddress, U256_SIZE, WORDS } from "./widest.ts";

const DIGIT = 4;

/** Dividend with one digit more, shifted divisor. */
const DIVIDEND = SCRATCH;
const DIVISOR = SCRATCH + 48;

/** (quotient, remainder, a, b) for b ≠ 0. The destinations are no operands. */
export const DIVIDE: Routine = {
  name: "u256_divide",
  type: { parameters: ["i32", "i32", "i32", "i32"], results: [] },
  body(program, out) {
    const [quotient, remainder, a, b] = [0, 1, 2, 3];
    const count = routineIndex(program, DIGIT_COUNT);
    const [aCount, bCount] = [out.local("i32"), out.local("i32")];
    out.get(quotient).i32(0).i32(U256_SIZE).memoryFill();
    out.get(remainder).i32(0).i32(U256_SIZE).memoryFill();
    out.get(a).call(count).set(aCount);
    out.get(b).call(count).set(bCount);
    out.get(aCount).i32(2).op("i32.le_u").get(bCount).i32(2).op("i32.le_u").op("i32.and").if();
    for (const [to, operation] of [
      [quotient, "i64.div_u"],
      [remainder, "i64.rem_u"],
    ] as const) {
      out.get(to).get(a).memory("i64.load", 0).get(b).memory("i64.load", 0);
      out.op(operation).memory("i64.store", 0);
    }
    out.op("return").end();
    out.get(aCount).get(bCount).op("i32.lt_u").if();
    emitCopyWords(out, remainder, a);
    out.op("return").end();
    out.get(bCount).i32(1).op("i32.eq").if();
    emitShortDivision(out, aCount);
    out.op("return").end();
    emitLongDivision(out, aCount, bCount);
  },
};

function emitCopyWords(out: FunctionBuilder, to: Local, from: Local): void {
  for (const offset of WORDS) {
    out.get(to).get(from).memory("i64.load", offset).memory("i64.store", offset);
  }
}

/** Divides by one digit. */
function emitShortDivision(out: FunctionBuilder, aCount: Local): void {
  const [quotient, remainder, a, b] = [0, 1, 2, 3];
  const [i, rest, divisor] = [out.local("i32"), out.local("i64"), out.local("i64")];
  out.get(b).memory("i64.load32_u", 0).set(divisor);
  out.get(aCount).set(i);
  const done = out.block();
  const again = out.loop();
  out.get(i).op("i32.eqz").brIf(done);
  out.get(i).i32(1).op("i32.sub").set(i);
  out.get(rest).i64(DIGIT_BITS).op("i64.shl");
  emitDigitAddress(out, a, i).memory("i64.load32_u", 0).op("i64.or").set(rest);
  emitDigitAddress(out, quotient, i);
  out.get(rest).get(divisor).op("i64.div_u").memory("i64.store32", 0);
  out.get(rest).get(divisor).op("i64.rem_u").set(rest).br(again);
  out.end().end();
  out.get(remainder).get(rest).memory("i64.store", 0);
}

/** Divides by two digits or more. */
function emitLongDivision(out: FunctionBuilder, aCount: Local, bCount: Local): void {
  const [quotient, remainder, a, b] = [0, 1, 2, 3];
  const [u, v, shift, j] = [out.local("i32"), out.local("i32"), out.local("i64"), out.local("i32")];
  out.i32(DIVIDEND).set(u).i32(DIVISOR).set(v);
  emitDigitAddress(out, b, bCount, -1).memory("i32.load", 0).op("i32.clz");
  out.op("i64.extend_i32_u").set(shift);
  emitShiftLeft(out, { to: v, from: b, count: bCount, shift });
  emitShiftLeft(out, { to: u, from: a, count: aCount, shift });
  const [top, second] = [out.local("i64"), out.local("i64")];
  emitDigitAddress(out, v, bCount, -1).memory("i64.load32_u", 0).set(top);
  emitDigitAddress(out, v, bCount, -2).memory("i64.load32_u", 0).set(second);
  out.get(aCount).get(bCount).op("i32.sub").set(j);
  const again = out.loop();
  const estimate = emitEstimate(out, { u, bCount, j, top, second });
  emitSubtractProduct(out, { u, v, bCount, j, estimate });
  emitDigitAddress(out, quotient, j).get(estimate).memory("i64.store32", 0);
  out.get(j).i32(1).op("i32.sub").tee(j).i32(0).op("i32.ge_s").brIf(again);
  out.end();
  emitShiftRight(out, { to: remainder, from: u, count: bCount, shift });
}

interface Shift {
  readonly to: Local;
  readonly from: Local;
  readonly count: Local;
  readonly shift: Local;
}

/** Shifts `count` digits left by less than a digit, into `count + 1`. */
function emitShiftLeft(out: FunctionBuilder, { to, from, count, shift }: Shift): void {
  const [i, carry] = [out.local("i32"), out.local("i64")];
  out.i32(0).set(i).i64(0n).set(carry);
  const done = out.block();
  const again = out.loop();
  out.get(i).get(count).op("i32.ge_u").brIf(done);
  out.get(carry);
  emitDigitAddress(out, from, i).memory("i64.load32_u", 0).get(shift).op("i64.shl");
  out.op("i64.or").set(carry);
  emitDigitAddress(out, to, i).get(carry).memory("i64.store32", 0);
  out.get(carry).i64(DIGIT_BITS).op("i64.shr_u").set(carry);
  out.get(i).i32(1).op("i32.add").set(i).br(again);
  out.end().end();
  emitDigitAddress(out, to, i).get(carry).memory("i64.store32", 0);
}

/** Shifts `count` digits right by less than a digit; one more digit is there to shift in. */
function emitShiftRight(out: FunctionBuilder, { to, from, count, shift }: Shift): void {
  const i = out.local("i32");
  out.i32(0).set(i);
  const done = out.block();
  const again = out.loop();
  out.get(i).get(count).op("i32.ge_u").brIf(done);
  emitDigitAddress(out, to, i);
  // Two digits at once, of which the lower stays.
  emitDigitAddress(out, from, i).memory("i64.load", 0).get(shift).op("i64.shr_u");
  out.memory("i64.store32", 0);
  out.get(i).i32(1).op("i32.add").set(i).br(again);
  out.end().end();
}

interface Estimate {
  readonly u: Local;
  readonly bCount: Local;
  readonly j: Local;
  readonly top: Local;
  readonly second: Local;
}

/** Estimates quotient digit `j`: right, or one too large. */
function emitEstimate(out: FunctionBuilder, { u, bCount, j, top, second }: Estimate): Local {
  const [estimate, rest, at] = [out.local("i64"), out.local("i64"), out.local("i32")];
  out.get(j).get(bCount).op("i32.add").set(at);
  emitDigitAddress(out, u, at, -1).memory("i64.load", 0).tee(rest);
  out.get(top).op("i64.div_u").set(estimate);
  out.get(rest).get(top).op("i64.rem_u").set(rest);
  const done = out.block();
  const again = out.loop();
  out.get(estimate).i64(DIGIT_BITS).op("i64.shr_u").op("i64.eqz").if();
  out.get(estimate).get(second).op("i64.mul");
  out.get(rest).i64(DIGIT_BITS).op("i64.shl");
  emitDigitAddress(out, u, at, -2).memory("i64.load32_u", 0).op("i64.or");
  out.op("i64.le_u").brIf(done);
  out.end();
  out.get(estimate).i64(1n).op("i64.sub").set(estimate);
  out.get(rest).get(top).op("i64.add").tee(rest);
  out.i64(DIGIT_BITS).op("i64.shr_u").op("i64.eqz").brIf(again);
  out.end().end();
  return estimate;
}

interface Product {
  readonly u: Local;
  readonly v: Local;
  readonly bCount: Local;
  readonly j: Local;
  readonly estimate: Local;
}

/**
 * Subtracts `estimate · v` from the dividend at digit `j`; takes one back where that was too much.
 */
function emitSubtractProduct(out: FunctionBuilder, product: Product): void {
  const { u, bCount, j, estimate } = product;
  const [borrow, digit] = [out.local("i64"), out.local("i64")];
  out.i64(0n).set(borrow);
  emitProductDigits(out, product, (at, factor) => {
    // borrow holds what is to be subtracted beyond this digit.
    out.get(borrow);
    out.get(factor).get(estimate).op("i64.mul").op("i64.add").set(borrow);
    out.get(at).memory("i64.load32_u", 0).get(borrow).i64(0xffff_ffffn).op("i64.and");
    out.op("i64.sub").set(digit);
    out.get(at).get(digit).memory("i64.store32", 0);
    out.get(borrow).i64(DIGIT_BITS).op("i64.shr_u");
    out.get(digit).i64(63n).op("i64.shr_u").op("i64.add").set(borrow);
  });
  const last = out.local("i32");
  out.get(j).get(bCount).op("i32.add").set(last);
  emitDigitAddress(out, u, last).tee(last).memory("i64.load32_u", 0);
  out.get(borrow).op("i64.sub").set(digit);
  out.get(last).get(digit).memory("i64.store32", 0);
  out.get(digit).i64(0n).op("i64.lt_s").if();
  emitAddBack(out, product, last);
  out.end();
}

function emitAddBack(out: FunctionBuilder, product: Product, last: Local): void {
  const { estimate } = product;
  const carry = out.local("i64");
  out.get(estimate).i64(1n).op("i64.sub").set(estimate);
  out.i64(0n).set(carry);
  emitProductDigits(out, product, (at, factor) => {
    out.get(at).memory("i64.load32_u", 0).get(factor).op("i64.add").get(carry).op("i64.add");
    out.set(carry);
    out.get(at).get(carry).memory("i64.store32", 0);
    out.get(carry).i64(DIGIT_BITS).op("i64.shr_u").set(carry);
  });
  out.get(last).get(last).memory("i64.load32_u", 0).get(carry).op("i64.add");
  out.memory("i64.store32", 0);
}

/** Runs `body` for each digit of `v`, with the address of the dividend's digit above it. */
function emitProductDigits(
  out: FunctionBuilder,
  { u, v, bCount, j }: Product,
  body: (at: Local, factor: Local) => void,
): void {
  const [i, at, factor] = [out.local("i32"), out.local("i32"), out.local("i64")];
  out.i32(0).set(i);
  emitDigitAddress(out, u, j).set(at);
  const done = out.block();
  const again = out.loop();
  out.get(i).get(bCount).op("i32.ge_u").brIf(done);
  emitDigitAddress(out, v, i).memory("i64.load32_u", 0).set(factor);
  body(at, factor);
  out.get(at).i32(DIGIT).op("i32.add").set(at);
  out.get(i).i32(1).op("i32.add").set(i).br(again);
  out.end().end();
}
