/**
 * Compiles an entry function and everything it can call into one WebAssembly module. Modules of any
 * number of packages end up in it; calls between them are direct.
 */
import type { GasSchedule } from "../gas/schedule.ts";
import { CALL_STACK_SIZE_MAX } from "../runtime/limits.ts";
import type { FunctionResolver, ResolvedFunction } from "../runtime/machine-model.ts";
import type { RuntimeType } from "../runtime/types.ts";
import { compileFunction } from "./function-compiler.ts";
import { inlineCall } from "./inlining.ts";
import { alignUp, layoutOf } from "./layout.ts";
import { emitLoad, emitStore } from "./memory-access.ts";
import {
  ARGUMENTS,
  ARGUMENTS_END,
  EPOCH,
  FRAMES,
  GAS_LEFT,
  INITIAL_PAGES,
  MEMORY_LEFT,
  NO_SITE,
  STOP_SITE,
  STRETCH,
  TOUCHED_BYTES,
  TOUCHED_COUNT,
} from "./memory-map.ts";
import {
  countInstructions,
  functionIndex,
  HOST_FUNCTIONS,
  HOST_MEMORY,
  HOST_MODULE,
  type NativeUse,
  type ProgramContext,
  routineIndex,
} from "./program-context.ts";
import { finishRoutine } from "./routines/finishing.ts";
import { createSiteTable, type Site } from "./site.ts";
import { boundOf } from "./stack-bounds.ts";
import { unsupported } from "./unsupported.ts";
import { FunctionBuilder } from "./wasm/function-builder.ts";
import { ModuleBuilder } from "./wasm/module-builder.ts";

/** The exported function that runs the entry function on the arguments in memory. */
export const RUN_EXPORT = "run";
/**
 * The exported function that does a whole call: (epoch, stretch, gas, memory weight) → what finish
 * returns. Gas and weight are pairs of i32, the low word first.
 */
export const CALL_EXPORT = "call";
/** The exported function that turns what it wrote into changes (routines/finishing.ts). */
export const FINISH_EXPORT = "finish";

/** Where one argument or result of the entry function lies. */
export interface Slot {
  readonly type: RuntimeType;
  readonly address: number;
}

export interface CompiledProgram {
  readonly entry: ResolvedFunction;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly parameters: readonly Slot[];
  readonly returns: readonly Slot[];
  /** First byte behind them: room for what references among the parameters name. */
  readonly slotsEnd: number;
  /** By site number. */
  readonly sites: readonly (Site | undefined)[];
  readonly types: ReadonlyMap<number, RuntimeType>;
  readonly natives: readonly NativeUse[];
}

/** Throws `UnsupportedError` for what the compiler leaves to the interpreter. */
export function compileProgram(
  resolver: FunctionResolver,
  entry: ResolvedFunction,
): CompiledProgram {
  const trial = compileWith(resolver, entry, undefined);
  const bound = boundOf(trial.program.extents, entry);
  if (bound.kind === "proven") return trial.compiled;
  const { program, compiled } = compileWith(resolver, entry, bound.depthMax);
  const checked = boundOf(program.extents, entry);
  if (checked.kind === "checked" && checked.depthMax < bound.depthMax)
    unsupported("unstable frames");
  return compiled;
}

function compileWith(
  resolver: FunctionResolver,
  entry: ResolvedFunction,
  depthMax: number | undefined,
): { readonly program: ProgramContext; readonly compiled: CompiledProgram } {
  const program = createContext(resolver, resolver.schedule, depthMax);
  const index = functionIndex(program, entry);
  for (let next = program.pending.pop(); next !== undefined; next = program.pending.pop()) {
    countInstructions(program, next);
    compileFunction(program, next, inlineCall);
  }
  const slots = placeSlots(entry);
  const run = emitRun(program, entry, index, slots);
  const finish = routineIndex(program, finishRoutine([...program.written.values()]));
  program.module.export(FINISH_EXPORT, finish);
  emitCall(program, run, finish);
  for (let next = program.pendingRoutines.pop(); next !== undefined; ) {
    next();
    next = program.pendingRoutines.pop();
  }
  const bytes = program.module.finish();
  const { sites, types, natives } = program;
  return { program, compiled: { entry, bytes, ...slots, sites: sites.sites, types, natives } };
}

