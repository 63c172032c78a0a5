/**
 * How long library and bench contracts take to be read, verified and compiled. To be run in a
 * thread that has run nothing yet: verdicts are remembered by code hash, and an engine that has
 * warmed up runs the verifier several times as fast.
 */
import {
  chainProfile,
  createCompiler,
  createMemoryState,
  decodeChangeSet,
  type Executor,
  type MemoryState,
} from "#sandbox";
import { callOf, execute, MOVES, publishedState } from "./contracts.ts";
import { CONTEXT, type Fixtures } from "./fixtures.ts";
import { timeMs } from "./measure.ts";

export interface LoadTimes {
  /** Publishing all modules, every pass, and compiling what each move runs. */
  readonly coldMs: number;
  /** Compiling again for a new session. */
  readonly cachedMs: number;
}

/** @param things that the player has created, as a change set: finding them is no loading. */
export function measureLoading(fixtures: Fixtures, things: Uint8Array): LoadTimes {
  let executor: Executor = createCompiler(chainProfile());
  let state: MemoryState = createMemoryState();
  const publishMs = timeMs(() => {
    executor = createCompiler(chainProfile());
    state = publishedState(fixtures, executor);
  });
  state.apply(decodeChangeSet(things));
  const compileMs = timeMs(() => runEach(executor, state));
  const cachedMs = timeMs(() => runEach(executor, state));
  return { coldMs: publishMs + compileMs, cachedMs };
}

function runEach(executor: Executor, state: MemoryState): void {
  const session = executor.begin(state, CONTEXT);
  for (const move of Object.values(MOVES)) execute(session, callOf(move, move.args(0)));
}
