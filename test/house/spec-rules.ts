// Reads a specification and the tests of it: rules stand in it as `- **AB1** …`, and tests quote
// them in their titles as `[AB1]`.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = new URL("../..", import.meta.url).pathname;
const RULE = /^- \*\*([A-Z]{2}\d+)\*\*/gm;
const QUOTE = /\[([A-Z]{2}\d+)\]/g;
const NAME = /\b([A-Z]{2}\d+)\b/g;
const PREFIX_CHARS = 2;

export interface SpecRules {
  /** The numbers of all rules, in the order of the page. */
  readonly rules: readonly string[];
  /** Numbers that stand twice. */
  readonly repeated: readonly string[];
  /** Rules that no test quotes. */
  readonly untested: readonly string[];
  /** Quoted numbers that look like a rule of this specification and are none. */
  readonly unknown: readonly string[];
}

/**
 * @param spec the page, from the repository's root
 * @param folders where its tests are, from there too
 */
export function readSpecRules(spec: string, folders: readonly string[]): SpecRules {
  const rules = matches(readFileSync(join(ROOT, spec), "utf8"), RULE);
  const quoted = folders
    .flatMap(files)
    .flatMap((file) => matches(readFileSync(file, "utf8"), QUOTE));
  const prefixes = new Set(rules.map(prefixOf));
  return {
    rules,
    repeated: rules.filter((id, index) => rules.indexOf(id) !== index),
    untested: rules.filter((id) => !quoted.includes(id)),
    unknown: quoted.filter((id) => prefixes.has(prefixOf(id)) && !rules.includes(id)),
  };
}

/** Rules that the files of a folder name and that the page does not have, each with its file. */
export function readStaleRules(spec: string, folder: string): readonly string[] {
  const rules = matches(readFileSync(join(ROOT, spec), "utf8"), RULE);
  const prefixes = new Set(rules.map(prefixOf));
  return files(folder).flatMap((file) =>
    matches(readFileSync(file, "utf8"), NAME)
      .filter((id) => prefixes.has(prefixOf(id)) && !rules.includes(id))
      .map((id) => `${file.slice(ROOT.length)}: ${id}`),
  );
}

function files(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(ROOT, folder, name));
}

function matches(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, id]) => id ?? "");
}

function prefixOf(id: string): string {
  return id.slice(0, PREFIX_CHARS);
}
