/** Deep copies: charged for the walk and the memory as the interpreter charges them, then made. */
import { typeShape } from "../../runtime/type-shape.ts";
import type { RuntimeType } from "../../runtime/types.ts";
import {
  type Emission,
  framePlace,
  memoryOperand,
  push,
  pushFromStack,
  takeGas,
  takeGasOnStack,
  takeMemory,
} from "../emission.ts";
import { layoutOf } from "../layout.ts";
import { emitCopy } from "../memory-access.ts";
import type { Address } from "../operand.ts";
import { routineIndex } from "../program-context.ts";
import { copyVector, emitUnshare, emitWeightAt } from "../routines/values.ts";

/** Pushes a copy of the value at a place. */
export function pushCopy(emission: Emission, type: RuntimeType, from: Address): void {
  const { out, program } = emission;
  const { size, hasVectors } = layoutOf(type);
  chargeCopyAt(emission, type, from);
  if (type.kind === "vector") {
    out.get(from.base).memory("i32.load", from.offset);
    out.call(routineIndex(program, copyVector(type)));
    pushFromStack(emission, type);
    return;
  }
  const to = framePlace(emission, size);
  emitCopy(out, to, from, size);
  if (hasVectors) emitUnshare(program, out, type, to.base, to.offset);
  push(emission, memoryOperand(type, to));
}

/** Charges for copying the value at a place; nothing for scalars. */
export function chargeCopyAt(
  emission: Emission,
  type: RuntimeType,
  { base, offset }: Address,
): void {
  const { out, program } = emission;
  if (type.kind !== "vector" && type.kind !== "struct") return;
  const { fixedWeight } = typeShape(type);
  if (fixedWeight === undefined) {
    emitWeightAt(program, out, type, base, offset);
    chargeCopyOnStack(emission);
    return;
  }
  takeGas(emission, Math.floor(fixedWeight / emission.schedule.weightPerGas));
  takeMemory(emission, () => out.i64(BigInt(fixedWeight)));
}

/** Charges for copying a value whose weight is on the stack. */
export function chargeCopyOnStack(emission: Emission): void {
  const { out, schedule } = emission;
  const weight = out.local("i64");
  out.tee(weight).i64(BigInt(schedule.weightPerGas)).op("i64.div_u");
  takeGasOnStack(emission);
  takeMemory(emission, () => out.get(weight));
}
