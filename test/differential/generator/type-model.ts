/**
 * Types as the generator of programs thinks of them. All values but resources and linear structs
 * can be copied, dropped and stored, so that whatever is made can be used anywhere. Knows how a
 * type is written, not where it is used.
 */
import { assert } from "#core/assert.ts";

export const INTEGERS = ["u64", "u8", "u128", "u256", "u16", "u32"] as const;
export type IntegerName = (typeof INTEGERS)[number];
export type ScalarName = IntegerName | "bool" | "address";

export type DataType =
  | { readonly kind: "scalar"; readonly name: ScalarName }
  | { readonly kind: "vector"; readonly element: DataType }
  | {
      readonly kind: "struct";
      readonly struct: StructModel;
      readonly typeArgs: readonly DataType[];
    }
  | { readonly kind: "parameter"; readonly index: number };

export interface FieldModel {
  readonly name: string;
  readonly type: DataType;
}

export interface VariantModel {
  readonly name: string;
  readonly fields: readonly FieldModel[];
}

export interface StructModel {
  /** `0xa::lib`. */
  readonly module: string;
  readonly name: string;
  readonly abilities: readonly string[];
  /** One entry for each type parameter. */
  readonly phantoms: readonly boolean[];
  readonly fields: readonly FieldModel[];
  /** Set for an enum, whose `fields` are then empty. */
  readonly variants?: readonly VariantModel[];
}

export function scalar(name: ScalarName): DataType {
  return { kind: "scalar", name };
}

export function vectorOf(element: DataType): DataType {
  return { kind: "vector", element };
}

export const U64 = scalar("u64");
export const U8 = scalar("u8");
export const BOOL = scalar("bool");
export const ADDRESS = scalar("address");
export const BYTES = vectorOf(U8);

export function bitsOf(name: IntegerName): number {
  return Number(name.slice(1));
}

export function integerName(type: DataType): IntegerName | undefined {
  return type.kind === "scalar" ? INTEGERS.find((name) => name === type.name) : undefined;
}

/** As the assembler reads it; structs by their full path. */
export function typeText(type: DataType): string {
  switch (type.kind) {
    case "scalar":
      return type.name;
    case "vector":
      return `vector<${typeText(type.element)}>`;
    case "parameter":
      return `T${type.index}`;
    case "struct":
      return `${type.struct.module}::${type.struct.name}${typeArgsText(type.typeArgs)}`;
  }
}

export function typeArgsText(typeArgs: readonly DataType[]): string {
  return typeArgs.length === 0 ? "" : `<${typeArgs.map(typeText).join(", ")}>`;
}

export function isSameType(a: DataType, b: DataType): boolean {
  return a === b || typeText(a) === typeText(b);
}

/** The type with `typeArgs` in the place of type parameters. */
export function substitute(type: DataType, typeArgs: readonly DataType[]): DataType {
  switch (type.kind) {
    case "scalar":
      return type;
    case "vector":
      return vectorOf(substitute(type.element, typeArgs));
    case "struct": {
      const inner = type.typeArgs.map((arg) => substitute(arg, typeArgs));
      return { kind: "struct", struct: type.struct, typeArgs: inner };
    }
    case "parameter": {
      const arg = typeArgs[type.index];
      assert(arg !== undefined, "a type argument for each parameter");
      return arg;
    }
  }
}

/** Vectors, structs and their arguments around the innermost type, which counts 1. */
export function depthOf(type: DataType): number {
  switch (type.kind) {
    case "vector":
      return 1 + depthOf(type.element);
    case "struct": {
      const { fields, variants = [] } = type.struct;
      const members = [...fields, ...variants.flatMap((variant) => variant.fields)];
      const inner = [...members.map((field) => field.type), ...type.typeArgs];
      return 1 + Math.max(0, ...inner.map(depthOf));
    }
    default:
      return 1;
  }
}
