// The files the tidy rules read, and where in a file something stands.
// Knows which folders are generated or foreign; knows nothing about the rules.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { blankNonCode } from "./blank.ts";

/** One text file. `path` is relative to the repository root, with forward slashes. */
export type SourceFile = {
  readonly path: string;
  readonly text: string;
  /** The text with comments and the insides of strings blanked; same length, same lines. */
  readonly code: string;
  /** The text with comments blanked only. */
  readonly codeWithStrings: string;
};

/** What a rule reports. */
export type Violation = {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
};

export type Rule = (files: readonly SourceFile[]) => Violation[];

const ROOT = join(import.meta.dirname, "..", "..");
const FOREIGN_FOLDERS = new Set([
  ".git",
  ".reports",
  "build",
  "dist",
  "node_modules",
  "playwright-report",
  "test-results",
]);
const TEXT_FILE =
  /\.(ts|mts|tsx|js|mjs|json|md|move|html|css|toml|yml|yaml|txt)$|^[^.]+$|^\.[^.]+$/;
const SCRIPT_FILE = /\.(ts|mts|tsx|js|mjs)$/;

export function isScript(file: SourceFile): boolean {
  return SCRIPT_FILE.test(file.path);
}

/** Makes a file of a text, as the self-tests of the rules do. */
export function sourceFile(path: string, text: string): SourceFile {
  if (!SCRIPT_FILE.test(path)) return { path, text, code: text, codeWithStrings: text };
  return {
    path,
    text,
    code: blankNonCode(text, "comments and strings"),
    codeWithStrings: blankNonCode(text, "comments"),
  };
}

/** The line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let index = text.indexOf("\n"); index !== -1 && index < offset; line += 1) {
    index = text.indexOf("\n", index + 1);
  }
  return line;
}

/** Every match of a global pattern in one view of a file, as violations. */
export function matches(
  file: SourceFile,
  view: string,
  pattern: RegExp,
  message: (match: string) => string,
): Violation[] {
  return [...view.matchAll(pattern)].map((match) => ({
    path: file.path,
    line: lineAt(view, match.index),
    message: message(match[0]),
  }));
}

function pathsBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return FOREIGN_FOLDERS.has(entry.name) ? [] : pathsBelow(path);
    return entry.isFile() && TEXT_FILE.test(entry.name) ? [path] : [];
  });
}

/** All text files of the repository that people write, sorted by path. */
export function readRepository(): SourceFile[] {
  return pathsBelow(ROOT)
    .map((path) => relative(ROOT, path).split(sep).join("/"))
    .sort((left, right) => (left < right ? -1 : 1))
    .map((path) => sourceFile(path, readFileSync(join(ROOT, path), "utf8")));
}
