/**
 * Runs calls as compiled code over one linear memory. It does what runtime/session.ts does for a
 * call, in the same order, and turns however a program stops into the same outcome. What it leaves
 * open it leaves to the interpreter, from the start: nothing of a call has taken effect before its
 * session commits it.
 */
import { assert, present } from "../core/assert.ts";
import { EMPTY_CHANGE_SET, type Event } from "../core/effects.ts";
import { internalGas } from "../core/gas-units.ts";
import { EXECUTED } from "../core/status.ts";
import type { Call, Outcome, Touch } from "../execution.ts";
import { createMeter, gasUsed, resetMeter, takeGas } from "../gas/meter.ts";
import { createEventLog } from "../runtime/event-log.ts";
import { failureStatus, VmFailure } from "../runtime/failure.ts";
import type { FunctionResolver } from "../runtime/machine-model.ts";
import type { CallEngine, EngineCalls, SessionView } from "../runtime/session.ts";
import { isReference } from "../runtime/types.ts";
import { placeArguments } from "./call-arguments.ts";
import { finishWrites, takeReads, takeTouched, touchesOf } from "./call-effects.ts";
import { Decoder, Encoder, planOf } from "./codec.ts";
import type { HostCall } from "./host-call.ts";
import { runNative, touchResource } from "./host-imports.ts";
import { HotOutcome } from "./hot-outcome.ts";
import { Journal } from "./journal.ts";
import { layoutOf } from "./layout.ts";
import { HeapExhaustedError, highWord, LinearMemory, lowWord } from "./linear-memory.ts";
import {
  ABORT_CODE,
  GAS_LEFT,
  MEMORY_LEFT,
  NO_SITE,
  REPLAY_SITE,
  STOP_SITE,
} from "./memory-map.ts";
import {
  createPreparedCalls,
  type PreparedCall,
  type PreparedCallCache,
  prepareCall,
} from "./prepared-call.ts";
import { createProgramCache, type LoadedProgram, type ProgramCache } from "./program-cache.ts";
import type { Slot } from "./program-compiler.ts";
import { HOST_MEMORY, HOST_MODULE } from "./program-context.ts";
import { ReplaySignal } from "./replay-signal.ts";
import { Residents } from "./residents.ts";
import { JOURNAL_FULL, LEFT_TO_HOST } from "./routines/finishing.ts";

interface Shared {
  readonly memory: LinearMemory;
  readonly journal: Journal;
  readonly residents: Residents;
  readonly encoder: Encoder;
  readonly decoder: Decoder;
  /** The call that runs. */
  current: HostCall | undefined;
}

export function createEngine(resolver: FunctionResolver): CallEngine {
  const memory = new LinearMemory();
  const shared: Shared = {
    memory,
    journal: new Journal(memory),
    residents: new Residents(memory),
    encoder: new Encoder(memory),
    decoder: new Decoder(memory),
    current: undefined,
  };
  const running = () => present(shared.current, "a call runs");
  const programs = createProgramCache(resolver, {
    [HOST_MODULE]: {
      [HOST_MEMORY]: memory.memory,
      touch: (site: number, type: number, address: number, slot: number) =>
        touchResource(running(), site, type, address, slot),
      native: (site: number, number: number, block: number) =>
        runNative(running(), site, number, block),
    },
  });
  const cache: PreparedCallCache = new Map();
  return { begin: (view) => beginCalls(shared, programs, cache, view) };
}

/** The calls of one session. */
function beginCalls(
  shared: Shared,
  programs: ProgramCache,
  cache: PreparedCallCache,
  view: SessionView,
): EngineCalls {
  const { memory, residents, encoder } = shared;
  const { profile, overlay } = view;
  let known = createPreparedCalls();
  let revision = 0;
  const host: HostCall = {
    memory,
    residents,
    encoder,
    view,
    profile,
    state: overlay,
    stretch: residents.nextStretch(),
    meter: createMeter(internalGas(0), 0),
    events: createEventLog(profile.limits),
    program: undefined,
  };
  residents.limit(profile.limits);
  return {
    execute(call) {
      if (view.revision() !== revision) {
        revision = view.revision();
        known = createPreparedCalls();
        host.stretch = residents.nextStretch();
      }
      const prepared = prepareCall(view, known, cache, programs, call);
      return prepared === undefined ? undefined : execute(shared, host, prepared, call);
    },
    flush: () => residents.hot.flush(),
  };
}

