/**
 * A Move module as its binary tables hold it (Aptos lineage, versions 5, 6 and 7). Plain data:
 * nothing here has been verified beyond what reading the bytes checks. Every `…Index` is a position
 * in the table it names.
 */
import type { Address } from "../core/address.ts";
import type { Identifier } from "../core/identifier.ts";
import type { Opcode } from "./opcodes.ts";
import type { Version } from "./version.ts";

export type ModuleHandleIndex = number;
export type StructHandleIndex = number;
export type FunctionHandleIndex = number;
export type FieldHandleIndex = number;
export type StructInstantiationIndex = number;
export type FunctionInstantiationIndex = number;
export type FieldInstantiationIndex = number;
export type SignatureIndex = number;
export type IdentifierIndex = number;
export type AddressIndex = number;
export type ConstantIndex = number;
export type StructDefinitionIndex = number;
export type FunctionDefinitionIndex = number;
export type VariantFieldHandleIndex = number;
export type StructVariantHandleIndex = number;
/** Position of a variant in its enum, or of a field in its struct or variant. */
export type MemberIndex = number;
export type LocalIndex = number;
export type CodeOffset = number;

/** A set of abilities as the format's bits. */
export type AbilitySet = number;
export const ABILITY_COPY = 0x1;
export const ABILITY_DROP = 0x2;
export const ABILITY_STORE = 0x4;
export const ABILITY_KEY = 0x8;
export const ABILITIES_NONE: AbilitySet = 0;
export const ABILITIES_ALL: AbilitySet = 0xf;

export type SignatureToken =
  | {
      readonly kind: "bool" | "u8" | "u16" | "u32" | "u64" | "u128" | "u256" | "address" | "signer";
    }
  | { readonly kind: "vector"; readonly element: SignatureToken }
  | { readonly kind: "struct"; readonly handle: StructHandleIndex }
  | {
      readonly kind: "structInstantiation";
      readonly handle: StructHandleIndex;
      readonly typeArgs: readonly SignatureToken[];
    }
  | { readonly kind: "reference"; readonly to: SignatureToken }
  | { readonly kind: "mutableReference"; readonly to: SignatureToken }
  | { readonly kind: "typeParameter"; readonly index: number };

export type Signature = readonly SignatureToken[];

export interface ModuleHandle {
  readonly address: AddressIndex;
  readonly name: IdentifierIndex;
}

export interface StructTypeParameter {
  readonly constraints: AbilitySet;
  readonly isPhantom: boolean;
}

export interface StructHandle {
  readonly module: ModuleHandleIndex;
  readonly name: IdentifierIndex;
  readonly abilities: AbilitySet;
  readonly typeParameters: readonly StructTypeParameter[];
}

export interface FunctionHandle {
  readonly module: ModuleHandleIndex;
  readonly name: IdentifierIndex;
  readonly parameters: SignatureIndex;
  readonly returns: SignatureIndex;
  readonly typeParameters: readonly AbilitySet[];
  /**
   * What global storage the function may touch. Version 7 can carry them; the verifier refuses
   * them.
   */
  readonly accessSpecifiers?: readonly AccessSpecifier[];
}

export interface AccessSpecifier {
  readonly access: "reads" | "writes" | "acquires";
  readonly negated: boolean;
  readonly resource: ResourceSpecifier;
  readonly address: AddressSpecifier;
}

export type ResourceSpecifier =
  | { readonly kind: "any" }
  | { readonly kind: "declaredAtAddress"; readonly address: AddressIndex }
  | { readonly kind: "declaredInModule"; readonly module: ModuleHandleIndex }
  | { readonly kind: "resource"; readonly struct: StructHandleIndex }
  | {
      readonly kind: "resourceInstantiation";
      readonly struct: StructHandleIndex;
      readonly typeArgs: SignatureIndex;
    };

export type AddressSpecifier =
  | { readonly kind: "any" }
  | { readonly kind: "literal"; readonly address: AddressIndex }
  | {
      readonly kind: "parameter";
      readonly parameter: LocalIndex;
      /** Function that maps the parameter to an address. */
      readonly through?: FunctionInstantiationIndex;
    };

