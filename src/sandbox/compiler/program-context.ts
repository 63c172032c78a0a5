/**
 * What the functions of one program share while they are compiled: the module being built, the
 * index of every function and routine, the sites, the types that the host must know. Functions are
 * declared when first named, compiled later.
 */
import { assert } from "../core/assert.ts";
import type { GasSchedule } from "../gas/schedule.ts";
import type { NativeFunction } from "../natives/native.ts";
import { INSTANCE_COUNT_MAX } from "../runtime/limits.ts";
import type { FunctionResolver, ResolvedFunction } from "../runtime/machine-model.ts";
import type { RuntimeType } from "../runtime/types.ts";
import { layoutOf, valueTypesOf } from "./layout.ts";
import type { SiteTable } from "./site.ts";
import { unsupported } from "./unsupported.ts";
import { FunctionBuilder } from "./wasm/function-builder.ts";
import type { ModuleBuilder } from "./wasm/module-builder.ts";
import type { FunctionType, ValueType } from "./wasm/value-type.ts";

/** Names of what the host provides. */
export const HOST_MODULE = "host";
export const HOST_MEMORY = "memory";

/** Host functions that programs import. All take the site at hand first and throw to stop. */
export const HOST_FUNCTIONS = [
  {
    /** (site, type, address of the account, slot if it has one) → slot, its value loaded. */
    name: "touch",
    type: { parameters: ["i32", "i32", "i32", "i32"], results: ["i32"] },
  },
  {
    /** (site, native, address of arguments and results) */
    name: "native",
    type: { parameters: ["i32", "i32", "i32"], results: [] },
  },
] as const satisfies readonly { readonly name: string; readonly type: FunctionType }[];

export type HostFunctionName = (typeof HOST_FUNCTIONS)[number]["name"];

/** A native as a program calls it through the host. */
export interface NativeUse {
  readonly callee: ResolvedFunction;
  readonly native: NativeFunction;
  /** The function that calls it, which some natives ask for. */
  readonly caller: ResolvedFunction;
  /** Offsets of parameters, then of results, in the block that is passed. */
  readonly offsets: readonly number[];
}

/** A call inside a function: whom, and how many operands wait meanwhile. */
export interface CallEdge {
  readonly callee: ResolvedFunction;
  readonly height: number;
}

/** What a compiled function takes of the bounded stacks. */
export interface Extent {
  /** Bytes of its frame. */
  readonly frameSize: number;
  /** Most operands at once. */
  readonly heightMax: number;
  readonly calls: readonly CallEdge[];
}

export interface ProgramContext {
  readonly module: ModuleBuilder;
  readonly resolver: FunctionResolver;
  readonly schedule: GasSchedule;
  readonly sites: SiteTable;
  /** Whether functions may call each other in circles, so that depth is counted. */
  readonly countsDepth: boolean;
  readonly depthMax: number;
  readonly functions: Map<ResolvedFunction, number>;
  /** Functions that are called or inlined, and instructions compiled so far. */
  readonly called: Set<ResolvedFunction>;
  instructionCount: number;
  /** Declared and not compiled yet. */
  readonly pending: ResolvedFunction[];
  readonly extents: Map<ResolvedFunction, Extent>;
  readonly routines: Map<string, number>;
  /** Routines whose bodies have still to be written. */
  readonly pendingRoutines: (() => void)[];
  readonly types: Map<number, RuntimeType>;
  /** Of these, the stored types whose values the program may write. */
  readonly written: Map<number, RuntimeType>;
  readonly natives: NativeUse[];
}

/**
 * More functions than this, inlined ones included, or more instructions, are left to the
 * interpreter: nobody pays for compiling. The interpreter counts instances as well, and allows
 * more, so that no program compiles that it would stop.
 */
const FUNCTION_COUNT_MAX = 1024;
const INSTRUCTION_COUNT_MAX = 128 * 1024;

assert(FUNCTION_COUNT_MAX <= INSTANCE_COUNT_MAX, "what compiles is not over the limit");

/**
 * (frame, gas, [depth], places of results that stay in memory, parameters) → the other results,
 * gas.
 */
export function functionTypeOf(program: ProgramContext, callee: ResolvedFunction): FunctionType {
  const parameters: ValueType[] = ["i32", "i64"];
  if (program.countsDepth) parameters.push("i32");
  const results: ValueType[] = [];
  for (const type of callee.returns) {
    if (layoutOf(type).representation === "memory") parameters.push("i32");
    else results.push(...valueTypesOf(type));
  }
  for (const type of callee.parameters) parameters.push(...valueTypesOf(type));
  results.push("i64");
  return { parameters, results };
}

/** Counts a function that the program calls, or has in line. */
export function countFunction(program: ProgramContext, callee: ResolvedFunction): void {
  const { called } = program;
  if (called.has(callee)) return;
  called.add(callee);
  if (called.size > FUNCTION_COUNT_MAX) unsupported("too many functions");
}

/** Counts the instructions of a function that is about to be compiled. */
export function countInstructions(program: ProgramContext, { code }: ResolvedFunction): void {
  program.instructionCount += code.length;
  if (program.instructionCount > INSTRUCTION_COUNT_MAX) unsupported("too many instructions");
}

/** The index of a Move function. */
export function functionIndex(program: ProgramContext, callee: ResolvedFunction): number {
  const known = program.functions.get(callee);
  if (known !== undefined) return known;
  const name = `${callee.module.key}::${callee.name}`;
  const index = program.module.declare(name, functionTypeOf(program, callee));
  program.functions.set(callee, index);
  program.pending.push(callee);
  return index;
}

/** Writes the body of a routine. */
export type RoutineBody = (program: ProgramContext, out: FunctionBuilder) => void;

export interface Routine {
  readonly name: string;
  readonly type: FunctionType;
  readonly body: RoutineBody;
}

/** Index of a routine; it is written when the program is finished. */
export function routineIndex(program: ProgramContext, { name, type, body }: Routine): number {
  const known = program.routines.get(name);
  if (known !== undefined) return known;
  const index = program.module.declare(name, type);
  program.routines.set(name, index);
  program.pendingRoutines.push(() => {
    const out = new FunctionBuilder(type);
    body(program, out);
    program.module.define(index, out);
  });
  return index;
}

/** Index of a host function. */
export function hostFunctionIndex(program: ProgramContext, name: HostFunctionName): number {
  return program.module.importIndex(name);
}

/** The number by which resource slots and the host know a type. */
export function typeNumber(program: ProgramContext, type: RuntimeType): number {
  program.types.set(type.id, type);
  return type.id;
}

/** Notes that the program may write stored values of a type. */
export function noteWritten(program: ProgramContext, type: RuntimeType): void {
  program.written.set(type.id, type);
}

/** The number by which the host knows a native of this program. */
export function nativeNumber(program: ProgramContext, use: NativeUse): number {
  const known = program.natives.findIndex(({ callee, caller }) => {
    return callee === use.callee && caller.module === use.caller.module;
  });
  if (known >= 0) return known;
  program.natives.push(use);
  return program.natives.length - 1;
}
