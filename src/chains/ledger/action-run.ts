/**
 * Runs the actions of a transaction, each with its fee: the entry function, whom it tells, and the
 * actions that are queued behind it, depth first. Everything that runs stands in the trace. What
 * fails fails all; undoing it is the caller's.
 */
import type { Address } from "#core/address.ts";
import { assertNever } from "#core/assert.ts";
import type { Event } from "#core/effects.ts";
import {
  type GasUnits,
  gasUnits,
  INTERNAL_GAS_PER_MICROSECOND,
  type InternalGas,
  internalGas,
  toGasUnits,
  toInternalGas,
} from "#core/gas-units.ts";
import type { FunctionId } from "#core/identifier.ts";
import { EXECUTED, isExecuted, statusName, type VmStatus } from "#core/status.ts";
import { feeAction, type LimitName, receiverOf, refusalCall } from "../resources/contract.ts";
import type { ActionPrice, Allowance, PriceList } from "../resources/prices.ts";
import {
  addChanges,
  addTables,
  createRamLedger,
  type RamLedger,
  ramGrowth,
} from "../resources/ram.ts";
import { type InlineRequest, type NotifyRequest, takeRequests } from "./action-requests.ts";
import type { Action, ActionKind } from "./action-trace.ts";
import { followChannels } from "./channel-pins.ts";
import { isFraudReport, type JudgingContext, judgeReport } from "./fraud-report.ts";
import { publishPackage } from "./package-publishing.ts";
import type { PayloadOutcome } from "./payload-outcome.ts";
import { isPublishing } from "./publish-request.ts";
import { rememberedKeys } from "./remembered-keys.ts";
import type { EntryFunctionCall } from "./transaction.ts";

/** How deep actions may queue actions, the entry function's being 1. */
export const ACTION_DEPTH_MAX = 4;
/** Inline actions and notifications of one transaction. */
export const QUEUED_ACTIONS_MAX = 32;

const NO_GAS = internalGas(0);

/** The terms on which a transaction's actions run. */
export interface ActionTerms {
  readonly prices: PriceList;
  readonly payer: Address;
  readonly producer: Address;
  readonly gasUnitPrice: bigint;
  /** Gas that may be charged: with the price, the transaction's fee limit. */
  readonly maxGas: GasUnits;
  /** Gas that all actions together may use, whatever they pay. */
  readonly gasCap: GasUnits;
  /** Charged to an entry function that pays for its gas, before it runs. */
  readonly intrinsicGas: GasUnits;
  /** Bytes of the signed transaction. */
  readonly size: number;
}

/** What actions run in. */
export type ActionHost = JudgingContext;

export interface ActionsOutcome {
  readonly status: VmStatus;
  readonly actions: readonly Action[];
  readonly events: readonly Event[];
  /** What the payer owes for all that began, in gas units at the transaction's price. */
  readonly gasCharged: GasUnits;
  /** What ran. */
  readonly gasUsed: InternalGas;
  readonly ram: RamLedger;
}

interface Run extends ActionHost {
  readonly terms: ActionTerms;
  readonly trace: Action[];
  readonly events: Event[];
  readonly ram: RamLedger;
  /** Fees by rows and by the native table, in units of the coin. */
  fixedFee: bigint;
  /** Gas charged to actions without a row. */
  meteredUnits: bigint;
  /** All gas used. */
  gasUsed: number;
  /** Inline actions and notifications so far. */
  queued: number;
  /** Gas used by actions that have a fee. */
  feeGas: number;
  /** What those fees have bought. */
  bought: Allowance;
  /** Some action's fee was set, so that what fees have bought is all there is. */
  isLimited: boolean;
  ramBytesMax: bigint;
}

/** One action about to run. */
interface Plan {
  readonly kind: ActionKind;
  readonly call: EntryFunctionCall;
  readonly signers: readonly [Address, ...Address[]];
  /** The entry function has 0. */
  readonly depth: number;
  /** Place in the trace of the action that queued it. */
  readonly cause: number | undefined;
}

