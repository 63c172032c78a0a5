/**
 * The passes over one module, in order. Bounds come first because every other pass indexes blindly;
 * the passes over tables come before those over code, which rely on them. What a module says of
 * other modules is checked by linking.
 */
import type { CompiledModule } from "../binary-format/file-format.ts";
import type { Result } from "../core/result.ts";
import { checkBounds } from "./bounds.ts";
import { verifyCodeUnits } from "./code-units.ts";
import { PRODUCTION_CONFIG, type VerifierConfig } from "./config.ts";
import { verifyConstants } from "./constants.ts";
import { verifyDuplication } from "./duplication.ts";
import { collectFailure, type VerificationError } from "./error.ts";
import { verifyFeatures } from "./features.ts";
import { verifyFriends } from "./friends.ts";
import { verifyInstantiationLoops } from "./instantiation-loops.ts";
import { verifyInstructionConsistency } from "./instruction-consistency.ts";
import { verifyLimits } from "./limits.ts";
import { createMeter, type Meter } from "./meter.ts";
import { verifySignatures } from "./signatures.ts";
import { verifyStructRecursion } from "./struct-recursion.ts";

/**
 * Verifies a module by itself.
 *
 * @returns nothing, or the first defect with a status of the 1000s. Work is bounded by
 * `config.meterUnitsMax` for the tables and for each function, whatever the module holds.
 */
export function verifyModule(
  module: CompiledModule,
  config: VerifierConfig = PRODUCTION_CONFIG,
): Result<void, VerificationError> {
  const meter = createMeter(config);
  const bounds = checkBounds(module, config, meter);
  return bounds.ok ? verifyBehindBounds(module, config, meter) : bounds;
}

/**
 * The passes behind the first one, for a module that has passed it.
 *
 * @param meter which the bounds pass has charged.
 */
export function verifyBehindBounds(
  module: CompiledModule,
  config: VerifierConfig,
  meter: Meter,
): Result<void, VerificationError> {
  return collectFailure(() => {
    verifyFeatures(module, meter);
    verifyLimits(module, config, meter);
    verifyDuplication(module, meter);
    verifySignatures(module, meter);
    verifyInstructionConsistency(module, meter);
    verifyConstants(module, meter);
    verifyFriends(module, meter);
    verifyStructRecursion(module, meter);
    verifyInstantiationLoops(module, meter);
    verifyCodeUnits(module, config, meter);
  });
}
