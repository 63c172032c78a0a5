/**
 * What a module offers, as names and types in Move's own notation: for explorers, REST and wallets.
 * Reads one module alone; nothing is linked or run.
 */
import {
  ABILITY_COPY,
  ABILITY_DROP,
  ABILITY_KEY,
  ABILITY_STORE,
  type AbilitySet,
  type CompiledModule,
  type FieldDefinition,
  type FunctionDefinition,
  type Metadata,
  type SignatureToken,
  type StructDefinition,
  type Visibility,
} from "../binary-format/file-format.ts";
import {
  friendsOf,
  functionHandleAt,
  functionName,
  handleOfDefinition,
  identifierAt,
  parametersOf,
  returnsOf,
  selfId,
} from "../binary-format/module-view.ts";
import { qualifiedType } from "../binary-format/qualified-types.ts";
import type { ModuleId } from "../core/identifier.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { StatusName } from "../core/status.ts";
import { VmFailure } from "./failure.ts";
import { decodeModuleBytes } from "./program.ts";

export type AbilityName = "copy" | "drop" | "store" | "key";

export interface FunctionAbi {
  readonly name: string;
  readonly visibility: Visibility;
  readonly isEntry: boolean;
  readonly isNative: boolean;
  /** Abilities each type parameter demands. */
  readonly typeParameters: readonly (readonly AbilityName[])[];
  /** Types as text: `T0` for the first type parameter, structs with their full name. */
  readonly parameters: readonly string[];
  readonly returns: readonly string[];
}

export interface FieldAbi {
  readonly name: string;
  readonly type: string;
}

export interface StructAbi {
  readonly name: string;
  readonly isNative: boolean;
  readonly abilities: readonly AbilityName[];
  readonly typeParameters: readonly {
    readonly constraints: readonly AbilityName[];
    readonly isPhantom: boolean;
  }[];
  /** Empty for an enum. */
  readonly fields: readonly FieldAbi[];
  /** Empty for a struct. */
  readonly variants: readonly { readonly name: string; readonly fields: readonly FieldAbi[] }[];
}

export interface ModuleAbi {
  readonly id: ModuleId;
  readonly version: number;
  readonly friends: readonly ModuleId[];
  readonly functions: readonly FunctionAbi[];
  readonly structs: readonly StructAbi[];
  readonly metadata: readonly Metadata[];
}

export interface AbiError {
  readonly status: StatusName;
  readonly detail: string;
}

/** @returns the ABI, or why the bytes are no module. */
export function abiOf(bytecode: Uint8Array): Result<ModuleAbi, AbiError> {
  try {
    return ok(moduleAbi(decodeModuleBytes(bytecode, "").module));
  } catch (error) {
    if (!(error instanceof VmFailure)) throw error;
    return err({ status: error.status, detail: error.message });
  }
}

/** @param module one that the bounds pass accepts. */
export function moduleAbi(module: CompiledModule): ModuleAbi {
  return {
    id: selfId(module),
    version: module.version,
    friends: friendsOf(module),
    functions: module.functionDefinitions.map((definition) => functionAbi(module, definition)),
    structs: module.structDefinitions.map((definition, index) =>
      structAbi(module, definition, index),
    ),
    metadata: module.metadata,
  };
}

function functionAbi(module: CompiledModule, definition: FunctionDefinition): FunctionAbi {
  const handle = functionHandleAt(module, definition.handle);
  const text = (token: SignatureToken) => qualifiedType(module, token);
  return {
    name: functionName(module, definition),
    visibility: definition.visibility,
    isEntry: definition.isEntry,
    isNative: definition.code === undefined,
    typeParameters: handle.typeParameters.map(abilityNames),
    parameters: parametersOf(module, handle).map(text),
    returns: returnsOf(module, handle).map(text),
  };
}

function structAbi(module: CompiledModule, { layout }: StructDefinition, index: number): StructAbi {
  const handle = handleOfDefinition(module, index);
  const fieldAbi = (field: FieldDefinition): FieldAbi => ({
    name: identifierAt(module, field.name),
    type: qualifiedType(module, field.type),
  });
  return {
    name: identifierAt(module, handle.name),
    isNative: layout.kind === "native",
    abilities: abilityNames(handle.abilities),
    typeParameters: handle.typeParameters.map(({ constraints, isPhantom }) => ({
      constraints: abilityNames(constraints),
      isPhantom,
    })),
    fields: layout.kind === "fields" ? layout.fields.map(fieldAbi) : [],
    variants:
      layout.kind === "variants"
        ? layout.variants.map(({ name, fields }) => ({
            name: identifierAt(module, name),
            fields: fields.map(fieldAbi),
          }))
        : [],
  };
}

const ABILITY_NAMES: readonly (readonly [AbilitySet, AbilityName])[] = [
  [ABILITY_COPY, "copy"],
  [ABILITY_DROP, "drop"],
  [ABILITY_STORE, "store"],
  [ABILITY_KEY, "key"],
];

function abilityNames(abilities: AbilitySet): AbilityName[] {
  return ABILITY_NAMES.flatMap(([bit, name]) => ((abilities & bit) === 0 ? [] : [name]));
}
