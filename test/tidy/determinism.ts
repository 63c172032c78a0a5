// What would make two peers disagree: clocks, chance, locale, floats and platform globals, in the
// folders whose results are hashed, signed or replicated; and anything asynchronous in the pure
// core of the channel. oxlint cannot scope such bans this finely, so they stand here.
import { isScript, matches, type Rule, type SourceFile } from "./source.ts";

const DETERMINISTIC =
  /^src\/(sandbox\/|channel\/core\/|chains\/(.*\/)?machine\.ts$|chains\/(core|ledger)\/|settlement\/watcher\.ts$)/;
const PURE_CORE = /^src\/channel\/core\//;

const BANNED_GLOBALS = [
  "Date",
  "performance",
  "crypto",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "fetch",
  "indexedDB",
  "localStorage",
  "sessionStorage",
  "navigator",
  "window",
  "document",
  "globalThis",
  "process",
  "Intl",
  "WeakRef",
  "FinalizationRegistry",
];

/** Exactly specified for every input, so the same on every engine. The rest of Math is not. */
const EXACT_MATH = [
  "abs",
  "ceil",
  "clz32",
  "floor",
  "imul",
  "max",
  "min",
  "round",
  "sign",
  "trunc",
];

const GLOBAL = new RegExp(
  // Not a property, not a key and not part of a longer name.
  `(?<![.\\w$])(?:${BANNED_GLOBALS.join("|")})\\b(?!\\s*\\??:)`,
  "g",
);
const INEXACT_MATH = new RegExp(`\\bMath\\.(?!(?:${EXACT_MATH.join("|")})\\b)\\w+`, "g");
const LOCALE = /\b(?:localeCompare|toLocale\w+)\b/g;
const BARE_SORT = /\.(?:sort|toSorted)\(\s*\)/g;
const FLOAT =
  /(?<![\w.])(?:\d[\d_]*\.\d+|\d[\d_]*e[+-]?\d+)|\b(?:parseFloat|toFixed|toPrecision)\b/gi;
const ASYNCHRONOUS = /\b(?:async|await|Promise)\b|\.then\(/g;

function inFolders(folders: RegExp, files: readonly SourceFile[]): SourceFile[] {
  return files.filter((file) => isScript(file) && folders.test(file.path) && !isTypesOnly(file));
}

function isTypesOnly(file: SourceFile): boolean {
  return file.path.endsWith(".d.ts");
}

export const deterministicFolders: Rule = (files) =>
  inFolders(DETERMINISTIC, files).flatMap((file) => [
    ...matches(file, file.code, GLOBAL, (name) => `${name} is not the same for every peer`),
    ...matches(file, file.code, INEXACT_MATH, (name) => `${name} may differ between engines`),
    ...matches(file, file.code, LOCALE, (name) => `${name} depends on the locale`),
    ...matches(file, file.code, BARE_SORT, () => "sort needs a comparator: say the order"),
    ...matches(file, file.code, FLOAT, (text) => `${text}: floats have no place here`),
  ]);

export const synchronousCore: Rule = (files) =>
  inFolders(PURE_CORE, files).flatMap((file) =>
    matches(file, file.code, ASYNCHRONOUS, (word) => `${word}: the core is synchronous`),
  );
