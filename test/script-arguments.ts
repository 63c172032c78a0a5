// What a script was asked for; what it cannot read it answers with its usage, not with a stack.
import { type ParseArgsConfig, parseArgs } from "node:util";
import { err, ok, type Result } from "#core/result.ts";

/** @returns what to tell whoever asked, where there is no such option. */
export function scriptArguments<Config extends ParseArgsConfig>(
  usage: string,
  config: Config,
): Result<ReturnType<typeof parseArgs<Config>>, string> {
  try {
    return ok(parseArgs(config));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return err(`${error.message}\nusage: ${usage}`);
  }
}