function execute(
  shared: Shared,
  host: HostCall,
  prepared: PreparedCall,
  call: Call,
): Outcome | undefined {
  const { residents } = shared;
  const { schedule, limits } = host.profile;
  resetMeter(host.meter, call.gasLimit, limits.memoryWeight);
  let size = 0;
  for (const arg of call.args) size += arg.length;
  const upfront = schedule.callBase + Math.ceil(size / schedule.bytesPerGas);
  if (!takeGas(host.meter, upfront)) return undefined;
  // Events belong to the outcome of the call that made them.
  if (host.events.events.length > 0) host.events = createEventLog(limits);
  residents.hot.flushUnlessOf(host.view.overlay);
  const epoch = residents.begin();
  shared.current = host;
  try {
    return attempt(shared, host, prepared, call, epoch);
  } catch (error) {
    residents.discardWrites();
    if (error instanceof HeapExhaustedError) residents.evict();
    if (error instanceof ReplaySignal || error instanceof HeapExhaustedError) return undefined;
    throw error;
  } finally {
    residents.end();
    shared.current = undefined;
  }
}

/**
 * Runs the call to an outcome and commits it; throws only to have it replayed, or for a mistake of
 * our own.
 */
function attempt(
  shared: Shared,
  host: HostCall,
  { loaded, argumentPlan, utf8 }: PreparedCall,
  call: Call,
  epoch: number,
): Outcome | undefined {
  try {
    const makeText =
      utf8 === undefined ? undefined : (vector: number) => makeString(host, utf8, vector);
    if (!placeArguments(shared.memory, shared.decoder, argumentPlan, call, makeText)) {
      return undefined;
    }
    const reads = runWhole(shared, host, loaded, epoch);
    const returns =
      call.mode === "entry" ? NO_RETURNS : loaded.program.returns.map(encodeResult(host));
    return reads === LEFT_TO_HOST
      ? finishCall(host, returns)
      : finishHot(shared, host, returns, reads);
  } catch (error) {
    if (!(error instanceof VmFailure)) throw error;
    const touched = touchesOf(host, takeTouched(host));
    host.residents.discardWrites();
    return {
      status: failureStatus(error),
      gasUsed: gasUsed(host.meter),
      returns: [],
      events: [],
      changes: EMPTY_CHANGE_SET,
      touched,
    };
  }
}

/** The call's events. An empty log goes on to the next call, so it is not handed out. */
function takeEvents({ events: { events } }: HostCall): readonly Event[] {
  return events.length === 0 ? NO_EVENTS : events;
}

const NO_RETURNS: readonly Uint8Array[] = [];
const NO_EVENTS: readonly Event[] = [];
const NO_READS: readonly Touch[] = [];

/**
 * Runs a program on the arguments in memory and lets it turn what it wrote into changes. Throws
 * `VmFailure` as the interpreter does.
 *
 * @returns how many keys it touched and did not write, or `LEFT_TO_HOST`.
 */
function runWhole(
  { memory, journal, residents }: Shared,
  host: HostCall,
  { program, call, finish }: LoadedProgram,
  epoch: number,
): number {
  const { meter, stretch } = host;
  const { gasLeft, memoryLeft } = meter;
  host.program = program;
  let reads: number;
  try {
    reads = call(
      epoch,
      stretch,
      lowWord(gasLeft),
      highWord(gasLeft),
      lowWord(memoryLeft),
      highWord(memoryLeft),
    );
  } catch (error) {
    throw stopped(host, error);
  }
  if (reads === JOURNAL_FULL) {
    // What does not fit into an empty one either is the host's.
    if (!journal.isEmpty) {
      journal.empty();
      residents.hot.forgetRecords();
      reads = finish();
    }
    if (reads === JOURNAL_FULL) reads = LEFT_TO_HOST;
  }
  meter.gasLeft = memory.readSafe(GAS_LEFT);
  return reads;
}

