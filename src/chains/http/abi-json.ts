/** Modules as the REST API shows them: bytecode and ABI (profile section 5). */
import { formatAddress } from "#core/address.ts";
import { type FunctionId, formatModuleId } from "#core/identifier.ts";
import { formatTypeTag, parseTypeTag, type TypeTag } from "#core/type-tag.ts";
import { abiOf, type ModuleAbi } from "#sandbox";
import { hex, type JsonValue } from "./message.ts";
import { metadataOf } from "./module-metadata.ts";

type FunctionAbi = ModuleAbi["functions"][number];
type StructAbi = ModuleAbi["structs"][number];

export function moduleJson(bytecode: Uint8Array): JsonValue {
  const abi = abiOf(bytecode);
  return { bytecode: hex(bytecode), ...(abi.ok ? { abi: abiJson(abi.value) } : {}) };
}

function abiJson(abi: ModuleAbi): JsonValue {
  const { views, events } = metadataOf(abi);
  const exposed = abi.functions.filter(({ visibility, isEntry }) => {
    return visibility !== "private" || isEntry;
  });
  return {
    address: formatAddress(abi.id.address),
    name: abi.id.name,
    friends: abi.friends.map(formatModuleId),
    exposed_functions: exposed.map((item) => functionJson(item, views.has(item.name))),
    structs: abi.structs.map((item) => structJson(item, events.has(item.name))),
  };
}

function functionJson(abi: FunctionAbi, isView: boolean): JsonValue {
  return {
    name: abi.name,
    visibility: abi.visibility,
    is_entry: abi.isEntry,
    is_view: isView,
    generic_type_params: abi.typeParameters.map((constraints) => ({ constraints })),
    params: abi.parameters,
    return: abi.returns,
  };
}

function structJson(abi: StructAbi, isEvent: boolean): JsonValue {
  return {
    name: abi.name,
    is_native: abi.isNative,
    is_event: isEvent,
    is_enum: abi.variants.length > 0,
    abilities: abi.abilities,
    generic_type_params: abi.typeParameters.map(({ constraints }) => ({ constraints })),
    fields: abi.fields.map(({ name, type }) => ({ name, type })),
  };
}

export interface FunctionTypes {
  readonly parameters: readonly TypeTag[];
  readonly returns: readonly TypeTag[];
  readonly typeParameterCount: number;
  readonly isView: boolean;
}

/**
 * What a function takes behind its signers and returns, under these type arguments; references
 * stand for what they name.
 *
 * @returns undefined when there is no such function or the type arguments do not fit it.
 */
export function functionTypes(
  bytecode: Uint8Array,
  callee: FunctionId,
  typeArgs: readonly TypeTag[],
): FunctionTypes | undefined {
  const abi = abiOf(bytecode);
  if (!abi.ok) return undefined;
  const found = abi.value.functions.find(({ name }) => name === callee.name);
  if (found === undefined) return undefined;
  const close = (text: string) => closedType(text, typeArgs);
  const parameters = found.parameters.filter((text) => !/^&?signer$/.test(text)).map(close);
  const returns = found.returns.map(close);
  if (!areKnown(parameters) || !areKnown(returns)) return undefined;
  return {
    parameters,
    returns,
    typeParameterCount: found.typeParameters.length,
    isView: metadataOf(abi.value).views.has(found.name),
  };
}

function areKnown(tags: readonly (TypeTag | undefined)[]): tags is readonly TypeTag[] {
  return tags.every((tag) => tag !== undefined);
}

/** The type that a text of an ABI means where `T0` and its like stand for `typeArgs`. */
function closedType(text: string, typeArgs: readonly TypeTag[]): TypeTag | undefined {
  const closed = text
    .replace(/^&(mut )?/, "")
    .replace(/(?<![\w:])T(\d+)(?![\w:])/g, (name, index: string) => {
      const arg = typeArgs[Number(index)];
      return arg === undefined ? name : formatTypeTag(arg);
    });
  return parseTypeTag(closed);
}
