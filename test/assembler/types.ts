/** Types, abilities and type parameters as the assembler writes them. */
import {
  ABILITIES_NONE,
  ABILITY_COPY,
  ABILITY_DROP,
  ABILITY_KEY,
  ABILITY_STORE,
  type AbilitySet,
  type SignatureToken,
  type StructTypeParameter,
} from "../../src/sandbox/binary-format/file-format.ts";
import type { Builder } from "./tables.ts";
import { accept, expectToken, fail, isAtEnd, type Line, list, next, peek } from "./tokens.ts";

/** Names of the type parameters in view, by position. */
export type TypeNames = readonly string[];

const ABILITIES: Readonly<Record<string, AbilitySet>> = {
  copy: ABILITY_COPY,
  drop: ABILITY_DROP,
  store: ABILITY_STORE,
  key: ABILITY_KEY,
};

const PRIMITIVES = [
  "bool",
  "u8",
  "u16",
  "u32",
  "u64",
  "u128",
  "u256",
  "address",
  "signer",
] as const;

export function readType(builder: Builder, line: Line, names: TypeNames): SignatureToken {
  if (accept(line, "&")) {
    const kind = accept(line, "mut") ? "mutableReference" : "reference";
    return { kind, to: readType(builder, line, names) };
  }
  const word = readPath(line);
  const primitive = PRIMITIVES.find((kind) => kind === word);
  if (primitive !== undefined) return { kind: primitive };
  if (word === "vector") {
    expectToken(line, "<");
    const element = readType(builder, line, names);
    expectToken(line, ">");
    return { kind: "vector", element };
  }
  const parameter = names.indexOf(word);
  if (parameter >= 0) return { kind: "typeParameter", index: parameter };
  const anonymous = /^T([0-9]+)$/.exec(word);
  const handle = builder.structs.get(word);
  if (handle === undefined && anonymous !== null) {
    return { kind: "typeParameter", index: Number(anonymous[1]) };
  }
  if (handle === undefined) return fail(line, `no type ${word}`);
  const typeArgs = readTypeArguments(builder, line, names);
  return typeArgs === undefined
    ? { kind: "struct", handle }
    : { kind: "structInstantiation", handle, typeArgs };
}

/** `<u64, bool>`; undefined where there is none. */
export function readTypeArguments(
  builder: Builder,
  line: Line,
  names: TypeNames,
): SignatureToken[] | undefined {
  if (!accept(line, "<")) return undefined;
  return list(line, ">", () => readType(builder, line, names));
}

/** `0x1::m::S` or `S`. */
export function readPath(line: Line): string {
  const parts = [next(line, "a name")];
  if (parts[0]?.startsWith("0x") === true) {
    while (parts.length < 3 && accept(line, "::")) parts.push(next(line, "a name"));
  }
  return parts.join("::");
}

/** `has copy, drop` to the end of the line. */
export function readAbilities(line: Line): AbilitySet {
  let abilities: AbilitySet = ABILITIES_NONE;
  if (!accept(line, "has")) return abilities;
  do abilities |= readAbility(line);
  while (accept(line, ","));
  if (!isAtEnd(line)) fail(line, `"${peek(line) ?? ""}" is too much`);
  return abilities;
}

/** `<A, phantom B: copy + drop>`. */
export function readTypeParameters(line: Line): {
  readonly names: TypeNames;
  readonly parameters: readonly StructTypeParameter[];
} {
  const names: string[] = [];
  if (!accept(line, "<")) return { names, parameters: [] };
  const parameters = list(line, ">", () => {
    const isPhantom = accept(line, "phantom");
    names.push(next(line, "a type parameter"));
    let constraints: AbilitySet = ABILITIES_NONE;
    if (accept(line, ":")) {
      do constraints |= readAbility(line);
      while (accept(line, "+"));
    }
    return { constraints, isPhantom };
  });
  return { names, parameters };
}

function readAbility(line: Line): AbilitySet {
  const word = next(line, "an ability");
  return ABILITIES[word] ?? fail(line, `no ability ${word}`);
}
