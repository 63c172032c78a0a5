/**
 * What a module says of other modules is true of them: they are there, the structs and functions it
 * names exist, may be used by it, and look as it declares. A declaration may ask for less than
 * there is, never for more.
 */
import { hasAbilities } from "../binary-format/abilities.ts";
import type {
  AbilitySet,
  CompiledModule,
  FunctionDefinition,
  FunctionHandle,
  SignatureIndex,
  StructHandle,
} from "../binary-format/file-format.ts";
import {
  friendsOf,
  functionHandleAt,
  functionName,
  identifierAt,
  moduleIdAt,
  selfId,
  signatureAt,
  structHandleAt,
  structName,
} from "../binary-format/module-view.ts";
import { qualifiedTypes } from "../binary-format/qualified-types.ts";
import { present } from "../core/assert.ts";
import { formatModuleId, type Identifier, type ModuleId, moduleKey } from "../core/identifier.ts";
import { refuseEntry } from "./error.ts";
import { charge, type Meter } from "./meter.ts";

/** Finds a module that is in force; undefined where there is none. */
export type ModuleResolver = (id: ModuleId) => CompiledModule | undefined;

/** Characters of a written-out signature that one unit pays for. */
const CHARACTERS_PER_UNIT = 64;

export function verifyDependencies(
  module: CompiledModule,
  resolve: ModuleResolver,
  meter: Meter,
): void {
  const dependencies = module.moduleHandles.map((_, index) => {
    charge(meter, 1);
    if (index === module.selfHandle) return undefined;
    const id = moduleIdAt(module, index);
    const found = resolve(id);
    if (found === undefined) {
      refuseEntry("moduleHandles", index, "LINKER_ERROR", `no module ${formatModuleId(id)}`);
    }
    return describe(found, meter);
  });
  const self = describe(module, meter);
  for (const [index, handle] of module.structHandles.entries()) {
    charge(meter, 1);
    const owner = dependencies[handle.module];
    if (owner !== undefined) checkStruct(module, owner, index, handle);
  }
  for (const [index, handle] of module.functionHandles.entries()) {
    charge(meter, 1);
    const owner = dependencies[handle.module];
    if (owner !== undefined) checkFunction(self, owner, index, handle);
  }
}

/** A module with its definitions by name. */
interface Described {
  readonly module: CompiledModule;
  readonly meter: Meter;
  readonly structs: ReadonlyMap<Identifier, StructHandle>;
  readonly functions: ReadonlyMap<Identifier, FunctionDefinition>;
  /** Written-out signatures, as far as asked for. */
  readonly signatures: Map<SignatureIndex, string>;
}

function describe(module: CompiledModule, meter: Meter): Described {
  charge(meter, module.structDefinitions.length + module.functionDefinitions.length);
  return {
    module,
    meter,
    structs: new Map(
      module.structDefinitions.map(({ handle }) => [
        structName(module, handle),
        structHandleAt(module, handle),
      ]),
    ),
    functions: new Map(
      module.functionDefinitions.map((definition) => [
        functionName(module, definition),
        definition,
      ]),
    ),
    signatures: new Map(),
  };
}

function checkStruct(
  module: CompiledModule,
  owner: Described,
  index: number,
  declared: StructHandle,
): void {
  const name = identifierAt(module, declared.name);
  const actual = owner.structs.get(name);
  if (actual === undefined) {
    refuseEntry("structHandles", index, "LOOKUP_FAILED", `no struct ${name}`);
  }
  const areParametersMet =
    declared.typeParameters.length === actual.typeParameters.length &&
    declared.typeParameters.every(({ constraints, isPhantom }, position) => {
      const parameter = present(actual.typeParameters[position], "as many parameters");
      return (
        (parameter.isPhantom || !isPhantom) && hasAbilities(constraints, parameter.constraints)
      );
    });
  if (!areParametersMet || !hasAbilities(actual.abilities, declared.abilities)) {
    refuseEntry("structHandles", index, "TYPE_MISMATCH", `struct ${name} is declared otherwise`);
  }
}

function checkFunction(
  self: Described,
  owner: Described,
  index: number,
  declared: FunctionHandle,
): void {
  const name = identifierAt(self.module, declared.name);
  const definition = owner.functions.get(name);
  if (definition === undefined || !mayCall(self.module, owner.module, definition)) {
    refuseEntry("functionHandles", index, "LOOKUP_FAILED", `no function ${name} to call`);
  }
  const actual = functionHandleAt(owner.module, definition.handle);
  const isMet =
    areConstraintsMet(declared.typeParameters, actual.typeParameters) &&
    signatureText(self, declared.parameters) === signatureText(owner, actual.parameters) &&
    signatureText(self, declared.returns) === signatureText(owner, actual.returns);
  if (isMet) return;
  refuseEntry("functionHandles", index, "TYPE_MISMATCH", `function ${name} is declared otherwise`);
}

function mayCall(
  caller: CompiledModule,
  owner: CompiledModule,
  { visibility }: FunctionDefinition,
): boolean {
  switch (visibility) {
    case "public":
      return true;
    case "friend": {
      const key = moduleKey(selfId(caller));
      return friendsOf(owner).some((friend) => moduleKey(friend) === key);
    }
    case "private":
      return false;
  }
}

function areConstraintsMet(
  declared: readonly AbilitySet[],
  actual: readonly AbilitySet[],
): boolean {
  return (
    declared.length === actual.length &&
    declared.every((constraints, position) => {
      return hasAbilities(constraints, present(actual[position], "as many parameters"));
    })
  );
}

function signatureText(described: Described, index: SignatureIndex): string {
  const { module, meter, signatures } = described;
  const text = signatures.get(index) ?? qualifiedTypes(module, signatureAt(module, index));
  signatures.set(index, text);
  charge(meter, 1 + Math.ceil(text.length / CHARACTERS_PER_UNIT));
  return text;
}