export function runActions(
  host: ActionHost,
  terms: ActionTerms,
  call: EntryFunctionCall,
  signers: readonly [Address, ...Address[]],
): ActionsOutcome {
  const run: Run = {
    ...host,
    terms,
    trace: [],
    events: [],
    ram: createRamLedger(host.state),
    fixedFee: 0n,
    meteredUnits: 0n,
    gasUsed: 0,
    queued: 0,
    feeGas: 0,
    bought: { cpuUs: 0n, netBytes: 0n },
    isLimited: false,
    ramBytesMax: 0n,
  };
  const entry = terms.prices.priceOf(call.function);
  let status = runAction(run, { kind: "entry", call, signers, depth: 0, cause: undefined });
  // Who pays for gas pays for the bytes with the intrinsic gas.
  const isNetLimited = run.isLimited && entry.type !== "metered";
  if (isExecuted(status) && isNetLimited && BigInt(terms.size) > run.bought.netBytes) {
    status = refuse(run, "net");
  }
  const isRamLimited = run.ramBytesMax > 0n;
  if (isExecuted(status) && isRamLimited && ramGrowth(run.ram) > run.ramBytesMax) {
    status = refuse(run, "ram");
  }
  const gasUsed = internalGas(run.gasUsed);
  const { trace: actions, events, ram } = run;
  return { status, actions, events, gasCharged: gasCharged(run), gasUsed, ram };
}

function gasCharged({ terms, fixedFee, meteredUnits }: Run): GasUnits {
  return gasUnits(meteredUnits + unitsFor(fixedFee, terms.gasUnitPrice));
}

/** Gas units that pay for `fee`, rounded up; at the least price where nobody pays. */
function unitsFor(fee: bigint, gasUnitPrice: bigint): bigint {
  const price = gasUnitPrice === 0n ? 1n : gasUnitPrice;
  return (fee + price - 1n) / price;
}

function runAction(run: Run, plan: Plan): VmStatus {
  const price = run.terms.prices.priceOf(plan.call.function);
  if (price.type === "none") return refuse(run, "noFee");
  const feePlace = run.trace.length;
  if (price.type !== "free") run.trace.push(feeEntry(run, plan, 0n));
  const place = run.trace.push(actionEntry(plan)) - 1;
  if (!charge(run, plan, price)) return refuse(run, "feeLimit");
  const meter = meterOf(run, price);
  const { status, inlines } = runAndNotify(run, plan, place, meter);
  const units = settle(run, price, meter);
  if (price.type !== "free") {
    run.trace[feePlace] = feeEntry(run, plan, feeOf(run, plan, price, units));
  }
  if (!isExecuted(status)) return status;
  return runInlines(run, inlines, plan.depth + 1, place);
}

/** What measures an action together with those it tells, in internal gas. */
interface Meter {
  readonly limit: number;
  /** Most that those who are told may use of it. */
  readonly notificationLimit: number;
  /** Gas at which the cap of the transaction would end it. */
  readonly cap: number;
  readonly isMetered: boolean;
  used: number;
  /** Used by a package's own initializers, which no fee of the chain's covers. */
  initializerGas: InternalGas;
}

/** Takes the fee of an action that has one, before it runs; false where the limit is less. */
function charge(run: Run, plan: Plan, price: ActionPrice): boolean {
  switch (price.type) {
    case "free":
    case "none":
      return true;
    case "metered":
      run.meteredUnits += intrinsicUnits(run, plan);
      return true;
    case "native":
    case "set": {
      run.fixedFee += price.fee;
      if (gasCharged(run) > run.terms.maxGas) {
        run.fixedFee -= price.fee;
        return false;
      }
      run.bought = {
        cpuUs: run.bought.cpuUs + price.bought.cpuUs,
        netBytes: run.bought.netBytes + price.bought.netBytes,
      };
      if (price.type === "set") {
        run.isLimited = true;
        run.ramBytesMax += price.ramBytesMax;
      }
      return true;
    }
    default:
      return assertNever(price);
  }
}

