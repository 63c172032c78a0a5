/**
 * A module keeps within the configured sizes: type parameters, parameters, types, definitions,
 * fields, variants.
 */
import type { TableName } from "../binary-format/codec/tables.ts";
import type { CompiledModule, SignatureToken } from "../binary-format/file-format.ts";
import { allFieldsOf, parametersOf } from "../binary-format/module-view.ts";
import { visitTokens } from "../binary-format/signature-tokens.ts";
import type { VerifierConfig } from "./config.ts";
import { refuse, refuseEntry } from "./error.ts";
import { charge, type Meter } from "./meter.ts";

/** A struct or a type parameter may stand for many nodes, so each weighs more than one. */
const NAMED_TYPE_WEIGHT = 4;

export function verifyLimits(module: CompiledModule, config: VerifierConfig, meter: Meter): void {
  checkFunctionHandles(module, config);
  for (const [index, handle] of module.structHandles.entries()) {
    if (handle.typeParameters.length > config.typeParametersMax) {
      refuseEntry("structHandles", index, "TOO_MANY_TYPE_PARAMETERS", "on a struct");
    }
  }
  checkTypes(module, config, meter);
  checkDefinitions(module, config);
}

function checkFunctionHandles(module: CompiledModule, config: VerifierConfig): void {
  for (const [index, handle] of module.functionHandles.entries()) {
    if (handle.typeParameters.length > config.typeParametersMax) {
      refuseEntry("functionHandles", index, "TOO_MANY_TYPE_PARAMETERS", "on a function");
    }
    if (parametersOf(module, handle).length > config.parametersMax) {
      refuseEntry("functionHandles", index, "TOO_MANY_PARAMETERS", "on a function");
    }
  }
}

function checkTypes(module: CompiledModule, config: VerifierConfig, meter: Meter): void {
  const check = (token: SignatureToken, table: TableName, index: number): void => {
    const weight = weigh(token, meter);
    if (weight > config.typeNodesMax) {
      refuseEntry(table, index, "TOO_MANY_TYPE_NODES", `a type of weight ${weight}`);
    }
  };
  for (const [index, signature] of module.signatures.entries()) {
    for (const token of signature) check(token, "signatures", index);
  }
  for (const [index, constant] of module.constants.entries()) {
    check(constant.type, "constants", index);
  }
  for (const [index, definition] of module.structDefinitions.entries()) {
    for (const field of allFieldsOf(definition.layout)) {
      check(field.type, "structDefinitions", index);
    }
  }
}

function weigh(token: SignatureToken, meter: Meter): number {
  let weight = 0;
  visitTokens(token, ({ kind }) => {
    charge(meter, 1);
    const isNamed = kind === "struct" || kind === "structInstantiation" || kind === "typeParameter";
    weight += isNamed ? NAMED_TYPE_WEIGHT : 1;
  });
  return weight;
}

function checkDefinitions(module: CompiledModule, config: VerifierConfig): void {
  const { functionDefinitions, structDefinitions } = module;
  if (functionDefinitions.length > config.functionDefinitionsMax) {
    refuse("MAX_FUNCTION_DEFINITIONS_REACHED", `${functionDefinitions.length} functions`);
  }
  if (structDefinitions.length > config.structDefinitionsMax) {
    refuse("MAX_STRUCT_DEFINITIONS_REACHED", `${structDefinitions.length} structs`);
  }
  for (const [index, { layout }] of structDefinitions.entries()) {
    if (layout.kind === "native") continue;
    const groups = layout.kind === "fields" ? [layout] : layout.variants;
    if (groups.some(({ fields }) => fields.length > config.fieldsMax)) {
      refuseEntry("structDefinitions", index, "MAX_FIELD_DEFINITIONS_REACHED", "too many fields");
    }
    if (groups.length > config.variantsMax) {
      refuseEntry("structDefinitions", index, "MAX_STRUCT_VARIANTS_REACHED", "too many variants");
    }
  }
}
