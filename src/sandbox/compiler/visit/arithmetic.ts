/** Add, sub, mul, div and mod. Every result that does not fit stops with `ARITHMETIC_ERROR`. */
import { assert, assertNever } from "../../core/assert.ts";
import type { RuntimeType } from "../../runtime/types.ts";
import {
  type Emission,
  failIf,
  framePlace,
  halves,
  memoryOperand,
  pop,
  push,
  pushFromStack,
  takeGas,
} from "../emission.ts";
import { representationOf } from "../layout.ts";
import { emitAddress, emitOperand, type Operand } from "../operand.ts";
import { routineIndex } from "../program-context.ts";
import { DIVIDE, MULTIPLY, MULTIPLY_HIGH } from "../routines/wide.ts";
import {
  ADD as ADD_WIDEST,
  MULTIPLY as MULTIPLY_WIDEST,
  SUBTRACT as SUBTRACT_WIDEST,
  U256_SIZE,
} from "../routines/widest.ts";
import { DIVIDE as DIVIDE_WIDEST } from "../routines/widest-division.ts";
import type { Local } from "../wasm/function-builder.ts";
import { isNarrow, largestOf } from "./integers.ts";

export type Arithmetic = "Add" | "Sub" | "Mul" | "Div" | "Mod";

export function visitArithmetic(emission: Emission, opcode: Arithmetic): void {
  const right = pop(emission);
  const left = pop(emission);
  const { type } = left;
  const representation = representationOf(type);
  switch (representation) {
    case "i32":
    case "i64":
      small(emission, opcode, left, right);
      return;
    case "wide":
      chargeWide(emission, opcode, emission.schedule.wideMultiply);
      wide(emission, opcode, left, right);
      return;
    case "memory":
      chargeWide(emission, opcode, emission.schedule.widestMultiply);
      widest(emission, opcode, left, right);
      return;
    default:
      assertNever(representation);
  }
}

function chargeWide(emission: Emission, opcode: Arithmetic, price: number): void {
  if (opcode !== "Add" && opcode !== "Sub") takeGas(emission, price);
}

/** Up to u64. */
function small(emission: Emission, opcode: Arithmetic, left: Operand, right: Operand): void {
  const { type } = left;
  switch (opcode) {
    case "Add":
      smallAdd(emission, left, right);
      return;
    case "Sub":
      failArithmetic(emission, () => compare(emission, left, right, "lt_u"));
      binary(emission, type, left, right, "sub");
      pushFromStack(emission, type);
      return;
    case "Mul":
      if (representationOf(type) === "i64") longMul(emission, left, right);
      else if (isNarrow(type)) checkNarrow(emission, type, left, right, "mul");
      else intMul(emission, left, right);
      return;
    case "Div":
    case "Mod":
      if (right.kind !== "literal" || right.value === 0n) {
        failArithmetic(emission, () => {
          emitOperand(emission.out, right);
          emission.out.op(`${prefix(type)}.eqz`);
        });
      }
      binary(emission, type, left, right, opcode === "Div" ? "div_u" : "rem_u");
      pushFromStack(emission, type);
      return;
    default:
      assertNever(opcode);
  }
}

function failArithmetic(emission: Emission, condition: () => void): void {
  failIf(emission, "ARITHMETIC_ERROR", condition);
}

function prefix(type: RuntimeType): "i32" | "i64" {
  const representation = representationOf(type);
  assert(representation === "i32" || representation === "i64", "one WebAssembly value");
  return representation;
}

type SmallOpcode = "add" | "sub" | "mul" | "div_u" | "rem_u" | "lt_u";

function binary(
  { out }: Emission,
  type: RuntimeType,
  left: Operand,
  right: Operand,
  opcode: SmallOpcode,
): void {
  emitOperand(out, left);
  emitOperand(out, right);
  out.op(`${prefix(type)}.${opcode}`);
}

function compare(emission: Emission, left: Operand, right: Operand, opcode: "lt_u"): void {
  binary(emission, left.type, left, right, opcode);
}

/** A sum or product that 32 bits hold exactly. */
function checkNarrow(
  emission: Emission,
  type: RuntimeType,
  left: Operand,
  right: Operand,
  opcode: "add" | "mul",
): void {
  const { out } = emission;
  const result = out.local("i32");
  binary(emission, type, left, right, opcode);
  out.set(result);
  failArithmetic(emission, () =>
    out
      .get(result)
      .i32(Number(largestOf(type)))
      .op("i32.gt_u"),
  );
  push(emission, { kind: "local", type, local: result });
}

