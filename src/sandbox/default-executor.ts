/**
 * The executor that everything uses unless it is told otherwise: compiled code where the host has
 * WebAssembly, the interpreter where it has none or its policy forbids compiling. Both answer the
 * same.
 */

import { createCompiler } from "./compiler/compiler-executor.ts";
import type { Executor } from "./execution.ts";
import type { ExecutionProfile } from "./runtime/execution-profile.ts";
import { createInterpreter } from "./runtime/interpreter-executor.ts";

/** Compiled code where the host lets it compile, else the interpreter. */
export function createExecutor(profile: ExecutionProfile): Executor {
  return canCompile() ? createCompiler(profile) : createInterpreter(profile);
}

/** The smallest module there is: a magic number and a version. */
const EMPTY_MODULE = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);

/**
 * Whether the host compiles WebAssembly. A page whose Content-Security-Policy lacks
 * `wasm-unsafe-eval` has the constructors and refuses to use them.
 */
function canCompile(): boolean {
  try {
    return new WebAssembly.Module(EMPTY_MODULE) instanceof WebAssembly.Module;
  } catch {
    // Without `WebAssembly` the name is unknown; a policy throws a CompileError.
    return false;
  }
}
