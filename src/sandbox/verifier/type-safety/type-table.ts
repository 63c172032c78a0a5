/**
 * The types that meet in one function, each stored once: equal types have equal ids, and a type of
 * any size is compared, copied and asked for its abilities in one step. Instances of instances
 * share their parts, so types that would be exponentially large as trees stay small here; their
 * size as trees is kept for the meter.
 */
import {
  abilitiesWithParts,
  PRIMITIVE_ABILITIES,
  REFERENCE_ABILITIES,
  SIGNER_ABILITIES,
  VECTOR_ABILITIES,
} from "../../binary-format/abilities.ts";
import {
  ABILITIES_NONE,
  type AbilitySet,
  type CompiledModule,
  type SignatureToken,
  type StructHandleIndex,
} from "../../binary-format/file-format.ts";
import { entryAt, structHandleAt } from "../../binary-format/module-view.ts";

/** Position of a type in its table. */
export type TypeId = number;

type PrimitiveKind = "bool" | "u8" | "u16" | "u32" | "u64" | "u128" | "u256" | "address" | "signer";

interface TypeParts {
  readonly kind: SignatureToken["kind"];
  /** Struct handle, or number of the type parameter; 0 for other kinds. */
  readonly index: number;
  /** Element, target or type arguments. */
  readonly parts: readonly TypeId[];
}

export interface TypeEntry extends TypeParts {
  readonly abilities: AbilitySet;
  /** Nodes of the type written out as a tree; may grow to infinity. */
  readonly size: number;
}

export interface TypeTable {
  readonly module: CompiledModule;
  /** Abilities of the function's type parameters. */
  readonly typeParameters: readonly AbilitySet[];
  readonly entries: TypeEntry[];
  readonly ids: Map<string, TypeId>;
  /** Types that stand in the module's tables, by the object that holds them. */
  readonly idByToken: Map<SignatureToken, TypeId>;
}

export function createTypeTable(
  module: CompiledModule,
  typeParameters: readonly AbilitySet[],
): TypeTable {
  return { module, typeParameters, entries: [], ids: new Map(), idByToken: new Map() };
}

export function typeEntry(types: TypeTable, id: TypeId): TypeEntry {
  return entryAt(types.entries, id);
}

export function primitiveType(types: TypeTable, kind: PrimitiveKind): TypeId {
  return intern(types, { kind, index: 0, parts: [] });
}

export function vectorType(types: TypeTable, element: TypeId): TypeId {
  return intern(types, { kind: "vector", index: 0, parts: [element] });
}

export function referenceType(types: TypeTable, isMutable: boolean, to: TypeId): TypeId {
  return intern(types, {
    kind: isMutable ? "mutableReference" : "reference",
    index: 0,
    parts: [to],
  });
}

export function structType(
  types: TypeTable,
  handle: StructHandleIndex,
  typeArgs: readonly TypeId[],
): TypeId {
  const kind = typeArgs.length === 0 ? "struct" : "structInstantiation";
  return intern(types, { kind, index: handle, parts: typeArgs });
}

/** The type as it stands in the module, type parameters being those of the function. */
export function declaredType(types: TypeTable, token: SignatureToken): TypeId {
  const known = types.idByToken.get(token);
  if (known !== undefined) return known;
  const id = substitute(types, token, undefined);
  types.idByToken.set(token, id);
  return id;
}

/** The type with its type parameters replaced; the arguments of a plain member are empty. */
export function instantiate(
  types: TypeTable,
  token: SignatureToken,
  typeArgs: readonly TypeId[],
): TypeId {
  return typeArgs.length === 0 ? declaredType(types, token) : substitute(types, token, typeArgs);
}

/** What a reference points to; undefined for a value. */
export function referencedType(types: TypeTable, id: TypeId): TypeId | undefined {
  const { kind, parts } = typeEntry(types, id);
  return kind === "reference" || kind === "mutableReference" ? parts[0] : undefined;
}

export function isMutableReference(types: TypeTable, id: TypeId): boolean {
  return typeEntry(types, id).kind === "mutableReference";
}

export function isInteger(types: TypeTable, id: TypeId): boolean {
  switch (typeEntry(types, id).kind) {
    case "u8":
    case "u16":
    case "u32":
    case "u64":
    case "u128":
    case "u256":
      return true;
    default:
      return false;
  }
}

function substitute(
  types: TypeTable,
  token: SignatureToken,
  typeArgs: readonly TypeId[] | undefined,
): TypeId {
  switch (token.kind) {
    case "vector":
      return vectorType(types, substitute(types, token.element, typeArgs));
    case "reference":
    case "mutableReference": {
      const to = substitute(types, token.to, typeArgs);
      return referenceType(types, token.kind === "mutableReference", to);
    }
    case "struct":
      return structType(types, token.handle, []);
    case "structInstantiation": {
      const parts = token.typeArgs.map((argument) => substitute(types, argument, typeArgs));
      return structType(types, token.handle, parts);
    }
    case "typeParameter":
      return typeArgs === undefined
        ? intern(types, { kind: "typeParameter", index: token.index, parts: [] })
        : entryAt(typeArgs, token.index);
    default:
      return primitiveType(types, token.kind);
  }
}

function intern(types: TypeTable, { kind, index, parts }: TypeParts): TypeId {
  const key = `${kind} ${index} ${parts.join(",")}`;
  const known = types.ids.get(key);
  if (known !== undefined) return known;
  const id = types.entries.length;
  let size = 1;
  for (const part of parts) size += typeEntry(types, part).size;
  const abilities = abilitiesOf(types, { kind, index, parts });
  types.entries.push({ kind, index, parts, abilities, size });
  types.ids.set(key, id);
  return id;
}

function abilitiesOf(types: TypeTable, { kind, index, parts }: TypeParts): AbilitySet {
  const ofParts = parts.map((part) => typeEntry(types, part).abilities);
  switch (kind) {
    case "signer":
      return SIGNER_ABILITIES;
    case "reference":
    case "mutableReference":
      return REFERENCE_ABILITIES;
    case "vector":
      return abilitiesWithParts(VECTOR_ABILITIES, ofParts);
    case "struct":
    case "structInstantiation": {
      const { abilities, typeParameters } = structHandleAt(types.module, index);
      const real = ofParts.filter((_, position) => !entryAt(typeParameters, position).isPhantom);
      return abilitiesWithParts(abilities, real);
    }
    case "typeParameter":
      return types.typeParameters[index] ?? ABILITIES_NONE;
    default:
      return PRIMITIVE_ABILITIES;
  }
}
