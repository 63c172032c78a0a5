/**
 * An interpreter that writes down what it does. It decodes instructions like the plain one and puts
 * an observer around each; the plain interpreter knows nothing of it and pays nothing. Status, gas,
 * events and changes are the same with and without.
 */
import type { Instruction as RawInstruction } from "../binary-format/file-format.ts";
import { assert } from "../core/assert.ts";
import type { Executor } from "../execution.ts";
import { decodeCode } from "../runtime/decode.ts";
import type { ExecutionProfile } from "../runtime/execution-profile.ts";
import { VmFailure } from "../runtime/failure.ts";
import { interpret } from "../runtime/interpreter.ts";
import type { Handler, Instruction } from "../runtime/machine-model.ts";
import { createProgram, PROGRAM_SIZE_MAX } from "../runtime/program.ts";
import { createResolver } from "../runtime/resolved-function.ts";
import { createSession, type Runner } from "../runtime/session.ts";
import type { CallTrace } from "./call-trace.ts";
import {
  closeFailed,
  closeReturned,
  createRecording,
  openCall,
  openHostCall,
  type Recording,
  recordAccess,
  recordGas,
  recordInstruction,
  traceOf,
} from "./recording.ts";
import { accessKind, resourceAccess, tableAccess } from "./storage-access.ts";
import { callHead, topValues, tracedValues } from "./traced-value.ts";

export interface Tracer {
  readonly executor: Executor;
  /** What the executor ran since this was last asked. */
  takeTrace(): CallTrace;
}

/** @param profile as the run to be explained has it. */
export function createTracer(profile: ExecutionProfile): Tracer {
  const { natives, schedule } = profile;
  const current = { recording: createRecording() };
  const resolver = createResolver(natives, schedule, (inner, shell, charges) => {
    const raw = shell.definition.code?.code ?? [];
    return decodeCode(inner, shell, charges).map((instruction, offset) =>
      observed(current, raw[offset], instruction),
    );
  });
  const run = tracingRunner(current);
  let program = createProgram();
  return {
    executor: {
      name: "interpreter",
      begin(state, context) {
        if (program.made.count > PROGRAM_SIZE_MAX) program = createProgram();
        return createSession(profile, resolver, program, state, context, run);
      },
    },
    takeTrace() {
      const trace = traceOf(current.recording);
      current.recording = createRecording();
      return trace;
    },
  };
}

/** The recording that observers write into, exchanged when a trace is taken. */
interface Current {
  recording: Recording;
}

function tracingRunner(current: Current): Runner {
  return (parts, callee, args) => {
    const { recording } = current;
    const { meter } = parts;
    openHostCall(recording, meter, callHead(callee, args));
    try {
      const results = interpret(parts, callee, args);
      recordGas(recording, meter);
      // A native has no instruction that ends it.
      if (callee.native !== undefined) {
        closeReturned(recording, () => tracedValues(callee.returns, results));
      }
      return results;
    } catch (error) {
      recordGas(recording, meter);
      closeFailed(recording, error instanceof VmFailure ? error : brokenInvariant(error));
      throw error;
    }
  };
}

/** What the session makes of anything else that was thrown. */
function brokenInvariant(error: unknown): VmFailure {
  const detail = error instanceof Error ? error.message : "";
  return new VmFailure("UNKNOWN_INVARIANT_VIOLATION_ERROR", detail);
}

function observed(
  current: Current,
  raw: RawInstruction | undefined,
  instruction: Instruction,
): Instruction {
  assert(raw !== undefined, "decoding keeps the offsets");
  const run = observer(current, raw, instruction.run);
  const note: Handler = (machine, self) => {
    // What left the meter since the last instruction is the charge of the block that begins here.
    recordGas(current.recording, machine.meter);
    recordInstruction(current.recording);
    run(machine, self);
    recordGas(current.recording, machine.meter);
  };
  return { ...instruction, run: note };
}

function observer(current: Current, { opcode }: RawInstruction, run: Handler): Handler {
  if (opcode === "Call" || opcode === "CallGeneric") return observeCall(current, run);
  if (opcode === "Ret") return observeReturn(current, run);
  const kind = accessKind(opcode);
  if (kind === undefined) return run;
  return (machine, instruction) => {
    const access = resourceAccess(kind, machine, instruction);
    if (access !== undefined) recordAccess(current.recording, access);
    run(machine, instruction);
  };
}

function observeCall(current: Current, run: Handler): Handler {
  return (machine, instruction) => {
    const { recording } = current;
    // As the instruction itself does first.
    instruction.callee ??= instruction.findCallee();
    const { callee } = instruction;
    if (callee.native === undefined) {
      run(machine, instruction);
      openCall(recording, () => callHead(callee, machine.frame.locals));
      return;
    }
    const args = topValues(machine, callee.parameters.length);
    openCall(recording, () => callHead(callee, args));
    const access = tableAccess(callee, args);
    if (access !== undefined) recordAccess(recording, access);
    run(machine, instruction);
    recordGas(recording, machine.meter);
    const { returns } = callee;
    closeReturned(recording, () => tracedValues(returns, topValues(machine, returns.length)));
  };
}

function observeReturn(current: Current, run: Handler): Handler {
  return (machine, instruction) => {
    const { returns } = machine.frame.function;
    const values = topValues(machine, returns.length);
    run(machine, instruction);
    closeReturned(current.recording, () => tracedValues(returns, values));
  };
}
