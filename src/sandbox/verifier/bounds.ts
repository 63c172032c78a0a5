/**
 * Every index points inside its table, every type has as many arguments as its struct has
 * parameters, every branch and local lies inside its function. All later work, in the verifier and
 * behind it, indexes without looking.
 */
import type {
  CodeUnit,
  CompiledModule,
  FieldDefinition,
  FunctionDefinition,
  Instruction,
  MemberIndex,
  ModuleHandle,
  Signature,
  SignatureIndex,
  SignatureToken,
  StructDefinition,
} from "../binary-format/file-format.ts";
import { entryAt, fieldsOf, variantFieldsOf } from "../binary-format/module-view.ts";
import { OPCODES, type OperandKind } from "../binary-format/opcodes.ts";
import { maxTypeParameter, visitTokens } from "../binary-format/signature-tokens.ts";
import { assertNever } from "../core/assert.ts";
import type { Result } from "../core/result.ts";
import { PRODUCTION_CONFIG, type VerifierConfig } from "./config.ts";
import {
  collectFailure,
  refuse,
  type VerificationError,
  type VerificationLocation,
} from "./error.ts";
import { charge, createMeter, type Meter } from "./meter.ts";

/** @param meter to charge; one of its own for a module that is trusted in all else. */
export function checkBounds(
  module: CompiledModule,
  config: VerifierConfig = PRODUCTION_CONFIG,
  meter: Meter = createMeter(config),
): Result<void, VerificationError> {
  return collectFailure(() => verifyBounds(module, config, meter));
}

function verifyBounds(module: CompiledModule, config: VerifierConfig, meter: Meter): void {
  if (module.moduleHandles.length === 0) refuse("NO_MODULE_HANDLES", "no module handle at all");
  const bounds: Bounds = { module, config, meter, typeParameterBySignature: [] };
  checkTypes(bounds);
  checkHandles(bounds);
  checkInstantiations(bounds);
  for (const [index, definition] of module.structDefinitions.entries()) {
    checkStructDefinition(bounds, index, definition);
  }
  for (const [index, definition] of module.functionDefinitions.entries()) {
    checkFunctionDefinition(bounds, index, definition);
  }
}

interface Bounds {
  readonly module: CompiledModule;
  readonly config: VerifierConfig;
  readonly meter: Meter;
  /** Highest type parameter of each signature, as far as asked for. */
  readonly typeParameterBySignature: number[];
}

function checkTypes(bounds: Bounds): void {
  const { module } = bounds;
  for (const [index, signature] of module.signatures.entries()) {
    for (const token of signature) checkType(bounds, token, { table: "signatures", index });
  }
  for (const [index, constant] of module.constants.entries()) {
    checkType(bounds, constant.type, { table: "constants", index });
  }
}

function checkHandles(bounds: Bounds): void {
  const { module } = bounds;
  for (const [index, handle] of module.moduleHandles.entries()) {
    checkModuleHandle(bounds, handle, { table: "moduleHandles", index });
  }
  checkIndex(bounds, module.selfHandle, module.moduleHandles, "own module handle");
  for (const [index, handle] of module.structHandles.entries()) {
    const location = { table: "structHandles", index } as const;
    checkIndex(bounds, handle.module, module.moduleHandles, "module handle", location);
    checkIndex(bounds, handle.name, module.identifiers, "identifier", location);
  }
  for (const [index, handle] of module.functionHandles.entries()) {
    const location = { table: "functionHandles", index } as const;
    checkIndex(bounds, handle.module, module.moduleHandles, "module handle", location);
    checkIndex(bounds, handle.name, module.identifiers, "identifier", location);
    checkIndex(bounds, handle.parameters, module.signatures, "signature", location);
    checkIndex(bounds, handle.returns, module.signatures, "signature", location);
    const count = handle.typeParameters.length;
    checkTypeParameters(bounds, handle.parameters, count, location);
    checkTypeParameters(bounds, handle.returns, count, location);
  }
  for (const [index, handle] of module.fieldHandles.entries()) {
    const location = { table: "fieldHandles", index } as const;
    const owner = checkOwner(bounds, handle.owner, location);
    checkIndex(bounds, handle.field, fieldsOf(owner.layout), "field", location);
  }
  for (const [index, handle] of module.friends.entries()) {
    checkModuleHandle(bounds, handle, { table: "friends", index });
  }
  checkVariantHandles(bounds);
}

