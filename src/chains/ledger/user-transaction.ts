/**
 * Runs one user transaction: prologue, payload, epilogue. One that passes its prologue always ends
 * up in the block: if its payload fails, all it leaves behind is its fee and its sequence number.
 * Knows no block and no pool.
 */
import type { Address } from "#core/address.ts";
import { assert } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import type { ChangeSet, Event } from "#core/effects.ts";
import {
  type GasUnits,
  gasUnits,
  type InternalGas,
  toGasUnits,
  toInternalGas,
} from "#core/gas-units.ts";
import { err, ok, type Result } from "#core/result.ts";
import { isExecuted, type VmStatus } from "#core/status.ts";
import type { Executor, Outcome, Session, StateReader } from "#sandbox";
import { type Action, entryTrace } from "./action-trace.ts";
import { followChannels } from "./channel-pins.ts";
import { epilogueCall, prologueCall, prologueRefusal, readAccount } from "./framework.ts";
import { isFraudReport, judgeReport } from "./fraud-report.ts";
import type { Judge } from "./judge.ts";
import { type PayloadOutcome, publishPackage } from "./package-publishing.ts";
import { type ChainParameters, isFree } from "./parameters.ts";
import { isPublishing } from "./publish-request.ts";
import { invalidTransaction, type Refusal } from "./refusal.ts";
import type { VerifiedTransaction } from "./validation.ts";

/** What execution needs to be the same on every node. */
export interface ExecutionEnvironment {
  readonly executor: Executor;
  readonly parameters: ChainParameters;
  readonly judge: Judge;
}

export interface TransactionOutcome {
  readonly status: VmStatus;
  /** What the payer is charged for. */
  readonly gasUsed: GasUnits;
  /** What it took of the block's gas, charged or not. */
  readonly gasTaken: GasUnits;
  readonly actions: readonly Action[];
  readonly events: readonly Event[];
  readonly changes: ChangeSet;
}

/** The terms on which one transaction runs. */
interface Terms {
  readonly gasUnitPrice: bigint;
  readonly intrinsicGas: GasUnits;
  readonly maxGas: GasUnits;
}

/**
 * Runs `transaction` over `state`, which stays as it is: the outcome carries the changes. Refused
 * without a trace when the prologue does not let it pass.
 */
export function runUserTransaction(
  environment: ExecutionEnvironment,
  state: StateReader,
  transaction: VerifiedTransaction,
  proposer: Address,
): Result<TransactionOutcome, Refusal> {
  const { executor, parameters } = environment;
  const { raw, signers, hash } = transaction;
  const terms = termsOf(parameters, transaction);
  const session = executor.begin(state, { uniqueSeed: hash, chainId: parameters.chainId });
  const prologue = session.execute(prologueCall(raw, signers, terms.gasUnitPrice));
  if (!isExecuted(prologue.status)) return err(refusedBy(prologue, transaction));
  const cosigner = refusedCosigner(state, transaction);
  if (cosigner !== undefined) return err(cosigner);

  const actions = entryTrace(raw.payload.call.function);
  const start = session.mark();
  const ran = runPayload(environment, session, state, transaction, terms);
  const payload = followChannels(session, state, ran);
  const gasTaken = gasOf(terms, payload.gasUsed);
  const gasUsed = terms.gasUnitPrice === 0n ? gasUnits(0n) : gasTaken;
  const epilogue = epilogueCall(signers, terms.gasUnitPrice, gasUsed, proposer);
  let status = payload.status;
  if (isExecuted(status)) {
    const closed = session.execute(epilogue);
    if (isExecuted(closed.status)) {
      const events = [...prologue.events, ...payload.events, ...closed.events];
      return ok({ status, gasUsed, gasTaken, actions, events, changes: session.changes() });
    }
    // The payload spent the coins that the fee was to be paid with.
    status = closed.status;
  }
  session.rollback(start);
  const closed = session.execute(epilogue);
  assert(isExecuted(closed.status), "what the prologue saw pays for a transaction that failed");
  const events = [...prologue.events, ...closed.events];
  return ok({ status, gasUsed, gasTaken, actions, events, changes: session.changes() });
}

