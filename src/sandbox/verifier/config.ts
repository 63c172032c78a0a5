/**
 * How much of everything a module may have. The production figures are those of the Aptos lineage.
 */

import { FIELD_COUNT_MAX, LOCAL_INDEX_MAX, VARIANT_COUNT_MAX } from "../binary-format/limits.ts";
import { assert } from "../core/assert.ts";

export interface VerifierConfig {
  /** Loops inside one another. */
  readonly loopDepthMax: number;
  readonly basicBlocksMax: number;
  /** Values on the operand stack in one function. */
  readonly valueStackMax: number;
  /** Values pushed in one basic block. */
  readonly pushesMax: number;
  readonly typeParametersMax: number;
  readonly parametersMax: number;
  /** Parameters and locals of one function. */
  readonly localsMax: number;
  /** Weight of one type; see the limits pass. */
  readonly typeNodesMax: number;
  readonly structDefinitionsMax: number;
  readonly functionDefinitionsMax: number;
  /** Fields of a struct or of one variant. */
  readonly fieldsMax: number;
  readonly variantsMax: number;
  /** Work spent on the module's tables, and again on each function; see the meter. */
  readonly meterUnitsMax: number;
  /** Work spent on the tables and all functions together. The lineage has no such bound. */
  readonly meterTotalMax: number;
  /** Modules that linking meets from one module, through dependencies or friends, near and far. */
  readonly dependenciesMax: number;
  /** Bytes of one module that publishing looks at at all. */
  readonly moduleSizeMax: number;
}

export const PRODUCTION_CONFIG: VerifierConfig = {
  loopDepthMax: 5,
  basicBlocksMax: 1024,
  valueStackMax: 1024,
  pushesMax: 10_000,
  typeParametersMax: 32,
  parametersMax: 128,
  localsMax: 255,
  typeNodesMax: 256,
  structDefinitionsMax: 200,
  functionDefinitionsMax: 1000,
  fieldsMax: 30,
  variantsMax: 90,
  meterUnitsMax: 8_000_000,
  meterTotalMax: 128_000_000,
  dependenciesMax: 1024,
  moduleSizeMax: 2 ** 20,
};

assert(PRODUCTION_CONFIG.localsMax <= LOCAL_INDEX_MAX, "every local can be named");
assert(PRODUCTION_CONFIG.parametersMax <= PRODUCTION_CONFIG.localsMax, "parameters are locals");
assert(PRODUCTION_CONFIG.fieldsMax <= FIELD_COUNT_MAX, "the format can carry the fields");
assert(PRODUCTION_CONFIG.variantsMax <= VARIANT_COUNT_MAX, "the format can carry the variants");
