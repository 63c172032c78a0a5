/**
 * Units of gas. One plain VM instruction is one internal gas; 100 internal gas are one gas unit,
 * the unit that transactions are billed in; 50 internal gas are one microsecond of CPU.
 */

import { assert } from "./assert.ts";
import type { Brand } from "./brand.ts";

/** What executors count, a non-negative integer below 2^53. */
export type InternalGas = Brand<number, "InternalGas">;
/** What receipts and transactions name. */
export type GasUnits = Brand<bigint, "GasUnits">;

export const INTERNAL_GAS_PER_UNIT = 100;
export const INTERNAL_GAS_PER_MICROSECOND = 50;

export function internalGas(amount: number): InternalGas {
  assert(Number.isSafeInteger(amount) && amount >= 0, "internal gas is a safe integer");
  return amount as InternalGas;
}

/** Asserts that it is not negative. */
export function gasUnits(amount: bigint): GasUnits {
  assert(amount >= 0n, "gas units are not negative");
  return amount as GasUnits;
}

/** Rounds up: a started unit is paid whole. */
export function toGasUnits(gas: InternalGas): GasUnits {
  return BigInt(Math.ceil(gas / INTERNAL_GAS_PER_UNIT)) as GasUnits;
}

/** Saturates at the largest safe integer, which no execution reaches. */
export function toInternalGas(units: GasUnits): InternalGas {
  const gas = units * BigInt(INTERNAL_GAS_PER_UNIT);
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(gas < most ? gas : most) as InternalGas;
}
