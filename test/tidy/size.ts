// How large a file, a function and a line may be. Exemptions are written down with their reason,
// and one that is no longer needed is itself a violation, so that they only ever shrink.
import { functionsOf } from "./functions.ts";
import type { Rule, SourceFile, Violation } from "./source.ts";

const FILE_LINES_MAX = 600;
const FUNCTION_LINES_MAX = 70;
const LINE_COLUMNS_MAX = 100;
/** A run of characters that cannot be broken, such as an address or a hash, may exceed a line. */
const UNBREAKABLE_CHARS_MIN = 60;

type Exemption = { readonly linesMax: number; readonly reason: string };

/** By path. */
export const FILE_EXEMPTIONS: Readonly<Record<string, Exemption>> = {};

/** By `path#function`. The lines are a ratchet: they may be lowered, not raised. */
export const FUNCTION_EXEMPTIONS: Readonly<Record<string, Exemption>> = {};

const WRITTEN = /^(src|demo|bin|scripts|examples|tools|test)\/.*\.(ts|tsx|mjs|js)$|^[^/]+\.ts$/;
/** In a test or a suite the callback of `describe` is a list of tests, not a function one reads. */
const FUNCTIONS_COUNT =
  /^(src|demo|bin|scripts|examples|tools)\/|^test\/(?!.*\.(test|spec|suite)\.ts$)/;

export function filesAreSmall(exemptions: Readonly<Record<string, Exemption>>): Rule {
  return (files) =>
    files
      .filter((file) => WRITTEN.test(file.path))
      .flatMap((file) => {
        const count = file.text.split("\n").length - 1;
        return judge(file.path, 1, count, FILE_LINES_MAX, exemptions[file.path], "file");
      });
}

function judge(
  path: string,
  line: number,
  count: number,
  cap: number,
  exemption: Exemption | undefined,
  what: string,
): Violation[] {
  const linesMax = exemption?.linesMax ?? cap;
  if (count > linesMax) {
    return [{ path, line, message: `${what} has ${count} lines, more than ${linesMax}` }];
  }
  if (exemption && count <= cap) {
    return [{ path, line, message: `${what} no longer needs its exemption; remove it` }];
  }
  return [];
}

export function functionsAreSmall(exemptions: Readonly<Record<string, Exemption>>): Rule {
  return (files) =>
    files
      .filter((file) => WRITTEN.test(file.path) && FUNCTIONS_COUNT.test(file.path))
      .flatMap((file) =>
        functionsOf(file.code).flatMap(({ name, line, lines }) =>
          judge(
            file.path,
            line,
            lines,
            FUNCTION_LINES_MAX,
            exemptions[`${file.path}#${name}`],
            `function ${name}`,
          ),
        ),
      );
}

function isUnbreakable(line: string): boolean {
  return line.split(/\s+/).some((run) => run.length >= UNBREAKABLE_CHARS_MIN);
}

export const linesAreShort: Rule = (files) =>
  files
    .filter((file: SourceFile) => WRITTEN.test(file.path))
    .flatMap((file) =>
      file.text.split("\n").flatMap((line, index) => {
        const columns = Array.from(line).length;
        if (columns <= LINE_COLUMNS_MAX || isUnbreakable(line)) return [];
        const message = `line has ${columns} columns, more than ${LINE_COLUMNS_MAX}`;
        return [{ path: file.path, line: index + 1, message }];
      }),
    );
