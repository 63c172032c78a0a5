/**
 * What can be said against a transaction without running anything: its signature, its bounds, its
 * chain, its time (REST profile section 6.1, in that order). What needs state is the framework's
 * prologue.
 */
import { err, ok, type Result } from "#core/result.ts";
import {
  hasAllSignatures,
  type Signers,
  secondaryAddresses,
  verifyAuthenticator,
} from "./authenticator.ts";
import type { ChainParameters } from "./parameters.ts";
import { invalidTransaction, type Refusal } from "./refusal.ts";
import { encodeRawTransaction, type SignedTransaction } from "./transaction.ts";

/** A transaction whose signatures hold. Made by {@link verifySignatures} only. */
export interface VerifiedTransaction extends SignedTransaction {
  readonly signers: Signers;
}

/**
 * Refuses with INVALID_SIGNATURE, SECONDARY_KEYS_ADDRESSES_COUNT_MISMATCH or
 * SIGNERS_CONTAIN_DUPLICATES.
 */
export function verifySignatures(
  transaction: SignedTransaction,
): Result<VerifiedTransaction, Refusal> {
  const { raw, authenticator } = transaction;
  const refused = refuseSignerList(transaction);
  if (refused !== undefined) return err(refused);
  const signers = verifyAuthenticator(authenticator, raw.sender, encodeRawTransaction(raw));
  if (signers === undefined) {
    const why = "the signature does not hold for this transaction and key";
    return err(invalidTransaction("INVALID_SIGNATURE", why));
  }
  return ok({ ...transaction, signers });
}

/** Each signer stands once, and each secondary one has a signature. */
export function refuseSignerList({ raw, authenticator }: SignedTransaction): Refusal | undefined {
  if (!hasAllSignatures(authenticator)) {
    const why = "there is not one signature for each secondary signer";
    return invalidTransaction("SECONDARY_KEYS_ADDRESSES_COUNT_MISMATCH", why);
  }
  const signers = [raw.sender, ...secondaryAddresses(authenticator)];
  if (new Set(signers).size < signers.length) {
    return invalidTransaction("SIGNERS_CONTAIN_DUPLICATES", "an account signs twice");
  }
  return undefined;
}

/** Checks what a transaction asks for against the chain's bounds, at `nowSecs` of chain time. */
export function refuseOutOfBounds(
  { raw }: SignedTransaction,
  parameters: ChainParameters,
  nowSecs: bigint,
): Refusal | undefined {
  const { maxGas, gasUnitPrice, expirationSecs, chainId } = raw;
  const { minTransactionGas, maxTransactionGas, minGasUnitPrice, maxGasUnitPrice } = parameters;
  if (maxGas > maxTransactionGas) {
    const why = `${maxGas} gas units, at most ${maxTransactionGas}`;
    return invalidTransaction("MAX_GAS_UNITS_EXCEEDS_MAX_GAS_UNITS_BOUND", why);
  }
  if (maxGas < minTransactionGas) {
    const why = `${maxGas} gas units, at least ${minTransactionGas}`;
    return invalidTransaction("MAX_GAS_UNITS_BELOW_MIN_TRANSACTION_GAS_UNITS", why);
  }
  if (gasUnitPrice < minGasUnitPrice) {
    const why = `a gas unit price of ${gasUnitPrice}, at least ${minGasUnitPrice}`;
    return invalidTransaction("GAS_UNIT_PRICE_BELOW_MIN_BOUND", why);
  }
  if (gasUnitPrice > maxGasUnitPrice) {
    const why = `a gas unit price of ${gasUnitPrice}, at most ${maxGasUnitPrice}`;
    return invalidTransaction("GAS_UNIT_PRICE_ABOVE_MAX_BOUND", why);
  }
  if (expirationSecs <= nowSecs) {
    const why = `void from second ${expirationSecs} on, the chain is at ${nowSecs}`;
    return invalidTransaction("TRANSACTION_EXPIRED", why);
  }
  if (chainId !== parameters.chainId) {
    const why = `made for chain ${chainId}, this is chain ${parameters.chainId}`;
    return invalidTransaction("BAD_CHAIN_ID", why);
  }
  return undefined;
}
