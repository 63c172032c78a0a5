/** What the root chain executes with: the sandbox and its parameters. */
import type { PublicKey } from "#core/ed25519.ts";
import { judgeStep } from "../judge/step-judge.ts";
import { rootParameters } from "../ledger/parameters.ts";
import { turnRules } from "../ledger/turn-rules.ts";
import type { ExecutionEnvironment } from "../ledger/user-transaction.ts";
import { chainExecutor } from "./chain-executor.ts";

/** Anybody may publish what the verifier accepts. */
export function rootEnvironment(
  producers: readonly PublicKey[],
  slotMs?: number,
): ExecutionEnvironment {
  const parameters = rootParameters(producers, slotMs);
  return {
    executor: chainExecutor(),
    parameters,
    judge: judgeStep,
    rules: turnRules(parameters),
  };
}
