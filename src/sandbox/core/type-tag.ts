/**
 * Type tags: closed Move types by name, their text and their BCS (the tags of aptos-rest-profile
 * section 4).
 */
import { type Address, formatAddress, parseAddress } from "./address.ts";
import { assert } from "./assert.ts";
import type { BcsReader } from "./bcs/reader.ts";
import { type BcsWriter, encodeBcs } from "./bcs/writer.ts";
import { type Identifier, type ModuleId, parseIdentifier } from "./identifier.ts";

export type PrimitiveName =
  | "bool"
  | "u8"
  | "u16"
  | "u32"
  | "u64"
  | "u128"
  | "u256"
  | "address"
  | "signer";

export interface StructTag {
  readonly address: Address;
  readonly module: Identifier;
  readonly name: Identifier;
  readonly typeArgs: readonly TypeTag[];
}

export type TypeTag =
  | { readonly kind: PrimitiveName }
  | { readonly kind: "vector"; readonly element: TypeTag }
  | { readonly kind: "struct"; readonly struct: StructTag };

/**
 * Deepest nesting of a type tag, the outermost type counting as 1 (Move's MAX_TYPE_TAG_NESTING).
 */
export const TYPE_TAG_DEPTH_MAX = 9;
/** Most type arguments of one struct in a tag. */
export const TYPE_TAG_ARGS_MAX = 32;

const VARIANTS = {
  bool: 0,
  u8: 1,
  u64: 2,
  u128: 3,
  address: 4,
  signer: 5,
  vector: 6,
  struct: 7,
  u16: 8,
  u32: 9,
  u256: 10,
} as const satisfies Record<TypeTag["kind"], number>;

const KINDS = new Map<number, TypeTag["kind"]>(
  (Object.keys(VARIANTS) as TypeTag["kind"][]).map((kind) => [VARIANTS[kind], kind]),
);

export function moduleOf(tag: StructTag): ModuleId {
  return { address: tag.address, name: tag.module };
}

/** `0x1::coin::CoinStore<0x1::aptos_coin::AptosCoin>`; several arguments are joined by `, `. */
export function formatTypeTag(tag: TypeTag): string {
  if (tag.kind === "vector") return `vector<${formatTypeTag(tag.element)}>`;
  if (tag.kind === "struct") return formatStructTag(tag.struct);
  return tag.kind;
}

export function formatStructTag(tag: StructTag): string {
  const base = `${formatAddress(tag.address)}::${tag.module}::${tag.name}`;
  if (tag.typeArgs.length === 0) return base;
  return `${base}<${tag.typeArgs.map(formatTypeTag).join(", ")}>`;
}

/** Reads a type with or without spaces; undefined when it is malformed, too deep or too wide. */
export function parseTypeTag(text: string): TypeTag | undefined {
  const scanner = { text, at: 0 };
  const tag = scanType(scanner, 1);
  skipSpaces(scanner);
  return scanner.at === text.length ? tag : undefined;
}

/** `0x1::coin::CoinStore<u64>`; undefined for anything else. */
export function parseStructTag(text: string): StructTag | undefined {
  const tag = parseTypeTag(text);
  return tag?.kind === "struct" ? tag.struct : undefined;
}

/** {@link parseStructTag} for literals in our own code. */
export function makeStructTag(text: string): StructTag {
  const tag = parseStructTag(text);
  assert(tag !== undefined, `not a struct tag: ${text}`);
  return tag;
}

export function writeTypeTag(writer: BcsWriter, tag: TypeTag): void {
  writer.uleb128(VARIANTS[tag.kind]);
  if (tag.kind === "vector") writeTypeTag(writer, tag.element);
  else if (tag.kind === "struct") writeStructTag(writer, tag.struct);
}

export function writeStructTag(writer: BcsWriter, tag: StructTag): void {
  writer.address(tag.address).string(tag.module).string(tag.name);
  writer.vector(tag.typeArgs, writeTypeTag);
}

