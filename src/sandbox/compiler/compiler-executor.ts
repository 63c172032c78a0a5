/**
 * The compiler behind the `Executor` interface. Sessions are the interpreter's, with an engine that
 * runs their calls as compiled code wherever it can.
 */
import type { Executor } from "../execution.ts";
import { decodeCode } from "../runtime/decode.ts";
import type { ExecutionProfile } from "../runtime/execution-profile.ts";
import { createProgram, PROGRAM_SIZE_MAX } from "../runtime/program.ts";
import { createResolver } from "../runtime/resolved-function.ts";
import { createSession } from "../runtime/session.ts";
import { createEngine } from "./engine.ts";

/** The fast executor, for hosts that let WebAssembly compile; `createExecutor` knows whether. */
export function createCompiler(profile: ExecutionProfile): Executor {
  const { natives, schedule } = profile;
  const resolver = createResolver(natives, schedule, decodeCode);
  let engine = createEngine(resolver);
  let program = createProgram();
  return {
    name: "compiled",
    begin(state, context) {
      // Sessions that run keep what they began with.
      if (program.made.count > PROGRAM_SIZE_MAX) {
        program = createProgram();
        engine = createEngine(resolver);
      }
      return createSession(profile, resolver, program, state, context, undefined, engine);
    },
  };
}
