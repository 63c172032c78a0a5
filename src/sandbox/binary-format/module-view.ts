/**
 * Looks things up in a module: names behind handles, signatures of functions, identities. Only for
 * modules that the bounds pass has accepted; an index that points nowhere is then our own mistake
 * and asserts.
 */
import type { Address } from "../core/address.ts";
import { assert } from "../core/assert.ts";
import type { Identifier, ModuleId } from "../core/identifier.ts";
import type {
  CompiledModule,
  FieldDefinition,
  FunctionDefinition,
  FunctionDefinitionIndex,
  FunctionHandle,
  FunctionHandleIndex,
  MemberIndex,
  ModuleHandle,
  ModuleHandleIndex,
  Signature,
  SignatureIndex,
  StructDefinition,
  StructDefinitionIndex,
  StructHandle,
  StructHandleIndex,
  StructLayout,
} from "./file-format.ts";

/** Entry `index` of a table that is known to have it. */
export function entryAt<T>(table: readonly T[], index: number): T {
  const entry = table[index];
  assert(entry !== undefined, "an index is in the bounds of its table");
  return entry;
}

export function addressAt(module: CompiledModule, index: number): Address {
  return entryAt(module.addresses, index);
}

export function identifierAt(module: CompiledModule, index: number): Identifier {
  return entryAt(module.identifiers, index);
}

export function signatureAt(module: CompiledModule, index: SignatureIndex): Signature {
  return entryAt(module.signatures, index);
}

export function moduleIdOfHandle(module: CompiledModule, handle: ModuleHandle): ModuleId {
  return {
    address: addressAt(module, handle.address),
    name: identifierAt(module, handle.name),
  };
}

export function moduleIdAt(module: CompiledModule, index: ModuleHandleIndex): ModuleId {
  return moduleIdOfHandle(module, entryAt(module.moduleHandles, index));
}

/** The module's own identity. */
export function selfId(module: CompiledModule): ModuleId {
  return moduleIdAt(module, module.selfHandle);
}

/** Modules that this one names, without itself, in the order of their handles. */
export function dependenciesOf(module: CompiledModule): ModuleId[] {
  return module.moduleHandles
    .filter((_, index) => index !== module.selfHandle)
    .map((handle) => moduleIdOfHandle(module, handle));
}

export function friendsOf(module: CompiledModule): ModuleId[] {
  return module.friends.map((handle) => moduleIdOfHandle(module, handle));
}

export function structHandleAt(module: CompiledModule, index: StructHandleIndex): StructHandle {
  return entryAt(module.structHandles, index);
}

export function structDefinitionAt(
  module: CompiledModule,
  index: StructDefinitionIndex,
): StructDefinition {
  return entryAt(module.structDefinitions, index);
}

/** The handle of a struct that the module defines. */
export function handleOfDefinition(
  module: CompiledModule,
  index: StructDefinitionIndex,
): StructHandle {
  return structHandleAt(module, structDefinitionAt(module, index).handle);
}

export function structName(module: CompiledModule, index: StructHandleIndex): Identifier {
  return identifierAt(module, structHandleAt(module, index).name);
}

export function functionHandleAt(
  module: CompiledModule,
  index: FunctionHandleIndex,
): FunctionHandle {
  return entryAt(module.functionHandles, index);
}

export function functionDefinitionAt(
  module: CompiledModule,
  index: FunctionDefinitionIndex,
): FunctionDefinition {
  return entryAt(module.functionDefinitions, index);
}

/** The name of a function that the module defines. */
export function functionName(module: CompiledModule, definition: FunctionDefinition): Identifier {
  return identifierAt(module, functionHandleAt(module, definition.handle).name);
}

export function parametersOf(module: CompiledModule, handle: FunctionHandle): Signature {
  return signatureAt(module, handle.parameters);
}

export function returnsOf(module: CompiledModule, handle: FunctionHandle): Signature {
  return signatureAt(module, handle.returns);
}

/** Fields of a struct; none for a native struct or an enum. */
export function fieldsOf(layout: StructLayout): readonly FieldDefinition[] {
  return layout.kind === "fields" ? layout.fields : [];
}

/** Fields of one variant of an enum; none where there is no such variant. */
export function variantFieldsOf(
  layout: StructLayout,
  variant: MemberIndex,
): readonly FieldDefinition[] {
  return layout.kind === "variants" ? (layout.variants[variant]?.fields ?? []) : [];
}

/** Every field of a struct or of all variants of an enum, in order. */
export function allFieldsOf(layout: StructLayout): readonly FieldDefinition[] {
  switch (layout.kind) {
    case "native":
      return [];
    case "fields":
      return layout.fields;
    case "variants":
      return layout.variants.flatMap((variant) => variant.fields);
  }
}
