/**
 * No table holds an entry twice, so that an index names its entry; and the module implements
 * exactly what it says is its own: definitions name own handles, and every own handle has its
 * definition.
 */
import type { TableName } from "../binary-format/codec/tables.ts";
import type {
  CompiledModule,
  FieldDefinition,
  ModuleHandleIndex,
} from "../binary-format/file-format.ts";
import { entryAt } from "../binary-format/module-view.ts";
import { signatureKey, tokenKey } from "../binary-format/signature-tokens.ts";
import { toHex } from "../core/bytes.ts";
import { refuseEntry } from "./error.ts";
import { charge, type Meter } from "./meter.ts";

export function verifyDuplication(module: CompiledModule, meter: Meter): void {
  for (const [table, keys] of tableKeys(module)) {
    charge(meter, keys.length);
    const index = firstRepeated(keys);
    if (index >= 0) refuseEntry(table, index, "DUPLICATE_ELEMENT", "an entry that stood before");
  }
  checkFunctionDefinitions(module);
  checkStructDefinitions(module);
  const repeated = firstRepeated(
    module.structInstantiations.map(({ definition, typeArgs }) => `${definition} ${typeArgs}`),
  );
  if (repeated < 0) return;
  refuseEntry("structInstantiations", repeated, "DUPLICATE_ELEMENT", "one that stood before");
}

type Key = string | number;

/**
 * What makes an entry the same as another, by table, in the order in which tables are looked at.
 */
function tableKeys(module: CompiledModule): [TableName, readonly Key[]][] {
  return [
    ["identifiers", module.identifiers],
    ["addresses", module.addresses],
    ["constants", module.constants.map(({ type, data }) => `${tokenKey(type)} ${toHex(data)}`)],
    ["signatures", module.signatures.map(signatureKey)],
    ["moduleHandles", module.moduleHandles.map(({ address, name }) => `${address} ${name}`)],
    ["friends", module.friends.map(({ address, name }) => `${address} ${name}`)],
    ["structHandles", module.structHandles.map((handle) => `${handle.module} ${handle.name}`)],
    ["functionHandles", module.functionHandles.map((handle) => `${handle.module} ${handle.name}`)],
    ["functionInstantiations", module.functionInstantiations.map(instantiationKey)],
    ["fieldHandles", module.fieldHandles.map(({ owner, field }) => `${owner} ${field}`)],
    ["fieldInstantiations", module.fieldInstantiations.map(instantiationKey)],
    [
      "variantFieldHandles",
      module.variantFieldHandles.map(
        ({ owner, field, variants }) => `${owner} ${field} ${variants.join(",")}`,
      ),
    ],
    ["variantFieldInstantiations", module.variantFieldInstantiations.map(instantiationKey)],
    [
      "structVariantHandles",
      module.structVariantHandles.map(({ owner, variant }) => `${owner} ${variant}`),
    ],
    ["structVariantInstantiations", module.structVariantInstantiations.map(instantiationKey)],
  ];
}

function instantiationKey(entry: { readonly handle: number; readonly typeArgs: number }): Key {
  return `${entry.handle} ${entry.typeArgs}`;
}

function checkFunctionDefinitions(module: CompiledModule): void {
  const { functionDefinitions: definitions, functionHandles: handles } = module;
  const implemented = definitions.map(({ handle }) => handle);
  const repeated = firstRepeated(implemented);
  if (repeated >= 0) {
    refuseEntry("functionDefinitions", repeated, "DUPLICATE_ELEMENT", "defined before");
  }
  for (const [index, { acquires }] of definitions.entries()) {
    if (firstRepeated(acquires) < 0) continue;
    refuseEntry("functionDefinitions", index, "DUPLICATE_ACQUIRES_ANNOTATION", "acquired twice");
  }
  checkImplemented(module, handles, implemented, "functionHandles", "functionDefinitions");
}

function checkStructDefinitions(module: CompiledModule): void {
  const { structDefinitions: definitions, structHandles: handles } = module;
  const implemented = definitions.map(({ handle }) => handle);
  const repeated = firstRepeated(implemented);
  if (repeated >= 0) {
    refuseEntry("structDefinitions", repeated, "DUPLICATE_ELEMENT", "defined before");
  }
  for (const [index, { layout }] of definitions.entries()) {
    if (layout.kind === "fields") {
      if (layout.fields.length === 0) {
        refuseEntry("structDefinitions", index, "ZERO_SIZED_STRUCT", "a struct without fields");
      }
      checkMembers(index, layout.fields);
    } else if (layout.kind === "variants") {
      checkMembers(index, layout.variants);
      for (const { fields } of layout.variants) checkMembers(index, fields);
    }
  }
  checkImplemented(module, handles, implemented, "structHandles", "structDefinitions");
}

/** Names of fields, or of variants, differ. */
function checkMembers(index: number, members: readonly Pick<FieldDefinition, "name">[]): void {
  if (firstRepeated(members.map(({ name }) => name)) < 0) return;
  refuseEntry("structDefinitions", index, "DUPLICATE_ELEMENT", "two members of one name");
}

function checkImplemented(
  module: CompiledModule,
  handles: readonly { readonly module: ModuleHandleIndex }[],
  implemented: readonly number[],
  handleTable: TableName,
  definitionTable: TableName,
): void {
  const isOwn = (index: number): boolean => entryAt(handles, index).module === module.selfHandle;
  const foreign = implemented.findIndex((handle) => !isOwn(handle));
  if (foreign >= 0) {
    refuseEntry(definitionTable, foreign, "INVALID_MODULE_HANDLE", "defines what is another's");
  }
  const known = new Set(implemented);
  const missing = handles.findIndex((_, index) => isOwn(index) && !known.has(index));
  if (missing < 0) return;
  refuseEntry(handleTable, missing, "UNIMPLEMENTED_HANDLE", "an own handle without definition");
}

/** Position of the first key that stood before, or -1. */
function firstRepeated(keys: readonly Key[]): number {
  const seen = new Set<Key>();
  return keys.findIndex((key) => {
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}