function createContext(
  resolver: FunctionResolver,
  schedule: GasSchedule,
  depthMax: number | undefined,
): ProgramContext {
  const memory = { module: HOST_MODULE, name: HOST_MEMORY, pagesMin: INITIAL_PAGES };
  return {
    module: new ModuleBuilder(HOST_MODULE, memory, HOST_FUNCTIONS),
    resolver,
    schedule,
    sites: createSiteTable(),
    countsDepth: depthMax !== undefined,
    depthMax: depthMax ?? CALL_STACK_SIZE_MAX,
    functions: new Map(),
    called: new Set(),
    instructionCount: 0,
    pending: [],
    extents: new Map(),
    routines: new Map(),
    pendingRoutines: [],
    types: new Map(),
    written: new Map(),
    natives: [],
  };
}

type Slots = Pick<CompiledProgram, "parameters" | "returns" | "slotsEnd">;

function placeSlots({ parameters, returns }: ResolvedFunction): Slots {
  let end = ARGUMENTS;
  const place = (type: RuntimeType): Slot => {
    const { size, align } = layoutOf(type);
    const address = alignUp(end, align);
    end = address + size;
    return { type, address };
  };
  const slots = { parameters: parameters.map(place), returns: returns.map(place) };
  if (end > ARGUMENTS_END) unsupported("arguments and results of over 63 KiB");
  return { ...slots, slotsEnd: end };
}

/** Where a call's words go that come with it, in the order of the parameters. */
const CALL_WORDS = [EPOCH, STRETCH, GAS_LEFT, GAS_LEFT + 4, MEMORY_LEFT, MEMORY_LEFT + 4] as const;

/** Sets the words of the call, runs, finishes. */
function emitCall({ module }: ProgramContext, run: number, finish: number): void {
  const type = { parameters: CALL_WORDS.map(() => "i32" as const), results: ["i32" as const] };
  const out = new FunctionBuilder(type);
  for (const [parameter, word] of CALL_WORDS.entries()) {
    out.i32(0).get(parameter).memory("i32.store", word);
  }
  out.i32(0).i32(0).memory("i32.store", TOUCHED_COUNT);
  out.i32(0).i64(0n).memory("i64.store", TOUCHED_BYTES);
  out.i32(0).i32(NO_SITE).memory("i32.store", STOP_SITE);
  out.call(run).call(finish);
  const call = module.declare("call", type);
  module.define(call, out);
  module.export(CALL_EXPORT, call);
}

/** Loads the parameters, calls, stores the results. Returns the index of the function made. */
function emitRun(
  program: ProgramContext,
  entry: ResolvedFunction,
  index: number,
  { parameters, returns }: Slots,
): number {
  const type = { parameters: [], results: [] };
  const out = new FunctionBuilder(type);
  out.i32(FRAMES).i32(0).memory("i64.load", GAS_LEFT);
  if (program.countsDepth) out.i32(0);
  for (const { type: result, address } of returns) {
    if (layoutOf(result).representation === "memory") out.i32(address);
  }
  for (const slot of parameters) emitArgument(out, slot);
  const gas = out.local("i64");
  out.call(index).set(gas).i32(0).get(gas).memory("i64.store", GAS_LEFT);
  for (const slot of returns.toReversed()) emitResult(out, slot);
  const run = program.module.declare(`run ${entry.name}`, type);
  program.module.define(run, out);
  program.module.export(RUN_EXPORT, run);
  return run;
}

function emitArgument(out: FunctionBuilder, { type, address }: Slot): void {
  const { representation } = layoutOf(type);
  out.i32(address);
  if (representation === "memory") return;
  if (representation === "wide") {
    out.memory("i64.load", 0).i32(address).memory("i64.load", 8);
  } else if (representation === "rooted") {
    out.memory("i32.load", 0).i32(address).memory("i32.load", 4);
  } else {
    emitLoad(out, type, 0);
  }
}

/** Takes one result off the stack. */
function emitResult(out: FunctionBuilder, { type, address }: Slot): void {
  const { representation } = layoutOf(type);
  if (representation === "memory") return;
  if (representation === "wide") {
    const [high, low] = [out.local("i64"), out.local("i64")];
    out.set(high).set(low);
    out.i32(address).get(low).memory("i64.store", 0);
    out.i32(address).get(high).memory("i64.store", 8);
    return;
  }
  if (representation === "rooted") {
    const [root, target] = [out.local("i32"), out.local("i32")];
    out.set(root).set(target);
    out.i32(address).get(target).memory("i32.store", 0);
    return;
  }
  const local = out.local(representation);
  out.set(local).i32(address).get(local);
  emitStore(out, type, 0);
}