/** The entry function carries what the transaction itself costs. */
function intrinsicUnits({ terms }: Run, { kind }: Plan): bigint {
  return kind === "entry" ? terms.intrinsicGas : 0n;
}

function meterOf(run: Run, price: ActionPrice): Meter {
  const { terms } = run;
  const cap = Math.max(toInternalGas(terms.gasCap) - run.gasUsed, 0);
  if (price.type === "metered") {
    const left = toInternalGas(gasUnits(terms.maxGas - gasCharged(run)));
    const limit = Math.min(left, cap);
    return {
      limit,
      notificationLimit: limit,
      cap,
      isMetered: true,
      used: 0,
      initializerGas: NO_GAS,
    };
  }
  // A native action has the chain's own limit; whom it tells has what its fee would buy.
  const bought = price.type === "free" || price.type === "none" ? 0n : price.bought.cpuUs;
  const left = run.isLimited ? Math.max(cpuGas(run.bought.cpuUs) - run.feeGas, 0) : cap;
  const limit = Math.min(left, cap);
  const notificationLimit = Math.min(run.isLimited ? left : cpuGas(bought), limit);
  return { limit, notificationLimit, cap, isMetered: false, used: 0, initializerGas: NO_GAS };
}

function cpuGas(cpuUs: bigint): number {
  return Number(cpuUs) * INTERNAL_GAS_PER_MICROSECOND;
}

/** Counts what an action and those it told have used; tells the units charged for gas. */
function settle(run: Run, price: ActionPrice, meter: Meter): bigint {
  const units = meteredUnits(run, price, meter);
  run.gasUsed += meter.used;
  run.meteredUnits += units;
  if (price.type === "native" || price.type === "set") run.feeGas += meter.used;
  return units;
}

/** Units charged for what no fee covers; never more than is left, though the last was started. */
function meteredUnits(run: Run, price: ActionPrice, meter: Meter): bigint {
  if (price.type === "free") return 0n;
  const gas = price.type === "metered" ? internalGas(meter.used) : meter.initializerGas;
  const left = run.terms.maxGas - gasCharged(run);
  const units = toGasUnits(gas);
  return units < left ? units : left;
}

/** What an action cost in all, in units of the coin. */
function feeOf(run: Run, plan: Plan, price: ActionPrice, units: bigint): bigint {
  const gas = units * run.terms.gasUnitPrice;
  if (price.type === "native" || price.type === "set") return price.fee + gas;
  return intrinsicUnits(run, plan) * run.terms.gasUnitPrice + gas;
}

function feeEntry({ terms }: Run, { cause }: Plan, fee: bigint): Action {
  return feeAction(cause, terms.payer, fee, terms.producer);
}

/** The transaction holds the entry function's arguments; nothing else holds the others'. */
function actionEntry({ kind, call, cause }: Plan): Action {
  const { function: called, typeArgs, args } = call;
  return kind === "entry"
    ? { kind, cause, function: called, typeArgs: [], args: [] }
    : { kind, cause, function: called, typeArgs, args };
}

