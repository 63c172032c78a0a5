/**
 * Move values as JavaScript programmers write them. Small integers are numbers, larger ones
 * bigints, `vector<u8>` is bytes, `String` a string, `Option` the value or null, a struct an object
 * by field name, an enum an object with its variant's name under `$variant`. Reading back accepts
 * what can only mean one thing.
 */
import { identifierAt } from "../../binary-format/module-view.ts";
import { type Address, parseAddress } from "../../core/address.ts";
import { fromHex, fromUtf8, utf8 } from "../../core/bytes.ts";
import { membersOf } from "../closed-types.ts";
import { fail, failInvariant } from "../failure.ts";
import type { RuntimeType, StructMembers, StructType } from "../types.ts";
import { bytesOf } from "./bcs.ts";
import type { Value } from "./value.ts";
import { slotsOf } from "./walk.ts";

export type JsValue =
  | boolean
  | number
  | bigint
  | string
  | null
  | Uint8Array
  | readonly JsValue[]
  | { readonly [field: string]: JsValue };

/** Key of a variant's name. No Move identifier can be it. */
export const VARIANT_KEY = "$variant";

const STRING = "0x1::string::String";
const OPTION = "0x1::option::Option";

function nameOf({ definition }: StructType): string {
  return `${definition.module.key}::${definition.name}`;
}

export function toJs(type: RuntimeType, value: Value | undefined): JsValue {
  if (value === undefined) return failInvariant("no value");
  if (type.kind === "vector") {
    const { element } = type;
    const slots = slotsOf(value);
    return element.kind === "u8" ? bytesOf(slots) : slots.map((slot) => toJs(element, slot));
  }
  if (type.kind === "struct") return structToJs(type, slotsOf(value));
  return typeof value === "object" ? failInvariant("a reference has no JavaScript form") : value;
}

function structToJs(type: StructType, slots: readonly Value[]): JsValue {
  const members = membersOf(type);
  if (members.kind === "variants") {
    const variant = slots[0];
    const position = typeof variant === "number" ? variant : failInvariant("no variant");
    const { name, names } = variantNames(type, position);
    const fields = fieldsToJs(names, members.variants[position] ?? [], slots.slice(1));
    return { [VARIANT_KEY]: name, ...fields };
  }
  if (nameOf(type) === STRING) return fromUtf8(bytesOf(slotsOf(slots[0]))) ?? "";
  if (nameOf(type) === OPTION) {
    const [inner] = slotsOf(slots[0]);
    const [element] = type.typeArgs;
    return inner === undefined || element === undefined ? null : toJs(element, inner);
  }
  return fieldsToJs(fieldNames(type), members.fields, slots);
}

function fieldsToJs(
  names: readonly string[],
  types: readonly RuntimeType[],
  slots: readonly Value[],
): Readonly<Record<string, JsValue>> {
  const entries = types.map((type, index): [string, JsValue] => [
    names[index] ?? "",
    toJs(type, slots[index]),
  ]);
  return Object.fromEntries(entries);
}

function fieldNames({ definition }: StructType): readonly string[] {
  const { layout } = definition.definition;
  const fields = layout.kind === "fields" ? layout.fields : [];
  return fields.map(({ name }) => identifierAt(definition.module.module, name));
}

function variantNames({ definition }: StructType, position: number) {
  const { layout } = definition.definition;
  const variant = layout.kind === "variants" ? layout.variants[position] : undefined;
  if (variant === undefined) return failInvariant("an unknown variant");
  const { module } = definition.module;
  return {
    name: identifierAt(module, variant.name),
    names: variant.fields.map(({ name }) => identifierAt(module, name)),
  };
}

