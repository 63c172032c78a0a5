/**
 * A module joined to the modules it names. What a handle leads to is looked up once and kept; a
 * handle that leads nowhere, or to something else than it claims, is a coded failure where it is
 * used.
 */
import { hasAbilities } from "../binary-format/abilities.ts";
import type {
  AbilitySet,
  CompiledModule,
  FunctionDefinition,
  SignatureToken,
  StructDefinition,
  StructTypeParameter,
} from "../binary-format/file-format.ts";
import type { Identifier, ModuleId, ModuleKey } from "../core/identifier.ts";
import { entryAt, fail } from "./failure.ts";
import type { ResolvedFunction } from "./resolved-function.ts";
import {
  makeStructType,
  primitiveType,
  type RuntimeType,
  referenceType,
  type StructMembers,
  type StructType,
  vectorType,
} from "./types.ts";

export interface LinkedModule {
  readonly id: ModuleId;
  readonly key: ModuleKey;
  /** Hex of the bytecode's SHA-256. */
  readonly codeHash: string;
  readonly module: CompiledModule;
  readonly functionByName: ReadonlyMap<Identifier, number>;
  readonly structByName: ReadonlyMap<Identifier, StructDefinitionLink>;
  /** By definition index. */
  readonly structs: readonly StructDefinitionLink[];
  /** By module handle; filled when the closure is linked. */
  readonly imports: LinkedModule[];
  /** Instances by definition index and type arguments. */
  readonly functions: Map<string, ResolvedFunction>;
  readonly structHandles: (StructDefinitionLink | undefined)[];
  /** Counts what the program has made, for its bound. */
  readonly made: { count: number };
}

export interface StructDefinitionLink {
  readonly module: LinkedModule;
  readonly index: number;
  readonly name: Identifier;
  readonly abilities: AbilitySet;
  readonly typeParameters: readonly StructTypeParameter[];
  readonly definition: StructDefinition;
  readonly instances: Map<string, StructType>;
}

/** The struct behind a handle, wherever it is defined. */
export function structAtHandle(linked: LinkedModule, index: number): StructDefinitionLink {
  const known = linked.structHandles[index];
  if (known !== undefined) return known;
  const { module } = linked;
  const handle = entryAt(module.structHandles, index, "struct handle");
  const owner = entryAt(linked.imports, handle.module, "module handle");
  const name = entryAt(module.identifiers, handle.name, "identifier");
  const found = owner.structByName.get(name);
  if (found === undefined) return fail("LINKER_ERROR", `${owner.key} has no struct ${name}`);
  // A user may know of less than there is: an upgrade can add abilities and make parameters
  // phantom.
  const agrees =
    hasAbilities(found.abilities, handle.abilities) &&
    found.typeParameters.length === handle.typeParameters.length &&
    found.typeParameters.every(
      (parameter, position) =>
        parameter.isPhantom || handle.typeParameters[position]?.isPhantom === false,
    );
  if (!agrees) return fail("LINKER_ERROR", `${owner.key}::${name} is declared otherwise`);
  linked.structHandles[index] = found;
  return found;
}

/** The one object for a struct type. Checks the number of arguments and their abilities. */
export function structType(
  definition: StructDefinitionLink,
  typeArgs: readonly RuntimeType[],
): StructType {
  const text = typeArgs.length === 0 ? "" : typeArgs.map(({ id }) => id).join();
  const known = definition.instances.get(text);
  if (known !== undefined) return known;
  checkConstraints(
    typeArgs,
    definition.typeParameters.map(({ constraints }) => constraints),
  );
  const made = makeStructType(definition, typeArgs);
  definition.instances.set(text, made);
  definition.module.made.count += 1;
  return made;
}

/** Refuses a wrong number of type arguments, or one that lacks an ability its parameter demands. */
export function checkConstraints(
  typeArgs: readonly RuntimeType[],
  constraints: readonly AbilitySet[],
): void {
  if (typeArgs.length !== constraints.length) {
    fail(
      "NUMBER_OF_TYPE_ARGUMENTS_MISMATCH",
      `${typeArgs.length} type arguments for ${constraints.length} parameters`,
    );
  }
  typeArgs.forEach((arg, index) => {
    const needed = constraints[index] ?? 0;
    if ((arg.abilities & needed) !== needed) {
      fail("CONSTRAINT_NOT_SATISFIED", `type argument ${index} lacks an ability`);
    }
  });
}

/** The closed type of a signature token of `linked`, its type parameters replaced by `typeArgs`. */
export function typeOfToken(
  linked: LinkedModule,
  token: SignatureToken,
  typeArgs: readonly RuntimeType[],
): RuntimeType {
  switch (token.kind) {
    case "vector":
      return vectorType(typeOfToken(linked, token.element, typeArgs));
    case "reference":
      return referenceType(typeOfToken(linked, token.to, typeArgs), false);
    case "mutableReference":
      return referenceType(typeOfToken(linked, token.to, typeArgs), true);
    case "typeParameter":
      return entryAt(typeArgs, token.index, "type parameter");
    case "struct":
      return structType(structAtHandle(linked, token.handle), []);
    case "structInstantiation":
      return structType(
        structAtHandle(linked, token.handle),
        token.typeArgs.map((arg) => typeOfToken(linked, arg, typeArgs)),
      );
    default:
      return primitiveType(token.kind);
  }
}

/** The closed types of a signature. */
export function typesOfSignature(
  linked: LinkedModule,
  index: number,
  typeArgs: readonly RuntimeType[],
): readonly RuntimeType[] {
  const signature = entryAt(linked.module.signatures, index, "signature");
  return signature.map((token) => typeOfToken(linked, token, typeArgs));
}

/** The types of what a struct or each variant of an enum holds. */
export function membersOf(type: StructType): StructMembers {
  if (type.members !== undefined) return type.members;
  const { module, definition } = type.definition;
  const { layout } = definition;
  const typeOf = (field: { readonly type: SignatureToken }) =>
    typeOfToken(module, field.type, type.typeArgs);
  let members: StructMembers;
  switch (layout.kind) {
    case "native":
      return fail("MISSING_DEPENDENCY", `no native struct ${type.definition.name}`);
    case "fields":
      members = { kind: "fields", fields: layout.fields.map(typeOf) };
      break;
    case "variants":
      members = {
        kind: "variants",
        variants: layout.variants.map(({ fields }) => fields.map(typeOf)),
      };
  }
  type.members = members;
  return members;
}

export function functionDefinitionAt(linked: LinkedModule, index: number): FunctionDefinition {
  return entryAt(linked.module.functionDefinitions, index, "function definition");
}
