/**
 * From what a linked module says to closed types: instances of its structs, the types of its
 * signature tokens, the members of a struct. One object for each type.
 */
import type { AbilitySet, SignatureToken } from "../binary-format/file-format.ts";
import { entryAt, fail } from "./failure.ts";
import { type LinkedModule, type StructDefinitionLink, structAtHandle } from "./linked-module.ts";
import {
  makeStructType,
  primitiveType,
  type RuntimeType,
  referenceType,
  type StructMembers,
  type StructType,
  vectorType,
} from "./types.ts";

/** The one object for a struct type. Checks the number of arguments and their abilities. */
export function structType(
  definition: StructDefinitionLink,
  typeArgs: readonly RuntimeType[],
): StructType {
  const text = typeArgs.length === 0 ? "" : typeArgs.map(({ id }) => id).join();
  const instances = instancesOf(definition);
  const known = instances.get(text);
  if (known !== undefined) return known;
  checkConstraints(
    typeArgs,
    definition.typeParameters.map(({ constraints }) => constraints),
  );
  const made = makeStructType(definition, typeArgs);
  instances.set(text, made);
  definition.module.made.count += 1;
  return made;
}

/** A definition's instances, by the ids of their type arguments. */
const structInstances = new WeakMap<StructDefinitionLink, Map<string, StructType>>();

function instancesOf(definition: StructDefinitionLink): Map<string, StructType> {
  const known = structInstances.get(definition);
  if (known !== undefined) return known;
  const made = new Map<string, StructType>();
  structInstances.set(definition, made);
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
