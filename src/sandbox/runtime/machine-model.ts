/**
 * What the interpreter's machine is made of: functions, their instructions, frames. Vocabulary
 * only; it stands together because an instruction names its handler, a handler takes the machine,
 * and the machine holds functions.
 */
import type { FunctionDefinition } from "../binary-format/file-format.ts";
import type { Identifier } from "../core/identifier.ts";
import type { Meter } from "../gas/meter.ts";
import type { GasSchedule } from "../gas/schedule.ts";
import type { NativeFunction } from "../natives/native.ts";
import type { NativeRegistry } from "../natives/registry.ts";
import type { DataCache } from "./data-cache.ts";
import type { EventLog } from "./event-log.ts";
import type { LinkedModule } from "./linked-module.ts";
import type { RuntimeType } from "./types.ts";
import type { Value } from "./values/value.ts";

/** Does what an instruction does. The loop moves `pc` on by one afterwards. */
export type Handler = (machine: Machine, instruction: Instruction) => void;

/**
 * An instruction with its operands resolved; what an opcode has no use for is left at its neutral
 * value.
 */
export interface Instruction {
  readonly run: Handler;
  /** Gas of the block that begins here; 0 elsewhere. */
  readonly gas: number;
  /** Local, code offset, slot of a field, variant number, or element count. */
  readonly index: number;
  /** Literal to push. */
  readonly value: Value;
  /** Type taken. */
  readonly type: RuntimeType;
  /** Type left. */
  readonly result: RuntimeType;
  /** Types of fields, in order. */
  readonly types: readonly RuntimeType[];
  /** Variants that have the field. */
  readonly variants: readonly number[];
  /** Called function; looked up at the first call. */
  callee: ResolvedFunction | undefined;
  readonly findCallee: () => ResolvedFunction;
}

export interface ResolvedFunction {
  readonly module: LinkedModule;
  /** Position in the module's function definitions. */
  readonly index: number;
  readonly name: Identifier;
  readonly definition: FunctionDefinition;
  readonly typeArgs: readonly RuntimeType[];
  readonly parameters: readonly RuntimeType[];
  readonly returns: readonly RuntimeType[];
  /** Parameters and the locals behind them. */
  readonly locals: readonly RuntimeType[];
  readonly code: readonly Instruction[];
  readonly native: NativeFunction | undefined;
}

/** Makes the instructions of a function; `charges` holds each block's gas at its first one. */
export type DecodeCode = (
  resolver: FunctionResolver,
  shell: FunctionShell,
  charges: readonly number[],
) => readonly Instruction[];

/** What resolving needs to know besides the module. */
export interface FunctionResolver {
  readonly natives: NativeRegistry;
  readonly schedule: GasSchedule;
  /** What it has resolved, by definition index and type arguments. */
  readonly functions: WeakMap<LinkedModule, Map<string, ResolvedFunction>>;
  readonly decode: DecodeCode;
}

/** A function before its instructions. */
export type FunctionShell = Omit<ResolvedFunction, "code" | "native">;

export interface Frame {
  readonly function: ResolvedFunction;
  readonly code: readonly Instruction[];
  /** Parameters, then the other locals; undefined where nothing is stored. */
  readonly locals: (Value | undefined)[];
  /** Height of the operand stack at entry, without the arguments. */
  readonly base: number;
  pc: number;
}

export interface Machine {
  readonly values: Value[];
  readonly types: RuntimeType[];
  height: number;
  frame: Frame;
  /** Frames waiting for `frame` to return, innermost last. */
  readonly callers: Frame[];
  isDone: boolean;
  readonly meter: Meter;
  readonly schedule: GasSchedule;
  readonly resolver: FunctionResolver;
  readonly data: DataCache;
  readonly events: EventLog;
  /** Generic functions that the call has called so far. */
  readonly instances: Set<ResolvedFunction>;
  /** Runs natives that make sense only on a chain. */
  readonly allowsChainOnly: boolean;
  /** Makes the next table handle of the transaction. */
  readonly nextTableHandle: () => Value;
}