export function encodeStructTag(tag: StructTag): Uint8Array {
  return encodeBcs((writer) => writeStructTag(writer, tag));
}

/** Reads a tag; `depth` is the nesting level of this one. Throws `BcsError`. */
export function readTypeTag(reader: BcsReader, depth = 1): TypeTag {
  if (depth > TYPE_TAG_DEPTH_MAX) reader.fail("TOO_DEEP", "type tag nesting");
  const variant = reader.uleb128();
  const kind = KINDS.get(variant);
  if (kind === undefined) return reader.fail("BAD_VARIANT", `type tag ${variant}`);
  if (kind === "vector") return { kind, element: readTypeTag(reader, depth + 1) };
  if (kind === "struct") return { kind, struct: readStructTag(reader, depth) };
  return { kind };
}

export function readStructTag(reader: BcsReader, depth = 1): StructTag {
  const address = reader.address();
  const module = readIdentifier(reader);
  const name = readIdentifier(reader);
  const count = reader.length(1);
  if (count > TYPE_TAG_ARGS_MAX) reader.fail("SEQUENCE_TOO_LONG", `${count} type arguments`);
  const typeArgs: TypeTag[] = [];
  for (let index = 0; index < count; index++) typeArgs.push(readTypeTag(reader, depth + 1));
  return { address, module, name, typeArgs };
}

export function readIdentifier(reader: BcsReader): Identifier {
  const text = reader.string();
  return parseIdentifier(text) ?? reader.fail("BAD_VALUE", "not an identifier");
}

interface Scanner {
  readonly text: string;
  at: number;
}

function scanType(scanner: Scanner, depth: number): TypeTag | undefined {
  if (depth > TYPE_TAG_DEPTH_MAX) return undefined;
  const word = scanWord(scanner);
  if (word === "vector") {
    const args = scanArgs(scanner, depth);
    const [element, ...rest] = args ?? [];
    return element === undefined || rest.length > 0 ? undefined : { kind: "vector", element };
  }
  if (isPrimitive(word)) return { kind: word };
  return scanStruct(scanner, word, depth);
}

function scanStruct(scanner: Scanner, word: string, depth: number): TypeTag | undefined {
  const [addressText = "", moduleText = "", nameText = "", ...rest] = word.split("::");
  const address = parseAddress(addressText);
  const module = parseIdentifier(moduleText);
  const name = parseIdentifier(nameText);
  if (address === undefined || module === undefined || name === undefined || rest.length > 0) {
    return undefined;
  }
  const typeArgs = scanner.text[scanner.at] === "<" ? scanArgs(scanner, depth) : [];
  if (typeArgs === undefined || typeArgs.length > TYPE_TAG_ARGS_MAX) return undefined;
  return { kind: "struct", struct: { address, module, name, typeArgs } };
}

function scanArgs(scanner: Scanner, depth: number): TypeTag[] | undefined {
  if (scanner.text[scanner.at] !== "<") return undefined;
  const args: TypeTag[] = [];
  do {
    scanner.at++;
    const arg = scanType(scanner, depth + 1);
    if (arg === undefined) return undefined;
    args.push(arg);
    skipSpaces(scanner);
  } while (scanner.text[scanner.at] === ",");
  if (scanner.text[scanner.at] !== ">") return undefined;
  scanner.at++;
  return args;
}

function scanWord(scanner: Scanner): string {
  skipSpaces(scanner);
  const start = scanner.at;
  while (/[a-zA-Z0-9_:]/.test(scanner.text[scanner.at] ?? "")) scanner.at++;
  return scanner.text.slice(start, scanner.at);
}

function skipSpaces(scanner: Scanner): void {
  while (scanner.text[scanner.at] === " ") scanner.at++;
}

function isPrimitive(word: string): word is PrimitiveName {
  return word in VARIANTS && word !== "vector" && word !== "struct";
}