function checkVariantHandles(bounds: Bounds): void {
  const { module } = bounds;
  for (const [index, handle] of module.variantFieldHandles.entries()) {
    const location = { table: "variantFieldHandles", index } as const;
    const owner = checkOwner(bounds, handle.owner, location);
    for (const variant of handle.variants) {
      checkVariant(bounds, owner, variant, location);
      const fields = variantFieldsOf(owner.layout, variant);
      checkIndex(bounds, handle.field, fields, "field", location);
    }
  }
  for (const [index, handle] of module.structVariantHandles.entries()) {
    const location = { table: "structVariantHandles", index } as const;
    checkVariant(bounds, checkOwner(bounds, handle.owner, location), handle.variant, location);
  }
}

function checkInstantiations(bounds: Bounds): void {
  const { module } = bounds;
  for (const [index, { definition, typeArgs }] of module.structInstantiations.entries()) {
    const location = { table: "structInstantiations", index } as const;
    checkIndex(bounds, definition, module.structDefinitions, "struct definition", location);
    checkIndex(bounds, typeArgs, module.signatures, "signature", location);
  }
  const ofHandles = [
    ["functionInstantiations", "functionHandles"],
    ["fieldInstantiations", "fieldHandles"],
    ["variantFieldInstantiations", "variantFieldHandles"],
    ["structVariantInstantiations", "structVariantHandles"],
  ] as const;
  for (const [table, handles] of ofHandles) {
    for (const [index, { handle, typeArgs }] of module[table].entries()) {
      checkIndex(bounds, handle, module[handles], handles, { table, index });
      checkIndex(bounds, typeArgs, module.signatures, "signature", { table, index });
    }
  }
}

function checkStructDefinition(bounds: Bounds, index: number, definition: StructDefinition): void {
  const { module } = bounds;
  const location = { table: "structDefinitions", index } as const;
  checkIndex(bounds, definition.handle, module.structHandles, "struct handle", location);
  const { typeParameters } = entryAt(module.structHandles, definition.handle);
  const { layout } = definition;
  switch (layout.kind) {
    case "native":
      break;
    case "fields":
      for (const field of layout.fields) checkField(bounds, field, typeParameters.length, location);
      break;
    case "variants":
      for (const variant of layout.variants) {
        checkIndex(bounds, variant.name, module.identifiers, "identifier", location);
        for (const field of variant.fields) {
          checkField(bounds, field, typeParameters.length, location);
        }
      }
      if (layout.variants.length === 0) {
        refuse("ZERO_VARIANTS_ERROR", "an enum without variants", location);
      }
      break;
    default:
      assertNever(layout);
  }
}

function checkField(
  bounds: Bounds,
  field: FieldDefinition,
  typeParameterCount: number,
  location: VerificationLocation,
): void {
  checkIndex(bounds, field.name, bounds.module.identifiers, "identifier", location);
  checkType(bounds, field.type, location);
  const highest = maxTypeParameter([field.type]);
  if (highest >= typeParameterCount) outOfBounds("type parameter", highest, location);
}

function checkFunctionDefinition(
  bounds: Bounds,
  index: number,
  definition: FunctionDefinition,
): void {
  const { module } = bounds;
  const location = { table: "functionDefinitions", index } as const;
  checkIndex(bounds, definition.handle, module.functionHandles, "function handle", location);
  for (const struct of definition.acquires) {
    checkIndex(bounds, struct, module.structDefinitions, "struct definition", location);
  }
  if (definition.code === undefined) return;
  const handle = entryAt(module.functionHandles, definition.handle);
  const parameters = entryAt(module.signatures, handle.parameters);
  checkCode(bounds, index, definition.code, parameters, handle.typeParameters.length);
}

function checkCode(
  bounds: Bounds,
  functionIndex: number,
  unit: CodeUnit,
  parameters: Signature,
  typeParameterCount: number,
): void {
  const { module, config, meter } = bounds;
  const location = { table: "functionDefinitions", index: functionIndex } as const;
  checkIndex(bounds, unit.locals, module.signatures, "signature", location);
  const localCount = entryAt(module.signatures, unit.locals).length + parameters.length;
  if (localCount > config.localsMax) {
    refuse("TOO_MANY_LOCALS", `${localCount} parameters and locals`, location);
  }
  checkTypeParameters(bounds, unit.locals, typeParameterCount, location);
  const body = { length: unit.code.length, localCount, typeParameterCount };
  for (const [offset, instruction] of unit.code.entries()) {
    charge(meter, 1);
    checkOperand(bounds, body, instruction, { functionIndex, offset });
  }
}

interface Body {
  readonly length: number;
  readonly localCount: number;
  readonly typeParameterCount: number;
}

