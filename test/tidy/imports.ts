// Finds the imports of a file: static, dynamic, re-exports, and workers named by `new URL`.
import { posix } from "node:path";
import { lineAt, type SourceFile } from "./source.ts";

export type Import = {
  readonly specifier: string;
  readonly line: number;
  /** `import type` or `export type`: gone at run time. */
  readonly isType: boolean;
  /** The repository path it leads to, or undefined for a package. */
  readonly target: string | undefined;
};

/** The inner doors of package.json's `imports`, by specifier. */
const DOORS: Readonly<Record<string, string>> = {
  "#sandbox": "src/sandbox/index.ts",
  "#channel": "src/channel/index.ts",
  "#settlement": "src/settlement/index.ts",
  "#chains": "src/chains/index.ts",
  "#chains-node": "src/chains/index-node.ts",
};
/**
 * What package.json's `imports` choose by platform: the specifier leads to the first file, and
 * where the condition holds to the one beside it.
 */
export const CHOSEN_BY_PLATFORM: Readonly<Record<string, readonly [string, string]>> = {
  "#ed25519-engine": [
    "src/sandbox/core/ed25519-engine.ts",
    "src/sandbox/core/ed25519-engine-node.ts",
  ],
  "#hash-engine": ["src/sandbox/core/hash-engine.ts", "src/sandbox/core/hash-engine-node.ts"],
};
const CORE_DOOR = "#core/";
const PACKAGE = /^holdfast(?:\/([a-z]+))?$/;

const PATTERNS = [
  // import x from "…", import type { x } from "…", export { x } from "…", export * from "…"
  /(?:^|[;\n])\s*(?:import|export)\s+(type\s+)?(?:[\w$*{}\s,]+?\s+from\s*)"([^"\n]+)"/g,
  // import "…"
  /(?:^|[;\n])\s*import()\s*"([^"\n]+)"/g,
  // import("…"), also in a type
  /\bimport()\s*\(\s*"([^"\n]+)"\s*\)/g,
  // new Worker(new URL("…", import.meta.url))
  /\bnew URL()\(\s*"([^"\n]+\.(?:ts|mjs))"\s*,\s*import\.meta\.url/g,
];

function targetOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(from), specifier);
  if (specifier.startsWith(CORE_DOOR)) {
    return `src/sandbox/core/${specifier.slice(CORE_DOOR.length)}`;
  }
  const own = PACKAGE.exec(specifier);
  if (own) return own[1] === undefined ? "src/index.ts" : `src/${own[1]}/index.ts`;
  return CHOSEN_BY_PLATFORM[specifier]?.[0] ?? DOORS[specifier];
}

export function importsOf(file: SourceFile): Import[] {
  const view = file.codeWithStrings;
  return PATTERNS.flatMap((pattern) =>
    [...view.matchAll(pattern)].flatMap((match) => {
      const specifier = match[2];
      // What looks like an import inside a string, as in a test of this file, is none.
      const isCode = /import|export|new URL/.test(
        file.code.slice(match.index).trimStart().slice(0, 20),
      );
      if (specifier === undefined || !isCode) return [];
      const end = match.index + match[0].length;
      return [
        {
          specifier: specifier.replace(/\?.*$/, ""),
          line: lineAt(view, end - 1),
          isType: match[1] !== undefined && match[1] !== "",
          target: targetOf(file.path, specifier.replace(/\?.*$/, "")),
        },
      ];
    }),
  );
}

/** `src/<top>` of a path, or its first folder, or "" for a file at the root. */
export function topOf(path: string): string {
  const parts = path.split("/");
  if (parts.length === 1) return "";
  if (parts[0] === "src") return parts.length === 2 ? "src" : `src/${parts[1]}`;
  return parts[0] ?? "";
}