export interface FieldHandle {
  readonly owner: StructDefinitionIndex;
  readonly field: MemberIndex;
}

export interface StructInstantiation {
  readonly definition: StructDefinitionIndex;
  readonly typeArgs: SignatureIndex;
}

export interface FunctionInstantiation {
  readonly handle: FunctionHandleIndex;
  readonly typeArgs: SignatureIndex;
}

export interface FieldInstantiation {
  readonly handle: FieldHandleIndex;
  readonly typeArgs: SignatureIndex;
}

export interface Constant {
  readonly type: SignatureToken;
  /** BCS of the value. */
  readonly data: Uint8Array;
}

export interface Metadata {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface FieldDefinition {
  readonly name: IdentifierIndex;
  readonly type: SignatureToken;
}

export interface VariantDefinition {
  readonly name: IdentifierIndex;
  readonly fields: readonly FieldDefinition[];
}

export type StructLayout =
  | { readonly kind: "native" }
  | { readonly kind: "fields"; readonly fields: readonly FieldDefinition[] }
  | { readonly kind: "variants"; readonly variants: readonly VariantDefinition[] };

export interface StructDefinition {
  readonly handle: StructHandleIndex;
  readonly layout: StructLayout;
}

export type Visibility = "private" | "public" | "friend";

/**
 * One instruction. `index` is the table index, local, code offset or type signature; `value` the
 * literal or element count. Absent operands are 0.
 */
export interface Instruction {
  readonly opcode: Opcode;
  readonly index: number;
  readonly value: bigint;
}

export interface CodeUnit {
  /** Types of the locals behind the parameters. */
  readonly locals: SignatureIndex;
  readonly code: readonly Instruction[];
}

export interface FunctionDefinition {
  readonly handle: FunctionHandleIndex;
  readonly visibility: Visibility;
  readonly isEntry: boolean;
  /** Own structs this function may borrow or take from global storage. */
  readonly acquires: readonly StructDefinitionIndex[];
  /** Absent for a native function. */
  readonly code?: CodeUnit;
}

export interface VariantFieldHandle {
  readonly owner: StructDefinitionIndex;
  readonly field: MemberIndex;
  /** Variants that have the field. */
  readonly variants: readonly MemberIndex[];
}

export interface VariantFieldInstantiation {
  readonly handle: VariantFieldHandleIndex;
  readonly typeArgs: SignatureIndex;
}

export interface StructVariantHandle {
  readonly owner: StructDefinitionIndex;
  readonly variant: MemberIndex;
}

export interface StructVariantInstantiation {
  readonly handle: StructVariantHandleIndex;
  readonly typeArgs: SignatureIndex;
}

export interface CompiledModule {
  readonly version: Version;
  readonly selfHandle: ModuleHandleIndex;
  readonly moduleHandles: readonly ModuleHandle[];
  readonly structHandles: readonly StructHandle[];
  readonly functionHandles: readonly FunctionHandle[];
  readonly fieldHandles: readonly FieldHandle[];
  readonly friends: readonly ModuleHandle[];
  readonly structInstantiations: readonly StructInstantiation[];
  readonly functionInstantiations: readonly FunctionInstantiation[];
  readonly fieldInstantiations: readonly FieldInstantiation[];
  readonly signatures: readonly Signature[];
  readonly identifiers: readonly Identifier[];
  readonly addresses: readonly Address[];
  readonly constants: readonly Constant[];
  readonly metadata: readonly Metadata[];
  readonly structDefinitions: readonly StructDefinition[];
  readonly functionDefinitions: readonly FunctionDefinition[];
  readonly variantFieldHandles: readonly VariantFieldHandle[];
  readonly variantFieldInstantiations: readonly VariantFieldInstantiation[];
  readonly structVariantHandles: readonly StructVariantHandle[];
  readonly structVariantInstantiations: readonly StructVariantInstantiation[];
}
