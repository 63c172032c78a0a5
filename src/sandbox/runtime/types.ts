/**
 * Types at run time: closed, and one object per type, so that equal types are identical. Derived
 * types are made and remembered at the type they derive from; instances of structs are remembered
 * by closed-types.ts. Knows no values.
 */
import {
  ABILITIES_NONE,
  ABILITY_COPY,
  ABILITY_DROP,
  ABILITY_KEY,
  ABILITY_STORE,
  type AbilitySet,
} from "../binary-format/file-format.ts";
import {
  formatStructTag,
  type PrimitiveName,
  type StructTag,
  TYPE_TAG_DEPTH_MAX,
  type TypeTag,
} from "../core/type-tag.ts";
import { fail, failInvariant } from "./failure.ts";
import { TYPE_DEPTH_MAX, TYPE_NODES_MAX } from "./limits.ts";
import type { StructDefinitionLink } from "./linked-module.ts";

interface TypeHead {
  /** Unique while any type lives; orders nothing that is replicated. */
  readonly id: number;
  readonly abilities: AbilitySet;
  /** Nodes of the type's tree, and its height. */
  readonly nodes: number;
  readonly depth: number;
  /** Types derived from this one, made on first use. */
  readonly derived: {
    vector: VectorType | undefined;
    reference: ReferenceType | undefined;
    mutableReference: ReferenceType | undefined;
  };
  /** Filled by `typeShape`. */
  shape: TypeShape | undefined;
}

/** What follows from a type about all its values. */
export interface TypeShape {
  /** Nesting of its deepest value. */
  readonly valueDepth: number;
  /** Weight of every value of the type, or undefined when values differ. */
  readonly fixedWeight: number | undefined;
  /** Weight of a value without what its vectors hold; of the heaviest variant of an enum. */
  readonly inlineWeight: number;
}

export interface PrimitiveType extends TypeHead {
  readonly kind: PrimitiveName;
}

export interface VectorType extends TypeHead {
  readonly kind: "vector";
  readonly element: RuntimeType;
}

export interface StructType extends TypeHead {
  readonly kind: "struct";
  readonly definition: StructDefinitionLink;
  readonly typeArgs: readonly RuntimeType[];
  /** Filled by `membersOf`. */
  members: StructMembers | undefined;
  tag: StructTag | undefined;
  text: string | undefined;
}

export type StructMembers =
  | { readonly kind: "fields"; readonly fields: readonly RuntimeType[] }
  | { readonly kind: "variants"; readonly variants: readonly (readonly RuntimeType[])[] };

export interface ReferenceType extends TypeHead {
  readonly kind: "reference" | "mutableReference";
  readonly target: RuntimeType;
}

export type RuntimeType = PrimitiveType | VectorType | StructType | ReferenceType;

const SCALAR_ABILITIES = ABILITY_COPY | ABILITY_DROP | ABILITY_STORE;

/** Process-wide source of type ids. They only tell types apart, so their order means nothing. */
let lastTypeId = 0;

function typeHead(abilities: AbilitySet, nodes: number, depth: number): TypeHead {
  if (nodes > TYPE_NODES_MAX) fail("TOO_MANY_TYPE_NODES", `a type of over ${TYPE_NODES_MAX} nodes`);
  if (depth > TYPE_DEPTH_MAX) {
    fail("VM_MAX_TYPE_DEPTH_REACHED", `a type nested deeper than ${TYPE_DEPTH_MAX}`);
  }
  lastTypeId += 1;
  const derived = { vector: undefined, reference: undefined, mutableReference: undefined };
  return { id: lastTypeId, abilities, nodes, depth, derived, shape: undefined };
}

function primitive(kind: PrimitiveName): PrimitiveType {
  const abilities = kind === "signer" ? ABILITY_DROP : SCALAR_ABILITIES;
  return { kind, ...typeHead(abilities, 1, 1) };
}

export const BOOL = primitive("bool");
export const U8 = primitive("u8");
export const U16 = primitive("u16");
export const U32 = primitive("u32");
export const U64 = primitive("u64");
export const U128 = primitive("u128");
export const U256 = primitive("u256");
export const ADDRESS = primitive("address");
export const SIGNER = primitive("signer");

const PRIMITIVES: Readonly<Record<PrimitiveName, PrimitiveType>> = {
  bool: BOOL,
  u8: U8,
  u16: U16,
  u32: U32,
  u64: U64,
  u128: U128,
  u256: U256,
  address: ADDRESS,
  signer: SIGNER,
};

export function primitiveType(name: PrimitiveName): PrimitiveType {
  return PRIMITIVES[name];
}

