/** Bitwise operations, shifts and casts. */
import { assert, assertNever } from "../../core/assert.ts";
import { type RuntimeType, U256 } from "../../runtime/types.ts";
import {
  type Emission,
  failIf,
  framePlace,
  halves,
  memoryOperand,
  pop,
  push,
  pushFromStack,
} from "../emission.ts";
import { representationOf } from "../layout.ts";
import { emitAddress, emitOperand, type Operand } from "../operand.ts";
import { routineIndex } from "../program-context.ts";
import { SHIFT_LEFT, SHIFT_RIGHT, U256_SIZE } from "../routines/widest.ts";
import { bitsOf, largestOf } from "./integers.ts";

export type Bitwise = "BitAnd" | "BitOr" | "Xor";

const BITWISE = { BitAnd: "and", BitOr: "or", Xor: "xor" } as const;
const WORD = 8;

export function visitBitwise(emission: Emission, opcode: Bitwise): void {
  const { out } = emission;
  const right = pop(emission);
  const left = pop(emission);
  const { type } = left;
  const name = BITWISE[opcode];
  const representation = representationOf(type);
  switch (representation) {
    case "i32":
    case "i64":
      emitOperand(out, left);
      emitOperand(out, right);
      out.op(`${representation}.${name}`);
      pushFromStack(emission, type);
      return;
    case "wide": {
      const [leftLow, leftHigh] = halves(emission, left);
      const [rightLow, rightHigh] = halves(emission, right);
      leftLow();
      rightLow();
      out.op(`i64.${name}`);
      leftHigh();
      rightHigh();
      out.op(`i64.${name}`);
      pushFromStack(emission, type);
      return;
    }
    case "memory": {
      assert(left.kind === "memory" && right.kind === "memory", "u256 is in memory");
      const to = framePlace(emission, U256_SIZE);
      for (let at = 0; at < U256_SIZE; at += WORD) {
        out
          .get(to.base)
          .get(left.base)
          .memory("i64.load", left.offset + at);
        out
          .get(right.base)
          .memory("i64.load", right.offset + at)
          .op(`i64.${name}`);
        out.memory("i64.store", to.offset + at);
      }
      push(emission, memoryOperand(type, to));
      return;
    }
    default:
      assertNever(representation);
  }
}

export function visitShift(emission: Emission, opcode: "Shl" | "Shr"): void {
  const { out } = emission;
  const by = pop(emission);
  const value = pop(emission);
  const { type } = value;
  const bits = bitsOf(type);
  // A shift by a u8 is always less than 256 bits.
  const isSafe = by.kind === "literal" ? by.value < BigInt(bits) : bits === 256;
  if (!isSafe) {
    failIf(emission, "ARITHMETIC_ERROR", () => {
      emitOperand(out, by);
      out.i32(bits).op("i32.ge_u");
    });
  }
  const representation = representationOf(type);
  switch (representation) {
    case "i32":
      emitOperand(out, value);
      emitOperand(out, by);
      out.op(opcode === "Shl" ? "i32.shl" : "i32.shr_u");
      if (opcode === "Shl" && bits < 32) out.i32(Number(largestOf(type))).op("i32.and");
      pushFromStack(emission, type);
      return;
    case "i64":
      emitOperand(out, value);
      emitOperand(out, by);
      out.op("i64.extend_i32_u").op(opcode === "Shl" ? "i64.shl" : "i64.shr_u");
      pushFromStack(emission, type);
      return;
    case "wide":
      wideShift(emission, opcode, value, by);
      return;
    case "memory": {
      const to = framePlace(emission, U256_SIZE);
      emitAddress(out, to);
      emitOperand(out, value);
      emitOperand(out, by);
      out.call(routineIndex(emission.program, opcode === "Shl" ? SHIFT_LEFT : SHIFT_RIGHT));
      push(emission, memoryOperand(type, to));
      return;
    }
    default:
      assertNever(representation);
  }
}

/**
 * The word that loses bits to the outside keeps what its neighbour sheds; from 64 on it takes the
 * neighbour's place.
 */