function checkOperand(
  bounds: Bounds,
  body: Body,
  { opcode, index }: Instruction,
  location: VerificationLocation,
): void {
  const { module } = bounds;
  const { operand } = OPCODES[opcode];
  switch (operand) {
    case "local":
      if (index >= body.localCount) outOfBounds("local", index, location);
      break;
    case "codeOffset":
      if (index >= body.length) outOfBounds("branch target", index, location);
      break;
    case "signature":
    case "signatureAndCount":
      checkIndex(bounds, index, module.signatures, "signature", location);
      checkTypeParameters(bounds, index, body.typeParameterCount, location);
      break;
    case "none":
    case "u8":
    case "u16":
    case "u32":
    case "u64":
    case "u128":
    case "u256":
      break;
    default:
      checkTableOperand(bounds, body, operand, index, location);
  }
}

/** Operands that name an entry of a table, and the table. */
const OPERAND_TABLES = {
  constant: "constants",
  functionHandle: "functionHandles",
  functionInstantiation: "functionInstantiations",
  structDefinition: "structDefinitions",
  structInstantiation: "structInstantiations",
  fieldHandle: "fieldHandles",
  fieldInstantiation: "fieldInstantiations",
  variantFieldHandle: "variantFieldHandles",
  variantFieldInstantiation: "variantFieldInstantiations",
  structVariantHandle: "structVariantHandles",
  structVariantInstantiation: "structVariantInstantiations",
} as const satisfies Partial<Record<OperandKind, keyof CompiledModule>>;

function checkTableOperand(
  bounds: Bounds,
  body: Body,
  operand: keyof typeof OPERAND_TABLES,
  index: number,
  location: VerificationLocation,
): void {
  const table = bounds.module[OPERAND_TABLES[operand]];
  checkIndex(bounds, index, table, operand, location);
  const entry = entryAt<object>(table, index);
  if ("typeArgs" in entry && typeof entry.typeArgs === "number") {
    checkTypeParameters(bounds, entry.typeArgs, body.typeParameterCount, location);
  }
}

function checkModuleHandle(
  bounds: Bounds,
  handle: ModuleHandle,
  location: VerificationLocation,
): void {
  checkIndex(bounds, handle.address, bounds.module.addresses, "address", location);
  checkIndex(bounds, handle.name, bounds.module.identifiers, "identifier", location);
}

/** Structs named inside a type exist and get as many arguments as they have parameters. */
function checkType(bounds: Bounds, token: SignatureToken, location: VerificationLocation): void {
  const { structHandles } = bounds.module;
  visitTokens(token, (inner) => {
    charge(bounds.meter, 1);
    if (inner.kind !== "struct" && inner.kind !== "structInstantiation") return;
    checkIndex(bounds, inner.handle, structHandles, "struct handle", location);
    const expected = entryAt(structHandles, inner.handle).typeParameters.length;
    const given = inner.kind === "struct" ? 0 : inner.typeArgs.length;
    if (given === expected) return;
    refuse(
      "NUMBER_OF_TYPE_ARGUMENTS_MISMATCH",
      `${given} type arguments for a struct with ${expected} parameters`,
      location,
    );
  });
}

function checkTypeParameters(
  bounds: Bounds,
  index: SignatureIndex,
  count: number,
  location: VerificationLocation,
): void {
  const { typeParameterBySignature: known, module } = bounds;
  const highest = (known[index] ??= maxTypeParameter(entryAt(module.signatures, index)));
  if (highest >= count) outOfBounds("type parameter", highest, location);
}

function checkOwner(
  bounds: Bounds,
  owner: number,
  location: VerificationLocation,
): StructDefinition {
  const { structDefinitions } = bounds.module;
  checkIndex(bounds, owner, structDefinitions, "struct definition", location);
  return entryAt(structDefinitions, owner);
}

function checkVariant(
  bounds: Bounds,
  owner: StructDefinition,
  variant: MemberIndex,
  location: VerificationLocation,
): void {
  const variants = owner.layout.kind === "variants" ? owner.layout.variants : [];
  checkIndex(bounds, variant, variants, "variant", location);
}

function checkIndex(
  bounds: Bounds,
  index: number,
  table: readonly unknown[],
  what: string,
  location?: VerificationLocation,
): void {
  charge(bounds.meter, 1);
  if (index >= table.length) outOfBounds(what, index, location);
}

function outOfBounds(what: string, index: number, location?: VerificationLocation): never {
  return refuse("INDEX_OUT_OF_BOUNDS", `no ${what} ${index}`, location);
}
