/** A run of calls over one view of state. Each call takes effect whole or not at all. */
import type { Address } from "../core/address.ts";
import { InvariantError } from "../core/assert.ts";
import { type ChangeSet, EMPTY_CHANGE_SET, type Event, makeChangeSet } from "../core/effects.ts";
import type { InternalGas } from "../core/gas-units.ts";
import { EXECUTED, type VmStatus } from "../core/status.ts";
import type {
  Call,
  Outcome,
  Session,
  StateReader,
  Touch,
  TransactionContext,
} from "../execution.ts";
import { createMeter, gasUsed, type Meter, takeGas } from "../gas/meter.ts";
import { nativeGas } from "../gas/schedule.ts";
import { moduleStateKey } from "../storage/module-source.ts";
import { createOverlay, type Overlay } from "../storage/overlay.ts";
import { tableHandle } from "../storage/table-handle.ts";
import { checkCallable, encodeReturns, makeArguments, UTF8_FUNCTION } from "./arguments.ts";
import { createDataCache, type DataCache, finishData, touchesOf } from "./data-cache.ts";
import { createEventLog } from "./event-log.ts";
import type { ExecutionProfile } from "./execution-profile.ts";
import { fail, failureStatus, VmFailure } from "./failure.ts";
import { interpret, type MachineParts } from "./interpreter.ts";
import { createLoader, findFunction, forgetNames, type Loader, loadType } from "./loader.ts";
import type { FunctionResolver, ResolvedFunction } from "./machine-model.ts";
import type { Program } from "./program.ts";
import { publishModules } from "./publish.ts";
import { resolveFunction } from "./resolved-function.ts";
import type { Value } from "./values/value.ts";

/** Runs a function to its end: {@link interpret}, or the same under observation. */
export type Runner = (
  parts: MachineParts,
  callee: ResolvedFunction,
  args: readonly Value[],
) => readonly Value[];

/** What a session shows to an engine that runs its calls. */
export interface SessionView {
  readonly profile: ExecutionProfile;
  readonly resolver: FunctionResolver;
  readonly overlay: Overlay;
  readonly loader: Loader;
  /** Grows whenever code or state may have changed by anything but the engine's own calls. */
  readonly revision: () => number;
  /** Makes the next table handle; the session takes back those of a call that fails. */
  readonly nextTableHandle: () => Address;
}

/** Another way to run calls. */
export interface CallEngine {
  /** Begins a session's calls. */
  begin(view: SessionView): EngineCalls;
}

/** The calls of one session that an engine runs. */
export interface EngineCalls {
  /**
   * Runs a call and commits it to the overlay if it succeeds. Undefined leaves it to the
   * interpreter, from the start.
   */
  execute(call: Call): Outcome | undefined;
  /** Puts into the overlay what calls have left so far. Due before anybody else looks there. */
  flush(): void;
}

interface SessionState {
  readonly run: Runner;
  readonly profile: ExecutionProfile;
  readonly resolver: FunctionResolver;
  readonly context: TransactionContext;
  readonly overlay: Overlay;
  readonly loader: Loader;
  revision: number;
  /** Table handles made so far, and how many at which mark. */
  tableHandles: number;
  readonly handlesAtMark: Map<number, number>;
}

export function createSession(
  profile: ExecutionProfile,
  resolver: FunctionResolver,
  program: Program,
  state: StateReader,
  context: TransactionContext,
  run: Runner = interpret,
  engine?: CallEngine,
): Session {
  const overlay = createOverlay(state);
  const source = profile.modules ?? { get: (module) => overlay.get(moduleStateKey(module)) };
  const session: SessionState = {
    run,
    profile,
    resolver,
    context,
    overlay,
    loader: createLoader(program, source),
    tableHandles: 0,
    handlesAtMark: new Map(),
    revision: 0,
  };
  const engineCalls = engine?.begin({
    profile,
    resolver,
    overlay,
    loader: session.loader,
    revision: () => session.revision,
    nextTableHandle: () => nextTableHandle(session),
  });
  return {
    execute: (call) => executeBy(session, engineCalls, call) ?? execute(session, call),
    publish(sender, modules, gasLimit) {
      engineCalls?.flush();
      return publish(session, sender, modules, gasLimit);
    },
    changes() {
      engineCalls?.flush();
      return overlay.changes();
    },
    mark() {
      engineCalls?.flush();
      const mark = overlay.mark();
      session.handlesAtMark.set(mark, session.tableHandles);
      return mark;
    },
    tables: () =>
      Array.from({ length: session.tableHandles }, (_, index) =>
        tableHandle(context.uniqueSeed, index),
      ),
    rollback(mark) {
      engineCalls?.flush();
      overlay.rollback(mark);
      session.tableHandles = session.handlesAtMark.get(mark) ?? 0;
      forgetCode(session);
    },
  };
}

/** What a successful attempt leaves. */
interface Effects {
  readonly returns: readonly Uint8Array[];
  readonly events: readonly Event[];
  readonly changes: ChangeSet;
}

function forgetCode(session: SessionState): void {
  session.revision += 1;
  forgetNames(session.loader);
}

