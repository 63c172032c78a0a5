/**
 * Builds a call tree from what an observer of the interpreter reports. Gas is whatever the meter
 * lost since the last report; it goes to the innermost open call. Knows no instruction.
 */
import { assert } from "../core/assert.ts";
import type { Meter } from "../gas/meter.ts";
import type { VmFailure } from "../runtime/failure.ts";
import type {
  CallTrace,
  StorageAccess,
  TraceCost,
  TracedCall,
  TracedValue,
  TraceEnd,
  TraceStep,
} from "./call-trace.ts";

/** Most calls and accesses that one trace keeps. */
export const TRACE_STEPS_MAX = 20_000;

interface MutableCost {
  instructions: number;
  gas: number;
}

interface OpenCall extends TracedCall {
  readonly steps: TraceStep[];
  end: TraceEnd;
  readonly own: MutableCost;
  readonly total: MutableCost;
}

export interface Recording {
  readonly calls: TracedCall[];
  /** Innermost last. A call beyond the limit stands here as the recorded call it is part of. */
  readonly open: OpenCall[];
  stepCount: number;
  omittedSteps: number;
  /** Gas that was left at the last report. */
  gasLeft: number;
}

export type CallHead = Pick<TracedCall, "function" | "isNative" | "args">;

export function createRecording(): Recording {
  return { calls: [], open: [], stepCount: 0, omittedSteps: 0, gasLeft: 0 };
}

/** Opens a call that the host makes; nothing else may be open. */
export function openHostCall(recording: Recording, meter: Meter, head: CallHead): void {
  assert(recording.open.length === 0, "the host calls one function at a time");
  recording.gasLeft = meter.gasLeft;
  const call = newCall(head);
  recording.calls.push(call);
  recording.open.push(call);
}

/** @param head asked for only where the call is kept. */
export function openCall(recording: Recording, head: () => CallHead): void {
  const caller = innermost(recording);
  if (!takeStep(recording)) {
    recording.open.push(caller);
    return;
  }
  const call = newCall(head());
  caller.steps.push({ type: "call", call });
  recording.open.push(call);
}

/** @param returned asked for only where the call is kept. */
export function closeReturned(recording: Recording, returned: () => readonly TracedValue[]): void {
  closeInnermost(recording, () => ({ type: "returned", values: returned() }));
}

/** Closes all that is open: the innermost call failed. */
export function closeFailed(recording: Recording, failure: VmFailure): void {
  if (recording.open.length > 0) closeInnermost(recording, () => failedEnd(failure));
  while (recording.open.length > 0) closeInnermost(recording, () => ({ type: "unwound" }));
}

function failedEnd(failure: VmFailure): TraceEnd {
  const offset = failure.location?.offset;
  if (failure.abortCode !== undefined) return { type: "aborted", code: failure.abortCode, offset };
  return { type: "failed", status: failure.status, detail: failure.message, offset };
}

function closeInnermost(recording: Recording, end: () => TraceEnd): void {
  const call = recording.open.pop();
  assert(call !== undefined, "a call is open");
  const caller = recording.open.at(-1);
  if (caller === call) return;
  call.end = end();
  add(call.total, call.own);
  if (caller !== undefined) add(caller.total, call.total);
}

export function recordAccess(recording: Recording, access: StorageAccess): void {
  const call = innermost(recording);
  if (takeStep(recording)) call.steps.push({ type: "access", access });
}

export function recordInstruction(recording: Recording): void {
  innermost(recording).own.instructions += 1;
}

/** Books what the meter lost since the last report. */
export function recordGas(recording: Recording, meter: Meter): void {
  const call = recording.open.at(-1);
  if (call !== undefined) call.own.gas += recording.gasLeft - meter.gasLeft;
  recording.gasLeft = meter.gasLeft;
}

export function traceOf({ calls, omittedSteps }: Recording): CallTrace {
  return { calls, omittedSteps };
}

function newCall(head: CallHead): OpenCall {
  return {
    ...head,
    steps: [],
    end: { type: "unwound" },
    own: { instructions: 0, gas: 0 },
    total: { instructions: 0, gas: 0 },
  };
}

function innermost(recording: Recording): OpenCall {
  const call = recording.open.at(-1);
  assert(call !== undefined, "something runs only inside a call");
  return call;
}

function takeStep(recording: Recording): boolean {
  if (recording.stepCount >= TRACE_STEPS_MAX) {
    recording.omittedSteps += 1;
    return false;
  }
  recording.stepCount += 1;
  return true;
}

function add(sum: MutableCost, { instructions, gas }: TraceCost): void {
  sum.instructions += instructions;
  sum.gas += gas;
}
