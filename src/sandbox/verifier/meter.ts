/**
 * Bounds the work of verification. Every pass charges units as it goes: for the module's tables
 * together, then for each function anew, and for all of it once more, because a module may have a
 * thousand functions that each just pass. What a unit buys follows the lineage where it meters at
 * all, so that the two agree on which programs are too complex; passes that the lineage leaves
 * unmetered charge one unit a step.
 */
import type { VerifierConfig } from "./config.ts";
import { refuse } from "./error.ts";

export interface Meter {
  readonly unitsMax: number;
  readonly totalMax: number;
  /** Spent in the scope at hand. */
  units: number;
  /** Spent in the scopes before it. */
  spent: number;
  /** What is being measured, for the refusal. */
  scope: string;
}

export function createMeter(config: VerifierConfig): Meter {
  const { meterUnitsMax: unitsMax, meterTotalMax: totalMax } = config;
  return { unitsMax, totalMax, units: 0, spent: 0, scope: "the tables" };
}

/** Starts counting from zero for something new. */
export function enterScope(meter: Meter, scope: string): void {
  meter.scope = scope;
  meter.spent += meter.units;
  meter.units = 0;
}

/**
 * Charges units, a finite or infinite number of at least zero.
 *
 * @throws VerificationFailure PROGRAM_TOO_COMPLEX once the units of the scope, or of all scopes
 * together, are used up.
 */
export function charge(meter: Meter, units: number): void {
  meter.units += units;
  if (meter.units > meter.unitsMax) {
    refuse("PROGRAM_TOO_COMPLEX", `${meter.scope} takes over ${meter.unitsMax} verifier units`);
  }
  if (meter.spent + meter.units > meter.totalMax) {
    refuse("PROGRAM_TOO_COMPLEX", `the module takes over ${meter.totalMax} verifier units`);
  }
}

/** Charges `items` items, the first at `units` and each next one half as much again. */
export function chargeGrowing(meter: Meter, units: number, items: number): void {
  let each = units;
  for (let item = 0; item < items; item++) {
    charge(meter, each);
    each = Math.floor((each * 3) / 2);
  }
}
