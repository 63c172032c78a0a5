/**
 * What every chain of this process executes with. An executor keeps code by the hash of its
 * bytecode and nothing of anybody's state, and all kinds of chains have one profile: so a contract
 * is linked and compiled once, however many nodes run it side by side.
 */
import { chainProfile, createExecutor, type Executor } from "#sandbox";

let made: Executor | undefined;

export function chainExecutor(): Executor {
  made ??= createExecutor(chainProfile());
  return made;
}
