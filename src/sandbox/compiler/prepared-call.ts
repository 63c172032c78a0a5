/**
 * From a call's names to compiled code that is known to be in force. What is found is kept with the
 * hashes of every module it depends on, and used again only where a state has the same code under
 * the same names.
 */
import { type FunctionId, formatFunctionId } from "../core/identifier.ts";
import { formatTypeTag } from "../core/type-tag.ts";
import type { Call, CallMode } from "../execution.ts";
import { checkCallable, UTF8_FUNCTION } from "../runtime/arguments.ts";
import { VmFailure } from "../runtime/failure.ts";
import type { LinkedModule } from "../runtime/linked-module.ts";
import { findFunction, loadType } from "../runtime/loader.ts";
import type { ResolvedFunction } from "../runtime/machine-model.ts";
import { codeHashOf } from "../runtime/program.ts";
import { resolveFunction } from "../runtime/resolved-function.ts";
import type { SessionView } from "../runtime/session.ts";
import { isReference, type RuntimeType } from "../runtime/types.ts";
import { type ArgumentPlan, planArguments } from "./call-arguments.ts";
import type { LoadedProgram, ProgramCache } from "./program-cache.ts";

export interface PreparedCall {
  readonly callee: ResolvedFunction;
  readonly loaded: LoadedProgram;
  readonly argumentPlan: ArgumentPlan;
  /** `0x1::string::utf8`, for entry functions that take text. */
  readonly utf8: LoadedProgram | undefined;
  readonly closure: readonly LinkedModule[];
}

/** What a session has looked up: under its current code, so nothing in it needs checking. */
export interface PreparedCalls {
  readonly byId: WeakMap<FunctionId, Map<CallMode, PreparedCall>>;
  /** For calls that come from outside, each with a name of its own. */
  readonly byText: Map<string, PreparedCall>;
  /** The latest without type arguments: most often the next as well. */
  last:
    | { readonly id: FunctionId; readonly mode: CallMode; readonly prepared: PreparedCall }
    | undefined;
}

export function createPreparedCalls(): PreparedCalls {
  return { byId: new WeakMap(), byText: new Map(), last: undefined };
}

/** Calls that some session has prepared, by text; to be checked against the session at hand. */
export type PreparedCallCache = Map<string, PreparedCall>;

/** More than this are forgotten together. */
const PREPARED_COUNT_MAX = 4096;

/** The code that a call runs; undefined if it has to be interpreted, or fails before it runs. */
export function prepareCall(
  view: SessionView,
  known: PreparedCalls,
  cache: PreparedCallCache,
  programs: ProgramCache,
  call: Call,
): PreparedCall | undefined {
  const { function: id, mode, typeArgs } = call;
  const isPlain = typeArgs.length === 0;
  const { last } = known;
  if (isPlain && last?.id === id && last.mode === mode) return last.prepared;
  const found = isPlain ? known.byId.get(id)?.get(mode) : undefined;
  if (found !== undefined) {
    known.last = { id, mode, prepared: found };
    return found;
  }
  const text = `${call.mode} ${formatFunctionId(call.function)}<${call.typeArgs.map(formatTypeTag).join()}>`;
  const here = known.byText.get(text);
  if (here !== undefined) return here;
  const prepared = inForce(view, cache.get(text)) ?? prepareAnew(view, programs, call);
  if (prepared === undefined) return undefined;
  keepPrepared(cache, text, prepared);
  keepPrepared(known.byText, text, prepared);
  if (isPlain) {
    const byMode = known.byId.get(call.function);
    if (byMode === undefined) known.byId.set(call.function, new Map([[call.mode, prepared]]));
    else byMode.set(call.mode, prepared);
  }
  return prepared;
}

function keepPrepared(calls: Map<string, PreparedCall>, text: string, prepared: PreparedCall) {
  if (calls.size >= PREPARED_COUNT_MAX) calls.clear();
  calls.set(text, prepared);
}

function inForce(
  { loader }: SessionView,
  cached: PreparedCall | undefined,
): PreparedCall | undefined {
  const isInForce = cached?.closure.every(({ id, codeHash }) => {
    const bytes = loader.source.get(id);
    return bytes !== undefined && codeHashOf(loader.program, bytes) === codeHash;
  });
  return isInForce === true ? cached : undefined;
}

function prepareAnew(
  view: SessionView,
  programs: ProgramCache,
  call: Call,
): PreparedCall | undefined {
  try {
    const { loader, resolver } = view;
    const { module, index } = findFunction(loader, call.function);
    const typeArgs = call.typeArgs.map((tag) => loadType(loader, tag));
    const callee = resolveFunction(resolver, module, index, typeArgs);
    checkCallable(call.mode, callee);
    const loaded = programs.load(callee);
    const needsText = call.mode === "entry" && callee.parameters.some(holdsText);
    const utf8 = needsText ? loadUtf8(view, programs, callee) : undefined;
    if (loaded === undefined || (needsText && utf8 === undefined)) return undefined;
    const roots = [module, ...typeArgs.flatMap(modulesOf)];
    if (utf8 !== undefined) roots.push(utf8.program.entry.module);
    const argumentPlan = planArguments(loaded.program);
    if (argumentPlan === undefined) return undefined;
    return { callee, loaded, argumentPlan, utf8, closure: closureOf(roots) };
  } catch (error) {
    // The interpreter fails in the same way, and says how.
    if (error instanceof VmFailure) return undefined;
    throw error;
  }
}

/** Text in vectors is rare; the interpreter makes it. */
function loadUtf8(
  { loader, resolver }: SessionView,
  programs: ProgramCache,
  { parameters }: ResolvedFunction,
): LoadedProgram | undefined {
  if (parameters.some((type) => type.kind === "vector" && holdsText(type))) return undefined;
  const { module, index } = findFunction(loader, UTF8_FUNCTION);
  return programs.load(resolveFunction(resolver, module, index, []));
}

function holdsText(type: RuntimeType): boolean {
  return type.kind === "vector" ? holdsText(type.element) : type.kind === "struct";
}

function modulesOf(type: RuntimeType): readonly LinkedModule[] {
  if (isReference(type)) return modulesOf(type.target);
  if (type.kind === "vector") return modulesOf(type.element);
  if (type.kind !== "struct") return [];
  return [type.definition.module, ...type.typeArgs.flatMap(modulesOf)];
}

function closureOf(roots: readonly LinkedModule[]): readonly LinkedModule[] {
  const seen = new Set<LinkedModule>();
  const pending = [...roots];
  for (let module = pending.pop(); module !== undefined; module = pending.pop()) {
    if (seen.has(module)) continue;
    seen.add(module);
    pending.push(...module.imports);
  }
  return [...seen];
}
