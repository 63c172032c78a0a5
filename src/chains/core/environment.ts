/** What the root chain executes with: the sandbox and its parameters. */
import type { PublicKey } from "#core/ed25519.ts";
import { chainProfile, createExecutor } from "#sandbox";
import { judgeStep } from "../judge/step-judge.ts";
import { rootParameters } from "../ledger/parameters.ts";
import type { ExecutionEnvironment } from "../ledger/user-transaction.ts";

/** Anybody may publish what the verifier accepts. */
export function rootEnvironment(
  producers: readonly PublicKey[],
  slotMs?: number,
): ExecutionEnvironment {
  return {
    executor: createExecutor(chainProfile()),
    parameters: rootParameters(producers, slotMs),
    judge: judgeStep,
  };
}
