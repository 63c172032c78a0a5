/** Splits a line into words and signs, and walks them. Knows no statement. */

export class AssemblyError extends Error {
  override readonly name = "AssemblyError";
}

/** The words of one line, read from the left. */
export interface Line {
  readonly number: number;
  readonly text: string;
  readonly tokens: readonly string[];
  position: number;
}

const TOKEN = /0x[0-9a-fA-F]+|<SELF>|[A-Za-z_][A-Za-z0-9_]*|[0-9][0-9a-zA-Z]*|::|[<>(){},:&.|#+]/g;

/** Lines that say something, without comments. */
export function readLines(source: string): Line[] {
  return source
    .split("\n")
    .map((text, index) => ({ number: index + 1, text: text.replace(/\/\/.*$/, "").trim() }))
    .filter(({ text }) => text !== "")
    .map((line) => ({ ...line, tokens: line.text.match(TOKEN) ?? [], position: 0 }));
}

export function fail(line: Line, detail: string): never {
  throw new AssemblyError(`line ${line.number}: ${detail}: ${line.text}`);
}

export function peek(line: Line, ahead = 0): string | undefined {
  return line.tokens[line.position + ahead];
}

export function isAtEnd(line: Line): boolean {
  return peek(line) === undefined;
}

export function next(line: Line, what: string): string {
  const token = peek(line);
  if (token === undefined) return fail(line, `${what} is missing`);
  line.position += 1;
  return token;
}

/** Takes the word if it is the next one. */
export function accept(line: Line, token: string): boolean {
  if (peek(line) !== token) return false;
  line.position += 1;
  return true;
}

export function expectToken(line: Line, token: string): void {
  if (!accept(line, token)) fail(line, `"${token}" expected, not "${peek(line) ?? ""}"`);
}

export function integer(line: Line): bigint {
  const token = next(line, "a number");
  if (!/^(0x[0-9a-fA-F]+|[0-9]+)$/.test(token)) fail(line, `"${token}" is no number`);
  return BigInt(token);
}

/** Items separated by commas, up to `close`, which is taken. */
export function list<T>(line: Line, close: string, item: () => T): T[] {
  const items: T[] = [];
  while (!accept(line, close)) {
    if (items.length > 0) expectToken(line, ",");
    items.push(item());
  }
  return items;
}
