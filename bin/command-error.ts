/** What a caller of `holdfast run` or `holdfast verify` got wrong, or what its files are not. */

import { readable } from "./readable.ts";

/** Exit codes of every subcommand. */
export const EXIT_DONE = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;

export type CommandErrorCode =
  | "ARGUMENT_COUNT"
  | "ARGUMENT_INVALID"
  | "ARGUMENT_TYPE"
  | "BENCH_FAILED"
  | "BENCH_FILES_MISSING"
  | "ENGINE_UNKNOWN"
  | "FILE_UNREADABLE"
  | "FUNCTION_INVALID"
  | "FUNCTION_MISSING"
  | "FUNCTION_UNKNOWN"
  | "GAS_LIMIT_INVALID"
  | "MODULE_DUPLICATE"
  | "MODULE_MISSING"
  | "MODULE_REFUSED"
  | "MODULE_UNREADABLE"
  | "MODULES_MISSING"
  | "PORT_TAKEN"
  | "SIGNER_COUNT"
  | "SIGNER_INVALID"
  | "SIMULATION_MISSING"
  | "SIMULATION_OPTION"
  | "TRACE_NEEDS_INTERPRETER"
  | "TYPE_COUNT"
  | "TYPE_INVALID"
  | "TYPE_UNKNOWN";

/** About the command line itself: the exit code is that of a wrong call. */
const USAGE_CODES: readonly CommandErrorCode[] = [
  "ENGINE_UNKNOWN",
  "FUNCTION_INVALID",
  "FUNCTION_MISSING",
  "GAS_LIMIT_INVALID",
  "MODULES_MISSING",
  "SIGNER_INVALID",
  "SIMULATION_OPTION",
  "TRACE_NEEDS_INTERPRETER",
];

export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly code: CommandErrorCode;

  constructor(code: CommandErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }

  get exitCode(): number {
    return USAGE_CODES.includes(this.code) ? EXIT_USAGE : EXIT_FAILED;
  }
}

/**
 * Runs a command's work. A {@link CommandError} becomes a line on stderr and, with `--json`, the
 * object `{"error":{"code","message"}}` on stdout; anything else goes on up.
 */
export async function reporting(json: boolean, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const { code, exitCode } = error;
    const message = readable(error.message);
    console.error(`${code}: ${message}`);
    if (json) console.log(JSON.stringify({ error: { code, message } }));
    return exitCode;
  }
}
