/**
 * Types are well formed: references only outermost, type arguments with the abilities that are
 * asked of them, fields with the abilities that their struct promises, phantom parameters only in
 * phantom places.
 *
 * What a type asks of the type parameters in it does not depend on where it stands. It is worked
 * out once for every signature and instantiation; each place that uses one then only compares, so
 * that a body repeating a large instantiation costs no more than its length.
 */
import { formatAbilities, hasAbilities, requiredOfParts } from "../binary-format/abilities.ts";
import {
  ABILITIES_NONE,
  ABILITY_KEY,
  type AbilitySet,
  type CodeUnit,
  type CompiledModule,
  type FunctionDefinition,
  type Instruction,
  type SignatureIndex,
  type SignatureToken,
  type StructDefinition,
  type StructDefinitionIndex,
  type StructTypeParameter,
} from "../binary-format/file-format.ts";
import {
  allFieldsOf,
  entryAt,
  functionHandleAt,
  handleOfDefinition,
  signatureAt,
  structHandleAt,
} from "../binary-format/module-view.ts";
import { OPCODES } from "../binary-format/opcodes.ts";
import { isReference } from "../binary-format/signature-tokens.ts";
import { refuse, type VerificationLocation } from "./error.ts";
import { charge, type Meter } from "./meter.ts";
import { checkPhantomPositions, type Requirements, requirementsOf } from "./type-requirements.ts";

export function verifySignatures(module: CompiledModule, meter: Meter): void {
  const pass: SignaturePass = { module, meter, known: new Map() };
  for (const index of module.signatures.keys()) signatureRequirements(pass, index);
  checkInstantiations(pass);
  for (const [index, handle] of module.functionHandles.entries()) {
    const location = { table: "functionHandles", index } as const;
    for (const signature of [handle.parameters, handle.returns]) {
      const requirements = signatureRequirements(pass, signature);
      checkInContext(requirements, handle.typeParameters, location);
    }
  }
  for (const [index, definition] of module.structDefinitions.entries()) {
    checkStructDefinition(pass, index, definition);
  }
  for (const [index, definition] of module.functionDefinitions.entries()) {
    checkFunctionDefinition(pass, index, definition);
  }
}

interface SignaturePass {
  readonly module: CompiledModule;
  readonly meter: Meter;
  /** What signatures and instantiations ask of type parameters, by their names below. */
  readonly known: Map<string, Requirements>;
}

/** Checks every instantiation for itself, used or not. */
function checkInstantiations(pass: SignaturePass): void {
  const { module } = pass;
  for (const index of module.functionInstantiations.keys()) functionRequirements(pass, index);
  for (const index of module.structInstantiations.keys()) {
    structRequirements(pass, index, ABILITIES_NONE);
  }
  for (const index of module.fieldInstantiations.keys()) fieldRequirements(pass, index);
  for (const index of module.variantFieldInstantiations.keys()) {
    variantFieldRequirements(pass, index);
  }
  for (const index of module.structVariantInstantiations.keys()) {
    variantRequirements(pass, index);
  }
}

function remember(pass: SignaturePass, name: string, workOut: () => Requirements): Requirements {
  charge(pass.meter, 1);
  const known = pass.known.get(name);
  if (known !== undefined) return known;
  const requirements = workOut();
  pass.known.set(name, requirements);
  return requirements;
}

/** Requirements of the types of a signature, which may be references. */
function signatureRequirements(pass: SignaturePass, index: SignatureIndex): Requirements {
  return remember(pass, `signature ${index}`, () => {
    const requirements: Requirements = [];
    for (const token of signatureAt(pass.module, index)) {
      requirementsOf(
        { ...pass, location: { table: "signatures", index }, into: requirements },
        token,
        ABILITIES_NONE,
        "referenceAllowed",
      );
    }
    return requirements;
  });
}