function smallAdd(emission: Emission, left: Operand, right: Operand): void {
  const { out } = emission;
  const { type } = left;
  if (isNarrow(type)) {
    checkNarrow(emission, type, left, right, "add");
    return;
  }
  const result = out.local(prefix(type));
  binary(emission, type, left, right, "add");
  out.set(result);
  // Wrapped around if smaller than either.
  const [against] = left.kind === "literal" ? [right] : [left];
  failArithmetic(emission, () => {
    out.get(result);
    emitOperand(out, against);
    out.op(`${prefix(type)}.lt_u`);
  });
  push(emission, { kind: "local", type, local: result });
}

/** u32, through 64 bits. */
function intMul(emission: Emission, left: Operand, right: Operand): void {
  const { out } = emission;
  const [product, result] = [out.local("i64"), out.local("i32")];
  emitOperand(out, left);
  out.op("i64.extend_i32_u");
  emitOperand(out, right);
  out.op("i64.extend_i32_u").op("i64.mul").set(product);
  failArithmetic(emission, () => out.get(product).i64(0xffff_ffffn).op("i64.gt_u"));
  out.get(product).op("i32.wrap_i64").set(result);
  push(emission, { kind: "local", type: left.type, local: result });
}

/**
 * u64: by a literal one comparison decides; otherwise factors below 2^32 are let through at once.
 */
function longMul(emission: Emission, left: Operand, right: Operand): void {
  const { out, program } = emission;
  const { type } = left;
  const [literal, other] = left.kind === "literal" ? [left, right] : [right, left];
  if (literal.kind === "literal") {
    if (literal.value > 1n) {
      failArithmetic(emission, () => {
        emitOperand(out, other);
        out.i64(largestOf(type) / literal.value).op("i64.gt_u");
      });
    }
  } else {
    const high = out.local("i64");
    emitOperand(out, left);
    emitOperand(out, right);
    out.op("i64.or").i64(32n).op("i64.shr_u").tee(high).op("i64.eqz").op("i32.eqz").if();
    emitOperand(out, left);
    emitOperand(out, right);
    out.call(routineIndex(program, MULTIPLY_HIGH)).set(high).end();
    failArithmetic(emission, () => out.get(high).op("i64.eqz").op("i32.eqz"));
  }
  binary(emission, type, left, right, "mul");
  pushFromStack(emission, type);
}

function wide(emission: Emission, opcode: Arithmetic, left: Operand, right: Operand): void {
  switch (opcode) {
    case "Add":
      wideAdd(emission, left, right);
      return;
    case "Sub":
      wideSub(emission, left, right);
      return;
    case "Mul":
      wideMul(emission, left, right);
      return;
    case "Div":
    case "Mod":
      wideDivision(emission, opcode, left, right);
      return;
    default:
      assertNever(opcode);
  }
}

function wideAdd(emission: Emission, left: Operand, right: Operand): void {
  const { out } = emission;
  const [leftLow, leftHigh] = halves(emission, left);
  const [rightLow, rightHigh] = halves(emission, right);
  const [low, high, carry] = [out.local("i64"), out.local("i64"), out.local("i64")];
  const sum = out.local("i64");
  leftLow();
  rightLow();
  out.op("i64.add").tee(low);
  leftLow();
  out.op("i64.lt_u").op("i64.extend_i32_u").set(carry);
  leftHigh();
  rightHigh();
  out.op("i64.add").tee(sum).get(carry).op("i64.add").set(high);
  failArithmetic(emission, () => {
    out.get(sum);
    leftHigh();
    out.op("i64.lt_u").get(high).get(carry).op("i64.lt_u").op("i32.or");
  });
  push(emission, { kind: "pair", type: left.type, low, high });
}

function wideSub(emission: Emission, left: Operand, right: Operand): void {
  const { out } = emission;
  const [leftLow, leftHigh] = halves(emission, left);
  const [rightLow, rightHigh] = halves(emission, right);
  const [low, high, borrow] = [out.local("i64"), out.local("i64"), out.local("i32")];
  leftLow();
  rightLow();
  out.op("i64.lt_u").set(borrow);
  failArithmetic(emission, () => {
    leftHigh();
    rightHigh();
    out.op("i64.lt_u");
    leftHigh();
    rightHigh();
    out.op("i64.eq").get(borrow).op("i32.and").op("i32.or");
  });
  leftLow();
  rightLow();
  out.op("i64.sub").set(low);
  leftHigh();
  rightHigh();
  out.op("i64.sub").get(borrow).op("i64.extend_i32_u").op("i64.sub").set(high);
  push(emission, { kind: "pair", type: left.type, low, high });
}