/** Commits a call whose changes the program has written by itself. */
function finishHot(
  { journal, residents }: Shared,
  host: HostCall,
  returns: readonly Uint8Array[],
  reads: number,
): Outcome {
  const { meter, view } = host;
  const outcome = new HotOutcome(
    gasUsed(meter),
    returns,
    takeEvents(host),
    reads === 0 ? NO_READS : takeReads(host),
    journal.segment,
    journal.advance(),
  );
  residents.keepHeap();
  residents.hot.own(view.overlay);
  view.overlay.commitLater();
  return outcome;
}

function finishCall(host: HostCall, returns: readonly Uint8Array[]): Outcome {
  const sorted = takeTouched(host);
  const changes = finishWrites(host, sorted);
  const touched = touchesOf(host, sorted);
  host.view.overlay.commit(changes);
  const events = takeEvents(host);
  return { status: EXECUTED, gasUsed: gasUsed(host.meter), returns, events, changes, touched };
}

/** Runs a program that is not the call itself, and touches nothing. Throws as {@link runWhole}. */
function runProgram(host: HostCall, { program, run }: LoadedProgram): void {
  const { memory, meter } = host;
  host.program = program;
  memory.writeSafe(GAS_LEFT, meter.gasLeft);
  memory.writeSafe(MEMORY_LEFT, meter.memoryLeft);
  memory.writeU32(STOP_SITE, NO_SITE);
  try {
    run();
  } catch (error) {
    throw stopped(host, error);
  }
  meter.gasLeft = memory.readSafe(GAS_LEFT);
  meter.memoryLeft = memory.readSafe(MEMORY_LEFT);
}

/**
 * Runs `0x1::string::utf8` on the bytes of an argument and returns where on the heap its result
 * lies.
 */
function makeString(host: HostCall, utf8: LoadedProgram, vector: number): number {
  const { memory } = host;
  const [parameter] = utf8.program.parameters;
  const [result] = utf8.program.returns;
  assert(parameter !== undefined && result !== undefined, "utf8 takes bytes and returns text");
  memory.writeU32(parameter.address, vector);
  runProgram(host, utf8);
  const { size } = layoutOf(result.type);
  const at = memory.allocate(size);
  memory.bytes.copyWithin(at, result.address, result.address + size);
  return at;
}

/** BCS of a result; of a reference what it names. */
function encodeResult({ memory, encoder }: HostCall): (slot: Slot) => Uint8Array {
  return ({ type, address }) =>
    isReference(type)
      ? encoder.encode(planOf(type.target), memory.readU32(address))
      : encoder.encode(planOf(type), address);
}

/** What to throw instead of whatever stopped a program. */
function stopped({ memory, program, meter }: HostCall, error: unknown): unknown {
  // The engine's own stack is no limit of Move's.
  if (error instanceof RangeError) return new ReplaySignal("the engine's stack");
  if (!(error instanceof WebAssembly.RuntimeError)) return error;
  const number = memory.readU32(STOP_SITE) | 0;
  if (number === REPLAY_SITE) return new ReplaySignal("left to the interpreter");
  const site = program?.sites[number];
  if (site === undefined) return error;
  const { reason, location } = site;
  assert(reason.kind !== "host", "the host throws by itself");
  const failure =
    reason.kind === "abort"
      ? new VmFailure("ABORTED", "", undefined, memory.view.getBigUint64(ABORT_CODE, true))
      : new VmFailure(reason.status, "", reason.subStatus);
  failure.location = location;
  meter.gasLeft = failure.status === "OUT_OF_GAS" ? 0 : memory.readSafe(GAS_LEFT);
  return failure;
}
