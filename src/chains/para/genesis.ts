/**
 * What a parallel chain is begun with. Everybody who has the same configuration has the same
 * genesis; the title and the coins that nobody has yet are in its state.
 */
import { contractModules } from "../contract-modules.ts";
import { chainExecutor } from "../core/chain-executor.ts";
import { createGenesis, faucetSigner } from "../genesis.ts";
import { judgeStep } from "../judge/step-judge.ts";
import type { ExecutedBlock } from "../ledger/executed-block.ts";
import { type GenesisConfig, SLOT_MS_USUAL } from "../ledger/genesis-config.ts";
import { rootParameters } from "../ledger/parameters.ts";
import { turnRules } from "../ledger/turn-rules.ts";
import type { ExecutionEnvironment } from "../ledger/user-transaction.ts";
import type { ParaConfig } from "./config.ts";
import { initializeCall } from "./contract.ts";

export function genesisConfigOf({ chainId, startTimeUs, owner }: ParaConfig): GenesisConfig {
  return {
    chainId,
    timestampUs: startTimeUs,
    producers: [owner],
    slotMs: SLOT_MS_USUAL,
    faucet: faucetSigner().address,
  };
}

/** Executes as the root chain does, under another chain id. */
export function paraEnvironment({ chainId, owner }: ParaConfig): ExecutionEnvironment {
  const parameters = { ...rootParameters([owner]), chainId };
  return {
    executor: chainExecutor(),
    parameters,
    judge: judgeStep,
    rules: turnRules(parameters),
  };
}

export function createParaGenesis(
  environment: ExecutionEnvironment,
  config: ParaConfig,
): ExecutedBlock {
  const closing = [initializeCall(config.title, faucetSigner().address)];
  const place = { type: "root" } as const;
  return createGenesis(environment, genesisConfigOf(config), contractModules(), place, closing);
}
