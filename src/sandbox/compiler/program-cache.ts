/**
 * Compiled programs by entry instance. An instance stands for the hashes of all code that it can
 * reach, so a program never outlives its code; and it is compiled only if the verifier accepts
 * every module it is made of, because compiled code checks no types.
 */
import { assert } from "../core/assert.ts";
import { moduleKey } from "../core/identifier.ts";
import { VmFailure } from "../runtime/failure.ts";
import type { LinkedModule } from "../runtime/linked-module.ts";
import type { FunctionResolver, ResolvedFunction } from "../runtime/machine-model.ts";
import { isKnownVerified, rememberVerified } from "../runtime/verified-code.ts";
import { verifyLinking } from "../verifier/linking.ts";
import { verifyModule } from "../verifier/verifier.ts";
import {
  CALL_EXPORT,
  type CompiledProgram,
  compileProgram,
  FINISH_EXPORT,
  RUN_EXPORT,
} from "./program-compiler.ts";
import { UnsupportedError } from "./unsupported.ts";

export interface LoadedProgram {
  readonly program: CompiledProgram;
  /** Runs the entry function on the arguments in memory. Traps to stop. */
  readonly run: () => void;
  /** Turns what it wrote into changes, if it can (routines/finishing.ts). */
  readonly finish: () => number;
  /** Does both, for the call that these words describe (`CALL_EXPORT`). */
  readonly call: WholeCall;
}

export type WholeCall = (
  epoch: number,
  stretch: number,
  gasLow: number,
  gasHigh: number,
  memoryLow: number,
  memoryHigh: number,
) => number;

export interface ProgramCache {
  /** Undefined for what has to be interpreted. */
  load(callee: ResolvedFunction): LoadedProgram | undefined;
}

export function createProgramCache(
  resolver: FunctionResolver,
  imports: WebAssembly.Imports,
): ProgramCache {
  const programs = new WeakMap<ResolvedFunction, LoadedProgram | undefined>();

  function compile(callee: ResolvedFunction): LoadedProgram | undefined {
    if (!isVerified(callee.module)) return undefined;
    try {
      const program = compileProgram(resolver, callee);
      const instance = new WebAssembly.Instance(new WebAssembly.Module(program.bytes), imports);
      return { program, ...programExports(instance) };
    } catch (error) {
      // What does not resolve fails in the interpreter, when and if it is reached.
      if (error instanceof UnsupportedError || error instanceof VmFailure) return undefined;
      throw error;
    }
  }

  return {
    load(callee) {
      const known = programs.get(callee);
      if (known !== undefined || programs.has(callee)) return known;
      const loaded = callee.native === undefined ? compile(callee) : undefined;
      programs.set(callee, loaded);
      return loaded;
    },
  };
}

function programExports({ exports }: WebAssembly.Instance): Omit<LoadedProgram, "program"> {
  const { [RUN_EXPORT]: run, [FINISH_EXPORT]: finish, [CALL_EXPORT]: call } = exports;
  assert(
    typeof run === "function" && typeof finish === "function" && typeof call === "function",
    "a program exports all three",
  );
  return { run: run as () => void, finish: finish as () => number, call: call as WholeCall };
}

const linkedVerdicts = new WeakMap<LinkedModule, boolean>();

/** Whether a module and everything it depends on pass every pass of the verifier. */
function isVerified(root: LinkedModule): boolean {
  const known = linkedVerdicts.get(root);
  if (known !== undefined) return known;
  const closure = new Map<string, LinkedModule>();
  const pending = [root];
  for (let module = pending.pop(); module !== undefined; module = pending.pop()) {
    if (closure.has(module.key)) continue;
    closure.set(module.key, module);
    pending.push(...module.imports);
  }
  const modules = [...closure.values()];
  const verdict =
    modules.every(isVerifiedAlone) &&
    modules.every((linked) => {
      const found = linkedVerdicts.get(linked);
      if (found !== undefined) return found;
      return verifyLinking(linked.module, (id) => closure.get(moduleKey(id))?.module).ok;
    });
  for (const linked of verdict ? modules : [root]) linkedVerdicts.set(linked, verdict);
  return verdict;
}

function isVerifiedAlone({ module, codeHash }: LinkedModule): boolean {
  if (isKnownVerified(codeHash)) return true;
  const verdict = verifyModule(module).ok;
  if (verdict) rememberVerified(codeHash);
  return verdict;
}
