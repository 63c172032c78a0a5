/**
 * Global storage by address and type. `type` is the resource; only its own module's code can name
 * it here.
 */
import type { Address } from "../../core/address.ts";
import { type GlobalSlot, resourceSlot } from "../data-cache.ts";
import { fail, failInvariant } from "../failure.ts";
import { asReference, popTyped, push, target } from "../machine.ts";
import type { Handler, Machine } from "../machine-model.ts";
import { ADDRESS, BOOL, type RuntimeType, referenceType, SIGNER } from "../types.ts";
import { addressOf } from "../values/bcs.ts";

export const exists: Handler = (machine, { type }) => {
  const { cell } = slotAt(machine, popAddress(machine), type);
  push(machine, cell[0] !== undefined, BOOL);
};

/** `MutBorrowGlobal` and `ImmBorrowGlobal`. */
export const borrowGlobal: Handler = (machine, { type, result }) => {
  const slot = slotAt(machine, popAddress(machine), type);
  if (slot.cell[0] === undefined) fail("MISSING_DATA", "no such resource");
  push(machine, { container: slot.cell, index: 0, root: slot }, result);
};

export const moveFrom: Handler = (machine, { type }) => {
  const slot = slotAt(machine, popAddress(machine), type);
  const value = slot.cell[0];
  if (value === undefined) return fail("MISSING_DATA", "no such resource");
  slot.cell[0] = undefined;
  slot.written = true;
  push(machine, value, type);
};

/** Takes the resource and, below it, the signer whose account receives it. */
export const moveTo: Handler = (machine, { type }) => {
  const value = popTyped(machine, type);
  const signer = asReference(popTyped(machine, referenceType(SIGNER, false)));
  const slot = slotAt(machine, addressOf(target(signer)), type);
  if (slot.cell[0] !== undefined) fail("RESOURCE_ALREADY_EXISTS", "there is one already");
  slot.cell[0] = value;
  slot.written = true;
};

function popAddress(machine: Machine): Address {
  return addressOf(popTyped(machine, ADDRESS));
}

function slotAt(machine: Machine, address: Address, type: RuntimeType): GlobalSlot {
  if (type.kind !== "struct") return failInvariant("a resource is a struct");
  return resourceSlot(machine.data, address, type);
}
