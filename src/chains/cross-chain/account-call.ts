/** Calls of a contract by an account of the node's own, as signed transactions. */
import { gasUnits } from "#core/gas-units.ts";
import type { FunctionId } from "#core/identifier.ts";
import { type AccountSigner, signTransaction } from "../ledger/account-signer.ts";
import type { SignedTransaction } from "../ledger/transaction.ts";

/** What a call of the system's contracts may use; what it does not use is not paid for. */
const MAX_GAS = gasUnits(200_000n);
const MILLISECONDS_PER_SECOND = 1_000n;

export interface AccountCall {
  readonly function: FunctionId;
  /** BCS, without the signer. */
  readonly args: readonly Uint8Array[];
}

/** Where and when a call is to run. */
export interface CallTerms {
  readonly chainId: number;
  readonly sequenceNumber: bigint;
  readonly gasUnitPrice: bigint;
  readonly nowMs: bigint;
  /** After so many seconds it is void. */
  readonly lifetimeSecs: bigint;
}

export function signCall(
  signer: AccountSigner,
  call: AccountCall,
  { chainId, sequenceNumber, gasUnitPrice, nowMs, lifetimeSecs }: CallTerms,
): SignedTransaction {
  const payload = { type: "entryFunction", call: { ...call, typeArgs: [] } } as const;
  const raw = {
    sender: signer.address,
    sequenceNumber,
    payload,
    maxGas: MAX_GAS,
    gasUnitPrice,
    expirationSecs: nowMs / MILLISECONDS_PER_SECOND + lifetimeSecs,
    chainId,
  };
  return signTransaction(raw, signer);
}
