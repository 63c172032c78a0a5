/**
 * What a call that has run leaves: its changes, metered as runtime/data-cache.ts meters them, and
 * its touches.
 */
import { type Change, type Op, opBetween } from "../core/effects.ts";
import type { Touch } from "../execution.ts";
import { takeGas } from "../gas/meter.ts";
import { fail } from "../runtime/failure.ts";
import type { HostCall } from "./host-call.ts";
import { compareResidents, type Resident } from "./resident.ts";

/** What the running call touched, in the order of the state keys, with what it found there. */
export function takeTouched({ residents }: HostCall): readonly Resident[] {
  residents.hot.flush();
  const touched = residents.touched();
  for (const resident of touched) resident.before = resident.bytes;
  return touched.length > 1 ? touched.toSorted(compareResidents) : touched;
}

/** What the running call touched and did not write. */
export function takeReads({ residents }: HostCall): readonly Touch[] {
  const reads: Touch[] = [];
  const count = residents.touchedCount;
  for (let index = 0; index < count; index++) {
    const resident = residents.touchedAt(index);
    if (residents.isWritten(resident)) continue;
    residents.hot.settle(resident);
    reads.push({ key: resident.key, before: resident.bytes, written: false });
  }
  return reads;
}

/** What a value was written to become; `after` is undefined for none. */
interface Write {
  readonly resident: Resident;
  readonly after: Uint8Array | undefined;
  /** Undefined where nothing changed. */
  readonly op: Op | undefined;
}

/**
 * Encodes, charges and checks what was written. Fails like the call itself, without a place, and
 * then leaves residents as they are. Bytes that the residents stand for when it succeeds are in
 * force once the changes are committed.
 */
export function finishWrites(call: HostCall, sorted: readonly Resident[]): readonly Change[] {
  const { residents } = call;
  const writes: Write[] = [];
  for (const resident of sorted) {
    if (residents.isWritten(resident)) writes.push(finishWrite(call, resident));
  }
  if (writes.length > 0) residents.keepHeap();
  const changes: Change[] = [];
  for (const { resident, after, op } of writes) {
    residents.write(resident, after);
    if (op !== undefined) changes.push({ key: resident.key, op });
  }
  return changes;
}

function finishWrite(call: HostCall, resident: Resident): Write {
  const { residents, encoder, profile, meter } = call;
  const { limits, schedule } = profile;
  const { plan, before } = resident;
  const value = residents.valueOf(resident);
  const after = value === 0 ? undefined : encoder.encode(plan, value);
  const op = opBetween(before, after);
  if (op === undefined) return { resident, after: before, op };
  const size = after?.length ?? 0;
  if (size > limits.valueBytes) {
    fail("STORAGE_WRITE_LIMIT_REACHED", `a value of ${size} bytes, over ${limits.valueBytes}`);
  }
  residents.countBytes(limits, Math.max(0, size - (before?.length ?? 0)));
  const price = schedule.writeKey + Math.ceil(size / schedule.bytesPerGas);
  if (!takeGas(meter, price)) fail("OUT_OF_GAS");
  return { resident, after, op };
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
