/**
 * The interpreter behind the `Executor` interface. Keeps decoded and linked code between sessions,
 * nothing else.
 */
import type { Executor } from "../execution.ts";
import { decodeCode } from "./decode.ts";
import type { ExecutionProfile } from "./execution-profile.ts";
import { createProgram, PROGRAM_SIZE_MAX } from "./program.ts";
import { createResolver } from "./resolved-function.ts";
import { createSession } from "./session.ts";

/** The readable executor, which runs anywhere and checks types as it runs. */
export function createInterpreter(profile: ExecutionProfile): Executor {
  const { natives, schedule } = profile;
  const resolver = createResolver(natives, schedule, decodeCode);
  let program = createProgram();
  return {
    name: "interpreter",
    begin(state, context) {
      // Sessions that run keep the program they began with.
      if (program.made.count > PROGRAM_SIZE_MAX) program = createProgram();
      return createSession(profile, resolver, program, state, context);
    },
  };
}