/** Runs an action, then tells whom it wants told, and whom those want told who were told. */
function runAndNotify(
  run: Run,
  { call, signers }: Plan,
  place: number,
  meter: Meter,
): { readonly status: VmStatus; readonly inlines: readonly InlineRequest[] } {
  const inlines: InlineRequest[] = [];
  const notifications: NotifyRequest[] = [];
  const take = ({ events }: PayloadOutcome) => {
    const requests = takeRequests(events);
    run.events.push(...requests.events);
    inlines.push(...requests.inlines);
    notifications.push(...requests.notifications);
  };
  const done = measured(run, call.function, meter, meter.limit, (gasLimit) => {
    const { session, state, terms } = run;
    if (isFraudReport(call)) return judgeReport(run, call, signers, gasLimit);
    if (!isPublishing(call)) {
      return session.execute({ mode: "entry", ...call, signers, gasLimit });
    }
    const unpaid = toInternalGas(gasUnits(terms.maxGas - gasCharged(run)));
    const published = publishPackage(session, state, call, signers, gasLimit, unpaid);
    meter.initializerGas = published.initializerGas;
    return published;
  });
  if (!isExecuted(done.status)) return { status: done.status, inlines };
  take(done);
  const notifiedFrom = meter.used;
  for (let next = notifications.shift(); next !== undefined; next = notifications.shift()) {
    const left = meter.notificationLimit - (meter.used - notifiedFrom);
    const told = notify(run, next, place, meter, Math.min(left, meter.limit - meter.used));
    if (!isExecuted(told.status)) return { status: told.status, inlines };
    take(told);
  }
  return { status: EXECUTED, inlines };
}

const NOTHING_DONE: PayloadOutcome = {
  status: EXECUTED,
  gasUsed: NO_GAS,
  events: [],
  changes: [],
};

const receiverKey = rememberedKeys<Address>((account) => {
  return { kind: "module", module: receiverOf(account).module };
});

/** Tells an account, if it listens. */
function notify(
  run: Run,
  { account, args }: NotifyRequest,
  cause: number,
  meter: Meter,
  limit: number,
): PayloadOutcome {
  run.queued += 1;
  if (run.queued > QUEUED_ACTIONS_MAX) {
    return { ...NOTHING_DONE, status: refuse(run, "actionCount") };
  }
  const called = receiverOf(account);
  run.trace.push({ kind: "notification", cause, function: called, typeArgs: [], args });
  if (run.state.get(receiverKey(account)) === undefined) return NOTHING_DONE;
  const told = measured(run, called, meter, Math.max(limit, 0), (gasLimit) =>
    run.session.execute({
      mode: "system",
      function: called,
      typeArgs: [],
      args,
      signers: [],
      gasLimit,
    }),
  );
  const isDeaf = statusName(told.status) === "FUNCTION_RESOLUTION_FAILURE";
  return isDeaf ? { ...told, status: EXECUTED } : told;
}

function runInlines(
  run: Run,
  inlines: readonly InlineRequest[],
  depth: number,
  cause: number,
): VmStatus {
  for (const { caller, call } of inlines) {
    run.queued += 1;
    if (run.queued > QUEUED_ACTIONS_MAX || depth > ACTION_DEPTH_MAX) {
      return refuse(run, "actionCount");
    }
    if (call === undefined) return refuse(run, "badAction");
    const status = runAction(run, {
      kind: "inline",
      call,
      signers: [caller.address],
      depth,
      cause,
    });
    if (!isExecuted(status)) return status;
  }
  return EXECUTED;
}

/** Runs code of `called`'s account within `limit` and takes down what it used and changed. */
function measured(
  run: Run,
  called: FunctionId,
  meter: Meter,
  limit: number,
  work: (gasLimit: InternalGas) => PayloadOutcome,
): PayloadOutcome {
  const tablesBefore = run.session.tables().length;
  const done = followChannels(run.session, run.state, work(internalGas(limit)));
  meter.used += done.gasUsed;
  addTables(run.ram, called.module.address, run.session.tables().slice(tablesBefore));
  addChanges(run.ram, done.changes);
  const isBought = !meter.isMetered && limit < meter.cap;
  if (isBought && statusName(done.status) === "OUT_OF_GAS") {
    return { ...done, status: refuse(run, "cpu") };
  }
  return done;
}

/** The status with which the chain ends a transaction that its fees do not cover. */
function refuse({ session }: Run, limit: LimitName): VmStatus {
  return session.execute(refusalCall(limit)).status;
}
