/** Reads how a committed transaction ended, in the vocabulary of `SettlementError`. */
import { makeAddress } from "#core/address.ts";
import { formatModuleId, type ModuleId } from "#core/identifier.ts";
import type { CommittedCall } from "./chain-access.ts";
import { ROOCH } from "./contract/calls.ts";
import { contractRefusal, trouble } from "./settlement-error.ts";

const FRAMEWORK = makeAddress("0x1");
/** `0x1::coin`: EINSUFFICIENT_BALANCE under the category "invalid argument". */
const INSUFFICIENT_BALANCE = 0x1_0006n;

/** Contracts by which coins cross to other chains, and their number for too few coins. */
const CROSSINGS = new Map([
  [makeAddress("0x30"), { refused: "SHARD_REFUSED", poor: 2n }],
  [makeAddress("0x40"), { refused: "PARA_REFUSED", poor: 8n }],
] as const);

/** The call itself when it was executed; throws `SettlementError` when it was not. */
export function callOutcome(call: CommittedCall): CommittedCall {
  const { status, statusText } = call;
  switch (status.type) {
    case "executed":
      return call;
    case "aborted":
      throw refusedBy(status.location.module, status.code);
    case "failed":
      if (status.status === "OUT_OF_GAS") throw trouble("OUT_OF_GAS", "the call ran out of gas");
      throw trouble("CONTRACT_FAILED", `the call failed: ${statusText}`);
  }
}

function refusedBy(module: ModuleId, code: bigint) {
  if (module.address === ROOCH) return contractRefusal(code);
  if (module.address === FRAMEWORK && module.name === "coin" && code === INSUFFICIENT_BALANCE) {
    return trouble("NO_FUNDS", "the account does not hold that much", code);
  }
  const where = formatModuleId(module);
  const crossing = CROSSINGS.get(module.address);
  if (crossing !== undefined) {
    if (code === crossing.poor) return trouble("NO_FUNDS", `${where} finds too few coins`, code);
    return trouble(crossing.refused, `${where} refused with ${code}`, code);
  }
  return trouble("GAME_REFUSED", `${where} refused with 0x${code.toString(16)}`, code);
}
