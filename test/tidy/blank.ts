// Blanks what is not code in a TypeScript or JavaScript text: comments and the insides of strings,
// templates and regular expressions. A scanner and no parser: it tells a regular expression from a
// division by what stands before the slash, which is enough for code that a formatter has written.

type Blanked = "comments" | "comments and strings";

/** A template literal can hold code, which can hold a template literal: a stack of brace depths. */
type Scan = {
  readonly text: string;
  readonly blanked: Blanked;
  readonly out: string[];
  readonly templateDepths: number[];
  braceDepth: number;
  position: number;
};

const REGEX_MAY_FOLLOW =
  /(?:^|[=(,:;!&|?{}[+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|throw|yield|await))\s*$/;
const LOOK_BACK_CHARS = 40;

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

/** Emits up to `end`; string-like text keeps its delimiters so that the code stays readable. */
function emit(scan: Scan, end: number, kind: "code" | "comment" | "string"): void {
  const piece = scan.text.slice(scan.position, end);
  if (kind === "comment") scan.out.push(blank(piece));
  else if (kind === "string" && scan.blanked === "comments and strings") {
    scan.out.push(piece.charAt(0) + blank(piece.slice(1, -1)) + piece.slice(1).slice(-1));
  } else scan.out.push(piece);
  scan.position = end;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}

/** The offset after a quoted string that starts at `from`; an unclosed one ends with its line. */
function endOfQuoted(text: string, from: number): number {
  const quote = text.charAt(from);
  for (let index = from + 1; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (char === "\\") index += 1;
    else if (char === quote) return index + 1;
    else if (char === "\n") return index;
  }
  return text.length;
}

function endOfRegex(text: string, from: number): number {
  let inClass = false;
  for (let index = from + 1; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (char === "\\") index += 1;
    else if (char === "[") inClass = true;
    else if (char === "]") inClass = false;
    else if (char === "/" && !inClass) return index + 1;
    else if (char === "\n") return index;
  }
  return text.length;
}

/** The offset after the template's text: past its closing backquote or past the next `${`. */
function endOfTemplateText(text: string, from: number): number {
  for (let index = from; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (char === "\\") index += 1;
    else if (char === "`") return index + 1;
    else if (char === "$" && text.charAt(index + 1) === "{") return index + 2;
  }
  return text.length;
}

/** Emits template text that starts at the current delimiter and enters or leaves an expression. */
function scanTemplateText(scan: Scan): void {
  const end = endOfTemplateText(scan.text, scan.position + 1);
  const entersExpression = scan.text.slice(end - 2, end) === "${";
  emit(scan, end, "string");
  if (entersExpression) {
    scan.templateDepths.push(scan.braceDepth);
    scan.braceDepth += 1;
  }
}

function scanBrace(scan: Scan, char: string): void {
  if (char === "}" && scan.templateDepths.at(-1) === scan.braceDepth - 1) {
    scan.templateDepths.pop();
    scan.braceDepth -= 1;
    scanTemplateText(scan);
    return;
  }
  scan.braceDepth += char === "{" ? 1 : -1;
  emit(scan, scan.position + 1, "code");
}

function regexMayStart(scan: Scan): boolean {
  const before = scan.text.slice(Math.max(0, scan.position - LOOK_BACK_CHARS), scan.position);
  return REGEX_MAY_FOLLOW.test(before);
}

function scanOne(scan: Scan): void {
  const { text, position } = scan;
  const char = text.charAt(position);
  const pair = text.slice(position, position + 2);
  if (pair === "//") emit(scan, endOfLine(text, position), "comment");
  else if (pair === "/*") {
    const close = text.indexOf("*/", position + 2);
    emit(scan, close === -1 ? text.length : close + 2, "comment");
  } else if (char === '"' || char === "'") emit(scan, endOfQuoted(text, position), "string");
  else if (char === "`") scanTemplateText(scan);
  else if (char === "/" && regexMayStart(scan)) emit(scan, endOfRegex(text, position), "string");
  else if (char === "{" || char === "}") scanBrace(scan, char);
  else emit(scan, position + 1, "code");
}

/** Returns a text of the same length and the same lines with what is not code blanked. */
export function blankNonCode(text: string, blanked: Blanked): string {
  const scan: Scan = { text, blanked, out: [], templateDepths: [], braceDepth: 0, position: 0 };
  while (scan.position < text.length) scanOne(scan);
  return scan.out.join("");
}