function functionRequirements(pass: SignaturePass, index: number): Requirements {
  return remember(pass, `function ${index}`, () => {
    const { handle, typeArgs } = entryAt(pass.module.functionInstantiations, index);
    const { typeParameters } = functionHandleAt(pass.module, handle);
    const parameters = typeParameters.map((constraints) => ({ constraints, isPhantom: false }));
    const location = { table: "functionInstantiations", index } as const;
    return argumentRequirements(pass, parameters, ABILITIES_NONE, typeArgs, location);
  });
}

function structRequirements(
  pass: SignaturePass,
  index: number,
  required: AbilitySet,
): Requirements {
  return remember(pass, `struct ${index} ${required}`, () => {
    const { definition, typeArgs } = entryAt(pass.module.structInstantiations, index);
    const location = { table: "structInstantiations", index } as const;
    return ownerRequirements(pass, definition, required, typeArgs, location);
  });
}

function fieldRequirements(pass: SignaturePass, index: number): Requirements {
  return remember(pass, `field ${index}`, () => {
    const { handle, typeArgs } = entryAt(pass.module.fieldInstantiations, index);
    const { owner } = entryAt(pass.module.fieldHandles, handle);
    const location = { table: "fieldInstantiations", index } as const;
    return ownerRequirements(pass, owner, ABILITIES_NONE, typeArgs, location);
  });
}

function variantFieldRequirements(pass: SignaturePass, index: number): Requirements {
  return remember(pass, `variant field ${index}`, () => {
    const { handle, typeArgs } = entryAt(pass.module.variantFieldInstantiations, index);
    const { owner } = entryAt(pass.module.variantFieldHandles, handle);
    const location = { table: "variantFieldInstantiations", index } as const;
    return ownerRequirements(pass, owner, ABILITIES_NONE, typeArgs, location);
  });
}

function variantRequirements(pass: SignaturePass, index: number): Requirements {
  return remember(pass, `variant ${index}`, () => {
    const { handle, typeArgs } = entryAt(pass.module.structVariantInstantiations, index);
    const { owner } = entryAt(pass.module.structVariantHandles, handle);
    const location = { table: "structVariantInstantiations", index } as const;
    return ownerRequirements(pass, owner, ABILITIES_NONE, typeArgs, location);
  });
}

/** Requirements of type arguments for a struct of this module that must have `required`. */
function ownerRequirements(
  pass: SignaturePass,
  owner: StructDefinitionIndex,
  required: AbilitySet,
  typeArgs: SignatureIndex,
  location: VerificationLocation,
): Requirements {
  const handle = handleOfDefinition(pass.module, owner);
  if (!hasAbilities(handle.abilities, required)) {
    refuse("CONSTRAINT_NOT_SATISFIED", `the struct lacks ${formatAbilities(required)}`, location);
  }
  return argumentRequirements(pass, handle.typeParameters, required, typeArgs, location);
}

/** @param required abilities that the whole must have, which asks some of its parts. */
function argumentRequirements(
  pass: SignaturePass,
  parameters: readonly StructTypeParameter[],
  required: AbilitySet,
  typeArgs: SignatureIndex,
  location: VerificationLocation,
): Requirements {
  const signature = signatureAt(pass.module, typeArgs);
  if (signature.length !== parameters.length) {
    refuse(
      "NUMBER_OF_TYPE_ARGUMENTS_MISMATCH",
      `${signature.length} type arguments for ${parameters.length} parameters`,
      location,
    );
  }
  const requirements: Requirements = [];
  for (const [position, token] of signature.entries()) {
    const { constraints, isPhantom } = entryAt(parameters, position);
    const asked = isPhantom ? constraints : constraints | requiredOfParts(required);
    requirementsOf({ ...pass, location, into: requirements }, token, asked, "noReference");
  }
  return requirements;
}

/** Type parameters with these abilities are enough for what is asked of them. */
function checkInContext(
  requirements: Requirements,
  context: readonly AbilitySet[],
  location: VerificationLocation,
): void {
  for (const [parameter, required] of requirements.entries()) {
    const given = context[parameter] ?? ABILITIES_NONE;
    if (required === undefined || hasAbilities(given, required)) continue;
    const [has, needs] = [formatAbilities(given), formatAbilities(required)];
    const detail = `type parameter ${parameter} has ${has} and needs ${needs}`;
    refuse("CONSTRAINT_NOT_SATISFIED", detail, location);
  }
}

