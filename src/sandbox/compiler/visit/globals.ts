/** Global storage: the slot of an account's resource, then what the instruction does with it. */
import { assert } from "../../core/assert.ts";
import type { Instruction } from "../../runtime/machine-model.ts";
import { BOOL, type RuntimeType } from "../../runtime/types.ts";
import {
  type Emission,
  failIf,
  loadCounters,
  memoryOperand,
  pop,
  push,
  pushFromStack,
  siteHere,
  storeCounters,
  storeOperand,
} from "../emission.ts";
import { layoutOf } from "../layout.ts";
import { EPOCH, SLOT_EPOCH, SLOT_VALUE, SLOT_WRITTEN } from "../memory-map.ts";
import { emitOperand, type Operand } from "../operand.ts";
import { hostFunctionIndex, noteWritten, routineIndex, typeNumber } from "../program-context.ts";
import { emitAllocate } from "../routines/allocation.ts";
import { FIND_RESOURCE } from "../routines/resources.ts";
import { TOUCH_KNOWN } from "../routines/touching.ts";
import type { Local } from "../wasm/function-builder.ts";
import { popReference } from "./references.ts";

/** Leaves the slot in a local; touches it if the call has not yet. */
function slotOf(emission: Emission, type: RuntimeType, account: Operand): Local {
  const { out, program } = emission;
  const [address, slot] = [out.local("i32"), out.local("i32")];
  const number = typeNumber(program, type);
  emitOperand(out, account);
  out.set(address);
  out.i32(number).get(address).call(routineIndex(program, FIND_RESOURCE)).tee(slot);
  out.memory("i32.load", SLOT_EPOCH).i32(0).memory("i32.load", EPOCH).op("i32.ne").if();
  storeCounters(emission);
  out.get(slot).call(routineIndex(program, TOUCH_KNOWN)).op("i32.eqz").if();
  out
    .i32(siteHere(emission, { kind: "host" }))
    .i32(number)
    .get(address)
    .get(slot);
  out.call(hostFunctionIndex(program, "touch")).set(slot).end();
  loadCounters(emission);
  out.end();
  return slot;
}

function popAccount(emission: Emission): Operand {
  const operand = pop(emission);
  assert(operand.kind === "memory", "an address stays in memory");
  return operand;
}

/** Leaves the value's address in a local, or stops with `MISSING_DATA`. */
function presentValue(emission: Emission, slot: Local): Local {
  const { out } = emission;
  const value = out.local("i32");
  out.get(slot).memory("i32.load", SLOT_VALUE).set(value);
  failIf(emission, "MISSING_DATA", () => out.get(value).op("i32.eqz"));
  return value;
}

function mark({ out }: Emission, slot: Local): void {
  out.get(slot).i32(1).memory("i32.store8", SLOT_WRITTEN);
}

export function visitExists(emission: Emission, { type }: Instruction): void {
  const slot = slotOf(emission, type, popAccount(emission));
  emission.out.get(slot).memory("i32.load", SLOT_VALUE).i32(0).op("i32.ne");
  pushFromStack(emission, BOOL);
}

export function visitBorrowGlobal(emission: Emission, { type, result }: Instruction): void {
  const slot = slotOf(emission, type, popAccount(emission));
  const base = presentValue(emission, slot);
  const reference = { kind: "reference", type: result, base, offset: 0 } as const;
  if (result.kind !== "mutableReference") {
    push(emission, reference);
    return;
  }
  noteWritten(emission.program, type);
  push(emission, { ...reference, root: slot });
}

export function visitMoveFrom(emission: Emission, { type }: Instruction): void {
  const { out } = emission;
  const slot = slotOf(emission, type, popAccount(emission));
  const base = presentValue(emission, slot);
  out.get(slot).i32(0).memory("i32.store", SLOT_VALUE);
  mark(emission, slot);
  push(emission, memoryOperand(type, { base, offset: 0 }));
}

/** Takes the resource and, below it, a reference to the signer whose account receives it. */
export function visitMoveTo(emission: Emission, { type }: Instruction): void {
  const { out, program } = emission;
  noteWritten(program, type);
  const value = pop(emission);
  const signer = popReference(emission);
  const slot = slotOf(emission, type, signer);
  failIf(emission, "RESOURCE_ALREADY_EXISTS", () => {
    out.get(slot).memory("i32.load", SLOT_VALUE);
  });
  const base = out.local("i32");
  out.i32(layoutOf(type).size);
  emitAllocate(program, out);
  out.set(base);
  storeOperand(emission, value, { base, offset: 0 });
  out.get(slot).get(base).memory("i32.store", SLOT_VALUE);
  mark(emission, slot);
}
