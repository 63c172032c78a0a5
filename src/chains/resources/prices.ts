/**
 * What actions cost, as the state says: the rows that contracts' owners and producers set, the
 * native table, and the producers' prices of CPU and NET. Decides nothing about a transaction.
 */
import { type Address, makeAddress } from "#core/address.ts";
import { type BcsReader, decodeBcs } from "#core/bcs/reader.ts";
import { encodeBcs } from "#core/bcs/writer.ts";
import type { StateKey } from "#core/effects.ts";
import type { FunctionId } from "#core/identifier.ts";
import type { StateReader } from "#sandbox";
import { type ChainParameters, isFree } from "../ledger/parameters.ts";
import { rememberedKeys } from "../ledger/remembered-keys.ts";
import { CONFIG_TYPE, FEE_TABLES_TYPE, isSystem, resourceReader } from "./contract.ts";

/** A hundredth of a coin, by which CPU and NET are sold. */
export const FEE_STEP = 100n;

/** What the producers have set, or its default. */
export interface Settings {
  /** Microseconds for each {@link FEE_STEP}. */
  readonly cpuUs: bigint;
  /** Bytes for each {@link FEE_STEP}. */
  readonly netBytes: bigint;
  readonly freeRamBytes: bigint;
  /** Bytes for 100 coins of votes. */
  readonly ramRentBytes: bigint;
  /** Most bytes of arguments in a transaction. */
  readonly argumentBytesMax: bigint;
}

const DEFAULTS: Settings = {
  cpuUs: 200n,
  netBytes: 500n,
  freeRamBytes: 8_192n,
  ramRentBytes: 10_240n,
  argumentBytesMax: 102_400n,
};
const SETTING_NAMES = new Map<string, keyof Settings>([
  ["res.cpufee", "cpuUs"],
  ["res.netfee", "netBytes"],
  ["res.freeram", "freeRamBytes"],
  ["res.ramrent", "ramRentBytes"],
  ["res.trxsize", "argumentBytesMax"],
]);

/** What a fee buys. */
export interface Allowance {
  readonly cpuUs: bigint;
  readonly netBytes: bigint;
}

/** What an action costs, in units of the coin. */
export type ActionPrice =
  | { readonly type: "free" }
  /** In the native table: its limits are the chain's own. */
  | { readonly type: "native"; readonly fee: bigint; readonly bought: Allowance }
  /** In the owners' and producers' table. */
  | {
      readonly type: "set";
      readonly fee: bigint;
      readonly bought: Allowance;
      /** Bytes that its accounts may come to store more; 0 for any number. */
      readonly ramBytesMax: bigint;
    }
  /** In no table: it pays for its gas. */
  | { readonly type: "metered" }
  /** In no table of a chain that wants a row for everything. */
  | { readonly type: "none" };

/** Reads prices of one state. */
export interface PriceList {
  readonly settings: Settings;
  priceOf(called: FunctionId): ActionPrice;
}

export function readPriceList(parameters: ChainParameters, state: StateReader): PriceList {
  const settings = settingsOf(state);
  const tables = feeTablesOf(state);
  // Of one transaction the same call is asked for several times.
  const known = new WeakMap<FunctionId, ActionPrice>();
  return {
    settings,
    priceOf(called) {
      const price = known.get(called) ?? findPrice(parameters, state, settings, tables, called);
      known.set(called, price);
      return price;
    },
  };
}

function findPrice(
  parameters: ChainParameters,
  state: StateReader,
  settings: Settings,
  tables: FeeTables,
  called: FunctionId,
): ActionPrice {
  if (isFree(parameters, called)) return { type: "free" };
  const { module, name } = called;
  const action = `${module.address}${BETWEEN}${module.name}::${name}`;
  const set = state.get(tables.actionFees(action));
  if (set !== undefined) return decodeBcs(set, (reader) => readActionFee(reader, settings));
  // Only the system's own actions are native.
  const native = isSystem(module.address) ? state.get(tables.nativeFees(action)) : undefined;
  if (native === undefined) return { type: parameters.strictFees ? "none" : "metered" };
  const fee = decodeBcs(native, (reader) => reader.u64());
  return { type: "native", fee, bought: boughtBy(settings, fee) };
}

const settingsOf = resourceReader(CONFIG_TYPE, readSettings);
const feeTablesOf = resourceReader(FEE_TABLES_TYPE, readFeeTables);

/** A started hundredth of a coin buys nothing. */
export function boughtBy(settings: Settings, fee: bigint): Allowance {
  const steps = fee / FEE_STEP;
  return { cpuUs: steps * settings.cpuUs, netBytes: steps * settings.netBytes };
}

function readActionFee(reader: BcsReader, settings: Settings): ActionPrice {
  const fee = reader.u64();
  const limits = { cpuUs: BigInt(reader.u32()), netBytes: BigInt(reader.u32()) };
  const ramBytesMax = BigInt(reader.u32());
  const hasLimits = limits.cpuUs > 0n || limits.netBytes > 0n || ramBytesMax > 0n;
  return { type: "set", fee, bought: hasLimits ? limits : boughtBy(settings, fee), ramBytesMax };
}

/** Between an action's account and the rest of its name: it stands in neither. */
const BETWEEN = "/";

/** Of both tables the keys of their items, by account and action. */
interface FeeTables {
  readonly actionFees: (action: string) => StateKey;
  readonly nativeFees: (action: string) => StateKey;
}

function readFeeTables(reader: BcsReader): FeeTables {
  return { actionFees: itemsOf(reader.address()), nativeFees: itemsOf(reader.address()) };
}

function itemsOf(handle: Address): (action: string) => StateKey {
  return rememberedKeys((action) => {
    const [account = "", name = ""] = action.split(BETWEEN);
    const key = encodeBcs((writer) => writer.address(makeAddress(account)).string(name));
    return { kind: "tableItem", handle, key };
  });
}

function readSettings(reader: BcsReader): Settings {
  const settings: Record<keyof Settings, bigint> = { ...DEFAULTS };
  for (const [type, number] of reader.vector(readSetting)) {
    const name = SETTING_NAMES.get(type);
    if (name !== undefined) settings[name] = number;
  }
  return settings;
}

function readSetting(reader: BcsReader): readonly [string, bigint] {
  const row = [reader.string(), reader.u64()] as const;
  // The account and the amount of a setting.
  reader.address();
  reader.u64();
  return row;
}
