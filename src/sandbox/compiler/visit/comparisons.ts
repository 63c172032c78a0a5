/** Order, equality and booleans. */
import { assert, assertNever } from "../../core/assert.ts";
import { typeShape } from "../../runtime/type-shape.ts";
import { BOOL, isReference, type RuntimeType } from "../../runtime/types.ts";
import { type Emission, halves, pop, pushFromStack, takeGas, takeGasOnStack } from "../emission.ts";
import { representationOf } from "../layout.ts";
import { emitAddress, emitOperand, type Operand } from "../operand.ts";
import { routineIndex } from "../program-context.ts";
import { emitEqualAt, emitWeightAt, equalVectors, vectorWeight } from "../routines/values.ts";
import { LESS } from "../routines/widest.ts";

export type Order = "Lt" | "Gt" | "Le" | "Ge";

const ORDERS = { Lt: "lt_u", Gt: "gt_u", Le: "le_u", Ge: "ge_u" } as const;

export function visitOrder(emission: Emission, opcode: Order): void {
  const { out, program } = emission;
  const right = pop(emission);
  const left = pop(emission);
  const representation = representationOf(left.type);
  // a > b is b < a; a <= b is not b < a.
  const [first, second] = opcode === "Lt" || opcode === "Ge" ? [left, right] : [right, left];
  switch (representation) {
    case "i32":
    case "i64":
      emitOperand(out, left);
      emitOperand(out, right);
      out.op(`${representation}.${ORDERS[opcode]}`);
      break;
    case "wide":
      emitWideLess(emission, first, second);
      break;
    case "memory":
      emitOperand(out, first);
      emitOperand(out, second);
      out.call(routineIndex(program, LESS));
      break;
    default:
      assertNever(representation);
  }
  const isNegated = opcode === "Le" || opcode === "Ge";
  if (isNegated && (representation === "wide" || representation === "memory")) out.op("i32.eqz");
  pushFromStack(emission, BOOL);
}

function emitWideLess(emission: Emission, left: Operand, right: Operand): void {
  const { out } = emission;
  const [leftLow, leftHigh] = halves(emission, left);
  const [rightLow, rightHigh] = halves(emission, right);
  leftHigh();
  rightHigh();
  out.op("i64.lt_u");
  leftHigh();
  rightHigh();
  out.op("i64.eq");
  leftLow();
  rightLow();
  out.op("i64.lt_u").op("i32.and").op("i32.or");
}

export function visitAnd(emission: Emission): void {
  logic(emission, "i32.and");
}

export function visitOr(emission: Emission): void {
  logic(emission, "i32.or");
}

function logic(emission: Emission, opcode: "i32.and" | "i32.or"): void {
  const right = pop(emission);
  emitOperand(emission.out, pop(emission));
  emitOperand(emission.out, right);
  emission.out.op(opcode);
  pushFromStack(emission, BOOL);
}

export function visitNot(emission: Emission): void {
  emitOperand(emission.out, pop(emission));
  emission.out.op("i32.eqz");
  pushFromStack(emission, BOOL);
}

/** Both sides are charged whole, however early they differ. */
export function visitEquality(emission: Emission, opcode: "Eq" | "Neq"): void {
  const { out } = emission;
  const right = pop(emission);
  const left = pop(emission);
  const { type } = left;
  if (isReference(type)) {
    equalTargets(emission, type.target, left, right);
  } else {
    for (const side of [left, right]) chargeWalk(emission, side);
    emitEqualValues(emission, left, right);
  }
  if (opcode === "Neq") out.op("i32.eqz");
  pushFromStack(emission, BOOL);
}

function equalTargets(emission: Emission, type: RuntimeType, left: Operand, right: Operand): void {
  const { out, program } = emission;
  assert(left.kind === "reference" && right.kind === "reference", "a reference has an address");
  for (const side of [left, right]) chargeWalkAt(emission, type, side);
  if (representationOf(type) !== "wide") {
    const [a, b] = [out.local("i32"), out.local("i32")];
    emitAddress(out, left);
    out.set(a);
    emitAddress(out, right);
    out.set(b);
    emitEqualAt(program, out, type, a, b, 0);
    return;
  }
  for (const at of [0, 8]) {
    for (const side of [left, right]) out.get(side.base).memory("i64.load", side.offset + at);
    out.op("i64.eq");
  }
  out.op("i32.and");
}

function emitEqualValues(emission: Emission, left: Operand, right: Operand): void {
  const { out, program } = emission;
  const { type } = left;
  const representation = representationOf(type);
  switch (representation) {
    case "i32":
    case "i64":
      emitOperand(out, left);
      emitOperand(out, right);
      if (type.kind === "vector") out.call(routineIndex(program, equalVectors(type)));
      else out.op(`${representation}.eq`);
      return;
    case "wide": {
      const [leftHalves, rightHalves] = [halves(emission, left), halves(emission, right)];
      for (const index of [0, 1] as const) {
        leftHalves[index]();
        rightHalves[index]();
        out.op("i64.eq");
      }
      out.op("i32.and");
      return;
    }
    case "memory": {
      const [a, b] = [out.local("i32"), out.local("i32")];
      emitOperand(out, left);
      out.set(a);
      emitOperand(out, right);
      out.set(b);
      emitEqualAt(program, out, type, a, b, 0);
      return;
    }
    default:
      assertNever(representation);
  }
}

/** Charges for walking a value in hand. */
function chargeWalk(emission: Emission, operand: Operand): void {
  const { out, program } = emission;
  const { type } = operand;
  if (type.kind === "vector") {
    emitOperand(out, operand);
    out.call(routineIndex(program, vectorWeight(type)));
    takeWalkGas(emission);
  } else if (type.kind === "struct") {
    chargeWalkAt(emission, type, operand);
  }
}

/** Charges for walking what an operand's address names. */
function chargeWalkAt(emission: Emission, type: RuntimeType, operand: Operand): void {
  const { out, program, schedule } = emission;
  if (type.kind !== "vector" && type.kind !== "struct") return;
  const { fixedWeight } = typeShape(type);
  if (fixedWeight !== undefined) {
    takeGas(emission, Math.floor(fixedWeight / schedule.weightPerGas));
    return;
  }
  assert(operand.kind === "reference" || operand.kind === "memory", "an operand with an address");
  const at = out.local("i32");
  emitAddress(out, operand);
  out.set(at);
  emitWeightAt(program, out, type, at, 0);
  takeWalkGas(emission);
}

function takeWalkGas(emission: Emission): void {
  emission.out.i64(BigInt(emission.schedule.weightPerGas)).op("i64.div_u");
  takeGasOnStack(emission);
}