function wideShift(emission: Emission, opcode: "Shl" | "Shr", value: Operand, by: Operand): void {
  const { out } = emission;
  const [low, high] = halves(emission, value);
  const isLeft = opcode === "Shl";
  const [outer, inner] = isLeft ? [high, low] : [low, high];
  const [shift, back] = isLeft ? (["shl", "shr_u"] as const) : (["shr_u", "shl"] as const);
  const [outerResult, innerResult] = [out.local("i64"), out.local("i64")];
  const amount = out.local("i64");
  emitOperand(out, by);
  out.op("i64.extend_i32_u").tee(amount).i64(64n).op("i64.ge_u").if();
  inner();
  out.get(amount).op(`i64.${shift}`).set(outerResult).i64(0n).set(innerResult);
  out.else();
  outer();
  out.get(amount).op(`i64.${shift}`);
  inner();
  // Two steps, because a shift by 64 would be none.
  out.i64(1n).op(`i64.${back}`).i64(63n).get(amount).op("i64.sub").op(`i64.${back}`);
  out.op("i64.or").set(outerResult);
  inner();
  out.get(amount).op(`i64.${shift}`).set(innerResult).end();
  const [lowResult, highResult] = isLeft ? [innerResult, outerResult] : [outerResult, innerResult];
  push(emission, { kind: "pair", type: value.type, low: lowResult, high: highResult });
}

export function visitCast(emission: Emission, to: RuntimeType): void {
  const { out } = emission;
  const value = pop(emission);
  const [from, target] = [representationOf(value.type), representationOf(to)];
  if (bitsOf(value.type) > bitsOf(to)) checkFits(emission, value, to);
  if (target === "memory") {
    push(emission, widened(emission, value));
    return;
  }
  switch (from) {
    case "i32":
    case "i64":
      emitOperand(out, value);
      break;
    case "wide":
      halves(emission, value)[0]();
      break;
    case "memory":
      assert(value.kind === "memory", "u256 is in memory");
      out.get(value.base).memory("i64.load", value.offset);
      break;
    default:
      assertNever(from);
  }
  if (from === "i32" && target !== "i32") {
    out.op("i64.extend_i32_u");
  }
  if (from !== "i32" && target === "i32") out.op("i32.wrap_i64");
  if (target === "wide") emitHighWord(emission, value);
  pushFromStack(emission, to);
}

function emitHighWord(emission: Emission, value: Operand): void {
  const { out } = emission;
  if (value.kind === "memory") out.get(value.base).memory("i64.load", value.offset + WORD);
  else if (representationOf(value.type) === "wide") halves(emission, value)[1]();
  else out.i64(0n);
}

function widened(emission: Emission, value: Operand): Operand {
  const { out } = emission;
  if (value.kind === "memory") return value;
  const to = framePlace(emission, U256_SIZE);
  const representation = representationOf(value.type);
  out.get(to.base);
  if (representation === "wide") halves(emission, value)[0]();
  else emitOperand(out, value);
  if (representation === "i32") out.op("i64.extend_i32_u");
  out.memory("i64.store", to.offset).get(to.base);
  emitHighWord(emission, value);
  out.memory("i64.store", to.offset + WORD);
  for (const at of [2 * WORD, 3 * WORD]) {
    out
      .get(to.base)
      .i64(0n)
      .memory("i64.store", to.offset + at);
  }
  return memoryOperand(U256, to);
}

/** Stops unless a value of a wider type fits. */
function checkFits(emission: Emission, value: Operand, to: RuntimeType): void {
  const { out } = emission;
  failIf(emission, "ARITHMETIC_ERROR", () => {
    const words = wordsOf(emission, value);
    const most = largestOf(to);
    let isFirst = true;
    for (const [index, word] of words.entries()) {
      const limit = BigInt.asUintN(64, most >> BigInt(64 * index));
      if (limit === BigInt.asUintN(64, -1n)) continue;
      word();
      out.i64(limit).op("i64.gt_u");
      if (!isFirst) out.op("i32.or");
      isFirst = false;
    }
  });
}

/** Emitters for the 64-bit words of an integer, low first. */
function wordsOf(emission: Emission, value: Operand): readonly (() => void)[] {
  const { out } = emission;
  const representation = representationOf(value.type);
  switch (representation) {
    case "i32":
      return [
        () => {
          emitOperand(out, value);
          out.op("i64.extend_i32_u");
        },
      ];
    case "i64":
      return [() => emitOperand(out, value)];
    case "wide":
      return halves(emission, value);
    case "memory": {
      assert(value.kind === "memory", "u256 is in memory");
      const { base, offset } = value;
      return [0, 1, 2, 3].map(
        (index) => () => out.get(base).memory("i64.load", offset + WORD * index),
      );
    }
    default:
      return assertNever(representation);
  }
}