/** Fails with `FAILED_TO_DESERIALIZE_ARGUMENT` and a path to what does not fit. */
export function fromJs(type: RuntimeType, js: JsValue, path = "argument"): Value {
  switch (type.kind) {
    case "bool":
      return typeof js === "boolean" ? js : misfit(path, "a boolean");
    case "u8":
    case "u16":
    case "u32":
      return Number(integerFromJs(type, js, path));
    case "u64":
    case "u128":
    case "u256":
      return integerFromJs(type, js, path);
    case "address":
      return addressFromJs(js, path);
    case "vector":
      return vectorFromJs(type.element, js, path);
    case "struct":
      return structFromJs(type, js, path);
    default:
      return misfit(path, "a value that can be sent");
  }
}

function misfit(path: string, expected: string): never {
  return fail("FAILED_TO_DESERIALIZE_ARGUMENT", `${path} is not ${expected}`);
}

function integerFromJs(type: RuntimeType, js: JsValue, path: string): bigint {
  const bits = BigInt(type.kind.slice(1));
  const isWhole = typeof js === "number" ? Number.isSafeInteger(js) : typeof js === "bigint";
  const isDigits = typeof js === "string" && /^(?:[0-9]+|0x[0-9a-fA-F]+)$/.test(js);
  if (!isWhole && !isDigits) return misfit(path, `a ${type.kind}`);
  const value = BigInt(js as number | bigint | string);
  return value >= 0n && value < 1n << bits ? value : misfit(path, `a ${type.kind}`);
}

function addressFromJs(js: JsValue, path: string): Address {
  const address = typeof js === "string" ? parseAddress(js) : undefined;
  return address ?? misfit(path, "an address");
}

function vectorFromJs(element: RuntimeType, js: JsValue, path: string): Value[] {
  if (element.kind === "u8" && js instanceof Uint8Array) return Array.from(js);
  if (element.kind === "u8" && typeof js === "string") {
    const bytes = js.startsWith("0x") ? fromHex(js) : undefined;
    return bytes === undefined ? misfit(path, "bytes or hex behind 0x") : Array.from(bytes);
  }
  if (!isList(js)) return misfit(path, "a list");
  return js.map((slot, index) => fromJs(element, slot, `${path}[${index}]`));
}

function structFromJs(type: StructType, js: JsValue, path: string): Value[] {
  if (nameOf(type) === STRING) {
    return typeof js === "string" ? [Array.from(utf8(js))] : misfit(path, "a string");
  }
  const [element] = type.typeArgs;
  if (nameOf(type) === OPTION && element !== undefined) {
    return [js === null ? [] : [fromJs(element, js, path)]];
  }
  if (!isRecord(js)) return misfit(path, "an object");
  const members = membersOf(type);
  if (members.kind === "fields") {
    return fieldsFromJs(fieldNames(type), members.fields, js, path);
  }
  return variantFromJs(type, members, js, path);
}

function variantFromJs(
  type: StructType,
  { variants }: Extract<StructMembers, { kind: "variants" }>,
  js: Readonly<Record<string, JsValue>>,
  path: string,
): Value[] {
  const position = variants.findIndex(
    (_, index) => variantNames(type, index).name === js[VARIANT_KEY],
  );
  if (position < 0) return misfit(path, "an object that names its variant");
  const { names } = variantNames(type, position);
  return [position, ...fieldsFromJs(names, variants[position] ?? [], js, path)];
}

function fieldsFromJs(
  names: readonly string[],
  types: readonly RuntimeType[],
  js: Readonly<Record<string, JsValue>>,
  path: string,
): Value[] {
  return types.map((type, index) => {
    const name = names[index] ?? "";
    const field = Object.hasOwn(js, name) ? js[name] : undefined;
    if (field === undefined) return misfit(`${path}.${name}`, "given");
    return fromJs(type, field, `${path}.${name}`);
  });
}

function isList(js: JsValue): js is readonly JsValue[] {
  return Array.isArray(js);
}

function isRecord(js: JsValue): js is { readonly [field: string]: JsValue } {
  return typeof js === "object" && js !== null && !Array.isArray(js) && !(js instanceof Uint8Array);
}
