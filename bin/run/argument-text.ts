/**
 * Arguments as people type them, read into JavaScript values. What a value is for is decided by
 * the parameter's type afterwards; here only its form counts.
 *
 *     12   1_000   true   null   0x1   @0x1   "text"   [1, 2]   {x: 1, $variant: "A"}
 */
import type { JsValue } from "#sandbox";

/** Where and why a text cannot be read. `column` counts characters from 1. */
export class TextError extends Error {
  override readonly name = "TextError";
  readonly column: number;

  /** @param at offset of the first character that does not fit. */
  constructor(at: number, message: string) {
    super(message);
    this.column = at + 1;
  }
}

interface Cursor {
  readonly text: string;
  at: number;
}

/** Deepest nesting of lists and objects; Move's values nest no deeper. */
const DEPTH_MAX = 128;
const SPACE = /[ \t\r\n]*/y;
const WORD = /@?[\w$]+/y;
const QUOTED = /"(?:[^"\\]|\\.)*"/sy;
const DECIMAL = /^[0-9]+(?:_[0-9]+)*$/;
const HEX = /^@?0x[0-9a-fA-F]+$/;

/**
 * Reads one value and nothing behind it.
 *
 * @throws TextError.
 */
export function readArgument(text: string): JsValue {
  const cursor = { text, at: 0 };
  const value = readValue(cursor, 1);
  take(cursor, SPACE);
  if (cursor.at < text.length) {
    throw new TextError(cursor.at, `"${text.slice(cursor.at)}" is too much`);
  }
  return value;
}

function readValue(cursor: Cursor, depth: number): JsValue {
  take(cursor, SPACE);
  if (depth > DEPTH_MAX) throw new TextError(cursor.at, `nested deeper than ${DEPTH_MAX}`);
  switch (cursor.text[cursor.at]) {
    case "[":
      return readList(cursor, "]", () => readValue(cursor, depth + 1));
    case "{":
      return Object.fromEntries(readList(cursor, "}", () => readField(cursor, depth + 1)));
    case '"':
      return readQuoted(cursor);
    case undefined:
      throw new TextError(cursor.at, "a value is missing");
    default:
      return readWord(cursor);
  }
}

function readWord(cursor: Cursor): JsValue {
  const start = cursor.at;
  const word = take(cursor, WORD);
  if (word === "true" || word === "false") return word === "true";
  if (word === "null") return null;
  if (HEX.test(word)) return word.replace("@", "");
  if (DECIMAL.test(word)) return BigInt(word.replaceAll("_", ""));
  if (word === "") {
    throw new TextError(start, `"${cursor.text[start] ?? ""}" begins no value`);
  }
  throw new TextError(start, `"${word}" is no value; put text in quotes: '"${word}"'`);
}

function readQuoted(cursor: Cursor): string {
  const start = cursor.at;
  const quoted = take(cursor, QUOTED);
  if (quoted === "") throw new TextError(start, "the closing quote is missing");
  try {
    return String(JSON.parse(quoted));
  } catch {
    throw new TextError(start, "text in quotes is written as in JSON");
  }
}

function readField(cursor: Cursor, depth: number): readonly [string, JsValue] {
  take(cursor, SPACE);
  const start = cursor.at;
  const name = cursor.text[start] === '"' ? readQuoted(cursor) : take(cursor, WORD);
  if (name === "") throw new TextError(start, "a field's name is missing");
  take(cursor, SPACE);
  if (cursor.text[cursor.at] !== ":") throw new TextError(cursor.at, `":" is missing`);
  cursor.at += 1;
  return [name, readValue(cursor, depth)];
}

/** Items between commas, up to `end`. The cursor stands at the opening bracket. */
function readList<T>(cursor: Cursor, end: string, readItem: () => T): T[] {
  const items: T[] = [];
  cursor.at += 1;
  take(cursor, SPACE);
  if (cursor.text[cursor.at] === end) {
    cursor.at += 1;
    return items;
  }
  for (;;) {
    items.push(readItem());
    take(cursor, SPACE);
    const mark = cursor.text[cursor.at];
    if (mark !== "," && mark !== end) {
      throw new TextError(cursor.at, `"," or "${end}" is missing`);
    }
    cursor.at += 1;
    if (mark === end) return items;
  }
}

/**
 * The run of text at the cursor that `pattern`, a sticky one, matches; the cursor moves over it.
 */
function take(cursor: Cursor, pattern: RegExp): string {
  pattern.lastIndex = cursor.at;
  const [found = ""] = pattern.exec(cursor.text) ?? [];
  cursor.at += found.length;
  return found;
}
