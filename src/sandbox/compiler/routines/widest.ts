/**
 * Arithmetic of u256 in memory: 32 bytes, little endian, worked on as eight 32-bit digits or four
 * 64-bit words. Destinations may be operands only where it says so. Division stands beside.
 */
import { type Routine, routineIndex } from "../program-context.ts";
import type { FunctionBuilder, Local } from "../wasm/function-builder.ts";

export const U256_SIZE = 32;
export const WORDS: readonly number[] = [0, 8, 16, 24];
const DIGITS = 8;
export const DIGIT_BITS = 32n;

/** (to, a, b) → 1 on overflow. `to` may be an operand. */
export const ADD: Routine = {
  name: "u256_add",
  type: { parameters: ["i32", "i32", "i32"], results: ["i32"] },
  body(_program, out) {
    const [to, a, b] = [0, 1, 2];
    const [sum, carry, word] = [out.local("i64"), out.local("i64"), out.local("i64")];
    for (const offset of WORDS) {
      out.get(a).memory("i64.load", offset).tee(word);
      out.get(b).memory("i64.load", offset).op("i64.add").tee(sum);
      out.get(word).op("i64.lt_u").op("i64.extend_i32_u");
      out.get(sum).get(carry).op("i64.add").tee(sum);
      out.get(carry).op("i64.lt_u").op("i64.extend_i32_u").op("i64.or").set(carry);
      out.get(to).get(sum).memory("i64.store", offset);
    }
    out.get(carry).op("i32.wrap_i64");
  },
};

/** (to, a, b) → 1 if a < b. `to` may be an operand. */
export const SUBTRACT: Routine = {
  name: "u256_subtract",
  type: { parameters: ["i32", "i32", "i32"], results: ["i32"] },
  body(_program, out) {
    const [to, a, b] = [0, 1, 2];
    const [left, right] = [out.local("i64"), out.local("i64")];
    const [difference, borrow] = [out.local("i64"), out.local("i64")];
    for (const offset of WORDS) {
      out.get(a).memory("i64.load", offset).tee(left);
      out.get(b).memory("i64.load", offset).tee(right).op("i64.sub").set(difference);
      out.get(to).get(difference).get(borrow).op("i64.sub").memory("i64.store", offset);
      out.get(left).get(right).op("i64.lt_u");
      out.get(difference).get(borrow).op("i64.lt_u").op("i32.or");
      out.op("i64.extend_i32_u").set(borrow);
    }
    out.get(borrow).op("i32.wrap_i64");
  },
};

/** (a, b) → whether a < b. */
export const LESS: Routine = {
  name: "u256_less",
  type: { parameters: ["i32", "i32"], results: ["i32"] },
  body(_program, out) {
    const [a, b] = [0, 1];
    const [left, right] = [out.local("i64"), out.local("i64")];
    for (const offset of WORDS.toReversed()) {
      out.get(a).memory("i64.load", offset).tee(left);
      out.get(b).memory("i64.load", offset).tee(right).op("i64.ne").if();
      out.get(left).get(right).op("i64.lt_u").op("return").end();
    }
    out.i32(0);
  },
};

/** (a) → number of its digits without leading zeros. */
export const DIGIT_COUNT: Routine = {
  name: "u256_digit_count",
  type: { parameters: ["i32"], results: ["i32"] },
  body(_program, out) {
    const [a, count] = [0, out.local("i32")];
    out.i32(DIGITS).set(count);
    const done = out.block();
    const again = out.loop();
    out.get(count).op("i32.eqz").brIf(done);
    emitDigitAddress(out, a, count, -1).memory("i32.load", 0).brIf(done);
    out.get(count).i32(1).op("i32.sub").set(count).br(again);
    out.end().end();
    out.get(count);
  },
};

/** Leaves the address of digit `index + more`. */
export function emitDigitAddress(
  out: FunctionBuilder,
  base: Local,
  index: Local,
  more = 0,
): FunctionBuilder {
  out.get(index);
  if (more !== 0) out.i32(more).op("i32.add");
  return out.i32(2).op("i32.shl").get(base).op("i32.add");
}

