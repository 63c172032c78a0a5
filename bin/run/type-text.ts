/** Move types as people type them, with the place of what is wrong in them. */
import { parseTypeTag, type TypeTag } from "#sandbox";
import { TextError } from "./argument-text.ts";

const PRIMITIVES = ["bool", "u8", "u16", "u32", "u64", "u128", "u256", "address", "signer"];
const WORD = /[\w:]*/y;
const ADDRESS = /^(?:0x)?[0-9a-fA-F]{1,64}$/;
const NAME = /^(?:[a-zA-Z]\w*|_\w+)$/;

interface Cursor {
  readonly text: string;
  at: number;
}

/**
 * Reads `u64`, `vector<0x1::m::S<bool>>` and their like.
 *
 * @throws TextError.
 */
export function readType(text: string): TypeTag {
  const tag = parseTypeTag(text);
  if (tag !== undefined) return tag;
  const cursor = { text, at: 0 };
  checkType(cursor);
  skipSpaces(cursor);
  if (cursor.at < text.length) {
    throw new TextError(cursor.at, `"${text.slice(cursor.at)}" is too much`);
  }
  throw new TextError(0, "a type nests at most 9 deep and takes at most 32 type arguments");
}

function checkType(cursor: Cursor): void {
  skipSpaces(cursor);
  const start = cursor.at;
  WORD.lastIndex = start;
  const word = WORD.exec(cursor.text)?.[0] ?? "";
  cursor.at += word.length;
  if (PRIMITIVES.includes(word)) return;
  if (word !== "vector") checkStructName(start, word);
  if (cursor.text[cursor.at] === "<") checkArguments(cursor, word);
  else if (word === "vector") throw new TextError(cursor.at, "vector needs its type: vector<u8>");
}

function checkStructName(start: number, word: string): void {
  if (word === "") throw new TextError(start, "a type is missing");
  const [address = "", module, name, ...rest] = word.split("::");
  if (module === undefined || name === undefined || rest.length > 0) {
    const message = `"${word}" is no type; write structs in full: 0x1::module::Name`;
    throw new TextError(start, message);
  }
  if (!ADDRESS.test(address)) throw new TextError(start, `"${address}" is no address`);
  for (const [part, offset] of [
    [module, address.length + 2],
    [name, address.length + module.length + 4],
  ] as const) {
    if (!NAME.test(part)) throw new TextError(start + offset, `"${part}" is no Move name`);
  }
}

function checkArguments(cursor: Cursor, owner: string): void {
  const start = cursor.at;
  let count = 0;
  do {
    cursor.at += 1;
    checkType(cursor);
    skipSpaces(cursor);
    count += 1;
  } while (cursor.text[cursor.at] === ",");
  if (cursor.text[cursor.at] !== ">") throw new TextError(cursor.at, `"," or ">" is missing`);
  if (owner === "vector" && count > 1) throw new TextError(start, "vector takes one type");
  cursor.at += 1;
}

function skipSpaces(cursor: Cursor): void {
  while (cursor.text[cursor.at] === " ") cursor.at += 1;
}
