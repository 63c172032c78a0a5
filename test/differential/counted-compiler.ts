/**
 * A compiler that tells which calls it left to the interpreter. Put together as `createCompiler`
 * puts it together; only the count is added.
 */
import type { Call, ExecutionProfile, Executor, Outcome } from "#sandbox";
import { createEngine } from "../../src/sandbox/compiler/engine.ts";
import { decodeCode } from "../../src/sandbox/runtime/decode.ts";
import { createProgram } from "../../src/sandbox/runtime/program.ts";
import { createResolver } from "../../src/sandbox/runtime/resolved-function.ts";
import { type CallEngine, createSession } from "../../src/sandbox/runtime/session.ts";

export interface CountedCompiler {
  readonly executor: Executor;
  /** Calls that ran compiled to their end. */
  compiled: number;
  /** Calls left to the interpreter, and what it made of them. */
  readonly left: { readonly call: Call; readonly outcome: Outcome }[];
}

export function createCountedCompiler(profile: ExecutionProfile): CountedCompiler {
  const { natives, schedule } = profile;
  const resolver = createResolver(natives, schedule, decodeCode);
  const engine = createEngine(resolver);
  const program = createProgram();
  let isLeft = false;
  const counted: CallEngine = {
    begin(view) {
      const calls = engine.begin(view);
      return {
        execute(call) {
          const outcome = calls.execute(call);
          isLeft = outcome === undefined;
          return outcome;
        },
        flush: () => calls.flush(),
      };
    },
  };
  const counts: CountedCompiler = {
    executor: {
      name: "compiled",
      begin(state, context) {
        const session = createSession(
          profile,
          resolver,
          program,
          state,
          context,
          undefined,
          counted,
        );
        return {
          ...session,
          execute(call) {
            const outcome = session.execute(call);
            if (isLeft) counts.left.push({ call, outcome });
            else counts.compiled += 1;
            return outcome;
          },
        };
      },
    },
    compiled: 0,
    left: [],
  };
  return counts;
}
