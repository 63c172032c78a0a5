/**
 * A chain's parameters: what genesis fixes and every node agrees on. Times are chain times, amounts
 * are units of the native coin (4 decimals), gas is in gas units.
 */
import { assert, present } from "#core/assert.ts";
import type { PublicKey } from "#core/ed25519.ts";
import { type GasUnits, gasUnits } from "#core/gas-units.ts";
import { type FunctionId, formatFunctionId, parseFunctionId } from "#core/identifier.ts";
import { SLOT_MS_USUAL } from "./genesis-config.ts";
import { EVIDENCE_TRANSACTION_SIZE_MAX } from "./transaction.ts";

/** Chain id of the root chain, which the official SDK takes for a local network's. */
export const ROOT_CHAIN_ID = 4;

export interface ChainParameters {
  readonly chainId: number;
  /** Who may sign blocks, in the order in which they take turns; none where others decide. */
  readonly producers: readonly PublicKey[];
  /** Length of a producer's turn, where there are several. */
  readonly slotMs: bigint;
  readonly minGasUnitPrice: bigint;
  readonly maxGasUnitPrice: bigint;
  /** Bounds of a transaction's `max_gas_amount`. */
  readonly minTransactionGas: GasUnits;
  readonly maxTransactionGas: GasUnits;
  /** Charged to every transaction that is billed, before its payload runs. */
  readonly intrinsicGas: GasUnits;
  readonly maxBlockGas: GasUnits;
  readonly maxBlockBytes: number;
  readonly maxBlockTransactions: number;
  /** Entry functions that cost nothing, as `0x20::module::function`. */
  readonly freeFunctions: ReadonlySet<string>;
  /** Gas that a free function may use. */
  readonly freeGas: GasUnits;
  /** Gas that actions with a fee may use in a transaction that allows less. */
  readonly nativeGas: GasUnits;
  /** Whether an action needs a fee of its own to run. */
  readonly strictFees: boolean;
}

/** `keep_alive_entry` says that a member lives; a member must not be priced out of living. */
const FREE_FUNCTIONS = ["0x20::state_channel::keep_alive_entry"];

/** What all chains of the reference network have in common. */
const USUAL_PARAMETERS = {
  minGasUnitPrice: 1n,
  maxGasUnitPrice: 10_000n,
  minTransactionGas: gasUnits(200n),
  maxTransactionGas: gasUnits(2_000_000n),
  // One signature check and the transaction's own bookkeeping, about 0.2 ms at 2 us a unit.
  intrinsicGas: gasUnits(100n),
  maxBlockGas: gasUnits(4_000_000n),
  maxBlockBytes: 1024 * 1024,
  maxBlockTransactions: 1_000,
  freeFunctions: new Set(FREE_FUNCTIONS.map(functionKey)),
  freeGas: gasUnits(100_000n),
  nativeGas: gasUnits(100_000n),
  strictFees: false,
};

/** The root chain's parameters. */
export function rootParameters(
  producers: readonly PublicKey[],
  slotMs: number = SLOT_MS_USUAL,
): ChainParameters {
  assert(producers.length > 0, "somebody makes blocks");
  const chainId = ROOT_CHAIN_ID;
  return checked({ ...USUAL_PARAMETERS, chainId, producers, slotMs: BigInt(slotMs) });
}

/** A shard's: nobody takes turns there. */
export function shardParameters(chainId: number): ChainParameters {
  const slotMs = BigInt(SLOT_MS_USUAL);
  return checked({ ...USUAL_PARAMETERS, chainId, producers: [], slotMs });
}

export function isFree(parameters: ChainParameters, id: FunctionId): boolean {
  return parameters.freeFunctions.has(formatFunctionId(id));
}

function functionKey(text: string): string {
  return formatFunctionId(present(parseFunctionId(text), `not a function: ${text}`));
}

function checked(parameters: ChainParameters): ChainParameters {
  const { maxBlockGas, maxTransactionGas, maxBlockBytes, intrinsicGas } = parameters;
  assert(maxBlockGas >= maxTransactionGas, "the largest transaction fits a block");
  assert(maxBlockBytes >= EVIDENCE_TRANSACTION_SIZE_MAX, "the longest transaction fits a block");
  assert(intrinsicGas < parameters.minTransactionGas, "the intrinsic gas fits every transaction");
  assert(parameters.slotMs > 0n, "a turn takes time");
  assert(parameters.nativeGas <= maxTransactionGas, "native gas stays within a transaction's");
  assert(parameters.freeGas <= maxTransactionGas, "free gas stays within a transaction's");
  return parameters;
}