function wideMul(emission: Emission, left: Operand, right: Operand): void {
  const { out, program } = emission;
  const [low, high, overflow] = [out.local("i64"), out.local("i64"), out.local("i32")];
  emitOperand(out, left);
  emitOperand(out, right);
  out.call(routineIndex(program, MULTIPLY)).set(overflow).set(high).set(low);
  failArithmetic(emission, () => out.get(overflow));
  push(emission, { kind: "pair", type: left.type, low, high });
}

function wideDivision(
  emission: Emission,
  opcode: "Div" | "Mod",
  left: Operand,
  right: Operand,
): void {
  const { out, program } = emission;
  const { type } = left;
  const [rightLow, rightHigh] = halves(emission, right);
  const [leftLow, leftHigh] = halves(emission, left);
  failArithmetic(emission, () => {
    rightLow();
    rightHigh();
    out.op("i64.or").op("i64.eqz");
  });
  const [low, high] = [out.local("i64"), out.local("i64")];
  leftHigh();
  rightHigh();
  out.op("i64.or").op("i64.eqz").if();
  leftLow();
  rightLow();
  out
    .op(opcode === "Div" ? "i64.div_u" : "i64.rem_u")
    .set(low)
    .i64(0n)
    .set(high);
  out.else();
  emitOperand(out, left);
  emitOperand(out, right);
  out.call(routineIndex(program, DIVIDE)).set(high).set(low);
  if (opcode === "Mod") emitRemainder(emission, left, right, { low, high });
  out.end();
  push(emission, { kind: "pair", type, low, high });
}

/** Replaces a quotient by what it leaves: left - quotient · right. */
function emitRemainder(
  emission: Emission,
  left: Operand,
  right: Operand,
  { low, high }: { readonly low: Local; readonly high: Local },
): void {
  const { out, program } = emission;
  const [leftLow, leftHigh] = halves(emission, left);
  const [rightLow, rightHigh] = halves(emission, right);
  const product = out.local("i64");
  // The high word of the product: it fits 128 bits, so the crossed products wrap harmlessly.
  leftHigh();
  out.get(low);
  rightLow();
  out.call(routineIndex(program, MULTIPLY_HIGH));
  out.get(high);
  rightLow();
  out.op("i64.mul").op("i64.add");
  out.get(low);
  rightHigh();
  out.op("i64.mul").op("i64.add").op("i64.sub").set(high);
  out.get(low);
  rightLow();
  out.op("i64.mul").set(product);
  out.get(high);
  leftLow();
  out.get(product).op("i64.lt_u").op("i64.extend_i32_u").op("i64.sub").set(high);
  leftLow();
  out.get(product).op("i64.sub").set(low);
}

/** u256, in memory. */
function widest(emission: Emission, opcode: Arithmetic, left: Operand, right: Operand): void {
  const { out, program } = emission;
  const place = framePlace(emission, U256_SIZE);
  if (opcode === "Div" || opcode === "Mod") {
    failArithmetic(emission, () => emitIsZero(emission, right));
    const other = framePlace(emission, U256_SIZE);
    const [quotient, remainder] = opcode === "Div" ? [place, other] : [other, place];
    emitAddress(out, quotient);
    emitAddress(out, remainder);
    emitOperand(out, left);
    emitOperand(out, right);
    out.call(routineIndex(program, DIVIDE_WIDEST));
  } else {
    const routine =
      opcode === "Add" ? ADD_WIDEST : opcode === "Sub" ? SUBTRACT_WIDEST : MULTIPLY_WIDEST;
    failArithmetic(emission, () => {
      emitAddress(out, place);
      emitOperand(out, left);
      emitOperand(out, right);
      out.call(routineIndex(program, routine));
    });
  }
  push(emission, memoryOperand(left.type, place));
}

function emitIsZero({ out }: Emission, operand: Operand): void {
  assert(operand.kind === "memory", "a u256 is in memory");
  const { base, offset } = operand;
  for (let at = 0; at < U256_SIZE; at += 8) {
    out.get(base).memory("i64.load", offset + at);
    if (at > 0) out.op("i64.or");
  }
  out.op("i64.eqz");
}
