/**
 * What a call that has run leaves: its changes, metered as runtime/data-cache.ts meters them, and
 * its touches.
 */
import { type Change, opBetween } from "../core/effects.ts";
import type { Touch } from "../execution.ts";
import { takeGas } from "../gas/meter.ts";
import { fail } from "../runtime/failure.ts";
import type { HostCall } from "./host-call.ts";
import { compareResidents, countBytes, type Resident } from "./residents.ts";

/** Puts what was touched into the order of the state keys. */
export function sortTouched({ residents }: HostCall): readonly Resident[] {
  const { touched } = residents;
  return touched.length > 1 ? touched.toSorted(compareResidents) : touched;
}

/**
 * Encodes, charges and checks what was written. Fails like the call itself, without a place. Bytes
 * that the residents then stand for are in force once the changes are committed.
 */
export function finishWrites(call: HostCall, sorted: readonly Resident[]): readonly Change[] {
  const changes: Change[] = [];
  for (const resident of sorted) {
    if (!call.residents.isWritten(resident)) continue;
    const change = finishWrite(call, resident);
    if (change !== undefined) changes.push(change);
  }
  return changes;
}

function finishWrite(call: HostCall, resident: Resident): Change | undefined {
  const { residents, encoder, profile, meter } = call;
  const { limits, schedule } = profile;
  const { key, plan, before } = resident;
  const value = residents.valueOf(resident);
  const after = value === 0 ? undefined : encoder.encode(plan, value);
  resident.weight = undefined;
  const isSame = before !== undefined && after !== undefined && sameBytes(before, after);
  const op = isSame ? undefined : opBetween(before, after);
  if (op === undefined) return undefined;
  const size = after?.length ?? 0;
  if (size > limits.valueBytes) {
    fail("STORAGE_WRITE_LIMIT_REACHED", `a value of ${size} bytes, over ${limits.valueBytes}`);
  }
  countBytes(call, Math.max(0, size - (before?.length ?? 0)));
  const price = schedule.writeKey + Math.ceil(size / schedule.bytesPerGas);
  if (!takeGas(meter, price)) fail("OUT_OF_GAS");
  resident.bytes = after;
  resident.stretch = call.stretch;
  return { key, op };
}

const INT_SIZE = 4;

/** Equality of bytes, four at a time where they are many. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let start = 0;
  if (a.length >= 64 && a.byteOffset % INT_SIZE === 0 && b.byteOffset % INT_SIZE === 0) {
    const count = Math.floor(a.length / INT_SIZE);
    const left = new Int32Array(a.buffer, a.byteOffset, count);
    const right = new Int32Array(b.buffer, b.byteOffset, count);
    for (let index = 0; index < count; index++) if (left[index] !== right[index]) return false;
    start = count * INT_SIZE;
  }
  for (let index = start; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

export function touchesOf({ residents }: HostCall, sorted: readonly Resident[]): readonly Touch[] {
  const touches: Touch[] = [];
  for (const resident of sorted) {
    const { key, before } = resident;
    const isThere = before !== undefined || residents.valueOf(resident) !== 0;
    // Made and unmade again leaves no trace.
    touches.push({ key, before, written: isThere && residents.isWritten(resident) });
  }
  return touches;
}