/**
 * Whether the prologue would let the transaction pass over `state`, which is how a pool admits it.
 * A sequence number ahead of the account's passes: it waits.
 */
export function refusedByPrologue(
  environment: ExecutionEnvironment,
  state: StateReader,
  transaction: VerifiedTransaction,
): Refusal | undefined {
  const { executor, parameters } = environment;
  const { raw, signers, hash } = transaction;
  const { gasUnitPrice } = termsOf(parameters, transaction);
  const session = executor.begin(state, { uniqueSeed: hash, chainId: parameters.chainId });
  const { status } = session.execute(prologueCall(raw, signers, gasUnitPrice));
  if (isExecuted(status)) return refusedCosigner(state, transaction);
  const refused = refusedBy({ status }, transaction);
  return refused.status === "SEQUENCE_NUMBER_TOO_NEW" ? undefined : refused;
}

function termsOf(parameters: ChainParameters, { raw }: VerifiedTransaction): Terms {
  if (!isFree(parameters, raw.payload.call.function)) {
    const { intrinsicGas } = parameters;
    return { gasUnitPrice: raw.gasUnitPrice, intrinsicGas, maxGas: raw.maxGas };
  }
  const maxGas = raw.maxGas < parameters.freeGas ? raw.maxGas : parameters.freeGas;
  return { gasUnitPrice: 0n, intrinsicGas: gasUnits(0n), maxGas };
}

function runPayload(
  { judge, parameters: { chainId } }: ExecutionEnvironment,
  session: Session,
  state: StateReader,
  transaction: VerifiedTransaction,
  terms: Terms,
): PayloadOutcome {
  const { call } = transaction.raw.payload;
  const { sender, secondary } = transaction.signers;
  const signers = [sender, ...secondary] as const;
  const gasLimit = toInternalGas(gasUnits(terms.maxGas - terms.intrinsicGas));
  if (isPublishing(call)) return publishPackage(session, state, call, signers, gasLimit);
  if (isFraudReport(call)) {
    return judgeReport({ session, state, judge, chainId }, call, signers, gasLimit);
  }
  return session.execute({ mode: "entry", ...call, signers, gasLimit });
}

/** Everybody who signed beside the sender must have signed with the key of their account. */
function refusedCosigner(
  state: StateReader,
  { signers }: VerifiedTransaction,
): Refusal | undefined {
  const wrong = signers.cosigners.find(({ address, authenticationKey }) => {
    return !equalBytes(readAccount(state, address).authenticationKey, authenticationKey);
  });
  if (wrong === undefined) return undefined;
  return invalidTransaction(
    "INVALID_AUTH_KEY",
    `the key that signed is not that of ${wrong.address}`,
  );
}

/** Never more than the transaction allows, though the last unit that ran out was started. */
function gasOf(terms: Terms, used: InternalGas): GasUnits {
  const total = terms.intrinsicGas + toGasUnits(used);
  return gasUnits(total < terms.maxGas ? total : terms.maxGas);
}

function refusedBy({ status }: Pick<Outcome, "status">, { raw }: VerifiedTransaction): Refusal {
  const name = prologueRefusal(status);
  const number = raw.sequenceNumber;
  switch (name) {
    case "SEQUENCE_NUMBER_TOO_OLD":
      return invalidTransaction(name, `the account is past sequence number ${number}`);
    case "SEQUENCE_NUMBER_TOO_NEW":
      return invalidTransaction(name, `the account has not come to sequence number ${number}`);
    case "SENDING_ACCOUNT_DOES_NOT_EXIST":
      return invalidTransaction(name, `account ${raw.sender} does not exist, fund it first`);
    case "INVALID_AUTH_KEY":
      return invalidTransaction(name, `the key that signed is not that of ${raw.sender}`);
    case "INSUFFICIENT_BALANCE_FOR_TRANSACTION_FEE": {
      const deposit = raw.maxGas * raw.gasUnitPrice;
      return invalidTransaction(name, `the payer needs ${deposit} units for the gas it allows`);
    }
    default:
      return invalidTransaction(name, "the prologue refused it");
  }
}
