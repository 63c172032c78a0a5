/** The passes over a module among the modules it names. */
import type { CompiledModule } from "../binary-format/file-format.ts";
import type { Result } from "../core/result.ts";
import { PRODUCTION_CONFIG, type VerifierConfig } from "./config.ts";
import { verifyAcyclic } from "./cyclic-dependencies.ts";
import { type ModuleResolver, verifyDependencies } from "./dependencies.ts";
import { collectFailure, type VerificationError } from "./error.ts";
import { createMeter } from "./meter.ts";

/**
 * Links a verified module.
 *
 * @param resolve finds verified modules: those in force, or published together with this one.
 * @returns nothing, or the first mismatch: LINKER_ERROR, LOOKUP_FAILED, TYPE_MISMATCH or a cycle.
 */
export function verifyLinking(
  module: CompiledModule,
  resolve: ModuleResolver,
  config: VerifierConfig = PRODUCTION_CONFIG,
): Result<void, VerificationError> {
  const meter = createMeter(config);
  return collectFailure(() => {
    verifyDependencies(module, resolve, meter);
    verifyAcyclic(module, resolve, config, meter);
  });
}
