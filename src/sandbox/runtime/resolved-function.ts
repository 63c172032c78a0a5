/**
 * A function ready to run: one object per definition and type arguments, its types closed, its
 * instructions joined to what they name. An instruction whose operands cannot be resolved is kept
 * and fails when, and only when, it runs.
 */
import type { Identifier } from "../core/identifier.ts";
import type { GasSchedule } from "../gas/schedule.ts";
import type { NativeFunction } from "../natives/native.ts";
import type { NativeRegistry } from "../natives/registry.ts";
import { checkConstraints, typesOfSignature } from "./closed-types.ts";
import { entryAt, fail, VmFailure } from "./failure.ts";
import { blockCharges } from "./gas-blocks.ts";
import type { LinkedModule } from "./linked-module.ts";
import type {
  DecodeCode,
  FunctionResolver,
  FunctionShell,
  Handler,
  ResolvedFunction,
} from "./machine-model.ts";
import { checkNativeSignature } from "./native-signature.ts";
import type { RuntimeType } from "./types.ts";

/** @param decode how instructions are made. */
export function createResolver(
  natives: NativeRegistry,
  schedule: GasSchedule,
  decode: DecodeCode,
): FunctionResolver {
  return { natives, schedule, decode, functions: new WeakMap() };
}

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
  let instances = resolver.functions.get(linked);
  if (instances === undefined) {
    instances = new Map();
    resolver.functions.set(linked, instances);
  }
  const known = instances.get(text);
  if (known !== undefined) return known;
  const resolved = makeFunction(resolver, linked, index, typeArgs);
  instances.set(text, resolved);
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