export function vectorType(element: RuntimeType): VectorType {
  const known = element.derived.vector;
  if (known !== undefined) return known;
  if (isReference(element)) failInvariant("a vector of references");
  const abilities = element.abilities & SCALAR_ABILITIES;
  const made: VectorType = {
    kind: "vector",
    element,
    ...typeHead(abilities, element.nodes + 1, element.depth + 1),
  };
  element.derived.vector = made;
  return made;
}

export const BYTES = vectorType(U8);

export function referenceType(target: RuntimeType, isMutable: boolean): ReferenceType {
  const kind = isMutable ? "mutableReference" : "reference";
  const known = target.derived[kind];
  if (known !== undefined) return known;
  if (isReference(target)) failInvariant("a reference to a reference");
  const made: ReferenceType = {
    kind,
    target,
    ...typeHead(ABILITY_COPY | ABILITY_DROP, target.nodes + 1, target.depth + 1),
  };
  target.derived[kind] = made;
  return made;
}

/** Makes a struct type. Use `structType` of closed-types.ts, which remembers it. */
export function makeStructType(
  definition: StructDefinitionLink,
  typeArgs: readonly RuntimeType[],
): StructType {
  let nodes = 1;
  let depth = 0;
  for (const arg of typeArgs) {
    if (isReference(arg)) failInvariant("a reference as a type argument");
    nodes += arg.nodes;
    depth = Math.max(depth, arg.depth);
  }
  const abilities = instanceAbilities(definition, typeArgs);
  return {
    kind: "struct",
    definition,
    typeArgs,
    members: undefined,
    tag: undefined,
    text: undefined,
    ...typeHead(abilities, nodes, depth + 1),
  };
}

/**
 * An instance has an ability its definition declares if every argument that is not phantom allows
 * it.
 */
function instanceAbilities(
  definition: StructDefinitionLink,
  typeArgs: readonly RuntimeType[],
): AbilitySet {
  let abilities = definition.abilities;
  typeArgs.forEach((arg, index) => {
    if (definition.typeParameters[index]?.isPhantom !== true) {
      abilities &= abilitiesAllowedBy(arg.abilities);
    }
  });
  return abilities;
}

/**
 * What a container may have given the abilities of what it holds: `key` needs `store`, the others
 * themselves.
 */
export function abilitiesAllowedBy(held: AbilitySet): AbilitySet {
  const key = (held & ABILITY_STORE) === 0 ? ABILITIES_NONE : ABILITY_KEY;
  return (held & SCALAR_ABILITIES) | key;
}

export function hasAbility(type: RuntimeType, ability: AbilitySet): boolean {
  return (type.abilities & ability) !== 0;
}

export function isReference(type: RuntimeType): type is ReferenceType {
  return type.kind === "reference" || type.kind === "mutableReference";
}

/** Whether values of the type are immutable in JavaScript, so that a copy is the value itself. */
export function isScalar(type: RuntimeType): boolean {
  return type.kind !== "vector" && type.kind !== "struct";
}

/** The canonical name: `0x1::m::S<u8>`, `&mut u64`. For keys and messages. */
export function typeText(type: RuntimeType): string {
  switch (type.kind) {
    case "vector":
      return `vector<${typeText(type.element)}>`;
    case "reference":
      return `&${typeText(type.target)}`;
    case "mutableReference":
      return `&mut ${typeText(type.target)}`;
    case "struct":
      type.text ??= formatStructTag(structTagOf(type));
      return type.text;
    default:
      return type.kind;
  }
}

/** The tag of a storable type. Refuses references, and nesting that no tag may have. */
export function tagOf(type: RuntimeType): TypeTag {
  if (isReference(type)) return failInvariant("a reference has no tag");
  if (type.depth > TYPE_TAG_DEPTH_MAX) {
    return fail("TYPE_TAG_LIMIT_EXCEEDED", `nested deeper than ${TYPE_TAG_DEPTH_MAX}`);
  }
  switch (type.kind) {
    case "vector":
      return { kind: "vector", element: tagOf(type.element) };
    case "struct":
      return { kind: "struct", struct: structTagOf(type) };
    default:
      return { kind: type.kind };
  }
}

/** As {@link tagOf}. */
export function structTagOf(type: StructType): StructTag {
  if (type.tag !== undefined) return type.tag;
  if (type.depth > TYPE_TAG_DEPTH_MAX) {
    return fail("TYPE_TAG_LIMIT_EXCEEDED", `nested deeper than ${TYPE_TAG_DEPTH_MAX}`);
  }
  const { module, name } = type.definition;
  type.tag = {
    address: module.id.address,
    module: module.id.name,
    name,
    typeArgs: type.typeArgs.map(tagOf),
  };
  return type.tag;
}
