// Finds the functions of a text whose comments and strings are blanked: their names and lines.
// A scanner of brackets and no parser. It looks back from each `{` for a parameter list, and is
// right for code that a formatter has written.
import { lineAt } from "./source.ts";

export type FunctionExtent = {
  readonly name: string;
  /** Of the parameter list, from 1. */
  readonly line: number;
  /**
   * From the parameter list to the closing brace, both included, without the named functions
   * inside: a factory of methods reads like a class, and each of its methods is counted by itself.
   */
  readonly lines: number;
};

const LOOK_BACK_CHARS = 4_000;
const LOOK_BACK_NAME_CHARS = 300;
const OPENING: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
const CONTROL = /\b(?:if|for|while|switch|catch|with|for\s+await)\s*$/;
const NAME = /(?:([\w$]+)\s*(?:<[^()]*>)?|([\w$]+)\s*(?::[^=;]*)?=\s*(?:async\s*)?)\s*$/;
/** After a block that ends a statement comes a new line or a keyword that goes on with it. */
const STATEMENT_GOES_ON = /^[ \t]*(?:\n|else\b|catch\b|finally\b|while\b|from\b)/;

/** The offset of the bracket that the one at `close` closes, or -1. */
function openingOf(code: string, close: number): number {
  const closing = code.charAt(close);
  const opening = OPENING[closing];
  let depth = 0;
  for (let index = close; index >= 0; index -= 1) {
    const char = code.charAt(index);
    if (char === closing) depth += 1;
    else if (char === opening) {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return -1;
}

/**
 * The offset of the `)` that ends the parameters of the function whose body (or arrow) starts at
 * `end`, looking back over a return type; or undefined when there is no function.
 */
function parametersEnd(code: string, end: number): number | undefined {
  const limit = Math.max(0, end - LOOK_BACK_CHARS);
  if (code.slice(limit, end).trimEnd().endsWith(")")) {
    return limit + code.slice(limit, end).trimEnd().length - 1;
  }
  let index = end - 1;
  while (index >= limit) {
    const char = code.charAt(index);
    const isArrow = char === "=" && code.charAt(index + 1) === ">";
    if (char === ";" || char === "{" || char === "(" || (char === "=" && !isArrow)) {
      return undefined;
    }
    if (char === ")" || char === "]" || char === "}") {
      const after = code.slice(index + 1, end);
      if (char === "}" && STATEMENT_GOES_ON.test(after)) return undefined;
      // Something has to stand between the colon and the brace, or else the brace opens a type.
      if (char === ")" && /^\s*:\s*\S/.test(after)) return index;
      index = openingOf(code, index);
      if (index === -1) return undefined;
    }
    index -= 1;
  }
  return undefined;
}

/** Where the parameters start of the function whose body opens at `brace`, or undefined. */
function functionHead(code: string, brace: number): number | undefined {
  const before = code.slice(0, brace).trimEnd();
  const isArrow = before.endsWith("=>");
  const end = isArrow ? before.length - "=>".length : brace;
  const close = parametersEnd(code, end);
  if (close === undefined) return isArrow ? end : undefined;
  const open = openingOf(code, close);
  if (open === -1 || (!isArrow && CONTROL.test(code.slice(Math.max(0, open - 20), open)))) {
    return undefined;
  }
  return open;
}

function nameOf(code: string, head: number): string | undefined {
  const match = NAME.exec(code.slice(Math.max(0, head - LOOK_BACK_NAME_CHARS), head));
  return match?.[1] ?? match?.[2];
}

/** A `{` that is still open: of a function when it has a head. */
type OpenBlock = {
  readonly head: number | undefined;
  /** Lines of named functions inside. */
  namedLines: number;
};

/** The functions in `code`, inner ones before the ones that hold them. */
export function functionsOf(code: string): FunctionExtent[] {
  const found: FunctionExtent[] = [];
  const blocks: OpenBlock[] = [];
  for (let index = 0; index < code.length; index += 1) {
    const char = code.charAt(index);
    if (char === "{") blocks.push({ head: functionHead(code, index), namedLines: 0 });
    const block = char === "}" ? blocks.pop() : undefined;
    if (!block) continue;
    let { namedLines } = block;
    if (block.head !== undefined) {
      const line = lineAt(code, block.head);
      const name = nameOf(code, block.head);
      const linesWhole = lineAt(code, index) - line + 1;
      found.push({ name: name ?? "(anonymous)", line, lines: linesWhole - namedLines });
      if (name !== undefined) namedLines = linesWhole;
    }
    const outer = blocks.at(-1);
    if (outer) outer.namedLines += namedLines;
  }
  return found;
}
