/**
 * A function ready to run: one object per definition and type arguments, its types closed, its
 * instructions joined to what they name. An instruction whose operands cannot be resolved is kept
 * and fails when, and only when, it runs.
 */
import type { FunctionDefinition } from "../binary-format/file-format.ts";
import type { Identifier } from "../core/identifier.ts";
import type { GasSchedule } from "../gas/schedule.ts";
import type { NativeFunction } from "../natives/native.ts";
import type { NativeRegistry } from "../natives/registry.ts";
import { entryAt, fail, VmFailure } from "./failure.ts";
import { blockCharges } from "./gas-blocks.ts";
import { checkConstraints, type LinkedModule, typesOfSignature } from "./linked-module.ts";
import type { Machine } from "./machine.ts";
import { checkNativeSignature } from "./native-signature.ts";
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

/** What resolving needs to know besides the module. */
export interface FunctionResolver {
  readonly natives: NativeRegistry;
  readonly schedule: GasSchedule;
  /**
   * Makes the instructions of a function; `charges` holds each block's gas at its first
   * instruction.
   */
  readonly decode: (
    resolver: FunctionResolver,
    shell: FunctionShell,
    charges: readonly number[],
  ) => readonly Instruction[];
}

/** A function before its instructions. */
export type FunctionShell = Omit<ResolvedFunction, "code" | "native">;

/**
 * The one object for a function with these type arguments. Fails where its signature cannot be
 * resolved.
 */
export function resolveFunction(
  resolver: FunctionResolver,
  linked: LinkedModule,
  index: number,
  typeArgs: readonly RuntimeType[],
): ResolvedFunction {
  const text = `${index}:${typeArgs.map(({ id }) => id).join()}`;
  const known = linked.functions.get(text);
  if (known !== undefined) return known;
  const resolved = makeFunction(resolver, linked, index, typeArgs);
  linked.functions.set(text, resolved);
  linked.made.count += 1;
  return resolved;
}

function makeFunction(
  resolver: FunctionResolver,
  linked: LinkedModule,
  index: number,
  typeArgs: readonly RuntimeType[],
): ResolvedFunction {
  const { module } = linked;
  const definition = entryAt(module.functionDefinitions, index, "function definition");
  const handle = entryAt(module.functionHandles, definition.handle, "function handle");
  const name = entryAt(module.identifiers, handle.name, "identifier");
  checkConstraints(typeArgs, handle.typeParameters);
  const parameters = typesOfSignature(linked, handle.parameters, typeArgs);
  const returns = typesOfSignature(linked, handle.returns, typeArgs);
  const head = { module: linked, index, name, definition, typeArgs, parameters, returns };
  const { code } = definition;
  if (code === undefined) {
    const native = findNative(resolver.natives, linked, name);
    checkNativeSignature(linked, handle, native);
    return { ...head, locals: parameters, code: [], native };
  }
  const locals = [...parameters, ...typesOfSignature(linked, code.locals, typeArgs)];
  const shell: FunctionShell = { ...head, locals };
  const charges = blockCharges(module, code.code, resolver.schedule);
  return { ...shell, code: resolver.decode(resolver, shell, charges), native: undefined };
}

function findNative(
  natives: NativeRegistry,
  linked: LinkedModule,
  name: Identifier,
): NativeFunction {
  const native = natives.get(`${linked.key}::${name}`);
  return native ?? fail("MISSING_DEPENDENCY", `no native ${linked.key}::${name}`);
}

/** A handler that fails as resolving the operands did. */
export function failingHandler(failure: VmFailure): Handler {
  const { status, message, subStatus } = failure;
  return () => {
    throw new VmFailure(status, message, subStatus);
  };
}