/** (to, a, b) → not 0 on overflow. `to` is neither operand. */
export const MULTIPLY: Routine = {
  name: "u256_multiply",
  type: { parameters: ["i32", "i32", "i32"], results: ["i32"] },
  body(program, out) {
    const [to, a, b] = [0, 1, 2];
    const count = routineIndex(program, DIGIT_COUNT);
    const [aCount, bCount] = [out.local("i32"), out.local("i32")];
    const [i, j] = [out.local("i32"), out.local("i32")];
    const [digit, total, at] = [out.local("i64"), out.local("i64"), out.local("i32")];
    const overflow = out.local("i64");
    out.get(a).call(count).set(aCount);
    out.get(b).call(count).set(bCount);
    out.get(to).i32(0).i32(U256_SIZE).memoryFill();
    const done = out.block();
    const nextDigit = out.loop();
    out.get(i).get(bCount).op("i32.ge_u").brIf(done);
    emitDigitAddress(out, b, i).memory("i64.load32_u", 0).set(digit);
    out.i64(0n).set(total);
    out.i32(0).set(j);
    const rowDone = out.block();
    const again = out.loop();
    out.get(i).get(j).op("i32.add").tee(at).i32(DIGITS).op("i32.ge_u").brIf(rowDone);
    out.get(j).get(aCount).op("i32.gt_u").brIf(rowDone);
    // The digit behind the last one of `a` takes the carry.
    emitDigitAddress(out, to, at);
    out.get(j).get(aCount).op("i32.lt_u").if();
    out.get(total);
    emitDigitAddress(out, a, j).memory("i64.load32_u", 0).get(digit).op("i64.mul");
    out.op("i64.add").set(total);
    out.end();
    out.get(total);
    emitDigitAddress(out, to, at).memory("i64.load32_u", 0).op("i64.add").tee(total);
    out.memory("i64.store32", 0);
    out.get(total).i64(DIGIT_BITS).op("i64.shr_u").set(total);
    out.get(j).i32(1).op("i32.add").set(j).br(again);
    out.end().end();
    // Left over: a carry, or digits of `a` that had no place.
    emitLeftOver(out, { a, aCount, j, digit, total, overflow });
    out.get(i).i32(1).op("i32.add").set(i).br(nextDigit);
    out.end().end();
    out.get(overflow).op("i64.eqz").op("i32.eqz");
  },
};

interface Row {
  readonly a: Local;
  readonly aCount: Local;
  readonly j: Local;
  readonly digit: Local;
  readonly total: Local;
  readonly overflow: Local;
}

/**
 * The top digit of `a` is not 0, so if any digit is left and `digit` is not 0, the product is too
 * large.
 */
function emitLeftOver(out: FunctionBuilder, { aCount, j, digit, total, overflow }: Row): void {
  out.get(total).get(overflow).op("i64.or").set(overflow);
  out.get(j).get(aCount).op("i32.lt_u").if();
  out.get(digit).get(overflow).op("i64.or").set(overflow);
  out.end();
}

/** (to, a, bits) shifts left by less than 256 bits. `to` is not the operand. */
export const SHIFT_LEFT: Routine = {
  name: "u256_shift_left",
  type: { parameters: ["i32", "i32", "i32"], results: [] },
  body(_program, out) {
    emitShift(out, "left");
  },
};

/** (to, a, bits) shifts right by less than 256 bits. `to` is not the operand. */
export const SHIFT_RIGHT: Routine = {
  name: "u256_shift_right",
  type: { parameters: ["i32", "i32", "i32"], results: [] },
  body(_program, out) {
    emitShift(out, "right");
  },
};

function emitShift(out: FunctionBuilder, direction: "left" | "right"): void {
  const [to, a, bits] = [0, 1, 2];
  const [words, rest] = [out.local("i32"), out.local("i64")];
  const [i, word, from] = [out.local("i32"), out.local("i64"), out.local("i32")];
  const isLeft = direction === "left";
  out.get(bits).i32(6).op("i32.shr_u").set(words);
  out.get(bits).i32(63).op("i32.and").op("i64.extend_i32_u").set(rest);
  const done = out.block();
  const again = out.loop();
  out.get(i).i32(WORDS.length).op("i32.ge_u").brIf(done);
  // The word that lands here, and its neighbour that the remaining bits come from.
  out
    .get(i)
    .get(words)
    .op(isLeft ? "i32.sub" : "i32.add")
    .set(from);
  emitWordOrZero(out, a, from);
  out
    .get(rest)
    .op(isLeft ? "i64.shl" : "i64.shr_u")
    .set(word);
  out
    .get(from)
    .i32(isLeft ? -1 : 1)
    .op("i32.add")
    .set(from);
  emitWordOrZero(out, a, from);
  out.i64(1n).op(isLeft ? "i64.shr_u" : "i64.shl");
  out
    .i64(63n)
    .get(rest)
    .op("i64.sub")
    .op(isLeft ? "i64.shr_u" : "i64.shl");
  out.get(word).op("i64.or").set(word);
  out.get(i).i32(3).op("i32.shl").get(to).op("i32.add").get(word).memory("i64.store", 0);
  out.get(i).i32(1).op("i32.add").set(i).br(again);
  out.end().end();
}

/** Leaves word `index` of `a`, or 0 where there is none. */
function emitWordOrZero(out: FunctionBuilder, a: Local, index: Local): void {
  const value = out.local("i64");
  out.i64(0n).set(value);
  out.get(index).i32(WORDS.length).op("i32.lt_u").if();
  out.get(index).i32(3).op("i32.shl").get(a).op("i32.add").memory("i64.load", 0).set(value);
  out.end();
  out.get(value);
}
