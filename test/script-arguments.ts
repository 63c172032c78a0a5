// What a script was asked for; what it cannot read it answers with its usage, not with a stack.
import { type ParseArgsConfig, parseArgs } from "node:util";

/** @returns undefined, with reason and usage on the terminal, where there is no such option. */
export function scriptArguments<Config extends ParseArgsConfig>(
  usage: string,
  config: Config,
): ReturnType<typeof parseArgs<Config>> | undefined {
  try {
    return parseArgs(config);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message}\nusage: ${usage}`);
    return undefined;
  }
}
