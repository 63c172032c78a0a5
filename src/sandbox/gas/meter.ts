/**
 * The two counters of one call: gas, and abstract memory. Memory counts what a call allocates and
 * is never given back before the call ends, so that an executor with an arena and one with a
 * collector count the same. Knows no prices.
 */
import { type InternalGas, internalGas } from "../core/gas-units.ts";

/** What ran out. */
export type Exhaustion = "OUT_OF_GAS" | "MEMORY_LIMIT_EXCEEDED";

export interface Meter {
  gasLimit: number;
  gasLeft: number;
  /** Weight (SPEC.md "Weight") still free. */
  memoryLeft: number;
}

export function createMeter(gasLimit: InternalGas, memoryLimit: number): Meter {
  return { gasLimit, gasLeft: gasLimit, memoryLeft: memoryLimit };
}

/** Makes a meter that of another call. */
export function resetMeter(meter: Meter, gasLimit: InternalGas, memoryLimit: number): void {
  meter.gasLimit = gasLimit;
  meter.gasLeft = gasLimit;
  meter.memoryLeft = memoryLimit;
}

/** Takes `amount` of gas; false, with nothing left, when there is less. */
export function takeGas(meter: Meter, amount: number): boolean {
  if (amount <= meter.gasLeft) {
    meter.gasLeft -= amount;
    return true;
  }
  meter.gasLeft = 0;
  return false;
}

/** Takes `weight` of memory; false, with nothing left, when there is less. */
export function takeMemory(meter: Meter, weight: number): boolean {
  if (weight <= meter.memoryLeft) {
    meter.memoryLeft -= weight;
    return true;
  }
  meter.memoryLeft = 0;
  return false;
}

export function gasUsed(meter: Meter): InternalGas {
  return internalGas(meter.gasLimit - meter.gasLeft);
}
