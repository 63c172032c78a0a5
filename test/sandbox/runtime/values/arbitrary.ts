// Random types and values of them, over a module with a generic struct and an enum.
import fc from "fast-check";
import { makeAddress } from "#core/address.ts";
import { assert } from "#core/assert.ts";
import { selfId } from "../../../../src/sandbox/binary-format/module-view.ts";
import { membersOf, structType } from "../../../../src/sandbox/runtime/closed-types.ts";
import { createProgram, linkModule } from "../../../../src/sandbox/runtime/program.ts";
import {
  primitiveType,
  type RuntimeType,
  type StructType,
  vectorType,
} from "../../../../src/sandbox/runtime/types.ts";
import type { Value } from "../../../../src/sandbox/runtime/values/value.ts";
import { buildBytes, buildModule, type ModuleText } from "../../module-builder.ts";

const SHAPES: ModuleText = {
  name: "shapes",
  version: 7,
  structs: [
    {
      name: "Pair",
      abilities: ["copy", "drop", "store"],
      typeParameters: 2,
      fields: { first: "#0", second: "#1" },
    },
    {
      name: "Choice",
      abilities: ["copy", "drop", "store"],
      typeParameters: 1,
      variants: { None: {}, One: { it: "#0" }, Many: { all: "vector<#0>", tag: "u16" } },
    },
  ],
};

const SHAPES_BYTES = buildBytes(SHAPES);

const linked = linkModule(
  createProgram(),
  { get: () => SHAPES_BYTES },
  new Map(),
  selfId(buildModule(SHAPES)),
);

function shape(index: number, args: readonly RuntimeType[]): StructType {
  const definition = linked.structs[index];
  assert(definition !== undefined, "a struct of the module");
  return structType(definition, args);
}

const scalar = fc
  .constantFrom("bool", "u8", "u16", "u32", "u64", "u128", "u256", "address" as const)
  .map((name) => primitiveType(name));

/** Types nested a few levels deep. */
export const anyType: fc.Arbitrary<RuntimeType> = fc.letrec<{ type: RuntimeType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    tie("type").map(vectorType),
    fc.tuple(tie("type"), tie("type")).map((args) => shape(0, args)),
    tie("type").map((arg) => shape(1, [arg])),
  ),
})).type;

const address = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => makeAddress(Buffer.from(bytes).toString("hex")));

/** Values of a type. */
export function valueOf(type: RuntimeType): fc.Arbitrary<Value> {
  switch (type.kind) {
    case "bool":
      return fc.boolean();
    case "u8":
    case "u16":
    case "u32":
      return fc.nat(2 ** Number(type.kind.slice(1)) - 1);
    case "u64":
    case "u128":
    case "u256":
      return fc.bigInt({ min: 0n, max: 2n ** BigInt(type.kind.slice(1)) - 1n });
    case "vector":
      return fc.array(valueOf(type.element), { maxLength: 5 });
    case "struct":
      return structValue(type);
    default:
      return address;
  }
}

function structValue(type: StructType): fc.Arbitrary<Value> {
  const members = membersOf(type);
  if (members.kind === "fields") return fc.tuple(...members.fields.map(valueOf));
  const variants = members.variants.map((fields, index) =>
    fc.tuple(fc.constant<Value>(index), ...fields.map(valueOf)),
  );
  return fc.oneof(...variants);
}

/** A type and a value of it. */
export const typed = anyType.chain((type) => valueOf(type).map((value) => ({ type, value })));

/** A type and two values of it, equal now and then. */
export const typedPair = anyType.chain((type) =>
  fc
    .tuple(valueOf(type), valueOf(type), fc.boolean())
    .map(([a, b, same]) => ({ type, a, b: same ? a : b })),
);
