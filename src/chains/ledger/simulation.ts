/**
 * Tries a transaction without signatures (REST profile section 6, "Simulate"). Nothing is kept, and
 * nothing that could be sent for real is accepted.
 */
import { type Address, makeAddress } from "#core/address.ts";
import { present } from "#core/assert.ts";
import { gasUnits } from "#core/gas-units.ts";
import { type Hash, parseHash } from "#core/hash.ts";
import { err, ok, type Result } from "#core/result.ts";
import type { StateReader } from "#sandbox";
import { authenticationKeyOf, holdsForAny } from "./account-authenticator.ts";
import { signatureClaims, signersOf } from "./authenticator.ts";
import { readAccount, readBalance } from "./framework.ts";
import type { ChainParameters } from "./parameters.ts";
import { type Refusal, refusal } from "./refusal.ts";
import {
  encodeRawTransaction,
  type RawTransaction,
  type SignedTransaction,
} from "./transaction.ts";
import {
  type ExecutionEnvironment,
  runUserTransaction,
  type TransactionOutcome,
} from "./user-transaction.ts";
import { refuseOutOfBounds, refuseSignerList, type VerifiedTransaction } from "./validation.ts";

/** The sponsor of a transaction that nobody has agreed to pay for yet. */
const NO_PAYER = makeAddress("0x0");

export interface SimulationOptions {
  /** Put the chain's own price in the place of the transaction's. */
  readonly estimatesPrice: boolean;
  /** Allow as much gas as the payer can pay for. */
  readonly estimatesMaxGas: boolean;
  /** Chain time in seconds. */
  readonly nowSecs: bigint;
}

export interface Simulation {
  /** The transaction with the estimates that were asked for. */
  readonly transaction: SignedTransaction;
  /** What would come of it, or why validation would refuse it. */
  readonly outcome: Result<TransactionOutcome, Refusal>;
}

/** Refuses with `invalid_input` when a signature holds: the bytes could be sent by anybody. */
export function simulateTransaction(
  environment: ExecutionEnvironment,
  state: StateReader,
  given: SignedTransaction,
  options: SimulationOptions,
): Result<Simulation, Refusal> {
  const { raw, authenticator } = given;
  const claims = signatureClaims(authenticator, raw.sender, encodeRawTransaction(raw));
  if (claims.some((claim) => holdsForAny(claim.authenticator, claim.messages))) {
    const message = "A simulated transaction must not have a valid signature.";
    return err(refusal("invalid_input", message));
  }
  const signers = signersOf(authenticator, claims, ({ address, authenticator: claimed }) => {
    return authenticationKeyOf(claimed) ?? authenticationKeyAt(state, address);
  });
  const { parameters } = environment;
  const isPaid = signers.payer !== NO_PAYER;
  const transaction = {
    ...given,
    raw: estimated(
      parameters,
      raw,
      options,
      isPaid ? readBalance(state, signers.payer) : undefined,
    ),
  };
  const refused =
    refuseSignerList(transaction) ?? refuseOutOfBounds(transaction, parameters, options.nowSecs);
  if (refused !== undefined) return ok({ transaction, outcome: err(refused) });
  const tried: VerifiedTransaction = isPaid
    ? { ...transaction, signers }
    : { ...transaction, raw: { ...transaction.raw, gasUnitPrice: 0n }, signers };
  const outcome = runUserTransaction(environment, state, tried, signers.payer);
  return ok({ transaction, outcome });
}

function authenticationKeyAt(state: StateReader, address: Address): Hash {
  const { authenticationKey } = readAccount(state, address);
  return present(parseHash(authenticationKey), "an authentication key has 32 bytes");
}

/** @param balance of the payer; undefined where there is none yet. */
function estimated(
  parameters: ChainParameters,
  raw: RawTransaction,
  { estimatesPrice, estimatesMaxGas }: SimulationOptions,
  balance: bigint | undefined,
): RawTransaction {
  const gasUnitPrice = estimatesPrice ? parameters.minGasUnitPrice : raw.gasUnitPrice;
  if (!estimatesMaxGas) return { ...raw, gasUnitPrice };
  const bound: bigint = parameters.maxTransactionGas;
  const isBound = balance === undefined || gasUnitPrice === 0n;
  const affordable = isBound ? bound : balance / gasUnitPrice;
  return { ...raw, gasUnitPrice, maxGas: gasUnits(affordable < bound ? affordable : bound) };
}
