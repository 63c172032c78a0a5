// Breaks comments that are wider than a line, which the formatter leaves alone. Touches a paragraph
// of whole-line comments only when one of its lines is too wide; keeps lists, tables and code.
// `comments.mjs PATH…` rewrites those files; without paths, all of src, test, demo, bin, scripts.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMain, ROOT, runScript } from "./setup.mjs";

const COLUMNS_MAX = 100;
const FOLDERS = ["src", "test", "demo", "bin", "scripts", "examples", "tools"];
const SCRIPT = /\.(ts|tsx|mjs)$/;
/** Indentation and comment sign, then the prose. */
const COMMENT_LINE = /^(\s*(?:\/\/|\*(?!\/)|\/\*\*)[ \t]*)(\S.*)$/;
/** What begins a paragraph of its own: a list item, a tag, a table row, a suppression, a fence. */
const PARAGRAPH_START = /^(?:[-*+•] |\d+[.)] |\([a-z\d]\) |@|\||```|#|oxlint-|biome-|<)/;
const ITEM = /^(?:[-*+•] |\d+[.)] |\([a-z\d]\) )/;
const ONE_LINE_BLOCK = /^\s*\/\*\*.*\*\/$/;
const TRAILING_CLOSE = /\s*\*\/$/;

/** @param {string} text */
function width(text) {
  return Array.from(text).length;
}

/**
 * @param {string} prose
 * @param {string} first what the first line starts with
 * @param {string} rest what the others start with
 * @returns {string[]}
 */
function wrap(prose, first, rest) {
  const lines = [];
  let line = first;
  let isEmpty = true;
  for (const word of prose.split(/\s+/)) {
    if (!isEmpty && width(`${line} ${word}`) > COLUMNS_MAX) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

/**
 * One `/** … *\/` line that is too wide, as a block of lines.
 * @param {string} line
 * @returns {string[]}
 */
function wrapOneLineBlock(line) {
  const indent = /^\s*/.exec(line)?.[0] ?? "";
  const prose = line
    .trim()
    .replace(/^\/\*\*\s*/, "")
    .replace(TRAILING_CLOSE, "");
  return [`${indent}/**`, ...wrap(prose, `${indent} * `, `${indent} * `), `${indent} */`];
}

/**
 * A comment line cut to the column limit when it ends in a drawn line, or else undefined.
 * @param {string} line
 */
function shortenRuler(line) {
  const ruler = /([-=─═])\1{9,}$/.exec(line)?.[0].length ?? 0;
  const excess = width(line) - COLUMNS_MAX;
  return ruler > excess && excess > 0 ? line.slice(0, -excess) : undefined;
}

/**
 * The number of lines from `start` that are one paragraph of comment.
 * @param {readonly string[]} lines
 * @param {number} start
 */
function paragraphLength(lines, start) {
  const prefix = COMMENT_LINE.exec(lines[start] ?? "")?.[1];
  let length = 1;
  for (;;) {
    const match = COMMENT_LINE.exec(lines[start + length] ?? "");
    if (!match || match[1] !== prefix || PARAGRAPH_START.test(match[2] ?? "")) return length;
    length += 1;
  }
}

/**
 * @param {readonly string[]} paragraph comment lines that all start alike
 * @returns {readonly string[]}
 */
function wrapParagraph(paragraph) {
  if (paragraph.every((line) => width(line) <= COLUMNS_MAX)) return paragraph;
  const [, prefix = "", start = ""] = COMMENT_LINE.exec(paragraph[0] ?? "") ?? [];
  const item = ITEM.exec(start)?.[0] ?? "";
  const prose = paragraph.map((line) => COMMENT_LINE.exec(line)?.[2] ?? "").join(" ");
  return wrap(prose, prefix, prefix + " ".repeat(item.length));
}

/**
 * @param {string} text
 * @returns {string} the same text, no paragraph of whole-line comments wider than a line
 */
export function wrapComments(text) {
  const lines = text.split("\n");
  /** @type {string[]} */
  const out = [];
  for (let index = 0; index < lines.length; ) {
    const line = lines[index] ?? "";
    const short = COMMENT_LINE.test(line) ? shortenRuler(line) : line;
    if (ONE_LINE_BLOCK.test(line) && width(line) > COLUMNS_MAX) {
      out.push(...wrapOneLineBlock(line));
    } else if (short !== undefined || line.trim().startsWith("/**")) out.push(short ?? line);
    else {
      const paragraph = lines.slice(index, index + paragraphLength(lines, index));
      out.push(...wrapParagraph(paragraph));
      index += paragraph.length - 1;
    }
    index += 1;
  }
  return out.join("\n");
}

/**
 * @param {string} path
 * @returns {string[]} the scripts at or below it
 */
function scriptsBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return SCRIPT.test(path) ? [path] : [];
  return readdirSync(path)
    .filter((name) => name !== "node_modules")
    .flatMap((name) => scriptsBelow(join(path, name)));
}

/** @param {readonly string[]} paths */
function rewrite(paths) {
  const roots = paths.length > 0 ? paths : FOLDERS.map((folder) => join(ROOT, folder));
  for (const path of roots.flatMap(scriptsBelow)) {
    const text = readFileSync(path, "utf8");
    const wrapped = wrapComments(text);
    if (wrapped !== text) writeFileSync(path, wrapped);
  }
  return 0;
}

if (isMain(import.meta.url)) await runScript(() => rewrite(process.argv.slice(2)));
