/**
 * One session's way to code: names of functions and types to linked modules, under the code in
 * force in its state.
 */
import type { FunctionId, ModuleId, ModuleKey } from "../core/identifier.ts";
import { formatFunctionId } from "../core/identifier.ts";
import { moduleOf, type StructTag, type TypeTag } from "../core/type-tag.ts";
import type { ModuleSource } from "../storage/module-source.ts";
import { structType } from "./closed-types.ts";
import { entryAt, fail } from "./failure.ts";
import type { LinkedModule } from "./linked-module.ts";
import { type DecodedModule, decodedModule, linkModule, type Program } from "./program.ts";
import { primitiveType, type RuntimeType, type StructType, vectorType } from "./types.ts";

export interface Loader {
  readonly program: Program;
  readonly source: ModuleSource;
  /** What this session has linked, by name. */
  readonly inForce: Map<ModuleKey, LinkedModule>;
}

export function createLoader(program: Program, source: ModuleSource): Loader {
  return { program, source, inForce: new Map() };
}

/**
 * To be called when modules have changed: names are looked up anew, unchanged code stays linked.
 */
export function forgetNames(loader: Loader): void {
  loader.inForce.clear();
}

export function loadModule(loader: Loader, id: ModuleId): LinkedModule {
  return linkModule(loader.program, loader.source, loader.inForce, id);
}

export function findDecoded(loader: Loader, id: ModuleId): DecodedModule | undefined {
  return decodedModule(loader.program, loader.source, id);
}

/** A function's module and definition index, or `FUNCTION_RESOLUTION_FAILURE`. */
export function findFunction(
  loader: Loader,
  id: FunctionId,
): { readonly module: LinkedModule; readonly index: number } {
  const module = loadModule(loader, id.module);
  const index = module.functionByName.get(id.name);
  if (index === undefined) {
    return fail("FUNCTION_RESOLUTION_FAILURE", `there is no ${formatFunctionId(id)}`);
  }
  return { module, index };
}

/** The run-time type of a tag. */
export function loadType(loader: Loader, tag: TypeTag): RuntimeType {
  if (tag.kind === "vector") return vectorType(loadType(loader, tag.element));
  if (tag.kind === "struct") return loadStruct(loader, tag.struct);
  return primitiveType(tag.kind);
}

export function loadStruct(loader: Loader, tag: StructTag): StructType {
  const module = loadModule(loader, moduleOf(tag));
  const definition = module.structByName.get(tag.name);
  if (definition === undefined) {
    return fail("TYPE_RESOLUTION_FAILURE", `${module.key} has no struct ${tag.name}`);
  }
  const typeArgs = tag.typeArgs.map((arg) => loadType(loader, arg));
  return structType(definition, typeArgs);
}

/** Signature of a definition: its handle. */
export function handleOfFunction(linked: LinkedModule, index: number) {
  const definition = entryAt(linked.module.functionDefinitions, index, "function definition");
  return entryAt(linked.module.functionHandles, definition.handle, "function handle");
}