function checkStructDefinition(
  pass: SignaturePass,
  index: number,
  definition: StructDefinition,
): void {
  const { module } = pass;
  const handle = structHandleAt(module, definition.handle);
  const location = { table: "structDefinitions", index } as const;
  const context = handle.typeParameters.map(({ constraints }) => constraints);
  for (const { type } of allFieldsOf(definition.layout)) {
    const wellFormed: Requirements = [];
    requirementsOf({ ...pass, location, into: wellFormed }, type, ABILITIES_NONE, "noReference");
    checkInContext(wellFormed, context, location);
    checkFieldAbilities(pass, type, requiredOfParts(handle.abilities), location);
    checkPhantomPositions(module, handle.typeParameters, type, location);
  }
}

/**
 * A field has what its struct's abilities ask of parts. What that asks of type parameters is
 * dropped: an instance whose arguments lack an ability just lacks it too.
 */
function checkFieldAbilities(
  pass: SignaturePass,
  type: SignatureToken,
  required: AbilitySet,
  location: VerificationLocation,
): void {
  const into: Requirements = [];
  const onMissing = "FIELD_MISSING_TYPE_ABILITY";
  requirementsOf({ ...pass, location, into, onMissing }, type, required, "noReference");
}

function checkFunctionDefinition(
  pass: SignaturePass,
  functionIndex: number,
  definition: FunctionDefinition,
): void {
  const { code } = definition;
  if (code === undefined) return;
  const context = functionHandleAt(pass.module, definition.handle).typeParameters;
  const location = { table: "functionDefinitions", index: functionIndex } as const;
  checkInContext(signatureRequirements(pass, code.locals), context, location);
  checkCode(pass, functionIndex, code, context);
}

function checkCode(
  pass: SignaturePass,
  functionIndex: number,
  unit: CodeUnit,
  context: readonly AbilitySet[],
): void {
  // The same requirements in the same context need one look only.
  const checked = new Set<Requirements>();
  for (const [offset, instruction] of unit.code.entries()) {
    const location = { functionIndex, offset };
    const requirements = instructionRequirements(pass, instruction, location);
    if (requirements === undefined || checked.has(requirements)) continue;
    checked.add(requirements);
    charge(pass.meter, requirements.length);
    checkInContext(requirements, context, location);
  }
}

/** What an instruction's operand asks of type parameters; undefined where it names no types. */
function instructionRequirements(
  pass: SignaturePass,
  { opcode, index }: Instruction,
  location: VerificationLocation,
): Requirements | undefined {
  switch (OPCODES[opcode].operand) {
    case "functionInstantiation":
      return functionRequirements(pass, index);
    case "structInstantiation": {
      const isInMemory = opcode === "PackGeneric" || opcode === "UnpackGeneric";
      return structRequirements(pass, index, isInMemory ? ABILITIES_NONE : ABILITY_KEY);
    }
    case "structVariantInstantiation":
      return variantRequirements(pass, index);
    case "fieldInstantiation":
      return fieldRequirements(pass, index);
    case "variantFieldInstantiation":
      return variantFieldRequirements(pass, index);
    case "signature":
    case "signatureAndCount":
      return elementRequirements(pass, index, location);
    default:
      return undefined;
  }
}

/** The operand of a vector instruction: one element type, no reference. */
function elementRequirements(
  pass: SignaturePass,
  index: SignatureIndex,
  location: VerificationLocation,
): Requirements {
  const [element, ...others] = signatureAt(pass.module, index);
  if (element === undefined || others.length > 0) {
    refuse("NUMBER_OF_TYPE_ARGUMENTS_MISMATCH", "a vector has one element type", location);
  }
  if (isReference(element)) {
    refuse("INVALID_SIGNATURE_TOKEN", "a vector of references", location);
  }
  return signatureRequirements(pass, index);
}
