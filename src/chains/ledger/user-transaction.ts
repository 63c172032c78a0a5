/**
 * Runs one user transaction: prologue, actions, epilogue. One that passes its prologue always ends
 * up in the block: if an action fails, all it leaves behind is its fee and its sequence number.
 * Knows no block and no pool.
 */
import type { Address } from "#core/address.ts";
import { assert } from "#core/assert.ts";
import { equalBytes } from "#core/bytes.ts";
import type { ChangeSet, Event } from "#core/effects.ts";
import { type GasUnits, gasUnits, type InternalGas, toGasUnits } from "#core/gas-units.ts";
import { formatFunctionId } from "#core/identifier.ts";
import { err, ok, type Result } from "#core/result.ts";
import { EXECUTED, isExecuted, type VmStatus } from "#core/status.ts";
import type { Executor, Outcome, Session, StateReader } from "#sandbox";
import { countRamCall, ownTablesCall, type RamChange } from "../resources/contract.ts";
import { readPriceList } from "../resources/prices.ts";
import { type RamLedger, ramChanges, tablesByOwner } from "../resources/ram.ts";
import { type ActionTerms, runActions } from "./action-run.ts";
import type { Action } from "./action-trace.ts";
import type { BlockRules } from "./block-rules.ts";
import { epilogueCall, prologueCall, prologueRefusal, readAccount } from "./framework.ts";
import type { Judge } from "./judge.ts";
import { type ChainParameters, isFree } from "./parameters.ts";
import { invalidTransaction, type Refusal } from "./refusal.ts";
import { bringsEvidence, type RawTransaction } from "./transaction.ts";
import type { VerifiedTransaction } from "./validation.ts";

/** What execution needs to be the same on every node. */
export interface ExecutionEnvironment {
  readonly executor: Executor;
  readonly parameters: ChainParameters;
  readonly judge: Judge;
  readonly rules: BlockRules;
}

export interface TransactionOutcome {
  readonly status: VmStatus;
  /** What the payer is charged for. */
  readonly gasUsed: GasUnits;
  /** What it took of the block's gas, charged or not. */
  readonly gasTaken: GasUnits;
  readonly actions: readonly Action[];
  /** What accounts would store more or less by its actions, taken effect or not. */
  readonly ram: readonly RamChange[];
  readonly events: readonly Event[];
  readonly changes: ChangeSet;
}

/** The terms on which one transaction runs. */
interface Terms extends ActionTerms {
  /** What the payer is charged for a unit; 0 where the transaction costs nothing. */
  readonly gasUnitPrice: bigint;
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
  const terms = termsOf(environment, state, transaction, proposer);
  const unaffordable = refusedByFees(terms, transaction);
  if (unaffordable !== undefined) return err(unaffordable);
  const session = executor.begin(state, { uniqueSeed: hash, chainId: parameters.chainId });
  const prologue = session.execute(prologueCall(raw, signers, terms.gasUnitPrice));
  if (!isExecuted(prologue.status)) return err(refusedBy(prologue, transaction));
  const cosigner = refusedCosigner(state, transaction);
  if (cosigner !== undefined) return err(cosigner);

  const start = session.mark();
  const all = [signers.sender, ...signers.secondary] as const;
  const { judge } = environment;
  const host = { session, state, judge, chainId: parameters.chainId };
  const ran = runActions(host, terms, raw.payload.call, all);
  const ram = ramChanges(ran.ram);
  const { actions, gasCharged: gasUsed } = ran;
  const gasTaken = takenOf(terms, ran.gasUsed);
  const epilogue = epilogueCall(signers, terms.gasUnitPrice, gasUsed);
  let { status } = ran;
  if (isExecuted(status)) {
    status = countRam(session, ram, ran.ram);
    const closed = isExecuted(status) ? session.execute(epilogue) : undefined;
    if (closed !== undefined && isExecuted(closed.status)) {
      const events = [...prologue.events, ...ran.events, ...closed.events];
      return ok({ status, gasUsed, gasTaken, actions, ram, events, changes: session.changes() });
    }
    // What it stored was not the payer's to store, or it spent the coins that the fee was to be
    // paid with.
    status = closed?.status ?? status;
  }
  session.rollback(start);
  const closed = session.execute(epilogue);
  assert(isExecuted(closed.status), "what the prologue saw pays for a transaction that failed");
  const events = [...prologue.events, ...closed.events];
  return ok({ status, gasUsed, gasTaken, actions, ram, events, changes: session.changes() });
}