/** Runs a call by the engine, if there is one and it can. */
function executeBy(
  session: SessionState,
  engine: EngineCalls | undefined,
  call: Call,
): Outcome | undefined {
  if (engine === undefined) return undefined;
  const handlesBefore = session.tableHandles;
  const found = engine.execute(call);
  if (found?.status.type === "executed") return found;
  session.tableHandles = handlesBefore;
  if (found !== undefined) return found;
  // The interpreter is next.
  engine.flush();
  session.revision += 1;
  return undefined;
}

function execute(session: SessionState, call: Call): Outcome {
  const { profile, overlay } = session;
  const meter = createMeter(call.gasLimit, profile.limits.memoryWeight);
  const data = createDataCache(overlay, meter, profile.schedule, profile.limits);
  return attempt(session, meter, data, () => runCall(session, call, meter, data));
}

function runCall(session: SessionState, call: Call, meter: Meter, data: DataCache): Effects {
  const { profile, resolver, loader } = session;
  const { schedule } = profile;
  charge(meter, schedule.callBase);
  const { module, index } = findFunction(loader, call.function);
  const typeArgs = call.typeArgs.map((tag) => loadType(loader, tag));
  const callee = resolveFunction(resolver, module, index, typeArgs);
  checkCallable(call.mode, callee);
  charge(meter, Math.ceil(byteCount(call.args) / schedule.bytesPerGas));
  const parts: MachineParts = {
    meter,
    schedule,
    resolver,
    data,
    events: createEventLog(profile.limits),
    instances: new Set(),
    allowsChainOnly: profile.allowsChainOnly,
    nextTableHandle: () => nextTableHandle(session),
  };
  const makeString = (bytes: Value) => runUtf8(session, parts, bytes);
  const values = session.run(parts, callee, makeArguments(call, callee, makeString));
  const returns = call.mode === "entry" ? [] : encodeReturns(callee.returns, values);
  return { returns, events: parts.events.events, changes: makeChangeSet(finishData(data)) };
}

function runUtf8(session: SessionState, parts: MachineParts, bytes: Value): Value {
  const { module, index } = findFunction(session.loader, UTF8_FUNCTION);
  const utf8: ResolvedFunction = resolveFunction(session.resolver, module, index, []);
  const [string] = session.run(parts, utf8, [bytes]);
  return string ?? fail("UNEXPECTED_ERROR_FROM_KNOWN_MOVE_FUNCTION", "utf8 returned nothing");
}

function nextTableHandle(session: SessionState): Address {
  const handle = tableHandle(session.context.uniqueSeed, session.tableHandles);
  session.tableHandles += 1;
  return handle;
}

function publish(
  session: SessionState,
  sender: Address,
  modules: readonly Uint8Array[],
  gasLimit: InternalGas,
): Outcome {
  const { profile, overlay } = session;
  const meter = createMeter(gasLimit, profile.limits.memoryWeight);
  const data = createDataCache(overlay, meter, profile.schedule, profile.limits);
  return attempt(session, meter, data, () => {
    if (profile.modules !== undefined) fail("FEATURE_NOT_ENABLED", "the code here is pinned");
    for (const module of modules) charge(meter, nativeGas(profile.schedule.publish, module.length));
    const changes = publishModules(
      session.loader.program,
      overlay,
      profile.publishPolicy,
      profile.natives,
      sender,
      modules,
    );
    forgetCode(session);
    return { returns: [], events: [], changes: makeChangeSet(changes) };
  });
}

/** Commits what `work` returns, or turns its failure into a status and leaves nothing behind. */
function attempt(
  session: SessionState,
  meter: Meter,
  data: DataCache,
  work: () => Effects,
): Outcome {
  const handlesBefore = session.tableHandles;
  try {
    const effects = work();
    session.overlay.commit(effects.changes);
    return outcome(EXECUTED, meter, effects, touchesOf(data));
  } catch (error) {
    session.tableHandles = handlesBefore;
    return outcome(statusOf(error), meter, NOTHING, touchesOf(data));
  }
}

const NOTHING: Effects = { returns: [], events: [], changes: EMPTY_CHANGE_SET };

/**
 * A `VmFailure` is an outcome. Our own broken assertions go on up. Anything else JavaScript threw
 * came from code that was never verified and broke what handlers rely on: it is reported as an
 * invariant violation, not let out.
 */
function statusOf(error: unknown): VmStatus {
  if (error instanceof VmFailure) return failureStatus(error);
  if (error instanceof InvariantError || !(error instanceof Error)) throw error;
  return {
    type: "failed",
    status: "UNKNOWN_INVARIANT_VIOLATION_ERROR",
    detail: error.message,
  };
}

function outcome(
  status: VmStatus,
  meter: Meter,
  { returns, events, changes }: Effects,
  touched: readonly Touch[],
): Outcome {
  return { status, gasUsed: gasUsed(meter), returns, events, changes, touched };
}

function charge(meter: Meter, amount: number): void {
  if (!takeGas(meter, amount)) fail("OUT_OF_GAS");
}

function byteCount(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