/** Lets the contract judge and count what accounts store now. */
function countRam(session: Session, changes: readonly RamChange[], ledger: RamLedger): VmStatus {
  const calls = [
    ...(changes.length === 0 ? [] : [countRamCall(changes)]),
    ...tablesByOwner(ledger).map(([owner, handles]) => ownTablesCall(owner, handles)),
  ];
  for (const call of calls) {
    const { status } = session.execute(call);
    if (!isExecuted(status)) return status;
  }
  return EXECUTED;
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
  const terms = termsOf(environment, state, transaction, signers.payer);
  const unaffordable = refusedByFees(terms, transaction);
  if (unaffordable !== undefined) return unaffordable;
  const session = executor.begin(state, { uniqueSeed: hash, chainId: parameters.chainId });
  const { status } = session.execute(prologueCall(raw, signers, terms.gasUnitPrice));
  if (isExecuted(status)) return refusedCosigner(state, transaction);
  const refused = refusedBy({ status }, transaction);
  return refused.status === "SEQUENCE_NUMBER_TOO_NEW" ? undefined : refused;
}

function termsOf(
  { parameters }: ExecutionEnvironment,
  state: StateReader,
  { raw, signers, bytes }: VerifiedTransaction,
  producer: Address,
): Terms {
  const prices = readPriceList(parameters, state);
  const shared = { prices, payer: signers.payer, producer, size: bytes.length };
  if (!isFree(parameters, raw.payload.call.function)) {
    const { intrinsicGas } = parameters;
    const gasCap = gasCapOf(parameters, raw);
    return { ...shared, gasUnitPrice: raw.gasUnitPrice, intrinsicGas, maxGas: raw.maxGas, gasCap };
  }
  const maxGas = raw.maxGas < parameters.freeGas ? raw.maxGas : parameters.freeGas;
  const intrinsicGas = gasUnits(0n);
  return { ...shared, gasUnitPrice: 0n, intrinsicGas, maxGas, gasCap: maxGas };
}

/** Most gas that a transaction may take of a block: fees buy CPU whatever gas it allows. */
export function gasCapOf(parameters: ChainParameters, { maxGas }: RawTransaction): GasUnits {
  return maxGas > parameters.nativeGas ? maxGas : parameters.nativeGas;
}

/** What can be said by the entry function's price alone. */
function refusedByFees(terms: Terms, { raw }: VerifiedTransaction): Refusal | undefined {
  const { call } = raw.payload;
  const { settings } = terms.prices;
  const size = call.args.reduce((sum, { length }) => sum + length, 0);
  if (BigInt(size) > settings.argumentBytesMax && !bringsEvidence(call)) {
    const why = `${size} bytes of arguments, at most ${settings.argumentBytesMax}`;
    return invalidTransaction("EXCEEDED_MAX_TRANSACTION_SIZE", why);
  }
  const price = terms.prices.priceOf(call.function);
  const name = formatFunctionId(call.function);
  if (price.type === "none") {
    const why = `${name} has no fee, and this chain runs nothing without: its owner can set one`;
    return invalidTransaction("FEATURE_NOT_ENABLED", why);
  }
  if (price.type !== "native" && price.type !== "set") return undefined;
  const limit = raw.maxGas * terms.gasUnitPrice;
  if (terms.gasUnitPrice === 0n || price.fee <= limit) return undefined;
  const why = `${name} costs ${price.fee} units of the coin, the transaction allows ${limit}`;
  return invalidTransaction("MAX_GAS_UNITS_BELOW_MIN_TRANSACTION_GAS_UNITS", why);
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

/** What a block's gas is taken for: what ran, and the transaction itself. */
function takenOf({ intrinsicGas, gasCap }: Terms, used: InternalGas): GasUnits {
  const total = intrinsicGas + toGasUnits(used);
  return gasUnits(total < gasCap ? total : gasCap);
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
